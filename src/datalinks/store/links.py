"""Links as rows: a row is a pair of records and holds up to two links, one of each direction."""

from collections.abc import AsyncIterator, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import msgspec

from datalinks.errors import Unavailable
from datalinks.ids import as_datetime, is_export_no, link_id, link_no_time
from datalinks.model.link import DataLink, Direction
from datalinks.model.page import Page, link_cursor
from datalinks.store.database import Database, Reader, Row, Transaction, UniqueViolation
from datalinks.store.instances import InstanceNo

# Nearly every record has fewer pairs: their links are read whole and put in order here, which costs less than asking for
# each direction in its order.
_FEW = 100
_DIRECTIONS = tuple(Direction)
_DIRECTIONS_OF = {None: _DIRECTIONS, **{each: (each,) for each in Direction}}
# The queries for the links of a record, by its side.
_LINKS_OF = {"app_record": "links_of_app_record", "external_record": "links_of_external_record"}
# One link of a row: the number of its latest write, its direction, the row.
_Found = tuple[int, Direction, Row]


class LinkFilter(msgspec.Struct, frozen=True, gc=False):
    """Which links of an instance are meant; every filter that is not None must match."""

    direction: Direction | None = None
    app_record_id: str | None = None
    external_record_id: str | None = None

    @property
    def names_record(self) -> bool:
        """Whether only links of a record match."""
        return self.app_record_id is not None or self.external_record_id is not None

    @property
    def directions(self) -> tuple[Direction, ...]:
        """The directions that match."""
        return _DIRECTIONS_OF[self.direction]


class Pair(msgspec.Struct, frozen=True, gc=False):
    """What is written of a pair of records: the number of the write; None leaves that direction as it is."""

    app_record_id: str
    external_record_id: str
    import_no: int | None
    export_no: int | None


class Deletion(msgspec.Struct, frozen=True, gc=False):
    """What is deleted of a pair of records: its links of these directions, one or both."""

    app_record_id: str
    external_record_id: str
    directions: tuple[Direction, ...]


async def list_links(
    reader: Reader, instance: InstanceNo, wanted: LinkFilter, limit: int, before: int
) -> Page[DataLink]:
    """A page of links, the most recently written first.

    before: the number of the write before which the page begins.
    """
    found = await _links_of_few(reader, instance, wanted, before)
    if found is None:
        found = await _links_in_order(reader, instance, wanted, limit, before)
    return _page(instance, found, limit)


async def list_links_of_each(
    reader: Reader, instance: InstanceNo, wanted: Sequence[LinkFilter], limits: Sequence[int], before: int
) -> list[Page[DataLink]]:
    """The first page for each of many filters, all of which name a record; in their order."""
    by_app = await _rows_of_each(reader, instance, "app_record", {each.app_record_id for each in wanted})
    by_external = await _rows_of_each(
        reader,
        instance,
        "external_record",
        {each.external_record_id for each in wanted if each.app_record_id is None},
    )
    pages: list[Page[DataLink]] = []
    for each, limit in zip(wanted, limits, strict=True):
        rows = by_external[each.external_record_id] if each.app_record_id is None else by_app[each.app_record_id]
        if len(rows) <= _FEW:
            found = _in_order(rows, each, before)
        else:
            found = await _links_in_order(reader, instance, each, limit, before)
        pages.append(_page(instance, found, limit))
    return pages


async def _rows_of_each(
    reader: Reader, instance: InstanceNo, side: str, record_ids: set[str | None]
) -> dict[str | None, Sequence[Row]]:
    """The pairs of each record, as many as tell whether it has few; sorted lookups find their pages of the index at hand."""
    ids = sorted(each for each in record_ids if each is not None)
    if not ids:
        return {}
    sets = [{"instance_no": instance.no, "most": _FEW + 1, f"{side}_id": each} for each in ids]
    return dict(zip(ids, await reader.fetch_each(_LINKS_OF[side], sets), strict=True))


def new_pair(app_record_id: str, external_record_id: str, directions: Sequence[Direction], link_no: int) -> Pair:
    """What writing a pair in these directions under a new number writes."""
    return Pair(
        app_record_id,
        external_record_id,
        link_no if Direction.IMPORT in directions else None,
        link_no + 1 if Direction.EXPORT in directions else None,
    )


