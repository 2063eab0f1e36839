r"""Locators: where in a value something is, as text such as ``$.items[2].name``.

A locator may leave out its leading ``$.``; the root alone is ``$``. In a property's name a backslash stands before
``.``, ``[``, ``]`` and ``\``. There are no quoted names and no wildcards. Parsed, it is a tuple of steps: a text is a
property, a number an index.
"""

import math
import re
from collections.abc import Sequence
from typing import Any, TypeAlias

from datalinks.formulas.errors import InvalidLocator
from datalinks.formulas.javascript.coercion import array_index, number_to_string
from datalinks.formulas.javascript.json_text import write_json
from datalinks.formulas.javascript.numbers import to_number
from datalinks.formulas.values import UNDEFINED, Undefined, is_array, is_container, is_nothing, is_object

Step: TypeAlias = str | float
Steps: TypeAlias = tuple[Step, ...]

_SPECIAL = re.compile(r"[\\\[\].]")
# A backslash takes the next character as it is, but not a line's end: the language's dot does not match one.
_ESCAPED = re.compile("\\\\([^\n\r\u2028\u2029])")
_NAME = re.compile(r"(?:[^\\.\[]|\\.)*\\?", re.DOTALL)
# An index may stand this far behind an array's end, so that no text of ten characters fills the memory.
_LARGEST_GAP = 100_000


def parse_locator(locator: Any) -> Steps:
    """The steps of a locator.

    Raises:
        InvalidLocator: it is no text, or not written as locators are.
    """
    if is_array(locator):
        return _no_steps(locator)
    if not isinstance(locator, str):
        raise InvalidLocator(f"Unexpected locator value: {_as_json(locator)}")
    if locator == "$":
        return ()
    text = locator if locator.startswith("$") else f"$.{locator}"
    if text[1] == "." and "[" not in text and "\\" not in text:
        return tuple(text[2:].split("."))
    steps: list[Step] = []
    position = 1
    while position < len(text):
        step, position = _read_step(text, position)
        steps.append(step)
    return tuple(steps)


def _no_steps(locator: list[Any]) -> Steps:
    # The reference takes steps of its own in place of a text. JSON cannot say any, but an array without any is the root.
    if locator:
        raise InvalidLocator("Unexpected locator step type: undefined")
    return ()


def _read_step(text: str, position: int) -> tuple[Step, int]:
    if text[position] == ".":
        end = _end_of_name(text, position + 1)
        return _ESCAPED.sub(r"\1", text[position + 1 : end]), end
    if text[position] == "[":
        return _read_index(text, position)
    raise InvalidLocator(f"Unexpected symbol at position {position}. Locator: {text}")


def _end_of_name(text: str, position: int) -> int:
    match = _NAME.match(text, position)
    return match.end() if match else position


def _read_index(text: str, position: int) -> tuple[float, int]:
    closing = text.find("]", position)
    if closing < 0:
        raise InvalidLocator(
            f"Could not find a closing bracket for the bracket at position {position}. Locator: {text}"
        )
    written = text[position + 1 : closing]
    index = to_number(written)
    if math.isnan(index) or index < 0:
        raise InvalidLocator(f"Invalid index [{written}]. Index should be a positive number")
    return _as_whole(index), closing + 1


def _as_whole(index: float) -> float:
    return int(index) if math.isfinite(index) and index == int(index) else index


def _as_json(value: Any) -> str:
    try:
        return write_json(value)
    except RecursionError:
        return type(value).__name__


def is_valid_locator(locator: Any) -> bool:
    """Whether a value is a locator; the empty text is none. Arrays pass, as they do in the reference."""
    if is_array(locator):
        return True
    if not locator:
        return False
    try:
        parse_locator(locator)
    except InvalidLocator:
        return False
    return True


def escape_name(name: str) -> str:
    """A property's name as it is written in a locator."""
    return _SPECIAL.sub(r"\\\g<0>", name)


def property_locator(base: str | Undefined | None, name: str) -> str:
    """The locator of a property of what ``base`` is at, which is the root when there is none."""
    return f"{'$' if is_nothing(base) else base}.{escape_name(name)}"


def write_locator(steps: Sequence[Step]) -> str:
    """Steps as text, from the root."""
    return "$" + "".join(
        f".{escape_name(step)}" if isinstance(step, str) else f"[{number_to_string(step)}]" for step in steps
    )


