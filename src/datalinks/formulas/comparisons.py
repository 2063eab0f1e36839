"""Comparisons that ``$eval`` and the conditions of filters have in common."""

import math
from collections.abc import Callable
from operator import ge, gt, le, lt
from typing import Any

from datalinks.formulas.javascript.coercion import float_of, includes
from datalinks.formulas.values import UNDEFINED, is_array, is_container

Comparison = Callable[[Any, Any], bool]


def is_member(value: Any, operand: Any) -> bool:
    """Whether the operand is an array that has the value, strictly compared; NaN is found."""
    return is_array(operand) and includes(operand, value)


def is_no_member(value: Any, operand: Any) -> bool:
    """The opposite of ``is_member``: true for whatever is no array."""
    return not is_member(value, operand)


def is_empty(value: Any, _: Any = None) -> bool:
    """Whether a value is null, undefined, an empty text, array or object; 0 and false are not empty."""
    if value is None or value is UNDEFINED or value == "":
        return True
    return is_container(value) and not value


def is_not_empty(value: Any, _: Any = None) -> bool:
    """The opposite of ``is_empty``."""
    return not is_empty(value)


def _ordered(compare: Callable[[float, float], bool]) -> Comparison:
    def comparison(value: Any, operand: Any) -> bool:
        left, right = float_of(value), float_of(operand)
        return not math.isnan(left) and not math.isnan(right) and compare(left, right)

    return comparison


# Both sides are read as numbers from their beginning, so "10px" is 10; what begins with no number is never in order.
is_less = _ordered(lt)
is_less_or_equal = _ordered(le)
is_more = _ordered(gt)
is_more_or_equal = _ordered(ge)
