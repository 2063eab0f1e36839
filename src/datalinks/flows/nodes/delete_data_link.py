"""``delete-data-link``: two records no longer linked."""

from collections.abc import Iterable, Sequence
from typing import Any

from datalinks.flows.definition import Definition, Node
from datalinks.flows.link_writes import check_link_node, prepare_writes, together
from datalinks.flows.node import Done, NodeKind, Outcome, Problem, World
from datalinks.flows.progress import Step
from datalinks.store import links
from datalinks.store.database import Transaction


class DeleteDataLink(NodeKind):
    """Deletes exactly this pair's links; that there is none is no error. config: as ``create-data-link``.

    Puts out an empty object.
    """

    type = "delete-data-link"
    writes = True

    def check(self, node: Node, definition: Definition) -> Iterable[Problem]:
        return check_link_node(node)

    async def compute(self, node: Node, steps: Sequence[Step], world: World) -> list[Outcome]:
        return await prepare_writes(node, steps, world)

    async def write(self, node: Node, prepared: Sequence[Any], world: World, tx: Transaction) -> list[Outcome]:
        for stretch in together(prepared):
            deletions = [
                links.Deletion(each.app_record_id, each.external_record_id, tuple(each.direction.directions))
                for each in stretch
            ]
            await links.delete_links_of_each(tx, stretch[0].instance, deletions)
        return [Done([{}]) for _ in prepared]
