"""Filters: lists of conditions ``{"field": locator, "operator": name, "value": operand}``, all of which must hold.

A condition's value is taken as it is: formulas in it are not computed. An operator that is not known is no condition.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from datalinks.formulas.comparisons import (
    is_empty,
    is_less,
    is_less_or_equal,
    is_member,
    is_more,
    is_more_or_equal,
    is_no_member,
    is_not_empty,
)
from datalinks.formulas.javascript.coercion import is_true, loosely_equal, strictly_equal, text_property, to_string
from datalinks.formulas.locators import Steps, parse_locator, property_of, step_into
from datalinks.formulas.schemas.kinds import allows_custom_value, is_number, is_scalar
from datalinks.formulas.values import UNDEFINED, is_array, is_nothing, is_object


@dataclass(frozen=True, slots=True)
class ConditionOperator:
    """One operator of conditions.

    name: for people. holds: field's value and operand, to the answer.
    fits: whether it makes sense for a field of this schema. operand: the operand's schema, None if it takes none.
    """

    name: str
    holds: Callable[[Any, Any], bool]
    fits: Callable[[Any], Any]
    operand: Callable[[Any], Any]


def _is_unequal(value: Any, operand: Any) -> bool:
    return not loosely_equal(value, operand)


def _is_true(value: Any, _: Any) -> bool:
    return is_true(value)


def _is_false(value: Any, _: Any) -> bool:
    return value is False


def _contains(value: Any, operand: Any) -> bool:
    return is_true(value) and to_string(operand) in to_string(value)


def _does_not_contain(value: Any, operand: Any) -> bool:
    # As in the reference: what counts as false neither contains anything nor lacks it.
    return is_true(value) and to_string(operand) not in to_string(value)


def _has(value: Any, operand: Any) -> bool:
    return is_array(value) and any(strictly_equal(member, operand) for member in value)


def _has_not(value: Any, operand: Any) -> bool:
    return not _has(value, operand)


def _type_of(schema: Any) -> Any:
    return property_of(schema, "type")


def _is_plain_scalar(schema: Any) -> bool:
    return is_scalar(schema) and _type_of(schema) != "boolean"


def _is_free_text(schema: Any) -> bool:
    return _type_of(schema) == "string" and allows_custom_value(schema)


def _is_boolean(schema: Any) -> bool:
    return _type_of(schema) == "boolean"


def _is_array_of(schema: Any) -> bool:
    return _type_of(schema) == "array" and is_true(property_of(schema, "items"))


def _anything(_: Any) -> bool:
    return True


def _same(schema: Any) -> Any:
    return schema


def _array(schema: Any) -> Any:
    return {"type": "array", "items": schema}


def _text(_: Any) -> Any:
    return {"type": "string"}


def _number(_: Any) -> Any:
    return {"type": "number"}


def _items(schema: Any) -> Any:
    return property_of(schema, "items")


def _none(_: Any) -> Any:
    return None


CONDITION_OPERATORS: Mapping[str, ConditionOperator] = {
    "is": ConditionOperator("is", loosely_equal, _is_plain_scalar, _same),
    "is_not": ConditionOperator("is not", _is_unequal, _is_plain_scalar, _same),
    "is_one_of": ConditionOperator("is one of", is_member, _is_plain_scalar, _array),
    "is_not_one_of": ConditionOperator("is not one of", is_no_member, _is_plain_scalar, _array),
    "is_true": ConditionOperator("is true", _is_true, _is_boolean, _none),
    "is_false": ConditionOperator("is false", _is_false, _is_boolean, _none),
    "contains": ConditionOperator("contains", _contains, _is_free_text, _text),
    "does_not_contain": ConditionOperator("does not contain", _does_not_contain, _is_free_text, _text),
    "array_includes": ConditionOperator("includes", _has, _is_array_of, _items),
    "array_does_not_include": ConditionOperator("does not include", _has_not, _is_array_of, _items),
    "less_than": ConditionOperator("less than", is_less, is_number, _number),
    "less_than_or_equal": ConditionOperator("less than or equal", is_less_or_equal, is_number, _number),
    "more_than": ConditionOperator("more than", is_more, is_number, _number),
    "more_than_or_equal": ConditionOperator("more than or equal", is_more_or_equal, is_number, _number),
    "is_not_empty": ConditionOperator("is not empty", is_not_empty, _anything, _none),
    "is_empty": ConditionOperator("is empty", is_empty, _anything, _none),
}


def operators_for(schema: Any) -> list[dict[str, Any]]:
    """The operators that make sense for a field of a schema: ``type``, ``name`` and ``operandSchema`` of each."""
    if not is_object(schema):
        return []
    return [
        {"type": key, "name": operator.name, "operandSchema": operator.operand(schema)}
        for key, operator in CONDITION_OPERATORS.items()
        if operator.fits(schema)
    ]


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: some value of its field must satisfy it."""

    field: Any
    operator: ConditionOperator
    operand: Any

    def holds(self, data: Any) -> bool:
        """Whether it holds.

        Raises:
            InvalidLocator: its field is no locator.
        """
        values = field_values(data, parse_locator(self.field)) or [UNDEFINED]
        return any(self.operator.holds(value, self.operand) for value in values)


def read_conditions(filter: Any) -> list[tuple[int, Condition]]:
    """The conditions of a filter with their places in it, without those whose operator is not known."""
    if not is_array(filter):
        return []
    found: list[tuple[int, Condition]] = []
    for index, condition in enumerate(filter):
        operator = property_of(condition, "operator")
        # An array of one text is that text, as wherever the language reads a property's name.
        known = CONDITION_OPERATORS.get(to_string(operator))
        if known:
            found.append((index, Condition(property_of(condition, "field"), known, property_of(condition, "value"))))
    return found


def matches(data: Any, filter: Any) -> bool:
    """Whether data satisfies a filter; whatever is no list of conditions is satisfied by everything.

    Raises:
        InvalidLocator: a condition has no field, or its field is no locator.
    """
    return all(condition.holds(data) for _, condition in read_conditions(filter))


def field_values(data: Any, steps: Steps) -> list[Any]:
    """Every value at a place; a property of an array is that of each of its members. Null and undefined are left out."""
    value = data
    for position, step in enumerate(steps):
        if is_nothing(value):
            return []
        if is_array(value) and isinstance(step, str):
            members: list[Any] = value
            return [found for member in members for found in field_values(member, steps[position:])]
        if not isinstance(step, str) and not is_array(value):
            return []
        value = text_property(value, str(step)) if isinstance(value, str) else step_into(value, step)
    return [] if is_nothing(value) else [value]
