"""Lists come in pages: newest first, with a cursor that says where the next page begins."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

import msgspec
from msgspec import Meta

from datalinks.errors import BadRequest
from datalinks.ids import MAX_LINK_NO, is_id

T = TypeVar("T")

MAX_LIMIT = 1000
# The reference SDKs' users call find() once and take the answer as complete, so a page is as large as it may be.
DEFAULT_LIMIT = 1000
# findAll() of the reference SDKs begins with this cursor.
START = "0"

Limit = Annotated[int, Meta(ge=1, le=MAX_LIMIT, description="How many items a page has at most.")]
Cursor = Annotated[str, Meta(description="The cursor of the page before; absent or `0` means the first page.")]

_POSITION = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Listing:
    """Which page of a list is wanted. search: case-insensitive text in name or key."""

    limit: int
    cursor: str | None = None
    search: str | None = None
    include_archived: bool = False


class Page(msgspec.Struct, Generic[T], frozen=True, rename="camel", omit_defaults=True):
    """One page of a list. ``cursor`` is absent on the last page."""

    items: list[T]
    cursor: str | None = None


def page_of(found: Sequence[T], limit: int, cursor_of: Callable[[T], str]) -> Page[T]:
    """A page from up to ``limit + 1`` items; the one too many only says that there is a next page."""
    items = list(found[:limit])
    return Page(items, cursor_of(items[-1]) if len(found) > limit else None)


def after_id(cursor: str | None) -> str | None:
    """The id after which a page of elements begins; None for the first page.

    Raises:
        BadRequest: the cursor was not made by this server.
    """
    if cursor is None or cursor == START:
        return None
    if not is_id(cursor):
        raise unknown_cursor()
    return cursor


def link_cursor(link_no: int) -> str:
    """The cursor behind a link: the number of its latest write."""
    return f"{link_no:016x}"


def before_link(cursor: str | None) -> int:
    """The number of the latest write of the link behind which a page begins; for the first page, one above all others.

    Raises:
        BadRequest: the cursor was not made by this server.
    """
    if cursor is None or cursor == START:
        return MAX_LINK_NO
    if _POSITION.fullmatch(cursor) is None or (link_no := int(cursor, 16)) > MAX_LINK_NO:
        raise unknown_cursor()
    return link_no


def unknown_cursor() -> BadRequest:
    """The error for a cursor that was not made by this server."""
    return BadRequest(
        "The cursor was not made by this server: leave it out to start, then send each page's own cursor.",
        {"path": "$.cursor"},
    )
