"""Ids and the clock.

Everything public has an id of 24 lower-case hexadecimal digits, as the reference product has, and ids sort by the
time they were made. A data link's id carries the number of its instance in front, so a link is found by id without
an index of its own and, in a distributed store, without asking every machine.
"""

import random
import re
import secrets
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

ID_PATTERN = "^[0-9a-f]{24}$"
_ID = re.compile(ID_PATTERN)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# A link number is a microsecond (52 bits, good until the year 2112), random bits that keep two processes apart, and the
# direction.
_RANDOM_BITS = 10
_LOW_BITS = _RANDOM_BITS + 1
MAX_LINK_NO = 2**63 - 1
_MAX_INSTANCE_NO = 2**31 - 1


def _wall_clock() -> int:
    return time.time_ns() // 1000


class Clock:
    """Time in microseconds since 1970, never the same value twice and never going back within one process."""

    def __init__(self, wall_clock: Callable[[], int] = _wall_clock) -> None:
        self._wall_clock = wall_clock
        self._last = 0
        self._lock = threading.Lock()

    def now(self) -> int:
        """The current microsecond, or one more than the last answer if the wall clock has not moved on."""
        with self._lock:
            self._last = max(self._last + 1, self._wall_clock())
            return self._last

    def seconds(self) -> float:
        """The wall clock's time in seconds since 1970, for what need not be told apart."""
        return self._wall_clock() / 1_000_000

    def reserve(self, count: int) -> int:
        """The first of ``count`` microseconds in a row that nobody else of this process is given."""
        with self._lock:
            first = max(self._last + 1, self._wall_clock())
            self._last = first + count - 1
            return first


def new_id(now: int) -> str:
    """A new id; ``now`` is microseconds since 1970 and its order is the ids' order."""
    return f"{now:013x}{secrets.randbits(44):011x}"


def is_id(text: str) -> bool:
    """Whether the text has the form of an id (not whether anything has that id)."""
    return _ID.fullmatch(text) is not None


def new_link_no(now: int, salt: int | None = None) -> int:
    """The number of an import link that is written now; that of the export link of the same pair is one more.

    Positive, below 2**63, in the order of ``now`` (microseconds since 1970).
    salt: random bits from ``new_salt`` that many numbers share; without it, bits of its own.
    """
    return now << _LOW_BITS | (new_salt() if salt is None else salt) << 1


def new_salt() -> int:
    """Random bits for link numbers, which are no secret: the system's own would cost a call to it for each link."""
    return random.getrandbits(_RANDOM_BITS)


def is_export_no(link_no: int) -> bool:
    """Whether a link number is an export link's."""
    return bool(link_no & 1)


def link_id(instance_no: int, link_no: int) -> str:
    """The public id of a link: its instance's number and that of its first write."""
    return f"{instance_no:08x}{link_no:016x}"


def parse_link_id(text: str) -> tuple[int, int] | None:
    """``(instance_no, link_no)`` of a link id, or None if the text cannot be one."""
    if not is_id(text):
        return None
    instance_no, link_no = int(text[:8], 16), int(text[8:], 16)
    return (instance_no, link_no) if instance_no <= _MAX_INSTANCE_NO and link_no <= MAX_LINK_NO else None


def link_no_time(link_no: int) -> int:
    """The microsecond at which a link number was made."""
    return link_no >> _LOW_BITS


def as_datetime(microseconds: int) -> datetime:
    """Microseconds since 1970 as an aware UTC time."""
    return _EPOCH + timedelta(microseconds=microseconds)


def as_microseconds(moment: datetime) -> int:
    """An aware time as microseconds since 1970."""
    return (moment - _EPOCH) // timedelta(microseconds=1)
