"""The fields of an object's schema: picked, left out, required, named; and what a schema looks like as an example."""

from typing import Any

from datalinks.formulas.errors import WrongArgument
from datalinks.formulas.javascript.coercion import includes, is_true, to_string
from datalinks.formulas.locators import Steps, is_valid_locator, parse_locator, property_of, variable_at
from datalinks.formulas.schemas.places import (
    members_of,
    name_at,
    read_locator,
    schema_at,
    schema_at_steps,
    type_of,
    with_schema_at,
    with_schema_at_steps,
)
from datalinks.formulas.values import UNDEFINED, is_array, is_container, is_nothing, is_object

_LONGEST_DESCRIPTION = 300
# The reference marks descriptions from here on as cut, though it cuts later.
_LONG_DESCRIPTION = 50


def pick_fields_from_schema(schema: Any, locators: Any) -> Any:
    """A schema of the fields at some places only; what is not found is left out.

    Of the required properties at the root those stay that are picked by their plain name.

    Raises:
        WrongArgument: ``required`` is there and no list.
    """
    result: dict[str, Any] = {"type": "object", "properties": {}}
    if not is_array(locators) or type_of(schema) != "object" or not is_true(property_of(schema, "properties")):
        return result
    for locator in locators:
        steps = read_locator(locator)
        found = schema_at_steps(schema, steps) if steps else None
        if steps and found is not None:
            result = with_schema_at_steps(result, steps, found)
    return result | _picked_required(schema, locators)


def _picked_required(schema: Any, locators: list[Any]) -> dict[str, Any]:
    required = property_of(schema, "required")
    if not is_true(required):
        return {}
    if not is_array(required):
        raise WrongArgument("The required properties of a schema have to be a list.")
    names = [locator.removeprefix("$.") if isinstance(locator, str) else locator for locator in locators]
    return {"required": [name for name in required if includes(names, name)]}


def exclude_fields_from_schema(schema: Any, locators: Any) -> Any:
    """A schema without what is at some places; UNDEFINED without its root. What is required stays required.

    Raises:
        InvalidLocator: one of the locators is none; those that are nothing are passed over.
        WrongArgument: something on the way to a place is no schema.
    """
    if not is_true(schema) or not is_array(locators):
        return schema
    for locator in locators:
        if is_true(locator):
            schema = with_schema_at(schema, locator, UNDEFINED)
    return schema


def exclude_read_only_fields(schema: Any) -> Any:
    """A schema without read-only properties, also those of objects in objects and in arrays."""
    return _without_marked(schema, "readOnly")


def exclude_write_only_fields(schema: Any) -> Any:
    """A schema without write-only properties, also those of objects in objects and in arrays."""
    return _without_marked(schema, "writeOnly")


def _without_marked(schema: Any, mark: str) -> Any:
    if not is_object(schema):
        return schema
    if schema.get("type") == "object":
        members = members_of(schema.get("properties"))
        kept = {
            name: _without_marked(member, mark)
            for name, member in members.items()
            if not is_true(property_of(member, mark))
        }
        return {**schema, "properties": kept}
    if schema.get("type") == "array" and "items" in schema:
        return {**schema, "items": _without_marked(schema["items"], mark)}
    return schema


def required_fields(schema: Any) -> list[Any]:
    """The required properties of an object and of the objects in it, as names joined by dots.

    Objects come with theirs whether they are required themselves or not. Names are not escaped.

    Raises:
        WrongArgument: a ``required`` is no list.
    """
    if type_of(schema) != "object":
        return []
    fields = _required_of(schema)
    for name, member in members_of(property_of(schema, "properties")).items():
        fields += [f"{name}.{to_string(field)}" for field in required_fields(member)]
    return fields


def _required_of(schema: Any) -> list[Any]:
    required = property_of(schema, "required")
    if is_nothing(required):
        return []
    if not is_array(required) and not isinstance(required, str):
        raise WrongArgument("The required properties of a schema have to be a list.")
    # As everywhere in JavaScript, a text is a list of its characters.
    return list(required)


def missing_required_fields(schema: Any, value: Any) -> list[Any]:
    """Those of ``required_fields`` that a value does not have; null counts as having it.

    Raises:
        InvalidLocator: a name is a list that is not empty.
        WrongArgument: a ``required`` is no list.
    """
    return [field for field in required_fields(schema) if _field_of(value, field) is UNDEFINED]


