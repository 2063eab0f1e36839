"""Formulas as data: merged layer by layer, with variables replaced, and searched for what they use."""

from typing import Any

from datalinks.formulas.copies import formula_places
from datalinks.formulas.language import language
from datalinks.formulas.locators import parse_locator, with_value_at, write_locator
from datalinks.formulas.schemas.places import schema_locators
from datalinks.formulas.values import PROTOTYPE, UNDEFINED, is_array, is_object


def is_formula(value: Any) -> bool:
    """Whether a value itself is a formula."""
    return language().is_formula(value)


def has_formulas(value: Any) -> bool:
    """Whether a value is a formula or has one somewhere inside."""
    return language().has_formulas(value)


def merge_with_formulas(lower: Any, upper: Any) -> Any:
    """Two layers of a configuration as one: objects and arrays member by member, formulas as wholes.

    Where both say something the upper layer wins, with null too; UNDEFINED leaves what is below.
    """
    if is_array(lower) and is_array(upper):
        return _merge_arrays(lower, upper)
    if is_object(lower) and is_object(upper) and not is_formula(lower) and not is_formula(upper):
        changed = {
            key: merge_with_formulas(lower.get(key, UNDEFINED), member)
            for key, member in upper.items()
            if key != PROTOTYPE
        }
        return {**lower, **changed}
    return lower if upper is UNDEFINED else upper


def _merge_arrays(lower: list[Any], upper: list[Any]) -> list[Any]:
    longest = max(len(lower), len(upper))
    pairs = zip(_padded(lower, longest), _padded(upper, longest), strict=True)
    return [merge_with_formulas(below, above) for below, above in pairs]


def _padded(members: list[Any], length: int) -> list[Any]:
    return members + [UNDEFINED] * (length - len(members))


def substitute_variables(value: Any, variables: Any) -> Any:
    """The value with each ``$var`` replaced by what stands in ``variables``, which may be formulas; missing ones vanish.

    Where a ``$var`` stands on the way to what a locator names, the rest of the locator is added to it.
    """
    return language().substitute(value, variables)


def remove_missing_variables(value: Any, schema: Any) -> Any:
    """The value without each ``$var`` that names nothing in a schema of the variables."""
    variables: Any = {}
    for locator in schema_locators(schema):
        variables = with_value_at(variables, parse_locator(locator), {"$var": locator})
    return substitute_variables(value, variables)


def variable_locators(value: Any) -> list[str]:
    """The locators of every ``$var`` in a value, but for those in an ``$iterate`` that speak of its members."""
    return [write_locator(steps) for steps in language().variable_places(value)]


def formula_locators(operator: str, value: Any) -> list[str]:
    """The locators of every formula of one kind in a value, that has no other key."""
    return [write_locator(steps) for steps in formula_places(f"${operator}", value)]
