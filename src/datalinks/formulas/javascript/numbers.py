"""Numbers as JavaScript reads and prints them (ECMAScript 2024, sections 6.1.6.1.20 and 7.1.4.1)."""

import math
import re

# What JavaScript calls white space: Python's own set has four control characters more and lacks the byte order mark.
_SPACES = (
    "".join(
        chr(code)
        for code in (
            9,
            10,
            11,
            12,
            13,
            32,
            0xA0,
            0x1680,
            *range(0x2000, 0x200B),
            0x2028,
            0x2029,
            0x202F,
            0x205F,
            0x3000,
        )
    )
    + "\ufeff"
)

_DECIMAL = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_WHOLE_DECIMAL = re.compile(_DECIMAL)
_INFINITY = re.compile(r"[+-]?Infinity")
_OTHER_BASES = {"0x": 16, "0X": 16, "0o": 8, "0O": 8, "0b": 2, "0B": 2}
_DIGITS = "0123456789abcdef"

# From here on numbers are printed with an exponent.
_LARGE = 10**21
# Longer ones are infinite as the language's numbers.
_LONGEST_WHOLE = 308
# The longest text of digits that is read as an integer of another base: beyond this every number is infinite.
_LONGEST = 1100


def trim(text: str) -> str:
    """The text without white space at its ends."""
    return text.strip(_SPACES)


def to_number(text: str) -> float:
    """The number that a whole text stands for, as ``Number(text)`` says: 0 for an empty one, NaN for no number.

    Integers keep all their digits, where JavaScript loses those beyond 2^53.
    """
    text = trim(text)
    if not text:
        return 0.0
    if _WHOLE_DECIMAL.fullmatch(text):
        return _read_decimal(text)
    if _INFINITY.fullmatch(text):
        return -math.inf if text[0] == "-" else math.inf
    base = _OTHER_BASES.get(text[:2])
    return math.nan if base is None else _in_base(text[2:].lower(), base)


def _read_decimal(text: str) -> float:
    """A decimal; a whole number keeps all its digits, as one in JSON does, so that the two stay equal."""
    is_whole = text.lstrip("+-").isdigit() and len(text) <= _LONGEST_WHOLE
    return int(text) if is_whole else float(text)


def _in_base(digits: str, base: int) -> float:
    if not digits or digits.strip(_DIGITS[:base]):
        return math.nan
    digits = digits.lstrip("0") or "0"
    if len(digits) > _LONGEST:
        return math.inf
    try:
        return float(int(digits, base))
    except OverflowError:
        return math.inf


def parse_float(text: str) -> float:
    """The number that a text begins with, as ``parseFloat(text)`` says: NaN when it begins with none."""
    text = text.lstrip(_SPACES)
    match = _WHOLE_DECIMAL.match(text)
    if match:
        return _read_decimal(match.group())
    infinite = _INFINITY.match(text)
    if infinite is None:
        return math.nan
    return -math.inf if text[0] == "-" else math.inf


def number_to_string(number: float) -> str:
    """A number as ``String(number)`` prints it: ``5`` for 5.0, ``1e+21``, ``NaN``.

    Integers keep all their digits below 10^21, where JavaScript would have lost those beyond 2^53 when it read them.
    """
    if isinstance(number, int) and -_LARGE < number < _LARGE:
        return str(number)
    try:
        number = float(number)
    except OverflowError:
        return "Infinity" if number > 0 else "-Infinity"
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if number == 0:
        return "0"
    return f"{'-' if number < 0 else ''}{_digits_to_string(abs(number))}"


def _digits_to_string(number: float) -> str:
    """The shortest digits that give the number back, placed by the rules of the language; Python finds the same."""
    mantissa, _, exponent = f"{number!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = f"{whole}{fraction}"
    point = len(whole) + int(exponent or 0)
    stripped = digits.lstrip("0")
    point -= len(digits) - len(stripped)
    digits = stripped.rstrip("0")
    return _place_point(digits, point)


def _place_point(digits: str, point: int) -> str:
    count = len(digits)
    if count <= point <= 21:  # noqa: PLR2004 - the language's own bounds
        return digits + "0" * (point - count)
    if 0 < point <= 21:  # noqa: PLR2004
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:  # noqa: PLR2004
        return f"0.{'0' * -point}{digits}"
    exponent = point - 1
    mantissa = digits if count == 1 else f"{digits[0]}.{digits[1:]}"
    return f"{mantissa}e{'+' if exponent >= 0 else '-'}{abs(exponent)}"
