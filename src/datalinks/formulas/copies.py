"""``$copy``: places of a finished result that are filled with what stands at other places of it."""

from typing import Any

from datalinks.formulas.errors import CopyOfCopy, InvalidLocator, LimitReached
from datalinks.formulas.javascript.coercion import to_string
from datalinks.formulas.limits import DEFAULT_LIMITS, Limits, measure
from datalinks.formulas.locators import (
    Steps,
    copy_containers,
    is_valid_locator,
    parse_locator,
    put_value_at,
    value_at,
    write_locator,
)
from datalinks.formulas.values import UNDEFINED, is_array, is_object


def formula_places(name: str, value: Any, steps: Steps = ()) -> list[Steps]:
    """Where in a value there is a formula of one kind: an object with nothing but that key, e.g. ``$copy``."""
    if is_object(value):
        members: dict[str, Any] = value
        if len(members) == 1 and name in members:
            return [steps]
        return [found for key, member in members.items() for found in formula_places(name, member, (*steps, key))]
    if is_array(value):
        return [found for index, member in enumerate(value) for found in formula_places(name, member, (*steps, index))]
    return []


def fill_copies(value: Any, limits: Limits = DEFAULT_LIMITS) -> Any:
    """The value with every ``$copy`` in it replaced; where nothing is to be copied, the place is taken away.

    A ``$copy`` that is the whole value stays.

    Raises:
        CopyOfCopy: what is copied holds or contains a ``$copy`` itself.
        LimitReached: what is copied is larger altogether than the steps of one evaluation.
    """
    places = [steps for steps in formula_places("$copy", value) if steps]
    if not places:
        return value
    result, left = copy_containers(value), limits.steps
    for steps in places:
        left -= _fill(result, steps, left, limits.depth * 2)
    return result


def _fill(value: Any, steps: Steps, left: int, depth: int) -> int:
    """Fill one place, and say how large what was copied is."""
    here = value_at(value, steps)
    if not is_object(here) or "$copy" not in here:
        # An earlier copy took a member out of an array, and the others moved up.
        return 0
    locator, path = here["$copy"], {"path": write_locator(steps)}
    try:
        found = value_at(value, parse_locator(locator)) if is_valid_locator(locator) else UNDEFINED
        size = measure(found, left, depth)
    except InvalidLocator as error:
        raise InvalidLocator(error.message, path) from error
    except LimitReached as error:
        raise LimitReached("The formula copies more than one evaluation may.", path) from error
    if formula_places("$copy", found):
        message = f"{write_locator(steps)} is copying {to_string(locator)}, which contains a copy formula"
        raise CopyOfCopy(message, path)
    # A copy of its own: a later one may change what is inside.
    put_value_at(value, steps, copy_containers(found))
    return size
