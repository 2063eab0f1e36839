"""Exports: all links of an instance as they were at one moment, piece by piece."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

from datalinks.files import FileFormat, LinkRow, LinkWriter, link_writer
from datalinks.model.link import DataLink, Direction, RequestedDirection
from datalinks.model.link_search import IdRange, Match, matching
from datalinks.services.caller import Caller
from datalinks.services.instances import Instances, InstanceSelector
from datalinks.store.database import Database
from datalinks.store.instances import InstanceNo
from datalinks.store.link_search import walk_matches
from datalinks.store.links import walk_links

PAIRS_AT_ONCE = 10_000


class Exports:
    """Exports from the instances that a caller may see. pairs_at_once: how many are in memory."""

    def __init__(self, database: Database, instances: Instances, pairs_at_once: int = PAIRS_AT_ONCE) -> None:
        self._database = database
        self._instances = instances
        self._pairs_at_once = pairs_at_once

    async def read(
        self,
        caller: Caller,
        wanted: InstanceSelector,
        file_format: FileFormat,
        direction: RequestedDirection | None,
        search: str | None = None,
    ) -> AsyncGenerator[bytes]:
        """A file of the links, in the order of their app record ids, as pieces of it; one line for each link.

        direction: only links that are read this way; both and None filter nothing. search: only links that finding links
        by it finds, in that order.

        Raises (before the first piece is asked for):
            NotFound, BadRequest: as finding links; or the package for Parquet is not installed.
        """
        matches = None if search is None else matching(search, Match.PREFIX, "$.search")
        instance = await self._instances.resolve(caller, wanted)
        directions = (direction or RequestedDirection.BOTH).directions
        return self._pieces(instance, link_writer(file_format), directions, matches)

    async def _pieces(
        self, instance: InstanceNo, writer: LinkWriter, directions: Sequence[Direction], matches: IdRange | None
    ) -> AsyncGenerator[bytes]:
        yield writer.head()
        async with self._database.snapshot() as reader:
            if matches is None:
                walk = walk_links(reader, instance, directions, self._pairs_at_once)
            else:
                walk = walk_matches(reader, instance, matches, directions, self._pairs_at_once)
            async for links in walk:
                yield await asyncio.to_thread(_rows, writer, links)
        yield writer.tail()


def _rows(writer: LinkWriter, links: Sequence[DataLink]) -> bytes:
    return writer.rows([_row(link) for link in links])


def _row(link: DataLink) -> LinkRow:
    return (
        link.app_record_id,
        link.external_record_id,
        link.direction,
        link.id,
        link.created_at,
        link.updated_at,
    )
