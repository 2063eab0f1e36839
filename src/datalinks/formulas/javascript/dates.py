"""Points in time as JavaScript reads and prints them: numbers of milliseconds since 1970 in UTC.

The engine that counts is V8, with UTC as its time zone.
"""

import math
import re

from datalinks.formulas.javascript.date_parts import (
    DAYS,
    HOURS,
    MINUTES,
    MONTHS,
    SECONDS,
    DateFields,
    read_milliseconds,
    read_number,
)
from datalinks.formulas.javascript.legacy_dates import read_legacy_date
from datalinks.formulas.javascript.numbers import to_number

# As far as a date of JavaScript goes from 1970, either way.
_LIMIT = 8.64e15
_MILLISECONDS_PER_DAY = 86_400_000

# A year of four digits, or of six with a sign. From here on V8 does not go back to read the year in another way.
_YEAR = re.compile(r"([+-][0-9]{6}|[0-9]{4})(?![0-9])")
_MONTH_OR_DAY = re.compile(r"([0-9]{2})(?![0-9])")
_TIME = re.compile(
    r"[Tt](?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]+))?)?"
    r"(?:[Zz]|(?P<offset>(?P<sign>[+-])(?P<hours>[0-9]{2}):?(?P<minutes>[0-9]{2})))?"
)

# The Gregorian calendar repeats itself after 400 years. Years are counted from March so that the leap day is the last.
_DAYS_PER_ERA = 146_097
_YEARS_PER_ERA = 400
_DAYS_FROM_YEAR_0_TO_1970 = 719_468

_LEAST_TIMESTAMP_IN_TEXT = 1_000_000_000
_DIGITS_OF_MILLISECONDS = 13


def parse_date(text: str) -> float | None:
    """What ``Date.parse(text)`` gives, a whole number of milliseconds; None where that is NaN."""
    # V8 takes the character of code 0 for the end.
    fields = _read_fields(text.partition("\0")[0])
    return None if fields is None else _clip(_to_milliseconds(fields))


def parse_timestamp(value: object) -> float | None:
    """The milliseconds that a number or a text means, as ``parseDate`` of the SDK takes them; None if it means none.

    A text is a date, or else a number above 1e9. Either way, what has fewer than 13 digits is taken for seconds:
    the SDK does so even with dates, which makes those before September 2001 come out a thousandfold later.
    """
    number = _number_of(value)
    if not number or not math.isfinite(number):
        return None
    return _clip(number * 1000 if _is_in_seconds(number) else number)


def to_iso(milliseconds: float) -> str:
    """What ``new Date(milliseconds).toISOString()`` gives, of a whole number that a date can have."""
    days, rest = divmod(int(milliseconds), _MILLISECONDS_PER_DAY)
    year, month, day = _calendar_day(days)
    seconds, millisecond = divmod(rest, 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{_print_year(year)}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millisecond:03}Z"


def _print_year(year: int) -> str:
    return f"{year:04}" if 0 <= year <= 9999 else f"{year:+07}"  # noqa: PLR2004 - what has four digits


def _read_fields(text: str) -> DateFields | None:
    """Read the standard format as far as it goes, and what is left of the text leniently."""
    numbers, end = _read_day(text)
    # A hyphen with no month or day behind it has left the format already.
    if numbers and text[end - 1] != "-":
        if end == len(text):
            return DateFields(*[*numbers, 1, 1][:3])
        # After a T there must be a time in the standard format.
        if text[end] in "Tt":
            return _read_time(numbers, _TIME.fullmatch(text, end))
    return read_legacy_date(text[end:], numbers)


def _read_day(text: str) -> tuple[list[int], int]:
    """The year, month and day at the start as far as they follow the standard, and where they end."""
    start = _YEAR.match(text)
    if start is None:
        return [], 0
    if start[0] == "-000000":
        # The standard forbids this year; V8 goes on behind it as if nothing were there.
        return [], start.end()
    numbers = [int(start[0])]
    end = start.end()
    for allowed in (MONTHS, DAYS):
        if text[end : end + 1] != "-":
            break
        end += 1
        found = _MONTH_OR_DAY.match(text, end)
        if found is None or int(found[0]) not in allowed:
            break
        numbers.append(int(found[0]))
        end = found.end()
    return numbers, end


