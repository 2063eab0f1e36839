"""Data links: which app record is which external record, in one instance."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from datalinks.errors import BadRequest
from datalinks.model.record import Draft, Record

MAX_RECORD_ID_LENGTH = 512
# Python refuses to print integers of several thousand digits; the length check needs no more than "too long".
_TOO_LONG = 10**MAX_RECORD_ID_LENGTH


class Direction(StrEnum):
    """Which way a link is read: import finds the app record of an external one, export the other way round."""

    IMPORT = "import"
    EXPORT = "export"


class RequestedDirection(StrEnum):
    """A direction in a request: ``both`` means two links when writing and no filter when finding."""

    IMPORT = "import"
    EXPORT = "export"
    BOTH = "both"

    @property
    def directions(self) -> tuple[Direction, ...]:
        """The stored directions it stands for."""
        return _STORED[self]


_STORED = {
    RequestedDirection.IMPORT: (Direction.IMPORT,),
    RequestedDirection.EXPORT: (Direction.EXPORT,),
    RequestedDirection.BOTH: (Direction.IMPORT, Direction.EXPORT),
}


# Links are made by the ten thousand and hold nothing that could refer back: the garbage collector need not look at them.
class DataLink(Record, frozen=True, kw_only=True, gc=False):
    """One link. ``created_at`` is its first write, ``updated_at`` its latest, which decides the order of lists."""

    id: str
    data_link_table_instance_id: str
    external_record_id: str
    app_record_id: str
    direction: Direction
    created_at: datetime
    updated_at: datetime


class WrittenLinks(DataLink, frozen=True, kw_only=True):
    """The answer to a link creation: the first link written, and all of them.

    items: one link, or two for both.
    """

    items: list[DataLink]


RecordIdInput = Annotated[
    str | int | float,
    Meta(
        description=f"A record id: text of 1 to {MAX_RECORD_ID_LENGTH} characters without NUL, compared byte for byte. "
        "A number stands for its decimal text.",
    ),
]


class DataLinkDraft(Draft, frozen=True, kw_only=True):
    """A link as it is created or deleted: the exact pair of records, and the direction (both when it is left out)."""

    app_record_id: RecordIdInput
    external_record_id: RecordIdInput
    direction: RequestedDirection | None | UnsetType = UNSET

    @property
    def directions(self) -> tuple[Direction, ...]:
        """The stored directions that are meant."""
        return (self.direction or RequestedDirection.BOTH).directions


def record_id(value: str | float, path: str) -> str:
    """The id as it is kept: text as it is, a number as its decimal text (``9001``, ``1.5``).

    Raises:
        BadRequest: empty, longer than 512 characters or with NUL; ``path`` is the place the error names.
    """
    text = value if isinstance(value, str) else number_text(value)
    if not 1 <= len(text) <= MAX_RECORD_ID_LENGTH:
        raise BadRequest(
            f"A record id has 1 to {MAX_RECORD_ID_LENGTH} characters; this one has {len(text)} - at `{path}`",
            {"path": path},
        )
    if "\0" in text:
        raise BadRequest(f"A record id cannot contain the NUL character - at `{path}`", {"path": path})
    return text


def number_text(number: float) -> str:
    """The decimal text of a JSON number, as a record id is kept; longer than any id may be if the number is."""
    if number == 0:
        # JavaScript prints minus zero without its sign.
        return "0"
    if isinstance(number, int):
        return str(number) if abs(number) < _TOO_LONG else "9" * (MAX_RECORD_ID_LENGTH + 1)
    return f"{Decimal(repr(number)):f}".removesuffix(".0")