def step_into(value: Any, step: Step) -> Any:
    """What one step leads to, UNDEFINED when there is nothing."""
    if isinstance(step, str):
        return property_of(value, step)
    if is_array(value) and isinstance(step, int) and step < len(value):
        return value[step]
    return UNDEFINED


def property_of(value: Any, name: str) -> Any:
    """A property of an object, or of an array: its length, and its members by their numbers as text."""
    if is_object(value):
        return value.get(name, UNDEFINED)
    if not is_array(value):
        return UNDEFINED
    if name == "length":
        return len(value)
    index = array_index(name)
    if index is None or index >= len(value):
        return UNDEFINED
    return value[index]


def value_at(value: Any, steps: Steps) -> Any:
    """What is at a place, UNDEFINED when there is nothing; null in the middle leads nowhere."""
    if is_nothing(value):
        return UNDEFINED
    for step in steps:
        value = step_into(value, step)
        if value is UNDEFINED:
            break
    return value


def variable_at(variables: Any, steps: Steps) -> Any:
    """What ``$var`` finds at a place: as ``value_at``, but an index that meets a member counting as false finds nothing.

    That is the reference's rule: ``list[0]`` of ``[0]`` is undefined, while ``list.0`` is 0.
    """
    value = variables
    for step in steps:
        value = step_into(value, step)
        if value is UNDEFINED or (not isinstance(step, str) and _counts_as_false(value)):
            return UNDEFINED
    return value


def _counts_as_false(value: Any) -> bool:
    # Arrays and objects are true even when they are empty, and NaN is false.
    return not is_container(value) and (not value or value != value)  # noqa: PLR0124 - NaN


def with_value_at(value: Any, steps: Steps, new: Any) -> Any:
    """A copy of a value with something else at a place; see ``put_value_at``. What does not lead there is shared."""
    return _Writer(makes_copies=True).put(value, steps, new)


def put_value_at(value: Any, steps: Steps, new: Any) -> Any:
    """The value, changed to have something else at a place, which is made where it is missing; UNDEFINED takes it away.

    An index makes an array, a property an object, of whatever else stands in the way. Missing members before an index
    are UNDEFINED. Without steps it is the new value.

    Raises:
        InvalidLocator: an index is no whole number, or far behind the array's end.
    """
    return _Writer(makes_copies=False).put(value, steps, new)


def copy_containers(value: Any) -> Any:
    """A copy of a value that shares no array and no object with it."""
    if is_object(value):
        return {key: copy_containers(member) for key, member in value.items()}
    return [copy_containers(member) for member in value] if is_array(value) else value


class _Writer:
    """Puts values into others, changing these or copies of them."""

    def __init__(self, *, makes_copies: bool) -> None:
        self._makes_copies = makes_copies

    def put(self, value: Any, steps: Steps, new: Any) -> Any:
        if not steps:
            return new
        step, rest = steps[0], steps[1:]
        if not isinstance(step, str):
            return self._put_member(value, step, rest, new)
        if is_array(value):
            index = array_index(step)
            # Other properties of an array are invisible in JSON.
            return value if index is None else self._put_member(value, index, rest, new, leaves_hole=True)
        return self._put_property(value, step, rest, new)

    def _put_property(self, value: Any, name: str, rest: Steps, new: Any) -> Any:
        result: dict[str, Any] = {}
        if is_object(value):
            result = dict(value) if self._makes_copies else value
        if not rest and new is UNDEFINED:
            result.pop(name, None)
        else:
            result[name] = self.put(result.get(name, UNDEFINED), rest, new)
        return result

    def _put_member(self, value: Any, index: float, rest: Steps, new: Any, *, leaves_hole: bool = False) -> Any:
        result: list[Any] = []
        if is_array(value):
            result = list(value) if self._makes_copies else value
        if not isinstance(index, int) or index > len(result) + _LARGEST_GAP:
            written = number_to_string(index)
            raise InvalidLocator(f"Index [{written}] is no place of an array with {len(result)} members.")
        if not rest and new is UNDEFINED and (index >= len(result) or not leaves_hole):
            del result[index : index + 1]
            return result
        result.extend([UNDEFINED] * (index + 1 - len(result)))
        result[index] = self.put(result[index], rest, new)
        return result
