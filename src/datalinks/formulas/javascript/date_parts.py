"""The parts of a date as V8 gathers them from a text, and what it makes of them."""

from dataclasses import dataclass, field

# Digits past these are read over; zeros in front do not count.
_SIGNIFICANT_DIGITS = 9

MONTHS = range(1, 13)
DAYS = range(1, 32)
HOURS = range(24)
MINUTES = SECONDS = range(60)
_MILLISECONDS = range(1000)
_HOURS_OF_CLOCK = range(13)
_NEXT_MIDNIGHT = [24, 0, 0, 0]

_TIME_PARTS = (HOURS, MINUTES, SECONDS, _MILLISECONDS)
_DAY_PARTS = 3

# V8 computes the offset in 32 bits without a sign, and refuses what does not fit into 31.
_OFFSET_MODULUS = 2**32
_OFFSET_LIMIT = 2**31


@dataclass(frozen=True, slots=True)
class DateFields:
    """A point in time as written: local date and time, and how far they are ahead of UTC.

    The day may be past the end of the month and the hour may be 24; both run over.
    """

    year: int
    month: int
    day: int
    hour: int = 0
    minute: int = 0
    second: int = 0
    millisecond: int = 0
    offset_seconds: int = 0


def read_number(digits: str) -> int:
    """The number that V8 takes digits for: of a long one it sees the beginning only."""
    return int(digits.lstrip("0")[:_SIGNIFICANT_DIGITS] or "0")


def read_milliseconds(digits: str) -> int:
    """The milliseconds that the digits after a decimal point mean, cut off rather than rounded.

    Beyond nine digits V8 no longer knows how many zeros there were in front: ".00001234567890" is 123 of them.
    """
    return read_number(digits) * 1000 // 10 ** min(len(digits), _SIGNIFICANT_DIGITS)


@dataclass(slots=True)
class Day:
    """The numbers that are no time, in the order read, and the month if it was named."""

    numbers: list[int]
    month: int | None = None

    def add(self, number: int) -> bool:
        """Whether there is room for one more number, which is there then."""
        self.numbers.append(number)
        return len(self.numbers) <= _DAY_PARTS

    def compose(self) -> tuple[int, int, int] | None:
        """Year, month and day, or None if there is no number or a part is out of range."""
        if not self.numbers:
            return None
        year, month, day = self._in_order()
        return (_full_year(year), month, day) if month in MONTHS and day in DAYS else None

    def _in_order(self) -> tuple[int, int, int]:
        # What is missing is 1, the year too: that is why "3/5" is a day of 2001.
        first, second, third = [*self.numbers, 1, 1][:_DAY_PARTS]
        if self.month is not None:
            return (second, self.month, first) if first in DAYS else (first, self.month, second)
        return (third, first, second) if first in DAYS else (first, second, third)


@dataclass(slots=True)
class Time:
    """The parts of the time in the order read, and the hours that AM or PM adds."""

    parts: list[int] = field(default_factory=list[int])
    half_day: int | None = None

    def expects(self, number: int) -> bool:
        """Whether a number may be the next part; the hour is never expected, since only a colon makes it one."""
        count = len(self.parts)
        return 0 < count < len(_TIME_PARTS) and number in _TIME_PARTS[count]

    def add(self, number: int) -> bool:
        """Whether there is room for one more part, which is there then."""
        self.parts.append(number)
        return len(self.parts) <= len(_TIME_PARTS)

    def finish(self, number: int) -> None:
        """Add the last part, so that no number after it belongs to the time."""
        self.parts = _fill([*self.parts, number])

    def compose(self) -> list[int] | None:
        """Hour, minute, second and millisecond, or None if one is out of range."""
        parts = _fill(self.parts)
        if self.half_day is not None:
            if parts[0] not in _HOURS_OF_CLOCK:
                return None
            parts[0] = parts[0] % 12 + self.half_day
        fits = all(part in allowed for part, allowed in zip(parts, _TIME_PARTS, strict=True))
        return parts if fits or parts == _NEXT_MIDNIGHT else None


@dataclass(slots=True)
class Zone:
    """How far the time is ahead of UTC; an hour without a minute waits for one."""

    sign: int = 1
    hour: int | None = None
    minute: int | None = None

    def set(self, sign: int, hour: int, minute: int | None) -> None:
        """Forget what was there for another offset."""
        self.sign, self.hour, self.minute = sign, hour, minute

    def is_utc(self) -> bool:
        """Whether UTC itself was named, or an offset of nothing."""
        return self.hour == self.minute == 0

    def expects(self, number: int) -> bool:
        """Whether a number may be the minute that is missing."""
        return self.hour is not None and self.minute is None and number in MINUTES

    def offset_seconds(self) -> int | None:
        """The offset, 0 if there is none; None if it is too large for V8."""
        seconds = ((self.hour or 0) * 60 + (self.minute or 0)) * 60 % _OFFSET_MODULUS
        return self.sign * seconds if seconds < _OFFSET_LIMIT else None


def _fill(parts: list[int]) -> list[int]:
    return [*parts, 0, 0, 0, 0][: len(_TIME_PARTS)]


def _full_year(year: int) -> int:
    if year in range(50):
        return year + 2000
    return year + 1900 if year in range(50, 100) else year
