"""What holds for every formula: for tests, and for fuzzing by ``scripts/fuzz_formulas.py``."""

import asyncio
import copy
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any

from datalinks.errors import FormulaError
from datalinks.formulas.evaluate import build_data, resolve_data
from datalinks.formulas.filters import matches
from datalinks.formulas.language import language
from datalinks.formulas.limits import Limits
from datalinks.formulas.questions import FindLink, FindSchema, LookUp, RunJsonata
from datalinks.formulas.scope import Scope
from datalinks.formulas.transforms import has_formulas, merge_with_formulas, substitute_variables, variable_locators
from datalinks.formulas.values import UNDEFINED, without_undefined
from formulas.encoding import comparable

Run = Callable[[Any, Any, Scope], Coroutine[Any, Any, Any]]
LIMITS = Limits(depth=40, size=2_000, steps=20_000, result_size=50_000, rounds=10)


async def answer_links(questions: Sequence[FindLink]) -> list[Any]:
    """Every other record has a link."""
    return [f"{asked.record_id}!" if len(str(asked.record_id)) % 2 else UNDEFINED for asked in questions]


async def answer_lookups(questions: Sequence[LookUp]) -> list[Any]:
    """A lookup finds its own argument."""
    return [asked.lookup for asked in questions]


async def answer_schemas(questions: Sequence[FindSchema]) -> list[Any]:
    """Everything is a text."""
    return [{"type": "string"} for _ in questions]


async def answer_jsonata(questions: Sequence[RunJsonata]) -> list[Any]:
    """The expression itself."""
    return [asked.expression for asked in questions]


SCOPE = Scope(
    answerers={
        FindLink: answer_links,
        LookUp: answer_lookups,
        FindSchema: answer_schemas,
        RunJsonata: answer_jsonata,
    },
    schema={"type": "object", "properties": {"a": {"type": "array", "items": {"type": "string"}}}},
    limits=LIMITS,
)


def outcome(formula: Any, variables: Any) -> Any:
    """The values of a formula, or the errors in their place; nothing else may be raised."""
    return [attempt(formula, variables, run) for run in (resolve_data, build_data)]


def attempt(formula: Any, variables: Any, run: Run) -> Any:
    """One value, or the error in its place."""
    try:
        return comparable(without_undefined(asyncio.run(run(formula, variables, SCOPE))))
    except FormulaError as error:
        return error.data["path"], error.message


def check(formula: Any, variables: Any) -> None:
    """Evaluation raises nothing but ``FormulaError``, gives the same each time, and changes nothing."""
    before = copy.deepcopy((formula, variables))

    first, second = outcome(formula, variables), outcome(formula, variables)

    assert repr(first) == repr(second)
    assert repr((formula, variables)) == repr(before)


def check_helpers(value: Any, other: Any) -> None:
    """The helpers raise nothing but ``FormulaError`` and change nothing."""
    before = copy.deepcopy((value, other))
    calls: list[Callable[[], Any]] = [
        lambda: matches(other, value),
        lambda: substitute_variables(value, other),
        lambda: merge_with_formulas(value, other),
        lambda: language().schema_of(value, other),
        lambda: variable_locators(value),
        lambda: has_formulas(value),
    ]

    for call in calls:
        with suppress(FormulaError):
            call()

    assert repr((value, other)) == repr(before)
