"""``delete-data-link``: two records no longer linked."""

from collections.abc import Sequence
from typing import Any

from datalinks.flows.definition import Node
from datalinks.flows.link_writes import LinkNodeKind, together
from datalinks.flows.node import Done, Outcome, World
from datalinks.store import links
from datalinks.store.database import Transaction


class DeleteDataLink(LinkNodeKind):
    """Deletes exactly this pair's links; that there is none is no error. config: as ``create-data-link``.

    Puts out an empty object.
    """

    type = "delete-data-link"

    async def write(self, node: Node, prepared: Sequence[Any], world: World, tx: Transaction) -> list[Outcome]:
        for stretch in together(prepared):
            deletions = [
                links.Deletion(each.app_record_id, each.external_record_id, tuple(each.direction.directions))
                for each in stretch
            ]
            gone = await links.delete_links_of_each(tx, stretch[0].instance, deletions)
            world.count_links(stretch[0].instance, deleted=sum(map(len, gone)))
        return [Done([{}]) for _ in prepared]
