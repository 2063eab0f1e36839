"""Ids and the clock.

Everything public has an id of 24 lower-case hexadecimal digits, as the reference product has, and ids sort by the
time they were made. A data link's id carries the number of its instance in front, so a link is found by id without
an index of its own and, in a distributed store, without asking every machine.
"""

import re
import secrets
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

ID_PATTERN = "^[0-9a-f]{24}$"
_ID = re.compile(ID_PATTERN)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# A link number is a microsecond (52 bits, good until the year 2112) and random bits that keep two processes apart.
_RANDOM_BITS = 11


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


def new_id(now: int) -> str:
    """A new id; ``now`` is microseconds since 1970 and its order is the ids' order."""
    return f"{now:013x}{secrets.randbits(44):011x}"


def is_id(text: str) -> bool:
    """Whether the text has the form of an id (not whether anything has that id)."""
    return _ID.fullmatch(text) is not None


def new_link_no(now: int) -> int:
    """A new link number: positive, below 2**63, in the order of ``now`` (microseconds since 1970)."""
    return now << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)


def link_id(instance_no: int, link_no: int) -> str:
    """The public id of a link: its instance's number and its own."""
    return f"{instance_no:08x}{link_no:016x}"


def parse_link_id(text: str) -> tuple[int, int] | None:
    """``(instance_no, link_no)`` of a link id, or None if the text cannot be one."""
    if not is_id(text):
        return None
    instance_no, link_no = int(text[:8], 16), int(text[8:], 16)
    return (instance_no, link_no) if link_no < 2**63 else None


def link_no_time(link_no: int) -> int:
    """The microsecond at which a link number was made."""
    return link_no >> _RANDOM_BITS


def as_datetime(microseconds: int) -> datetime:
    """Microseconds since 1970 as an aware UTC time."""
    return _EPOCH + timedelta(microseconds=microseconds)


def as_microseconds(moment: datetime) -> int:
    """An aware time as microseconds since 1970."""
    return (moment - _EPOCH) // timedelta(microseconds=1)
