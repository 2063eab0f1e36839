"""What a plain word of YAML is: a text, a number, a boolean or nothing.

These are the rules of YAML 1.2's core schema as the reference product's command line applies them, so ``no``, ``on``,
``1_000`` and ``2024-01-01`` are texts. A moment is one too, where that command line would make a time of it.
"""

import math
import re

from datalinks.errors import BadRequest
from datalinks.model.record import Json

_WORDS: dict[str, Json] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_DECIMAL = re.compile(r"[-+]?[0-9]+")
_OTHER_BASE = re.compile(r"([-+]?)0(?:b([01]+)|o([0-7]+)|x([0-9a-fA-F]+))")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_NO_NUMBER = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
# Longer ones are larger than every number.
_MAX_DIGITS = 400
_MIN_INTEGER, _MAX_INTEGER = -(2**63), 2**64 - 1
# What JavaScript writes without an exponent ends here.
_MAX_PLAIN = 1e21


def scalar(text: str) -> Json:
    """What a plain word stands for.

    Raises:
        BadRequest: it is infinite or not a number, which JSON cannot say.
    """
    if text in _WORDS:
        return _WORDS[text]
    if _NO_NUMBER.fullmatch(text):
        raise BadRequest(f"{text} is no value of JSON: write another number, or put it in quotes if it is a text.")
    number = _number(text)
    return text if number is None else number


def _number(text: str) -> int | float | None:
    if len(text) > _MAX_DIGITS:
        return None
    if _DECIMAL.fullmatch(text):
        return _integer(int(text))
    if found := _OTHER_BASE.fullmatch(text):
        sign, two, eight, sixteen = found.groups()
        value = int(two, 2) if two else int(eight, 8) if eight else int(sixteen, 16)
        return _integer(-value if sign == "-" else value)
    if _FLOAT.fullmatch(text) and math.isfinite(value := float(text)):
        return value
    return None


def _integer(value: int) -> int | float | None:
    """A whole number, as a float if it does not fit into 64 bits; None if no number is that large."""
    if _MIN_INTEGER <= value <= _MAX_INTEGER:
        return value
    try:
        return float(value)
    except OverflowError:
        return None


def key_text(value: Json) -> str | None:
    """The key of an object that a word makes; None if it makes none. Keys are texts, so ``1:`` is the key ``"1"``."""
    match value:
        case str():
            return value
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < _MAX_PLAIN else repr(value)
        case _:
            return None
