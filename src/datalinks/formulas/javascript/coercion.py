"""How JavaScript turns values into truth, text and numbers, and when it calls two of them equal.

Arrays and objects are equal to themselves only, as in JavaScript: what is compared is which one it is.
"""

import math
from typing import Any

from datalinks.formulas.javascript.numbers import number_to_string, parse_float, to_number
from datalinks.formulas.values import UNDEFINED, is_array, is_container, is_nothing, is_object

_OBJECT = "[object Object]"
# The largest index of an array.
_LAST_INDEX = 2**32 - 2


def is_number(value: Any) -> bool:
    """Whether a value is a number; in Python a boolean is one too, in the language it is not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_true(value: Any) -> bool:
    """Whether a value counts as true: arrays and objects always do, NaN does not."""
    if is_container(value):
        return True
    return bool(value) and value == value  # noqa: PLR0124 - NaN is the one value that is not itself


def to_string(value: Any) -> str:
    """``String(value)``: an array is its members joined by commas, an object ``[object Object]``."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if value is UNDEFINED:
        return "undefined"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return number_to_string(value)
    if is_array(value):
        return ",".join("" if is_nothing(member) else to_string(member) for member in value)
    return _OBJECT


def number_of(value: Any) -> float:
    """``Number(value)``."""
    if value is None:
        return 0.0
    if value is UNDEFINED:
        return math.nan
    if isinstance(value, (int, float)):
        return value
    return to_number(to_string(value))


def float_of(value: Any) -> float:
    """``parseFloat(value)``."""
    if is_number(value):
        return value
    return parse_float(to_string(value))


def loosely_equal(left: Any, right: Any) -> bool:
    """``left == right`` of JavaScript: null and undefined are alike, texts are read as numbers where one side is one."""
    if is_nothing(left) or is_nothing(right):
        return is_nothing(left) and is_nothing(right)
    if is_container(left) and is_container(right):
        return left is right
    if is_container(left):
        return loosely_equal(to_string(left), right)
    if is_container(right):
        return loosely_equal(left, to_string(right))
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    return number_of(left) == number_of(right)


def strictly_equal(left: Any, right: Any) -> bool:
    """``left === right``: of the same type and equal; NaN is not equal to itself."""
    if is_container(left) or is_container(right) or is_nothing(left) or is_nothing(right):
        return left is right
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, str) or isinstance(right, str):
        return isinstance(left, str) and isinstance(right, str) and left == right
    return left == right


def is_nan(value: Any) -> bool:
    """Whether a value is NaN."""
    return isinstance(value, float) and math.isnan(value)


def includes(members: list[Any], wanted: Any) -> bool:
    """``members.includes(wanted)``: strict equality, but NaN is found."""
    return any(strictly_equal(member, wanted) or (is_nan(member) and is_nan(wanted)) for member in members)


def deeply_equal(left: Any, right: Any) -> bool:
    """Whether two values have the same content, in the sense of npm's fast-deep-equal."""
    if is_object(left) and is_object(right):
        return _same_members(left, right)  # type: ignore[reportUnknownArgumentType] - objects have values of any kind
    if is_array(left) and is_array(right):
        return _same_items(left, right)
    return strictly_equal(left, right) or (is_nan(left) and is_nan(right))


def _same_members(left: dict[str, Any], right: dict[str, Any]) -> bool:
    if left is right:
        return True
    return len(left) == len(right) and all(key in right and deeply_equal(left[key], right[key]) for key in left)


def _same_items(left: list[Any], right: list[Any]) -> bool:
    if left is right:
        return True
    return len(left) == len(right) and all(map(deeply_equal, left, right))


def array_index(name: str) -> int | None:
    """The index that a property's name is for an array: ``"0"`` is one, ``"01"`` and ``"x"`` are not."""
    if not name.isascii() or not name.isdigit() or len(name) > len(str(_LAST_INDEX)):
        return None
    if len(name) > 1 and name[0] == "0":
        return None
    index = int(name)
    return index if index <= _LAST_INDEX else None


def text_property(text: str, name: str) -> Any:
    """A property of a text: its length and its characters by their indexes, counted as UTF-16 does."""
    units = text.encode("utf-16-le", "surrogatepass")
    if name == "length":
        return len(units) // 2
    index = array_index(name)
    if index is None or 2 * index >= len(units):
        return UNDEFINED
    return units[2 * index : 2 * index + 2].decode("utf-16-le", "surrogatepass")


def own_keys(members: dict[str, Any]) -> list[str]:
    """An object's keys in JavaScript's order: those that are array indexes come first, by size."""
    indexes = sorted((key for key in members if array_index(key) is not None), key=int)
    if not indexes:
        return list(members)
    return indexes + [key for key in members if array_index(key) is None]
