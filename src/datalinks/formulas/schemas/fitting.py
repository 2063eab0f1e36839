"""Values brought into the shape that a schema asks for."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from datalinks.formulas.javascript.coercion import is_true, number_of, text_property, to_string
from datalinks.formulas.locators import property_of
from datalinks.formulas.schemas.places import members_of, type_of
from datalinks.formulas.values import UNDEFINED, is_array, is_container, is_nothing, is_object

# JavaScript has no whole numbers of its own; beyond these they are no longer exact.
_LARGEST_EXACT = 2**53


def fit_value(
    value: Any,
    schema: Any,
    *,
    normalize_values: bool = False,
    add_defaults: bool = False,
    skip_read_only_fields: bool = False,
    skip_unknown_fields: bool = False,
    value_has_formulas: bool = False,
    is_formula: Callable[[Any], bool],
) -> Any:
    """A value as a schema asks for it; what does not fit stays as it is.

    normalize_values: texts, numbers and booleans are converted into the type asked for, where that is possible.
    add_defaults: what is null or missing takes the schema's default. skip_read_only_fields, skip_unknown_fields: such
    properties are left out; ``additionalProperties`` keeps unknown ones. value_has_formulas: a formula may stand where
    an object is asked for. An array or object that loses all it had is UNDEFINED.
    """
    rules = _Rules(
        normalize_values, add_defaults, skip_read_only_fields, skip_unknown_fields, value_has_formulas, is_formula
    )
    return _fit(value, schema, rules)


@dataclass(frozen=True, slots=True)
class _Rules:
    normalize_values: bool
    add_defaults: bool
    skip_read_only_fields: bool
    skip_unknown_fields: bool
    value_has_formulas: bool
    is_formula: Callable[[Any], bool]


def _fit(value: Any, schema: Any, rules: _Rules) -> Any:
    if not is_true(schema):
        return value
    if rules.add_defaults and is_nothing(value):
        default = property_of(schema, "default")
        value = value if default is UNDEFINED else default
    wanted = type_of(schema)
    if wanted == "object":
        return _fit_object(value, schema, rules)
    if wanted == "array":
        return _fit_array(value, property_of(schema, "items"), rules) if is_array(value) else value
    return _normalize(value, wanted) if rules.normalize_values else value


def _fit_array(members: list[Any], items: Any, rules: _Rules) -> Any:
    fitted = [(member, _fit(member, items, rules)) for member in members]
    kept = [new for member, new in fitted if member is UNDEFINED or new is not UNDEFINED]
    return UNDEFINED if members and not kept else kept


def _fit_object(value: Any, schema: Any, rules: _Rules) -> Any:
    if rules.value_has_formulas and rules.is_formula(value):
        return value
    result = _known_fields(value, members_of(property_of(schema, "properties")), rules)
    if not result and not is_object(value):
        return value
    result |= _unknown_fields(value, schema, rules)
    return UNDEFINED if not result and members_of(value) else result


def _known_fields(value: Any, properties: dict[str, Any], rules: _Rules) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, schema in properties.items():
        if rules.skip_read_only_fields and is_true(property_of(schema, "readOnly")):
            continue
        member = _member_of(value, name)
        fitted = _fit(member, schema, rules)
        if fitted is not UNDEFINED or (member is UNDEFINED and name in members_of(value)):
            result[name] = fitted
    return result


def _member_of(value: Any, name: str) -> Any:
    return text_property(value, name) if isinstance(value, str) else property_of(value, name)


def _unknown_fields(value: Any, schema: Any, rules: _Rules) -> dict[str, Any]:
    if rules.skip_unknown_fields and not is_true(property_of(schema, "additionalProperties")):
        return {}
    properties = property_of(schema, "properties")
    return {name: member for name, member in members_of(value).items() if not is_true(property_of(properties, name))}


def _normalize(value: Any, wanted: Any) -> Any:
    if is_nothing(value):
        return value
    if wanted == "string":
        return to_string(value)
    if wanted in ("number", "integer"):
        return _as_number(value, is_whole=wanted == "integer")
    if wanted == "boolean" and value in ("true", "false"):
        return value == "true"
    return value


def _as_number(value: Any, *, is_whole: bool) -> Any:
    if is_container(value):
        return value
    number = number_of(value)
    if math.isfinite(number) and number == int(number):
        return int(number) if abs(number) < _LARGEST_EXACT else number
    return value if is_whole or math.isnan(number) else number
