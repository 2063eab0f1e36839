"""Truth and choice: ``$eval $and $or $case``."""

from collections.abc import Callable, Mapping
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
from datalinks.formulas.errors import InvalidLocator
from datalinks.formulas.evaluation import Evaluation, Waiting
from datalinks.formulas.filters import Condition, read_conditions
from datalinks.formulas.javascript.coercion import includes, is_true, loosely_equal, to_string
from datalinks.formulas.locators import property_of
from datalinks.formulas.operator import TRUTH_SCHEMA, Compiler, Evaluate, Formula, Language, Operator
from datalinks.formulas.place import Place
from datalinks.formulas.schemas.merging import merge_schemas
from datalinks.formulas.values import UNDEFINED, is_array, is_container, is_nothing, is_object


def _is_unequal(value: Any, operand: Any) -> bool:
    return not loosely_equal(value, operand)


def _contains(value: Any, operand: Any) -> bool:
    if not is_true(value):
        return False
    if is_array(value):
        return includes(value, operand)
    # The reference looks for the word itself when there is nothing to look for.
    wanted = "undefined" if is_nothing(operand) else to_string(operand).lower()
    return wanted in to_string(value).lower()


def _does_not_contain(value: Any, operand: Any) -> bool:
    return not _contains(value, operand)


OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "is": loosely_equal,
    "isNot": _is_unequal,
    "oneOf": is_member,
    "noneOf": is_no_member,
    "contains": _contains,
    "doesNotContain": _does_not_contain,
    "lt": is_less,
    "lte": is_less_or_equal,
    "gt": is_more,
    "gte": is_more_or_equal,
    "isNotEmpty": is_not_empty,
    "isEmpty": is_empty,
}


class Eval(Operator):
    """A comparison: ``{"$eval": value, "<operator>": operand}``. Without a known operator it is true."""

    name = "eval"

    def compile(self, formula: Formula, compiler: Compiler) -> Evaluate:
        place, value = compiler.place, compiler.compile(formula.args)
        key, right = formula.second or ("", UNDEFINED)
        compare = OPERATORS.get(key)
        if compare is None:
            return _always(value)
        operand = compiler.compile(right)

        def evaluate(variables: Any, evaluation: Evaluation) -> Any:
            try:
                left = value(variables, evaluation)
            except Waiting:
                # What the other side has to ask goes together with it.
                operand(variables, evaluation)
                raise
            right = operand(variables, evaluation)
            evaluation.spend_size(left, place)
            evaluation.spend_size(right, place)
            return compare(left, right)

        return evaluate

    def schema(self, formula: Formula, variables_schema: Any, language: Language) -> Any:
        return TRUTH_SCHEMA

    def substitute(self, formula: Formula, variables: Any, language: Language) -> Any:
        """The comparison with both sides computed from ``variables``; UNDEFINED when there is nothing to compare."""
        value = language.build(formula.args, variables)
        if value is UNDEFINED:
            return UNDEFINED
        key, right = formula.second or ("undefined", UNDEFINED)
        operand = language.build(right, variables)
        return {"$eval": value} if operand is UNDEFINED else {"$eval": value, key: operand}


def _always(value: Evaluate) -> Evaluate:
    def evaluate(variables: Any, evaluation: Evaluation) -> Any:
        value(variables, evaluation)
        return True

    return evaluate


class _Members(Operator):
    """Whether members count as true; null and undefined ones do not count, and without others there is no answer."""

    combine: Callable[[list[bool]], bool]

    def compile(self, formula: Formula, compiler: Compiler) -> Evaluate:
        members, combine = compiler.compile(formula.args), type(self).combine

        def evaluate(variables: Any, evaluation: Evaluation) -> Any:
            values = members(variables, evaluation)
            if not is_array(values):
                return UNDEFINED
            truths = [is_true(value) for value in values if not is_nothing(value)]
            return combine(truths) if truths else UNDEFINED

        return evaluate

    def schema(self, formula: Formula, variables_schema: Any, language: Language) -> Any:
        return TRUTH_SCHEMA


class And(_Members):
    """Whether all members count as true."""

    name = "and"
    combine = staticmethod(all)


class Or(_Members):
    """Whether a member counts as true."""

    name = "or"
    combine = staticmethod(any)


class Case(Operator):
    """The value of the first case whose filter matches, else the default: ``[{filter, value}]`` or ``{cases, default}``.

    A filter is a list of conditions, or a formula; one that is missing, false or computes to nothing matches.
    The reference takes every list for a match when it resolves; here lists are conditions always, as they are there
    when it builds.
    """

    name = "case"

    def compile(self, formula: Formula, compiler: Compiler) -> Evaluate:
        cases, default = _cases(formula.args)
        if cases is None:
            return _nothing
        place = () if is_array(formula.args) else ("cases",)
        choices = [
            (
                _filter(property_of(case, "filter"), compiler, (*place, index, "filter")),
                compiler.compile(property_of(case, "value"), *place, index, "value"),
            )
            for index, case in enumerate(cases)
            if is_container(case)
        ]
        otherwise = compiler.compile(default, "default")

        def evaluate(variables: Any, evaluation: Evaluation) -> Any:
            for matches, value in choices:
                if matches is None or matches(variables, evaluation):
                    return value(variables, evaluation)
            value = otherwise(variables, evaluation)
            return UNDEFINED if value is None else value

        return evaluate

    def schema(self, formula: Formula, variables_schema: Any, language: Language) -> Any:
        cases, default = _cases(formula.args)
        if cases is None:
            return UNDEFINED
        values = [value for case in cases if (value := property_of(case, "value")) is not UNDEFINED]
        if is_true(default):
            values.append(default)
        return merge_schemas([language.schema_of(value, variables_schema) for value in values])

    def substitute(self, formula: Formula, variables: Any, language: Language) -> Any:
        cases, default = _cases(formula.args)
        default = language.substitute(default, variables)
        kept = [language.substitute(case, variables) for case in cases or ()]
        kept = [case for case in kept if property_of(case, "filter") is not UNDEFINED]
        if not kept:
            return default
        return {"$case": {"cases": kept} if default is UNDEFINED else {"cases": kept, "default": default}}


def _nothing(variables: Any, evaluation: Evaluation) -> Any:
    return UNDEFINED


def _cases(args: Any) -> tuple[list[Any] | None, Any]:
    if is_array(args):
        return args, UNDEFINED
    cases = property_of(args, "cases") if is_object(args) else UNDEFINED
    if not is_array(cases):
        return None, UNDEFINED
    return cases, property_of(args, "default")


def _filter(filter: Any, compiler: Compiler, steps: tuple[str | int, ...]) -> Evaluate | None:
    """Whether a case matches, as a function; None when it always does."""
    if not is_true(filter):
        return None
    if is_array(filter):
        place = compiler.place.argument(*steps)
        return _conditions([(place.argument(index), condition) for index, condition in read_conditions(filter)])
    computed = compiler.compile(filter, *steps)

    def matches(variables: Any, evaluation: Evaluation) -> bool:
        value = computed(variables, evaluation)
        return is_nothing(value) or is_true(value)

    return matches


def _conditions(conditions: list[tuple[Place, Condition]]) -> Evaluate:
    def matches(variables: Any, evaluation: Evaluation) -> bool:
        return all(_holds(condition, variables, place) for place, condition in conditions)

    return matches


def _holds(condition: Condition, variables: Any, place: Place) -> bool:
    try:
        return condition.holds(variables)
    except InvalidLocator as error:
        raise place.error(InvalidLocator, error.message) from error
