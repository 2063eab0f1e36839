"""Links whose record ids are in a range, on either side, of one instance or many, in the order of their ids."""

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import NamedTuple

from datalinks.model.link import DataLink, Direction
from datalinks.model.link_search import IdRange, Position, Side
from datalinks.store.database import Reader, Row
from datalinks.store.instances import InstanceNo
from datalinks.store.links import link_of

_SIDES = (Side.APP, Side.EXTERNAL)


class Found(NamedTuple):
    """A link that matches, as its row. position: where it is among the matches."""

    position: Position
    row: Row

    def link(self, instance: InstanceNo) -> DataLink:
        """The link, of its instance."""
        return link_of(instance, self.position.direction, self.row)


async def search_links(
    reader: Reader,
    instance_nos: Sequence[int],
    matches: IdRange,
    directions: Sequence[Direction],
    limit: int,
    after: Position | None,
) -> list[Found]:
    """Up to ``limit`` links that match, from behind a position: those whose app record does, then the others.

    instance_nos: the instances, in the order of their numbers. What matches may be much, so best read in a snapshot.
    """
    found: list[Found] = []
    for side, nos, behind in _stretches(instance_nos, after):
        if not nos or len(found) >= limit:
            continue
        # One pair more, as of the first the links may be behind it already.
        rows = await reader.fetch(
            "search_links",
            instance_nos=",".join(map(str, nos)),
            first=matches.first,
            end=matches.end,
            is_app=True if side is Side.APP else None,
            after_app=behind and behind.app_record_id,
            after_external=behind and behind.external_record_id,
            imports_only=True if Direction.EXPORT not in directions else None,
            exports_only=True if Direction.IMPORT not in directions else None,
            limit=limit - len(found) + 1,
        )
        found += _links(rows, side, directions, behind)
    return found[:limit]


def _stretches(
    instance_nos: Sequence[int], after: Position | None
) -> Iterator[tuple[Side, Sequence[int], Position | None]]:
    """What is asked for one after the other: a side, instances, and where among the first one's matches it begins."""
    if after is None:
        yield from ((side, instance_nos, None) for side in _SIDES)
        return
    yield after.side, [no for no in instance_nos if no == after.instance_no], after
    yield after.side, [no for no in instance_nos if no > after.instance_no], None
    if after.side is Side.APP:
        yield Side.EXTERNAL, instance_nos, None


def _links(rows: Sequence[Row], side: Side, directions: Sequence[Direction], after: Position | None) -> Iterator[Found]:
    """The links of pairs, without those up to a position in the first pair."""
    for row in rows:
        pair = row["app_record_id"], row["external_record_id"]
        is_begun = after is not None and pair == (after.app_record_id, after.external_record_id)
        for direction in directions:
            is_behind = not is_begun or after is None or _DIRECTION_ORDER[direction] > _DIRECTION_ORDER[after.direction]
            if is_behind and row[f"{direction}_no"] is not None:
                yield Found(Position(side, row["instance_no"], *pair, direction), row)


_DIRECTION_ORDER = {direction: place for place, direction in enumerate(Direction)}


async def walk_matches(
    reader: Reader, instance: InstanceNo, matches: IdRange, directions: Sequence[Direction], at_once: int
) -> AsyncIterator[list[DataLink]]:
    """All links of an instance that match, so many at once."""
    after: Position | None = None
    while True:
        found = await search_links(reader, [instance.no], matches, directions, at_once, after)
        if not found:
            return
        yield [each.link(instance) for each in found]
        after = found[-1].position
