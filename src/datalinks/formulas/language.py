"""The language: which values are formulas, and how values that contain them are compiled, described and taken apart."""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from datalinks.formulas import operators
from datalinks.formulas.compiling import compile_value
from datalinks.formulas.evaluation import Evaluation
from datalinks.formulas.javascript.coercion import array_index, own_keys
from datalinks.formulas.limits import DEFAULT_LIMITS, Limits
from datalinks.formulas.locators import Step, Steps
from datalinks.formulas.operator import Evaluate, Formula, Operator
from datalinks.formulas.place import ROOT, Place
from datalinks.formulas.schemas.from_values import schema_of_value
from datalinks.formulas.values import UNDEFINED, is_array, is_object


class Language:
    """A set of operators and what follows from it."""

    def __init__(self, known: Iterable[Operator]) -> None:
        self.operators: Mapping[str, Operator] = {f"${operator.name}": operator for operator in known}

    def formula_of(self, value: Any) -> Formula | None:
        """The formula that a value is: an object whose first key is ``$`` and an operator's name; None for all else.

        Keys that are indexes of arrays come first in JavaScript, whatever their place in the text.
        """
        if not is_object(value) or not value:
            return None
        members: dict[str, Any] = value
        keys = iter(members)
        first = next(keys)
        operator = self.operators.get(first)
        if operator is None:
            return None
        if len(members) == 1:
            return Formula(operator, members[first])
        if any(array_index(key) is not None for key in members):
            return None
        second = next(keys)
        return Formula(operator, members[first], (second, members[second]))

    def is_formula(self, value: Any) -> bool:
        """Whether a value itself is a formula."""
        return self.formula_of(value) is not None

    def has_formulas(self, value: Any) -> bool:
        """Whether a value is a formula or has one somewhere inside."""
        if self.is_formula(value):
            return True
        return any(self.has_formulas(member) for member in _members(value))

    def compile(self, value: Any, limits: Limits, place: Place = ROOT) -> "tuple[Evaluate, int]":
        """A value as a function, and of how many values it is made.

        Raises:
            LimitReached: it is too large or too deep.
        """
        return compile_value(value, self, limits, place)

    def evaluate(self, value: Any, place: Place, variables: Any, evaluation: Evaluation) -> Any:
        """A value that came up at a place while a formula was computed, computed as a part of it."""
        evaluate, size = self.compile(value, evaluation.limits, place)
        evaluation.spend(size, place)
        return evaluate(variables, evaluation)

    def build(self, value: Any, variables: Any) -> Any:
        """A value computed by itself; it asks nothing."""
        return self.evaluate(value, ROOT, variables, Evaluation(DEFAULT_LIMITS, is_build=True))

    def schema_of(self, value: Any, variables_schema: Any, *, is_plain: bool = False) -> Any:
        """The JSON schema of what a value makes, UNDEFINED when nothing is known; ``is_plain``: formulas are data."""
        formula = None if is_plain else self.formula_of(value)
        if formula:
            return formula.operator.schema(formula, variables_schema, self)
        return schema_of_value(value, lambda member: self.schema_of(member, variables_schema, is_plain=is_plain))

    def substitute(self, value: Any, variables: Any) -> Any:
        """The value with each ``$var`` in it replaced by what stands in ``variables``, which may be formulas."""
        formula = self.formula_of(value)
        if formula:
            return formula.operator.substitute(formula, variables, self)
        if is_array(value) and value:
            members = [self.substitute(member, variables) for member in value]
            return [member for member in members if member is not UNDEFINED] or UNDEFINED
        if is_object(value) and value:
            pairs = {key: self.substitute(member, variables) for key, member in value.items()}
            return {key: member for key, member in pairs.items() if member is not UNDEFINED} or UNDEFINED
        return value

    def variable_places(self, value: Any) -> list[Steps]:
        """Where in a value there is a ``$var``, in the order of the text."""
        formula = self.formula_of(value)
        if formula:
            return formula.operator.variable_places(formula, self)
        return [(step, *steps) for step, member in _steps(value) for steps in self.variable_places(member)]


def _members(value: Any) -> Iterable[Any]:
    if is_object(value):
        return value.values()
    return value if is_array(value) else ()


def _steps(value: Any) -> Iterable[tuple[Step, Any]]:
    if is_object(value):
        return [(key, value[key]) for key in own_keys(value)]
    return enumerate(value) if is_array(value) else ()


@cache
def language() -> Language:
    """The language with every operator there is: each class of a module in ``operators/`` that names itself."""
    modules = [import_module(f"{operators.__name__}.{module.name}") for module in iter_modules(operators.__path__)]
    classes = [found for module in modules for found in vars(module).values() if _is_operator(found, module.__name__)]
    return Language(found() for found in classes)


def _is_operator(found: Any, module: str) -> bool:
    return (
        isinstance(found, type) and issubclass(found, Operator) and found.__module__ == module and "name" in vars(found)
    )
