"""``create-data-link``: two records linked."""

from collections.abc import Sequence
from typing import Any

import msgspec

from datalinks.flows.definition import Node
from datalinks.flows.link_writes import LinkNodeKind, together
from datalinks.flows.node import Done, Outcome, World
from datalinks.ids import new_link_no, new_salt
from datalinks.model.link import DataLink
from datalinks.store import links
from datalinks.store.database import Transaction


class CreateDataLink(LinkNodeKind):
    """Links an app record and an external record; links that are there already become the newest.

    config: ``dataLinkTable: {key}``, ``appRecordId``, ``externalRecordId``, ``direction``: ``both`` if it says nothing.
    Puts out the link, or of two links that of imports.
    """

    type = "create-data-link"

    async def write(self, node: Node, prepared: Sequence[Any], world: World, tx: Transaction) -> list[Outcome]:
        first, salt = world.reserve(len(prepared)), new_salt()
        numbers = (new_link_no(first + place, salt) for place in range(len(prepared)))
        outcomes: list[Outcome] = []
        for stretch in together(prepared):
            pairs = [
                links.new_pair(each.app_record_id, each.external_record_id, each.direction.directions, next(numbers))
                for each in stretch
            ]
            written = await links.put_pairs(tx, stretch[0].instance, pairs)
            world.count_links(stretch[0].instance, written=sum(map(len, written)))
            outcomes.extend(Done([_output(items)]) for items in written)
        return outcomes


def _output(items: Sequence[DataLink]) -> Any:
    return msgspec.to_builtins(items[0])
