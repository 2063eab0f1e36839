"""Places in schemas, addressed by the locators of what the schemas describe: ``$.items[0].name``.

What stands at a property is in ``properties``, what stands at any index in ``items``.
"""

import re
from collections.abc import Iterator
from typing import Any

from datalinks.formulas.errors import InvalidLocator, WrongArgument
from datalinks.formulas.javascript.coercion import is_true, loosely_equal, own_keys, to_string
from datalinks.formulas.javascript.numbers import number_to_string
from datalinks.formulas.locators import Step, Steps, parse_locator, property_of, write_locator
from datalinks.formulas.values import UNDEFINED, is_array, is_nothing, is_object

_HUMP = re.compile("([a-z])([A-Z])")
_BETWEEN_WORDS = re.compile("[^A-Za-z0-9]+")


def members_of(value: Any) -> dict[str, Any]:
    """What is in a value under which key, in the order of JavaScript; arrays and texts have their indexes as keys."""
    if is_object(value):
        return {key: value[key] for key in own_keys(value)}
    if is_array(value) or isinstance(value, str):
        return {str(index): member for index, member in enumerate(value)}
    return {}


def type_of(schema: Any) -> Any:
    """The type that a schema names: a text, a list of texts, or UNDEFINED; null has none."""
    return property_of(schema, "type")


def read_locator(locator: Any) -> Steps | None:
    """The steps of a locator, None when it is none."""
    try:
        return parse_locator(locator) if is_true(locator) else None
    except InvalidLocator:
        return None


def schema_at(schema: Any, locator: Any) -> Any:
    """The schema of what is at a place; None when there is none, UNDEFINED when the locator is no locator."""
    steps = read_locator(locator)
    return UNDEFINED if steps is None else schema_at_steps(schema, steps)


def schema_at_steps(schema: Any, steps: Steps) -> Any:
    """The schema of what is at a place, None when there is none."""
    way = _way_to(schema, steps)
    return way[-1] if way else None


def _way_to(schema: Any, steps: Steps) -> list[Any] | None:
    """The schemas from the root, which is left out when it is nothing, to a place; None if they end before it."""
    way: list[Any] = [schema] if is_true(schema) else []
    for step in steps:
        schema = _step_into(schema, step)
        if not is_true(schema):
            return None
        way.append(members_of(schema))
    return way


def _step_into(schema: Any, step: Step) -> Any:
    expected, member = ("object", "properties") if isinstance(step, str) else ("array", "items")
    # A list of one type is equal to that type.
    if not is_true(schema) or not loosely_equal(type_of(schema), expected):
        return UNDEFINED
    found = property_of(schema, member)
    return property_of(found, step) if isinstance(step, str) else found


def with_schema_at(schema: Any, locator: Any, new: Any) -> Any:
    """A copy of a schema with another one at a place, made where it is missing; UNDEFINED takes what is there away.

    What leads to the place becomes an object or an array, whatever it was before. The list of required properties
    stays as it is. Only what is changed is copied.

    Raises:
        InvalidLocator: the locator is none.
        WrongArgument: something on the way is no schema.
    """
    return with_schema_at_steps(schema, parse_locator(locator), new)


def with_schema_at_steps(schema: Any, steps: Steps, new: Any) -> Any:
    """As ``with_schema_at``, by steps."""
    return _with_schema({} if is_nothing(schema) else schema, steps, new)


def _with_schema(schema: Any, steps: Steps, new: Any) -> Any:
    if not steps:
        return new
    if is_array(schema):
        # In JavaScript the list gets properties, which JSON does not show.
        return schema
    if not is_object(schema):
        raise WrongArgument(f"There is no schema to change at {write_locator(steps)}.")
    if isinstance(steps[0], str):
        return _with_property(schema, steps[0], steps[1:], new)
    items = schema.get("items")
    result = {**schema, "type": "array"}
    return _with_member(result, "items", _with_schema({} if is_nothing(items) else items, steps[1:], new))


def _with_property(schema: dict[str, Any], name: str, rest: Steps, new: Any) -> dict[str, Any]:
    properties = schema.get("properties")
    members = dict(properties) if is_object(properties) else members_of(properties)
    changed = _with_schema(members.get(name, {}), rest, new)
    return {**schema, "type": "object", "properties": _with_member(members, name, changed)}


def _with_member(members: dict[str, Any], name: str, new: Any) -> dict[str, Any]:
    if new is UNDEFINED:
        members.pop(name, None)
    else:
        members[name] = new
    return members


def schema_locators(schema: Any) -> list[str]:
    """The locators of all properties of an object and of the objects in it; arrays are not looked into."""
    return [write_locator(steps) for steps in schema_places(schema)]


def schema_places(schema: Any) -> Iterator[Steps]:
    """As ``schema_locators``, as steps."""
    if type_of(schema) != "object":
        return
    for name, member in members_of(property_of(schema, "properties")).items():
        yield (name,)
        yield from ((name, *steps) for steps in schema_places(member))


def name_at(schema: Any, locator: Any) -> Any:
    """What people call a place: its title or else its name, and if that has no letters, the title of what holds it.

    None when there is no such place, UNDEFINED when there is no name, or no locator.
    """
    steps = read_locator(locator)
    if steps is None:
        return UNDEFINED
    titles = _titles_to(schema, steps)
    return None if titles is None else (titles or [UNDEFINED])[-1]


def full_name_at(schema: Any, locator: Any) -> Any:
    """The names of a place and of all that holds it, from the root: ``Order > Items > Item #1``.

    UNDEFINED when there is no such place, or the locator is none.
    """
    steps = read_locator(locator)
    titles = None if steps is None else _titles_to(schema, steps)
    return UNDEFINED if titles is None else " > ".join(map(to_string, titles))


def _titles_to(schema: Any, steps: Steps) -> list[Any] | None:
    way = _way_to(schema, steps)
    if way is None:
        return None
    # The root has no name but its title.
    names = [*([UNDEFINED] * (len(way) - len(steps))), *map(_name_of, steps)]
    titles = [_title_of(found, name) for found, name in zip(way, names, strict=True)]
    return [title for title in titles if is_true(title)]


def _title_of(schema: Any, name: Any) -> Any:
    title = property_of(schema, "title")
    return name if is_nothing(title) else title


def _name_of(step: Step) -> str:
    return header_case(step) if isinstance(step, str) else f"Item #{number_to_string(step + 1)}"


def header_case(name: str) -> str:
    """A property's name as a title: ``firstName`` and ``first_name`` are ``First Name``.

    Only the letters and digits of ASCII make words, as in the npm package js-convert-case.
    """
    words = _HUMP.sub(r"\1 \2", name)
    return " ".join(word.capitalize() for word in _BETWEEN_WORDS.split(words) if word)