def _field_of(value: Any, field: Any) -> Any:
    return variable_at(value, parse_locator(field)) if is_valid_locator(field) else UNDEFINED


def add_required_fields(schema: Any, locators: Any) -> Any:
    """A schema in which the properties at some places are required; UNDEFINED when there is no schema.

    Passed over is what is no locator, and places in no known object. What is required already is listed once more.

    Raises:
        WrongArgument: a ``required`` is no list.
    """
    if not is_true(schema):
        return UNDEFINED
    for locator in locators if is_array(locators) else []:
        steps = read_locator(locator)
        if steps and isinstance(steps[-1], str):
            schema = _with_required(schema, steps[:-1], steps[-1])
    return schema


def _with_required(schema: Any, place: Steps, name: str) -> Any:
    found = schema_at_steps(schema, place)
    if not is_object(found):
        return schema
    required = _required_of(found) if is_true(found.get("required")) else []
    return with_schema_at_steps(schema, place, {**found, "required": [*required, name]})


def remove_required_fields(schema: Any) -> Any:
    """A schema in which no property is required, neither of an object nor of the objects in it; arrays stay as they are.

    As in the reference, a property's name is read as a locator: one with a dot leads into another property.

    Raises:
        InvalidLocator: a name is no locator.
    """
    if not is_object(schema) or schema.get("type") != "object":
        return schema
    result: Any = {key: member for key, member in schema.items() if key != "required"}
    for name in members_of(schema.get("properties")):
        member = remove_required_fields(property_of(result["properties"], name))
        if name != "$":
            result = with_schema_at(result, name, member)
    return result


def is_schema_empty(schema: Any) -> bool:
    """Whether a schema says nothing of its values: it has no type, or is of objects without known properties."""
    if not is_container(schema) or not is_true(type_of(schema)):
        return True
    return type_of(schema) == "object" and not members_of(property_of(schema, "properties"))


def populate_titles(schema: Any) -> Any:
    """A schema in which fields without a title have one made of their name, also those in objects and arrays.

    As in the reference, a field that has a title keeps its own fields as they are, and its name is read as a locator.
    """
    if type_of(schema) == "object":
        for name in members_of(property_of(schema, "properties")):
            schema = _with_title(schema, name)
    elif type_of(schema) == "array" and is_true(schema.get("items")):
        return {**schema, "items": populate_titles(schema["items"])}
    return schema


def _with_title(schema: Any, name: str) -> Any:
    field = schema_at(schema, name)
    if name == "$" or not is_object(field) or is_true(field.get("title")):
        return schema
    title = name_at(schema, name)
    titled = {key: member for key, member in field.items() if key != "title" or title is not UNDEFINED}
    if title is not UNDEFINED:
        titled["title"] = title
    return with_schema_at(schema, name, populate_titles(titled))


def example_of(schema: Any) -> Any:
    """A value that a schema describes: objects have all known properties, arrays one member, all else is empty text.

    UNDEFINED where there is no schema.
    """
    if not is_container(schema):
        return UNDEFINED
    if type_of(schema) == "array":
        items = property_of(schema, "items")
        return [example_of(items)] if is_true(items) else []
    if type_of(schema) != "object":
        return ""
    examples = {name: example_of(member) for name, member in members_of(property_of(schema, "properties")).items()}
    return {name: example for name, example in examples.items() if example is not UNDEFINED}


def compress_schema(schema: Any) -> Any:
    """A schema with no more than types, titles and the beginnings of descriptions."""
    if not is_container(schema):
        return schema
    if type_of(schema) == "object":
        members = members_of(property_of(schema, "properties"))
        compressed = {name: compress_schema(member) for name, member in members.items()}
        return {
            "type": "object",
            "properties": {name: member for name, member in compressed.items() if is_true(member)},
        }
    if type_of(schema) == "array":
        return _defined({"type": "array", "items": compress_schema(property_of(schema, "items"))})
    description = _shortened(property_of(schema, "description"))
    return _defined({"type": type_of(schema), "title": property_of(schema, "title"), "description": description})


def _shortened(description: Any) -> Any:
    if not isinstance(description, str) or not description:
        return UNDEFINED
    return description[:_LONGEST_DESCRIPTION] + ("..." if len(description) > _LONG_DESCRIPTION else "")


def _defined(members: dict[str, Any]) -> dict[str, Any]:
    return {key: member for key, member in members.items() if member is not UNDEFINED}
