"""Dates as people write them, read as leniently as the engine V8 reads them.

No standard says how: ECMAScript leaves all texts but its own format to the engine. So the rules here, odd ones
included, are what ``Date.parse`` of V8 is seen to do, and ``tests/formulas/test_dates_against_node.py`` compares
them. In short: numbers fill the time when a colon follows or a time has begun, otherwise the day; words count by
their first three letters as months, or whole as AM, PM and zones; other words may stand only before the first number.
"""

import re
from dataclasses import dataclass, field

from datalinks.formulas.javascript.date_parts import DateFields, Day, Time, Zone, read_milliseconds, read_number

# White space of JavaScript from "A" upwards, without the two line separators: V8 has them belong to words.
_WIDE_SPACE = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\ufeff"
# A run of digits, a word, a run of blanks, a symbol, or a run of what means nothing. Words are of everything from
# "A" upwards, so also of "[" and "é". What means nothing is a token as well: it keeps its neighbours apart.
_TOKEN = re.compile(rf"[0-9]+|[^\0-@{_WIDE_SPACE}]+|[\t-\r {_WIDE_SPACE}]+|[:+.)-]|[^0-9A-\U0010ffff\t-\r :+.)-]+")
_BLANKS = frozenset(f"\t\n\v\f\r {_WIDE_SPACE}")
_DIGIT = re.compile(r"[0-9]")
_BRACKET = re.compile(r"[()]")
_SIGNS = {"+": 1, "-": -1}
_NOT_AFTER_NUMBERS = frozenset("+-)")

_MONTH_NAMES = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, start=1)}
_HALF_DAYS = {"am": 0, "pm": 12}
_UTC = dict.fromkeys(["ut", "utc", "gmt", "z"], 0)
_AMERICAN_ZONES = {"edt": -4, "est": -5, "cdt": -5, "cst": -6, "mdt": -6, "mst": -7, "pdt": -7, "pst": -8}
_ZONE_HOURS = {**_UTC, **_AMERICAN_ZONES}


def read_legacy_date(text: str, numbers: list[int]) -> DateFields | None:
    """The date in a text that is not in the standard format, or None if V8 finds none.

    numbers: the parts of the day read before ``text``, where the standard format was left halfway.
    """
    if not numbers and not _DIGIT.search(text):
        # Spares long prose the reading: there is no date without a number.
        return None
    tokens = [*_TOKEN.findall(_blank_comments(text)), ""]
    return _Reader(tokens, Day(list(numbers)), has_read_number=bool(numbers)).read()


def _blank_comments(text: str) -> str:
    """The text with a comma for each comment in parentheses; comments nest, and the last may be left open."""
    kept: list[str] = []
    depth = start = 0
    for bracket in _BRACKET.finditer(text):
        if bracket[0] == "(":
            if depth == 0:
                kept += [text[start : bracket.start()], ","]
            depth += 1
        elif depth > 0:
            depth -= 1
            start = bracket.end()
    return "".join(kept if depth else [*kept, text[start:]])


@dataclass(slots=True)
class _Reader:
    """Goes once through the tokens, of which the last is empty. The methods answer whether it can still be a date."""

    tokens: list[str]
    day: Day
    has_read_number: bool
    position: int = 0
    time: Time = field(default_factory=Time)
    zone: Zone = field(default_factory=Zone)

    def read(self) -> DateFields | None:
        while token := self._next():
            if not self._take(token):
                return None
        day, time, offset = self.day.compose(), self.time.compose(), self.zone.offset_seconds()
        if day is None or time is None or offset is None:
            return None
        return DateFields(*day, *time, offset_seconds=offset)

    def _next(self) -> str:
        token = self.tokens[self.position]
        self.position += 1
        return token

    def _skips(self, symbol: str) -> bool:
        """Whether the symbol was next; it is gone then."""
        if self.tokens[self.position] != symbol:
            return False
        self.position += 1
        return True

    def _take(self, token: str) -> bool:
        if _is_number(token):
            self.has_read_number = True
            return self._take_number(read_number(token))
        if token[0] in _BLANKS:
            return True
        if token[0] >= "A":
            return self._take_word(token)
        if token in _SIGNS and (self.time.parts or self.zone.is_utc()):
            self.has_read_number = True
            return self._take_offset(_SIGNS[token])
        # Before the first number anything goes; after it only what has no meaning at all.
        return not (self.has_read_number and token in _NOT_AFTER_NUMBERS)

    def _take_number(self, number: int) -> bool:
        if self._skips(":"):
            return self._take_before_colon(number)
        # The point is gone even when no time has begun: "5.3.2024" is a date.
        if self._skips(".") and self.time.expects(number):
            return self._take_before_fraction(number)
        if self.zone.expects(number):
            self.zone.minute = number
            return True
        if self.time.expects(number):
            self.time.finish(number)
            return _ends_time(self.tokens[self.position])
        self._skips("-")
        return self.day.add(number)

    def _take_before_colon(self, number: int) -> bool:
        if self._skips(":"):
            # "10::" leaves out the minute; that goes for the hour only.
            is_hour = not self.time.parts
            self.time.parts = [number, 0]
            return is_hour
        self._skips(".")
        return self.time.add(number)

    def _take_before_fraction(self, number: int) -> bool:
        self.time.add(number)
        fraction = self._next()
        if not _is_number(fraction):
            return False
        self.time.finish(read_milliseconds(fraction))
        return True

    def _take_word(self, word: str) -> bool:
        # The names have no letter that one of another alphabet becomes in lower case.
        name = word.lower() if len(word) <= 3 else ""  # noqa: PLR2004 - the longest of them
        if name in _HALF_DAYS and self.time.parts:
            self.time.half_day = _HALF_DAYS[name]
        elif month := _MONTHS.get(word[:3].lower()):
            self.day.month = month
            self._skips("-")
        elif name in _ZONE_HOURS and self.has_read_number:
            hours = _ZONE_HOURS[name]
            self.zone.set(-1 if hours < 0 else 1, abs(hours), 0)
        else:
            return not (self.has_read_number or _is_number(self.tokens[self.position]))
        return True

    def _take_offset(self, sign: int) -> bool:
        digits = self._next() if _is_number(self.tokens[self.position]) else ""
        number = read_number(digits or "0")
        if self.tokens[self.position] == ":":
            self.zone.set(sign, number, None)
        elif len(digits) in {1, 2}:
            self.zone.set(sign, number, 0)
        elif len(digits) in {3, 4}:
            self.zone.set(sign, *divmod(number, 100))
        else:
            return False
        return True


def _ends_time(token: str) -> bool:
    """Whether a time that ended in a bare number may be followed by this token."""
    return token in {"", "z", "Z", "+", "-"} or token[0] in _BLANKS


def _is_number(token: str) -> bool:
    return "0" <= token < ":"
