"""What rows and records have in common: JSON in text columns, times in microseconds, patterns for a search."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import msgspec

from datalinks.ids import as_datetime, as_microseconds
from datalinks.model.element import READY, Element
from datalinks.model.keys import search_text
from datalinks.store.database import Row


def to_json(value: Any) -> str | None:
    """A JSON column's text; None stays NULL."""
    return None if value is None else msgspec.json.encode(value).decode()


def from_json(text: str | None) -> Any:
    """A JSON column's value; NULL is None. Key order is kept."""
    return None if text is None else msgspec.json.decode(text)


def to_time(moment: datetime | None) -> int | None:
    """A time column's number; None stays NULL."""
    return None if moment is None else as_microseconds(moment)


def from_time(microseconds: int | None) -> datetime | None:
    """A time column's value; NULL is None."""
    return None if microseconds is None else as_datetime(microseconds)


def life(row: Row) -> dict[str, Any]:
    """The record fields of ``created_at``, ``updated_at`` and ``archived_at``."""
    return {
        "created_at": as_datetime(row["created_at"]),
        "updated_at": as_datetime(row["updated_at"]),
        "archived_at": from_time(row["archived_at"]),
        "is_deactivated": row["archived_at"] is not None,
    }


def hidden_by(row: Row, own: str, around: Iterable[str]) -> str | None:
    """What makes a row invisible, or None: itself, by the name ``own``, else the first of what it joins that is archived."""
    if row["archived_at"] is not None:
        return own
    return next((what for what in around if row[f"{what}_archived_at"] is not None), None)


def life_columns(record: Any) -> dict[str, int | None]:
    """The columns of a record's ``created_at``, ``updated_at`` and ``archived_at``."""
    return {name: to_time(getattr(record, name)) for name in ("created_at", "updated_at", "archived_at")}


def element_fields(row: Row) -> dict[str, Any]:
    """The record fields that every element has."""
    return {
        "id": row["id"],
        "key": row["key"],
        "name": row["name"],
        "uuid": row["uuid"],
        "description": row["description"],
        "meta": from_json(row["meta"]),
        "state": READY,
        "revision": row["revision"],
        **life(row),
    }


def element_columns(element: Element) -> dict[str, Any]:
    """The columns of the fields that every element has."""
    return {
        "id": element.id,
        "key": element.key,
        "name": element.name,
        "uuid": element.uuid,
        "description": element.description,
        "meta": to_json(element.meta),
        "revision": element.revision,
        "search_text": search_text(element.name, element.key),
        **life_columns(element),
    }


def like(search: str | None) -> str | None:
    """The LIKE pattern (escape ``!``) that finds a text anywhere, without case; None when there is nothing to find."""
    if not search:
        return None
    return f"%{''.join(_escaped(search_text(search)))}%"


def _escaped(text: str) -> Iterator[str]:
    for letter in text:
        # NUL too: SQLite takes what stands before it for the whole pattern.
        yield f"!{letter}" if letter in "!%_\0" else letter