async def put_pair(database: Database, instance: InstanceNo, pair: Pair) -> list[DataLink]:
    """Write a pair's links durably, import before export; writing them again keeps their ids and renews their write time.

    Raises:
        Unavailable: another process gave the number away in the same microsecond; trying again helps.
    """
    with _renumbering():
        row = await database.write_one("put_link", **_put_values(instance, pair))
    return _written(instance, pair, row)


async def put_pairs(tx: Transaction, instance: InstanceNo, pairs: Sequence[Pair]) -> list[list[DataLink]]:
    """Write many pairs, none of them twice; for each the links that were written, import before export.

    Raises:
        Unavailable: another process gave one of the numbers away in the same microsecond; trying again helps.
    """
    with _renumbering():
        answers = await tx.fetch_each("put_link", [_put_values(instance, pair) for pair in pairs])
    return [_written(instance, pair, rows[0]) for pair, rows in zip(pairs, answers, strict=True)]


@contextmanager
def _renumbering() -> Generator[None]:
    try:
        yield
    except UniqueViolation as error:
        raise Unavailable("Another write took the same moment; nothing was written, try again.") from error


def _put_values(instance: InstanceNo, pair: Pair) -> dict[str, Any]:
    return {
        "instance_no": instance.no,
        "app_record_id": pair.app_record_id,
        "external_record_id": pair.external_record_id,
        "import_no": pair.import_no,
        "export_no": pair.export_no,
    }


def _written(instance: InstanceNo, pair: Pair, row: Row | None) -> list[DataLink]:
    assert row is not None, "an upsert always returns its row"
    numbers = {Direction.IMPORT: pair.import_no, Direction.EXPORT: pair.export_no}
    return [link_of(instance, direction, row) for direction, number in numbers.items() if number is not None]


async def delete_links(
    tx: Transaction, instance: InstanceNo, directions: Sequence[Direction], app_record_id: str, external_record_id: str
) -> list[Direction]:
    """Delete exactly this pair's links of these directions; the directions in which there was one."""
    [gone] = await delete_links_of_each(tx, instance, [Deletion(app_record_id, external_record_id, tuple(directions))])
    return gone


async def delete_links_of_each(
    tx: Transaction, instance: InstanceNo, wanted: Sequence[Deletion]
) -> list[list[Direction]]:
    """Delete exactly these pairs' links, no pair named twice; for each the directions in which there was one."""
    sets = {
        each: {
            "instance_no": instance.no,
            "app_record_id": each.app_record_id,
            "external_record_id": each.external_record_id,
        }
        for each in wanted
    }
    whole = [each for each in wanted if len(each.directions) == len(_DIRECTIONS)]
    gone: dict[Deletion, list[Direction]] = {each: [] for each in wanted}
    for each, rows in zip(whole, await tx.fetch_each("delete_pair", [sets[each] for each in whole]), strict=True):
        gone[each] = [direction for row in rows for direction in each.directions if row[f"{direction}_no"] is not None]
    for direction in _DIRECTIONS:
        some = [each for each in wanted if each.directions == (direction,)]
        answers = await tx.fetch_each("clear_link", [{**sets[each], **_is(direction)} for each in some])
        cleared = [each for each, rows in zip(some, answers, strict=True) if rows]
        await tx.fetch_each("delete_empty_pair", [sets[each] for each in cleared])
        gone.update((each, [direction]) for each in cleared)
    return [gone[each] for each in wanted]


async def find_link_no(reader: Reader, instance: InstanceNo, link_no: int) -> DataLink | None:
    """The link with this number in its id, or None."""
    # A link that is written again between the two is found by the second.
    for values in _numbered(instance, link_no):
        if row := await reader.fetch_one("find_link", **values):
            return link_of(instance, _direction_of(link_no), row)
    return None


async def delete_link_no(tx: Transaction, instance: InstanceNo, link_no: int) -> bool:
    """Delete the link with this number in its id; False if there is none."""
    for values in _numbered(instance, link_no):
        if row := await tx.fetch_one("clear_link", **values):
            await tx.execute("delete_empty_pair", instance_no=instance.no, **dict(row))
            return True
    return False


def _numbered(instance: InstanceNo, link_no: int) -> Iterator[dict[str, Any]]:
    """What tells a query which link has a number in its id: one that was written once, or again since."""
    for number in ("no", "first_no"):
        yield {"instance_no": instance.no, number: link_no, **_is(_direction_of(link_no))}


