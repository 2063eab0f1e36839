"""What the reference's SDK computes, computed here: one test for each case in ``cases/*.json``."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from datalinks.errors import FormulaError
from datalinks.formulas.errors import CopyOfCopy
from datalinks.formulas.evaluate import build, build_data, resolve
from datalinks.formulas.filters import field_values, matches, operators_for
from datalinks.formulas.javascript.dates import parse_timestamp
from datalinks.formulas.javascript.json_text import write_json
from datalinks.formulas.language import language
from datalinks.formulas.locators import (
    is_valid_locator,
    parse_locator,
    property_locator,
    value_at,
    variable_at,
    with_value_at,
)
from datalinks.formulas.questions import Answerer, FindLink, FindSchema, LookUp, Question, RunJsonata
from datalinks.formulas.schemas.locations import InvalidLocationPath
from datalinks.formulas.scope import Scope
from datalinks.formulas.transforms import (
    formula_locators,
    has_formulas,
    is_formula,
    merge_with_formulas,
    remove_missing_variables,
    substitute_variables,
    variable_locators,
)
from datalinks.formulas.values import UNDEFINED, is_array, is_nothing, is_object
from formulas.encoding import comparable, decode, read_cases
from formulas.schema_functions import SCHEMA_FUNCTIONS

# The links that the cases' expected values were computed with, by direction, table and record.
LINKS = {
    ("import", "users", "ext1"): "app1",
    ("import", "users", "ext2"): "app2",
    ("export", "users", "app1"): "ext1",
    ("export", "users", "app9"): "ext9",
}
LOOKUP_SCHEMA = {
    "type": "object",
    "properties": {
        "owner": {"type": "string", "referenceCollection": {"key": "users"}},
        "list": {"type": "array", "items": {"type": "string", "referenceCollection": {"key": "items"}}},
    },
}


async def find_links(questions: Sequence[FindLink]) -> list[Any]:
    return [LINKS.get((asked.direction, asked.table_key, write_id(asked.record_id)), UNDEFINED) for asked in questions]


def write_id(record_id: Any) -> Any:
    return record_id if isinstance(record_id, str) else write_json(record_id)


async def look_up(questions: Sequence[LookUp]) -> list[Any]:
    return [f"LOOKUP:{write_json({'lookup': asked.lookup, 'schema': asked.schema})}" for asked in questions]


async def find_schemas(questions: Sequence[FindSchema]) -> list[Any]:
    return [find_schema(asked) for asked in questions]


def find_schema(asked: FindSchema) -> Any:
    if asked.type == "internal-data-schema":
        return {"type": "object", "title": f"internal {asked.schema_key}"}
    parameters = None if is_nothing(asked.parameters) else asked.parameters
    properties = {f"f_{asked.schema_key}": {"type": "string", "description": write_json(parameters)}}
    return {"type": "object", "properties": properties}


async def run(function: str, formula: Any, variables: Any, jsonata: Any) -> Any:
    plain: dict[type[Question], Answerer] = {RunJsonata: jsonata}
    evaluations = {
        "buildValue": lambda: build(formula, variables, Scope(answerers=plain)),
        "buildData": lambda: build_data(formula, variables, Scope(answerers=plain)),
        "resolve": lambda: resolve(formula, variables, Scope(answerers=plain)),
        "resolveLinks": lambda: resolve(formula, variables, Scope(answerers={**plain, FindLink: find_links})),
        "resolveLookup": lambda: resolve(
            formula, variables, Scope(answerers={**plain, LookUp: look_up}, schema=LOOKUP_SCHEMA)
        ),
        "resolveDataSchemaRef": lambda: resolve(
            formula, variables, Scope(answerers={**plain, FindSchema: find_schemas})
        ),
    }
    if function in evaluations:
        return await evaluations[function]()
    return FUNCTIONS[function](formula, variables)


async def back_compatible_filter(filter: Any, variables: Any, jsonata: Any) -> Any:
    if isinstance(filter, list):
        return matches(variables, filter)
    value = await build_data(filter, variables, Scope(answerers={RunJsonata: jsonata}))
    return True if is_nothing(value) else value


def steps(locator: Any, _: Any) -> Any:
    return [{"property": step} if isinstance(step, str) else {"index": step} for step in parse_locator(locator)]


def value_at_locator(locator: Any, data: Any) -> Any:
    return value_at(data, parse_locator(locator)) if is_valid_locator(locator) else UNDEFINED


def value_by_locator(locator: Any, data: Any) -> Any:
    return variable_at(data, parse_locator(locator)) if is_valid_locator(locator) else UNDEFINED


def set_value(args: Any, _: Any) -> Any:
    return with_value_at(args["obj"], parse_locator(args["locator"]), args.get("value", UNDEFINED))


def timestamp(value: Any, _: Any) -> Any:
    milliseconds = parse_timestamp(value)
    if milliseconds is None:
        return UNDEFINED
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    return {"$date": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")}


FUNCTIONS: dict[str, Callable[[Any, Any], Any]] = {
    **SCHEMA_FUNCTIONS,
    "filter": lambda conditions, data: matches(data, conditions),
    "filterFieldValues": lambda locator, data: field_values(data, parse_locator(locator)),
    "locatorToSteps": steps,
    "isValidLocator": lambda locator, _: is_valid_locator(locator),
    "getValueAtLocator": value_at_locator,
    "getValueByLocator": value_by_locator,
    "setValueAtLocator": set_value,
    "setValueDelete": set_value,
    "makeObjectPropertyLocator": lambda args, _: property_locator(args.get("base"), args["name"]),
    "parseDate": timestamp,
    "formulaSchema": lambda formula, schema: language().schema_of(formula, schema),
    "getOperatorsBySchema": lambda schema, _: [operator["type"] for operator in operators_for(schema)],
    "transformVars": substitute_variables,
    "getVariableLocators": lambda value, _: variable_locators(value),
    "getFormulaLocators": lambda args, _: formula_locators(args["type"], args["data"]),
    "mergeWithFormulas": lambda args, _: merge_with_formulas(args.get("a", UNDEFINED), args.get("b", UNDEFINED)),
    "removeNonExistentVars": remove_missing_variables,
    "isFormula": lambda value, _: is_formula(value),
    "hasFormulas": lambda value, _: has_formulas(value),
}


def as_error(error: FormulaError) -> dict[str, Any]:
    """An error as the reference raises it."""
    kinds: dict[type[FormulaError], str] = {CopyOfCopy: "ConfigurationError", InvalidLocationPath: "Error"}
    return {"$error": {"class": kinds.get(type(error), "BadRequestError"), "message": error.message}}


async def compute(case: dict[str, Any], jsonata: Any) -> Any:
    """What comes of a case: a value, or an error in its place."""
    formula, variables = decode(case["formula"]), decode(case.get("variables"))
    try:
        if case["fn"] == "backwardCompatibleFilter":
            return await back_compatible_filter(formula, variables, jsonata)
        return await run(case["fn"], formula, variables, jsonata)
    except FormulaError as error:
        return as_error(error)


@pytest.mark.parametrize("case", read_cases(), ids=lambda case: case["id"])
async def test_the_result_is_the_references(case: dict[str, Any], jsonata: Any) -> None:
    before = json.dumps(case)

    result = await compute(case, jsonata)

    assert comparable(result) == comparable(without_error_type(decode(case["expected"])))
    assert json.dumps(case) == before


def without_error_type(expected: Any) -> Any:
    """An expected error without its type, which follows from its class."""
    if not is_object(expected) or "$error" not in expected:
        return expected
    return {"$error": {name: expected["$error"][name] for name in ("class", "message")}}


def operators_in(value: Any) -> set[str]:
    """The names of operators that stand somewhere in a value."""
    formula = language().formula_of(value)
    found = {formula.operator.name} if formula else set[str]()
    members = list(value.values()) if is_object(value) else value if is_array(value) else []
    return found.union(*(operators_in(member) for member in members))


def test_every_operator_has_cases() -> None:
    tried = {name for case in read_cases() for name in operators_in(case["formula"])}

    assert tried == {operator.name for operator in language().operators.values()}
