"""Personal names taken apart into first and last name, by the rules of the npm package humanparser 2.7.

A name is in one of two orders: "First Last", or, as soon as there is a comma, "Last, First". Titles in front and
suffixes behind belong to neither name.
"""

import re
from dataclasses import dataclass

from datalinks.formulas.javascript.numbers import trim

# White space and word characters of JavaScript; those of Python are others.
_SPACE = "\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_WORD = "[A-Za-z0-9_]"

_BLANKS_BEFORE_COMMA = re.compile(f"(?<={_WORD})[{_SPACE}]+(,[{_SPACE}]+)(?={_WORD})")
_TIGHT_COMMA = re.compile(f"(?<={_WORD}),(?={_WORD})")
# Quotes keep a name of several words together. One that is never closed is dropped, as is an empty pair.
_PART = re.compile(f'[^{_SPACE}"]+|"[^"]+"')
# Quotes around a line break stay.
_QUOTED = re.compile('"([^\n\r\u2028\u2029]*)"')


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TITLES = _words("mr master mister mrs miss ms dr prof rev fr judge honorable hon tuan sr srta br pr mx sra")
_SUFFIXES = _words("i ii iii iv v senior junior jr sr phd apr rph pe md ma dmd cme qc kc")
# Words that belong to the last name they precede.
_PARTICLES = _words("vere von van de del della der den di da pietro vanden du st la lo ter bin ibn te ten op ben al")


@dataclass(frozen=True, slots=True)
class PersonName:
    """The first and the last name found; None and the empty text are both ways in which humanparser finds none."""

    first: str | None
    last: str | None


def parse_name(text: str) -> PersonName:
    """The first and the last name in a text, as ``parseName`` of humanparser finds them."""
    parts = _split(text)
    if len(parts) == 1 and "," in parts[0]:
        # With nothing after it, "Smith," is both names; the comma stays in the first.
        return PersonName(trim(parts[0]), trim(_last_name_before_comma(parts)))
    parts = _without_suffix(parts)
    comma = next((index for index, part in enumerate(parts) if "," in part), None)
    if comma is None:
        return _parse_in_order(parts)
    first = parts[comma + 1] if comma + 1 < len(parts) else None
    return PersonName(first and trim(first), trim(_last_name_before_comma(parts[: comma + 1])))


def _split(text: str) -> list[str]:
    """The words and quoted names; at least one, which may be empty."""
    spaced = _BLANKS_BEFORE_COMMA.sub(r"\1", trim(text), count=1)
    spaced = _TIGHT_COMMA.sub(", ", spaced, count=1)
    # Nothing is found in what is empty or all quotes, which then stands for itself.
    return [_unquote(part) for part in _PART.findall(spaced) or [spaced]]


def _unquote(part: str) -> str:
    quoted = _QUOTED.fullmatch(part)
    return quoted[1] if quoted else part


def _without_suffix(parts: list[str]) -> list[str]:
    """The parts without a suffix at the end, and without the comma before it."""
    if len(parts) == 1 or not _is_one_of(_SUFFIXES, parts[-1]):
        return parts
    *rest, last, _suffix = parts
    return [*rest, last.replace(",", "", 1)]


def _last_name_before_comma(parts: list[str]) -> str:
    """The last name in parts that end at the first comma: all of them, but for a suffix right before the comma."""
    *words, last = parts
    last = last.replace(",", "", 1)
    return " ".join(words if _is_one_of(_SUFFIXES, last) else [*words, last])


def _parse_in_order(parts: list[str]) -> PersonName:
    if len(parts) > 1 and _is_one_of(_TITLES, parts[0]):
        parts = parts[1:]
        # After a title a single name is the last one.
        if len(parts) == 1:
            return PersonName(None, trim(parts[0]))
    first, *others = parts
    return PersonName(trim(first), trim(_last_name_at_end(others)))


def _last_name_at_end(parts: list[str]) -> str:
    """The last of the parts with the particles right before it; empty if there is no part."""
    start = len(parts) - 1
    while start > 0 and _is_one_of(_PARTICLES, parts[start - 1]):
        start -= 1
    return " ".join(parts[max(start, 0) :])


def _is_one_of(words: frozenset[str], part: str) -> bool:
    """Whether a part is one of the words, whatever its case and its dots."""
    return part.lower().replace(".", "") in words
