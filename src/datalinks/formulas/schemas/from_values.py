"""Schemas that describe values: of what a formula makes, and of examples."""

from collections.abc import Callable
from typing import Any

from datalinks.formulas.errors import WrongArgument
from datalinks.formulas.javascript.coercion import is_number, own_keys
from datalinks.formulas.schemas.merging import merge_schemas
from datalinks.formulas.values import UNDEFINED, is_array, is_nothing, is_object


def schema_of_value(value: Any, schema_of_member: Callable[[Any], Any]) -> Any:
    """The schema of a value that is no formula; its members are described by the function given.

    Nothing is known of null and undefined: their schema is UNDEFINED. Where that is so of a property, or of all
    members of an array, the schema has a member that is UNDEFINED: merging tells it from one that is absent.
    """
    if is_object(value):
        return {"type": "object", "properties": {key: schema_of_member(value[key]) for key in own_keys(value)}}
    if is_array(value):
        return {"type": "array", "items": merge_schemas([schema_of_member(member) for member in value])}
    if is_nothing(value):
        return UNDEFINED
    if isinstance(value, bool):
        return {"type": "boolean"}
    return {"type": "number" if is_number(value) else "string"}


def create_schema(example: Any) -> dict[str, Any]:
    """The schema of an example: whole numbers are integers, and null or undefined may be anything (``{}``)."""
    if is_object(example):
        return _schema_of_object({key: example[key] for key in own_keys(example) if example[key] is not UNDEFINED})
    if is_array(example):
        schemas = [create_schema(member) for member in example]
        return {"type": "array", "items": merge_schemas(schemas)} if schemas else {"type": "array"}
    if isinstance(example, str):
        return {"type": "string"}
    if isinstance(example, bool):
        return {"type": "boolean"}
    return _schema_of_number(example) if is_number(example) else {}


def _schema_of_object(members: dict[str, Any]) -> dict[str, Any]:
    if not members:
        return {"type": "object"}
    return {"type": "object", "properties": {key: create_schema(member) for key, member in members.items()}}


def _schema_of_number(number: float) -> dict[str, Any]:
    if number - number != 0:
        # As JSON, infinite numbers and NaN are null.
        return {}
    return {"type": "integer" if number == int(number) else "number"}


def create_compound_schema(examples: Any) -> Any:
    """One schema that describes several examples; UNDEFINED when there are none.

    Raises:
        WrongArgument: they are no list.
    """
    if not is_array(examples):
        raise WrongArgument("Examples have to be a list.")
    return merge_schemas([create_schema(example) for example in examples])
