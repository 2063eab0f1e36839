"""What nodes that write links have in common: what they are told to write, and how many writes go together."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from datalinks.errors import DataLinksError
from datalinks.flows.config import (
    check_direction,
    check_table,
    missing,
    read_record_id,
    read_requested_direction,
    read_table,
)
from datalinks.flows.definition import Definition, Node
from datalinks.flows.node import Failed, NodeKind, Outcome, Prepared, Problem, World, failure
from datalinks.flows.progress import Step
from datalinks.formulas.values import is_object
from datalinks.model.error_data import ErrorData
from datalinks.model.link import RequestedDirection
from datalinks.model.record import JsonObject
from datalinks.store.instances import InstanceNo


@dataclass(frozen=True, slots=True)
class LinkWrite:
    """One pair of records in one instance, and which of its links are meant."""

    instance: InstanceNo
    app_record_id: str
    external_record_id: str
    direction: RequestedDirection

    @property
    def pair(self) -> tuple[str, str, str]:
        """What must not stand twice among writes that go together."""
        return self.instance.id, self.app_record_id, self.external_record_id


class LinkNodeKind(NodeKind):
    """A kind that writes links. config: ``dataLinkTable: {key}``, ``appRecordId``, ``externalRecordId``, ``direction``."""

    writes = True

    def check(self, node: Node, definition: Definition) -> Iterable[Problem]:
        """What is wrong with the table, the direction or the record ids as they are written."""
        yield from check_table(node.config)
        yield from check_direction(node.config, [each.value for each in RequestedDirection])
        yield from missing(node.config, "externalRecordId", "appRecordId")

    async def compute(self, node: Node, steps: Sequence[Step], world: World) -> list[Outcome]:
        """What each node run is to write; tables come to have an instance for the connection."""
        configs = await world.resolve(node, node.config, steps)
        tables = _Tables(world)
        return [await _prepare(node, config, step, tables) for config, step in zip(configs, steps, strict=True)]


class _Tables:
    """The instances that a wave writes to, each asked for once."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._known: dict[str, InstanceNo] = {}

    async def instance(self, table: str) -> InstanceNo:
        """See ``World.instance``."""
        if table not in self._known:
            self._known[table] = await self._world.instance(table)
        return self._known[table]


async def _prepare(node: Node, config: Any, step: Step, tables: _Tables) -> Outcome:
    if isinstance(config, ErrorData):
        return Failed(config)
    members: JsonObject = config if is_object(config) else {}
    try:
        return Prepared(
            LinkWrite(
                await tables.instance(read_table(members)),
                read_record_id(members, "appRecordId"),
                read_record_id(members, "externalRecordId"),
                read_requested_direction(members),
            )
        )
    except DataLinksError as error:
        return Failed(failure(error, node, step))


def together(writes: Iterable[LinkWrite]) -> Iterator[list[LinkWrite]]:
    """The writes in their order, in stretches of one instance in which no pair stands twice."""
    stretch: dict[tuple[str, str, str], LinkWrite] = {}
    for write in writes:
        first = next(iter(stretch.values()), write)
        if write.pair in stretch or first.instance != write.instance:
            yield list(stretch.values())
            stretch = {}
        stretch[write.pair] = write
    if stretch:
        yield list(stretch.values())