def _direction_of(link_no: int) -> Direction:
    return Direction.EXPORT if is_export_no(link_no) else Direction.IMPORT


async def _links_of_few(
    reader: Reader, instance: InstanceNo, wanted: LinkFilter, before: int
) -> Sequence[_Found] | None:
    """All links of the record that is wanted, in order; None if no record is named or it has too many pairs."""
    side = _side(wanted)
    if side is None:
        return None
    record_id = {f"{side}_id": getattr(wanted, f"{side}_id")}
    rows = await reader.fetch(_LINKS_OF[side], instance_no=instance.no, most=_FEW + 1, **record_id)
    return None if len(rows) > _FEW else _in_order(rows, wanted, before)


async def _links_in_order(
    reader: Reader, instance: InstanceNo, wanted: LinkFilter, limit: int, before: int
) -> list[_Found]:
    """One link more than a page has, each direction read in its own order and merged."""
    found: list[_Found] = []
    query = "list_links" if _side(wanted) is None else "list_links_of_record"
    for direction in wanted.directions:
        rows = await reader.fetch(
            query,
            instance_no=instance.no,
            app_record_id=wanted.app_record_id,
            external_record_id=wanted.external_record_id,
            before=before,
            limit=limit + 1,
            **_is(direction),
        )
        found += [(row["no"], direction, {f"{direction}_first_no": row["first_no"], **row}) for row in rows]
    found.sort(key=_number, reverse=True)
    return found


def _in_order(rows: Sequence[Row], wanted: LinkFilter, before: int) -> list[_Found]:
    """The links of whole rows that match, newest first."""
    found: list[_Found] = []
    for row in rows:
        if wanted.external_record_id is not None and row["external_record_id"] != wanted.external_record_id:
            continue
        for direction in wanted.directions:
            number = row["import_no" if direction is Direction.IMPORT else "export_no"]
            if number is not None and number < before:
                found.append((number, direction, row))
    if len(found) > 1:
        found.sort(key=_number, reverse=True)
    return found


def _number(found: _Found) -> int:
    return found[0]


def _page(instance: InstanceNo, found: Sequence[_Found], limit: int) -> Page[DataLink]:
    return Page(
        [link_of(instance, direction, row, number) for number, direction, row in found[:limit]],
        link_cursor(found[limit - 1][0]) if len(found) > limit else None,
    )


def _side(wanted: LinkFilter) -> Literal["app_record", "external_record"] | None:
    """The side whose record a filter names, the app's where it names both; None where it names none."""
    if wanted.app_record_id is not None:
        return "app_record"
    return None if wanted.external_record_id is None else "external_record"


def _is(direction: Direction) -> dict[str, bool]:
    """The value that tells a query which direction it is about."""
    return {f"is_{direction}": True}


def link_of(instance: InstanceNo, direction: Direction, row: Row, number: int | None = None) -> DataLink:
    """The link of one direction of a row, which has one. number: that of its latest write, where the row says it otherwise."""
    if number is None:
        number = row["import_no" if direction is Direction.IMPORT else "export_no"]
    assert number is not None, "a link that is there has a number"
    updated_at = as_datetime(link_no_time(number))
    first_no: int | None = row["import_first_no" if direction is Direction.IMPORT else "export_first_no"]
    return DataLink(
        id=link_id(instance.no, first_no or number),
        data_link_table_instance_id=instance.id,
        external_record_id=row["external_record_id"],
        app_record_id=row["app_record_id"],
        direction=direction,
        created_at=updated_at if first_no is None else as_datetime(link_no_time(first_no)),
        updated_at=updated_at,
    )


async def walk_links(
    reader: Reader, instance: InstanceNo, directions: Sequence[Direction], at_once: int
) -> AsyncIterator[list[DataLink]]:
    """All links of these directions in the order of their record ids, those of so many pairs at once."""
    after = ("", "")
    while True:
        rows = await reader.fetch(
            "list_pairs", instance_no=instance.no, after_app=after[0], after_external=after[1], limit=at_once
        )
        if not rows:
            return
        yield [
            link_of(instance, direction, row)
            for row in rows
            for direction in directions
            if row[f"{direction}_no"] is not None
        ]
        after = (rows[-1]["app_record_id"], rows[-1]["external_record_id"])
