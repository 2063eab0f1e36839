"""When a call is sent again: only if that is safe and may help, and no earlier than the server asks."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypedDict

from datalinks.client.calls import Call
from datalinks.errors import IdempotencyConflict, RateLimited, Unavailable

# Whoever asks for a longer pause than this is told to the caller at once instead of after it.
MAX_PAUSE_SECONDS = 60.0


class Backoff(TypedDict):
    """Pauses as stamina takes them."""

    timeout: float | None
    wait_initial: float
    wait_jitter: float
    wait_max: float


# Doubling pauses, with as much chance in the first as there is pause, so that clients who failed together part.
BACKOFF: Backoff = {"timeout": None, "wait_initial": 0.2, "wait_jitter": 0.2, "wait_max": 5.0}


class RetryRule:
    """The rule for one call; stamina asks it after each failure."""

    def __init__(self, call: Call) -> None:
        self._is_repeatable = call.is_repeatable
        self._pause: float | None = None

    def hear(self, headers: Mapping[str, str]) -> None:
        """Take note of how long an answer asks to wait."""
        self._pause = pause_seconds(headers.get("retry-after", ""), datetime.now(UTC))

    def __call__(self, error: Exception) -> bool | float:
        """Whether to try again after this error; a number is the seconds to wait, True leaves them to the backoff."""
        pause, self._pause = self._pause, None
        if not self._is_repeatable or not isinstance(error, IdempotencyConflict | RateLimited | Unavailable):
            return False
        if pause is None:
            return True
        return pause if pause <= MAX_PAUSE_SECONDS else False


def pause_seconds(retry_after: str, now: datetime) -> float | None:
    """The seconds that a ``Retry-After`` header means, a number or an HTTP date; None for anything else."""
    try:
        seconds = float(retry_after)
    except ValueError:
        return _seconds_until(retry_after, now)
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def _seconds_until(date: str, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return None
    # A date with the zone "-0000" comes without one; HTTP dates are always UTC.
    return max((moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds(), 0.0)
