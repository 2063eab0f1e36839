"""Links whose record ids are in a range, on either side, of one instance or many, in the order of their ids."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from datalinks.model.link import DataLink, Direction
from datalinks.model.link_search import IdRange, Position, Side
from datalinks.store.database import Reader, Row
from datalinks.store.instances import InstanceNo
from datalinks.store.links import link_of

_SIDES = (Side.APP, Side.EXTERNAL)
_DIRECTIONS = tuple(Direction)
# Hardly more than a tenth of a second's work.
_MOST_READ = 10_000


class Found(NamedTuple):
    """A link that matches, as its row. position: where it is among the matches."""

    position: Position
    row: Row

    def link(self, instance: InstanceNo) -> DataLink:
        """The link, of its instance."""
        return link_of(instance, self.position.direction, self.row)


class FoundPage(NamedTuple):
    """Links that match. behind: where the next ones begin; None if there are none."""

    items: list[Found]
    behind: Position | None

    @property
    def cursor(self) -> str | None:
        """The cursor of the next page."""
        return self.behind and self.behind.cursor


async def search_links(
    reader: Reader,
    instance_nos: Sequence[int],
    matches: IdRange,
    directions: Sequence[Direction],
    limit: int,
    after: Position | None,
) -> FoundPage:
    """Up to ``limit`` links that match, from behind a position: those whose app record does, then the others.

    Pairs are read until the page is full, but not much more than ``_MOST_READ``, however few of them have a link to show:
    a page may be short, or empty, and not the last.
    instance_nos: the instances, in the order of their numbers. What matches may be much, so best read in a snapshot.
    """
    found: list[Found] = []
    behind = after
    for size in _sizes(limit):
        begin = behind
        pairs = await _read_pairs(reader, instance_nos, matches, size, begin)
        found += _links(pairs, matches, directions, begin)
        if len(found) > limit:
            return FoundPage(found[:limit], found[limit - 1].position)
        if len(pairs) < size:
            return FoundPage(found, None)
        behind = _position(*pairs[-1], _DIRECTIONS[-1])
    return FoundPage(found, behind)


def _sizes(limit: int) -> Iterator[int]:
    """How many pairs are read one time after the other: a page that is full at once reads no more than it needs."""
    # Of the first pair the links may be behind it already, and one more link says that there is a next page.
    size = limit + 2
    left = max(size, _MOST_READ)
    while left:
        size = min(size, left)
        yield size
        left -= size
        size *= 8


async def _read_pairs(
    reader: Reader, instance_nos: Sequence[int], matches: IdRange, size: int, after: Position | None
) -> list[tuple[Side, Row]]:
    """Up to ``size`` pairs that match and the side on which they do, with the pair of a position first."""
    pairs: list[tuple[Side, Row]] = []
    for side, nos, behind in _stretches(instance_nos, after):
        if not nos or len(pairs) >= size:
            continue
        rows = await reader.fetch(
            "search_links",
            instance_nos=",".join(map(str, nos)),
            first=matches.first,
            end=matches.end,
            is_app=True if side is Side.APP else None,
            after_app=behind and behind.app_record_id,
            after_external=behind and behind.external_record_id,
            limit=size - len(pairs),
        )
        pairs += ((side, row) for row in rows)
    return pairs


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


def _links(
    pairs: Sequence[tuple[Side, Row]], matches: IdRange, directions: Sequence[Direction], after: Position | None
) -> Iterator[Found]:
    """The links of pairs, without those up to a position, and without those that both sides would show on the second."""
    for place, (side, row) in enumerate(pairs):
        if side is Side.EXTERNAL and row["app_record_id"] in matches:
            continue
        for direction in directions:
            if row[f"{direction}_no"] is None:
                continue
            position = _position(side, row, direction)
            if place or not _is_shown(position, after):
                yield Found(position, row)


def _position(side: Side, row: Row, direction: Direction) -> Position:
    return Position(side, row["instance_no"], row["app_record_id"], row["external_record_id"], direction)


def _is_shown(position: Position, after: Position | None) -> bool:
    """Whether a link is of the pair at which a page begins, and not behind the position there."""
    if after is None or replace(position, direction=after.direction) != after:
        return False
    return _DIRECTIONS.index(position.direction) <= _DIRECTIONS.index(after.direction)


async def walk_matches(
    reader: Reader, instance: InstanceNo, matches: IdRange, directions: Sequence[Direction], at_once: int
) -> AsyncIterator[list[DataLink]]:
    """All links of an instance that match, up to so many at once."""
    page = FoundPage([], None)
    while True:
        page = await search_links(reader, [instance.no], matches, directions, at_once, page.behind)
        if page.items:
            yield [each.link(instance) for each in page.items]
        if page.behind is None:
            return
