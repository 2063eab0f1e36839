"""How much a formula may cost whoever evaluates it, and how large values are."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from datalinks.formulas.errors import LimitReached
from datalinks.formulas.values import is_array, is_object


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one evaluation may use.

    depth: how many objects, arrays and formulas may stand inside one another in a formula, and in what it makes.
    size: how many values a formula may be made of.
    steps: how many values may be computed; a member of a text counts as a sixteenth, what a comparison looks at as one.
    result_size: how large the result may be, in values and characters.
    rounds: how often an evaluation may have to wait for answers, each of which may lead to the next question.
    """

    depth: int = 100
    size: int = 100_000
    steps: int = 1_000_000
    result_size: int = 10_000_000
    rounds: int = 100


DEFAULT_LIMITS = Limits()


def measure(value: Any, limit: int, depth: int) -> int:
    """How large a value is when it is written out: its values and the characters of its texts.

    Values may share parts, and what is small in memory can be endless on paper; counting stops at the limit.

    Raises:
        LimitReached: it is larger than ``limit`` or deeper than ``depth``.
    """
    if isinstance(value, str):
        size = 1 + len(value)
    elif is_object(value):
        size = sum(map(len, value)) + _measure_all(value.values(), limit, depth - 1)
    elif is_array(value):
        size = _measure_all(value, limit, depth - 1)
    else:
        return 1
    if size > limit:
        raise LimitReached("A value is too large.")
    return size


def _measure_all(members: Iterable[Any], limit: int, depth: int) -> int:
    if depth < 0:
        raise LimitReached("A value is nested too deeply.")
    size = 1
    for member in members:
        if isinstance(member, str):
            # Most members are texts: they are spared a call.
            size += 1 + len(member)
        elif isinstance(member, (dict, list)):
            size += measure(member, limit - size, depth)
        else:
            size += 1
    return size