def _read_time(numbers: list[int], time: re.Match[str] | None) -> DateFields | None:
    if time is None:
        return None
    hour, minute, second = (int(time[part] or "0") for part in ("hour", "minute", "second"))
    fraction = time["fraction"] or "0"
    is_next_midnight = hour == HOURS.stop and not (minute or second or read_number(fraction))
    if not is_next_midnight and not (hour in HOURS and minute in MINUTES and second in SECONDS):
        return None
    offset = _read_offset(time)
    if offset is None:
        return None
    year, month, day = [*numbers, 1, 1][:3]
    return DateFields(year, month, day, hour, minute, second, read_milliseconds(fraction), offset)


def _read_offset(time: re.Match[str]) -> int | None:
    """The seconds that the time is ahead of UTC, 0 if nothing is said; None if there is no such offset."""
    if time["offset"] is None:
        return 0
    hours, minutes = int(time["hours"]), int(time["minutes"])
    if hours not in HOURS or minutes not in MINUTES:
        return None
    seconds = (hours * 60 + minutes) * 60
    return -seconds if time["sign"] == "-" else seconds


def _to_milliseconds(fields: DateFields) -> int:
    seconds = (fields.hour * 60 + fields.minute) * 60 + fields.second - fields.offset_seconds
    days = _days_to_month(fields.year, fields.month) + fields.day - 1
    return days * _MILLISECONDS_PER_DAY + seconds * 1000 + fields.millisecond


def _days_to_month(year: int, month: int) -> int:
    """Days from 1970 to the first of a month."""
    since_march = (month - 3) % 12
    era, year_of_era = divmod(year - (month <= 2), _YEARS_PER_ERA)  # noqa: PLR2004 - the months before March
    days_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + _days_before(since_march)
    return era * _DAYS_PER_ERA + days_of_era - _DAYS_FROM_YEAR_0_TO_1970


def _calendar_day(days: int) -> tuple[int, int, int]:
    """The year, month and day that come so many days after 1970 began."""
    era, day_of_era = divmod(days + _DAYS_FROM_YEAR_0_TO_1970, _DAYS_PER_ERA)
    # Leap days that came before are taken out, so that all years are of 365 days.
    leap_days = day_of_era // 1_460 - day_of_era // 36_524 + day_of_era // 146_096
    year_of_era = (day_of_era - leap_days) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    since_march = (5 * day_of_year + 2) // 153
    month = (since_march + 2) % 12 + 1
    year = era * _YEARS_PER_ERA + year_of_era + (month <= 2)  # noqa: PLR2004 - the months before March
    return year, month, day_of_year - _days_before(since_march) + 1


def _days_before(since_march: int) -> int:
    """Days from the first of March to the month so many months later: five months from March or August are 153."""
    return (153 * since_march + 2) // 5


def _clip(milliseconds: float) -> float | None:
    """A time as a date holds it, whole and within its limits; None beyond them."""
    return float(int(milliseconds)) if abs(milliseconds) <= _LIMIT else None


def _number_of(value: object) -> float | None:
    """The number or text as a number, None if it is neither or its text is no timestamp."""
    if isinstance(value, str):
        # The SDK asks whether the date is true, so the beginning of 1970 is no date to it.
        return parse_date(value) or _timestamp_in(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _timestamp_in(text: str) -> float | None:
    number = to_number(text)
    return number if number > _LEAST_TIMESTAMP_IN_TEXT else None


def _is_in_seconds(number: float) -> bool:
    """Whether the number, rounded as JavaScript rounds, is printed with fewer than 13 characters.

    JavaScript prints a number from 1e21 on with an exponent, which is shorter; no date is so late either way.
    """
    rounded = math.floor(number)
    if number - rounded >= 0.5:  # noqa: PLR2004 - a half
        rounded += 1
    return len(str(rounded)) < _DIGITS_OF_MILLISECONDS
