"""What kind of values a schema is about."""

from typing import Any

from datalinks.formulas.javascript.coercion import is_true, loosely_equal
from datalinks.formulas.locators import property_of
from datalinks.formulas.schemas.places import members_of, type_of
from datalinks.formulas.values import is_container


def is_scalar(schema: Any) -> bool:
    """Whether values are neither arrays nor objects nor null; a schema without a type is of such values."""
    # A list of one type is equal to that type, longer ones to none.
    return is_container(schema) and not any(
        loosely_equal(type_of(schema), name) for name in ("array", "object", "null")
    )


def is_number(schema: Any) -> bool:
    """Whether values are numbers."""
    return type_of(schema) in ("number", "integer")


def has_fixed_values(schema: Any) -> bool:
    """Whether values are chosen from a known set: an enumeration, the records of a collection, or true and false."""
    if type_of(schema) == "boolean":
        return True
    return any(is_true(property_of(schema, name)) for name in ("enum", "referenceRecords", "referenceCollection"))


def allows_custom_value(schema: Any) -> bool:
    """Whether values need not be from a known set: there is none, or the schema allows others."""
    return not has_fixed_values(schema) or is_true(property_of(schema, "allowCustom"))


def has_properties(schema: Any) -> bool:
    """Whether values are objects with at least one known property."""
    return type_of(schema) == "object" and bool(members_of(property_of(schema, "properties")))
