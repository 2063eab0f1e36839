"""Searching links by a record id or its beginning, on either side: what matches, and where a page of matches ends."""

import base64
import binascii
from dataclasses import dataclass
from enum import StrEnum

from datalinks.errors import BadRequest
from datalinks.model.link import DataLink, Direction, record_id
from datalinks.model.page import START, unknown_cursor
from datalinks.model.record import Record
from datalinks.model.references import CustomerRef, DataLinkTableRef, IntegrationRef

_LAST_LETTER = "\U0010ffff"
# UTF-8 has no surrogates: the letter behind the last one before them is the first one after them.
_BEFORE_SURROGATES, _AFTER_SURROGATES = "\ud7ff", "\ue000"
_PREFIXES = 10


class Match(StrEnum):
    """How a record id is compared: as a whole, or as the beginning of others."""

    EXACT = "exact"
    PREFIX = "prefix"


class Side(StrEnum):
    """Which record of a link matches."""

    APP = "app"
    EXTERNAL = "external"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class IdRange:
    """The record ids that match: from ``first`` on, and before ``end`` unless it is None, byte by byte."""

    first: str
    end: str | None

    def __contains__(self, id: str) -> bool:
        # Python compares by code points, whose order is that of UTF-8.
        return self.first <= id and (self.end is None or id < self.end)


def matching(text: str, match: Match, path: str) -> IdRange:
    """The record ids that a text matches.

    Raises:
        BadRequest: the text is none that a record id could begin with; ``path`` is the place the error names.
    """
    record_id(text, path)
    # No record id has NUL, so nothing is between a text and that text with the next letter behind it.
    return IdRange(text, text + "\x01" if match is Match.EXACT else _behind(text))


def _behind(prefix: str) -> str | None:
    """The first text behind all those that begin with a prefix; None: there is none."""
    kept = prefix.rstrip(_LAST_LETTER)
    if not kept:
        return None
    last = kept[-1]
    return kept[:-1] + (_AFTER_SURROGATES if last == _BEFORE_SURROGATES else chr(ord(last) + 1))


@dataclass(frozen=True, slots=True)
class Position:
    """A link among the matches. They come in the order of side, instance, record id of that side, other id, direction.

    side: app where the app record matches, else external.
    """

    side: Side
    instance_no: int
    app_record_id: str
    external_record_id: str
    direction: Direction

    @property
    def cursor(self) -> str:
        """The cursor behind this link. It holds the record ids, as they are the order: the link may be gone by then."""
        ids = base64.urlsafe_b64encode(f"{self.app_record_id}\0{self.external_record_id}".encode()).decode()
        return f"{self.side[0]}{self.direction[0]}{self.instance_no:08x}{ids.rstrip('=')}"

    @property
    def record_id(self) -> str:
        """The id on the side that matches."""
        return self.app_record_id if self.side is Side.APP else self.external_record_id


_SIDES = {side[0]: side for side in (Side.APP, Side.EXTERNAL)}
_DIRECTIONS = {direction[0]: direction for direction in Direction}


def position_of(cursor: str | None, matches: IdRange) -> Position | None:
    """The link behind which a page of matches begins; None for the first page.

    Raises:
        BadRequest: the cursor was not made by this server, or for another search.
    """
    if cursor is None or cursor == START:
        return None
    try:
        ids = base64.b64decode(cursor[_PREFIXES:] + "=" * (-(len(cursor) - _PREFIXES) % 4), b"-_", validate=True)
        app_record_id, external_record_id = ids.decode().split("\0")
        found = Position(
            _SIDES[cursor[:1]],
            int(cursor[2:_PREFIXES], 16),
            app_record_id,
            external_record_id,
            _DIRECTIONS[cursor[1:2]],
        )
    except (KeyError, ValueError, binascii.Error) as error:
        raise unknown_cursor() from error
    if found.record_id not in matches or found.cursor != cursor:
        raise unknown_cursor()
    return found


class InstanceName(Record, frozen=True, kw_only=True):
    """The instance of a link that was found."""

    id: str
    instance_key: str | None = None


class ConnectionName(Record, frozen=True, kw_only=True):
    """The connection of a link that was found."""

    id: str
    name: str


class FoundLink(Record, frozen=True, kw_only=True):
    """A link that was found, which of its records matches, and all that it hangs on."""

    link: DataLink
    side: Side
    data_link_table_instance: InstanceName
    data_link_table: DataLinkTableRef
    connection: ConnectionName
    customer: CustomerRef
    integration: IntegrationRef


def refuse_both(search: str | None, *record_ids: str | None) -> None:
    """Search is instead of record ids.

    Raises:
        BadRequest: both are given.
    """
    if search is not None and any(each is not None for each in record_ids):
        raise BadRequest(
            "search looks on both sides: leave out appRecordId and externalRecordId, or search - at `$.search`",
            {"path": "$.search"},
        )
