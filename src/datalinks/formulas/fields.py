"""The fields of values: picked, left out and found by their locators."""

from collections.abc import Iterator
from typing import Any

from datalinks.formulas.errors import WrongArgument
from datalinks.formulas.javascript.coercion import array_index
from datalinks.formulas.javascript.json_text import write_json
from datalinks.formulas.locators import Step, Steps, parse_locator, value_at, with_value_at, write_locator
from datalinks.formulas.schemas.places import members_of, read_locator
from datalinks.formulas.values import UNDEFINED, is_array, is_nothing, is_object


def pick_fields(value: Any, locators: Any) -> Any:
    """A value with nothing but what is at some places; UNDEFINED when nothing is there, or the locators are no list.

    A picked member of an array keeps its index; members before it that are not picked are UNDEFINED.

    Raises:
        InvalidLocator: an index is far behind the end of the array that has been picked so far.
    """
    result: Any = UNDEFINED
    for locator in locators if is_array(locators) else []:
        steps = read_locator(locator)
        found = UNDEFINED if steps is None else value_at(value, steps)
        if steps is not None and found is not UNDEFINED:
            result = with_value_at(result, steps, found)
    return result


def exclude_fields(value: Any, locators: Any) -> Any:
    """A value without what is at some places; the value itself when the locators are no list.

    The root is never taken away. What leads to a place is made where it is missing.

    Raises:
        InvalidLocator: one of the locators is none, or leads through an index far behind an array's end.
    """
    for locator in locators if is_array(locators) else []:
        steps = parse_locator(locator)
        if steps and not _is_beyond(value_at(value, steps[:-1]), steps[-1]):
            value = _set_within(value, steps, UNDEFINED)
    return value


def _is_beyond(array: Any, step: Step) -> bool:
    """Whether a step leads out of an array, so that there is nothing to take away."""
    index = array_index(step) if isinstance(step, str) else step
    return is_array(array) and not (isinstance(index, int) and index < len(array))


def _set_within(value: Any, steps: Steps, new: Any) -> Any:
    """The value with something else at a place, if that is inside of it: a root of another kind stays."""
    if not steps:
        return value
    is_inside = is_array(value) or (is_object(value) and isinstance(steps[0], str))
    return with_value_at(value, steps, new) if is_inside else value


def find_value_locators(data: Any, value: Any) -> list[str]:
    """Where in data a value is found: what is the same as JSON, with properties in the same order."""
    wanted = write_json(value)
    return [write_locator(steps) for steps in _places_of(data, value, wanted)]


def _places_of(data: Any, value: Any, wanted: str) -> Iterator[Steps]:
    if _is_like(data, value) and write_json(data) == wanted:
        yield ()
        return
    for step, member in _members(data):
        yield from ((step, *steps) for steps in _places_of(member, value, wanted))


def _is_like(data: Any, value: Any) -> bool:
    # Writing JSON is costly; what is of another kind has another JSON.
    return is_object(data) == is_object(value) and is_array(data) == is_array(value)


def _members(value: Any) -> list[tuple[Step, Any]]:
    if is_array(value):
        return list(enumerate(value))
    return list(members_of(value).items()) if is_object(value) else []


def locators_of_data(data: Any) -> list[str]:
    """The locators of all that is neither null nor an object or array: the leaves, in their order."""
    return [write_locator(steps) for steps in _leaves(data)]


def _leaves(data: Any) -> Iterator[Steps]:
    if is_nothing(data):
        return
    if not is_object(data) and not is_array(data):
        yield ()
    for step, member in _members(data):
        yield from ((step, *steps) for steps in _leaves(member))


def object_from_locators(locators: Any, placeholder: Any = "") -> dict[str, Any]:
    """An object that has a placeholder at each place.

    A place inside another of them is passed over, if its locator is that of the other with a dot behind it.

    Raises:
        InvalidLocator: one of the locators is none.
        WrongArgument: they are no list.
    """
    if is_nothing(locators):
        return {}
    if not is_array(locators):
        raise WrongArgument("Locators have to be a list.")
    known = {locator for locator in locators if isinstance(locator, str)}
    result: dict[str, Any] = {}
    for locator in locators:
        if not isinstance(locator, str) or not _is_inside_another(locator, known):
            result = _set_within(result, parse_locator(locator), placeholder)
    return result


def _is_inside_another(locator: str, known: set[str]) -> bool:
    return any(symbol == "." and locator[:index] in known for index, symbol in enumerate(locator))
