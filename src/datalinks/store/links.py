"""Links as rows."""

from collections.abc import Iterable
from dataclasses import dataclass

from datalinks.ids import as_datetime, link_id, link_no_time, new_link_no
from datalinks.model.link import DataLink, Direction
from datalinks.model.page import Page, link_cursor
from datalinks.store.database import Reader, Row, Transaction

_NUMBERS = {Direction.IMPORT: 1, Direction.EXPORT: 2}
_DIRECTIONS = {number: direction for direction, number in _NUMBERS.items()}


@dataclass(frozen=True, slots=True)
class LinkFilter:
    """Which links of an instance are meant; every filter that is not None must match."""

    direction: Direction | None = None
    app_record_id: str | None = None
    external_record_id: str | None = None


async def list_links(
    reader: Reader,
    instance_id: str,
    instance_no: int,
    wanted: LinkFilter,
    limit: int,
    after: tuple[int, int] | None = None,
) -> Page[DataLink]:
    """A page of links, the most recently written first, ties by the greater id.

    after: ``(written_at, link_no)`` of the link before the page.
    """
    found: list[Row] = []
    # Each direction has an order of its own; a list of both is their merge.
    for direction in tuple(Direction) if wanted.direction is None else (wanted.direction,):
        found += await reader.fetch(
            _query(wanted),
            instance_no=instance_no,
            direction=_NUMBERS[direction],
            app_record_id=wanted.app_record_id,
            external_record_id=wanted.external_record_id,
            after_written_at=after and after[0],
            after_link_no=after and after[1],
            limit=limit + 1,
        )
    found.sort(key=lambda row: (row["written_at"], row["link_no"]), reverse=True)
    last = found[limit - 1] if len(found) > limit else None
    return Page(
        [_link(row, instance_id, instance_no) for row in found[:limit]],
        None if last is None else link_cursor(last["written_at"], last["link_no"]),
    )


def _query(wanted: LinkFilter) -> str:
    """The query that serves a filter."""
    if wanted.app_record_id is not None:
        return "list_links_of_app_record"
    if wanted.external_record_id is not None:
        return "list_links_of_external_record"
    return "list_links"


async def put_link(
    tx: Transaction,
    instance_id: str,
    instance_no: int,
    direction: Direction,
    app_record_id: str,
    external_record_id: str,
    now: int,
) -> DataLink:
    """Write a link; writing it again keeps its id and renews its write time."""
    row = await tx.fetch_one(
        "put_link",
        instance_no=instance_no,
        link_no=new_link_no(now),
        direction=_NUMBERS[direction],
        app_record_id=app_record_id,
        external_record_id=external_record_id,
        written_at=now,
    )
    assert row is not None, "an upsert always returns its row"
    return _link(row, instance_id, instance_no)


async def delete_links(
    tx: Transaction,
    instance_no: int,
    directions: Iterable[Direction],
    app_record_id: str,
    external_record_id: str,
) -> int:
    """Delete exactly this pair in these directions; how many links there were."""
    count = 0
    for direction in directions:
        count += await tx.execute(
            "delete_link",
            instance_no=instance_no,
            direction=_NUMBERS[direction],
            app_record_id=app_record_id,
            external_record_id=external_record_id,
        )
    return count


async def delete_link_no(tx: Transaction, instance_no: int, link_no: int) -> int:
    """Delete one link by its number; 0 if there is none."""
    return await tx.execute("delete_link_no", instance_no=instance_no, link_no=link_no)


def _link(row: Row, instance_id: str, instance_no: int) -> DataLink:
    return DataLink(
        id=link_id(instance_no, row["link_no"]),
        data_link_table_instance_id=instance_id,
        external_record_id=row["external_record_id"],
        app_record_id=row["app_record_id"],
        direction=_DIRECTIONS[row["direction"]],
        created_at=as_datetime(link_no_time(row["link_no"])),
        updated_at=as_datetime(row["written_at"]),
    )
