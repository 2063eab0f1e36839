"""Variables and data taken as they are: ``$var $plain $record $copy $formula``."""

import sys
from typing import Any

from datalinks.formulas.errors import InvalidLocator
from datalinks.formulas.evaluation import Evaluation
from datalinks.formulas.javascript.coercion import is_true, to_string
from datalinks.formulas.limits import measure
from datalinks.formulas.locators import (
    Steps,
    copy_containers,
    is_valid_locator,
    parse_locator,
    property_of,
    put_value_at,
    step_into,
    value_at,
    variable_at,
    write_locator,
)
from datalinks.formulas.operator import TEXT_SCHEMA, Compiler, Evaluate, Formula, Language, Operator
from datalinks.formulas.place import Place
from datalinks.formulas.schemas.places import schema_at
from datalinks.formulas.values import UNDEFINED, is_array


class Var(Operator):
    """The variable at a locator. A locator that is none gives null, one that leads nowhere nothing."""

    name = "var"

    def compile(self, formula: Formula, compiler: Compiler) -> Evaluate:
        if not formula.args and not is_array(formula.args):
            return _nothing_but_null
        try:
            steps = parse_locator(formula.args)
        except InvalidLocator as error:
            return _wrong(compiler.place, error.message) if is_array(formula.args) else _nothing_but_null
        if not steps:
            return _all_variables
        names = tuple(step for step in steps if isinstance(step, str))
        return _names(names) if len(names) == len(steps) else _place(steps)

    def schema(self, formula: Formula, variables_schema: Any, language: Language) -> Any:
        return schema_at(variables_schema, formula.args)

    def variable_places(self, formula: Formula, language: Language) -> list[Steps]:
        return [()]

    def substitute(self, formula: Formula, variables: Any, language: Language) -> Any:
        """What stands in ``variables``; where a ``$var`` stands on the way, the rest of the locator is added to it."""
        if not is_true(variables) or not is_valid_locator(formula.args):
            return UNDEFINED
        value, steps = variables, parse_locator(formula.args)
        for position, step in enumerate(steps):
            found = language.formula_of(value)
            if found:
                return _moved(found, steps[position:])
            value = step_into(value, step)
            if value is UNDEFINED:
                return UNDEFINED
        return value if steps else _itself(value, language)


def _nothing_but_null(variables: Any, evaluation: Evaluation) -> Any:
    return None


def _wrong(place: Place, message: str) -> Evaluate:
    def evaluate(variables: Any, evaluation: Evaluation) -> Any:
        raise place.error(InvalidLocator, message)

    return evaluate


def _all_variables(variables: Any, evaluation: Evaluation) -> Any:
    return variables


def _names(names: tuple[str, ...]) -> Evaluate:
    def evaluate(variables: Any, evaluation: Evaluation) -> Any:
        value: Any = variables
        for name in names:
            # Most steps lead through objects: they are spared a call.
            value = value.get(name, UNDEFINED) if type(value) is dict else property_of(value, name)  # type: ignore[reportUnknownMemberType, reportUnknownVariableType] - values of any kind
        return value  # type: ignore[reportUnknownVariableType] - as above

    return evaluate


def _place(steps: Steps) -> Evaluate:
    def evaluate(variables: Any, evaluation: Evaluation) -> Any:
        return variable_at(variables, steps)

    return evaluate


def _moved(formula: Formula, steps: Steps) -> Any:
    if not isinstance(formula.operator, Var):
        return UNDEFINED
    return {"$var": f"{to_string(formula.args)}{write_locator(steps)[1:]}"}


def _itself(value: Any, language: Language) -> Any:
    found = language.formula_of(value)
    return _moved(found, ()) if found else value


class Plain(Operator):
    """Its argument as it is, formulas included."""

    name = "plain"

    def compile(self, formula: Formula, compiler: Compiler) -> Evaluate:
        def evaluate(variables: Any, evaluation: Evaluation) -> Any:
            return formula.args

        return evaluate

    def schema(self, formula: Formula, variables_schema: Any, language: Language) -> Any:
        return language.schema_of(formula.args, UNDEFINED, is_plain=True)


class Record(Operator):
    """The ``id`` of a record that is written out."""

    name = "record"

    def compile(self, formula: Formula, compiler: Compiler) -> Evaluate:
        id = property_of(formula.args, "id")

        def evaluate(variables: Any, evaluation: Evaluation) -> Any:
            return id

        return evaluate

    def schema(self, formula: Formula, variables_schema: Any, language: Language) -> Any:
        return TEXT_SCHEMA


class Copy(Operator):
    """Another place of the result, by its locator. It stays here; ``copies.py`` puts it in when the whole is there."""

    name = "copy"

    def compile(self, formula: Formula, compiler: Compiler) -> Evaluate:
        locator = compiler.compile(formula.args)

        def evaluate(variables: Any, evaluation: Evaluation) -> Any:
            return {"$copy": locator(variables, evaluation)}

        return evaluate

    def schema(self, formula: Formula, variables_schema: Any, language: Language) -> Any:
        return None


class FormulaText(Operator):
    """A formula as the result: only the ``$var`` in it are computed, all else stays as it is written."""

    name = "formula"

    def compile(self, formula: Formula, compiler: Compiler) -> Evaluate:
        language, place = compiler.language, compiler.place
        # A formula that is a $var altogether stays one.
        places = [steps for steps in language.variable_places(formula.args) if steps]
        size = measure(formula.args, sys.maxsize, sys.maxsize)

        def evaluate(variables: Any, evaluation: Evaluation) -> Any:
            evaluation.spend(size, place)
            result = copy_containers(formula.args)
            for steps in places:
                # What is there now: a member that is undefined goes, and those behind it move up, as in the reference.
                here = place.argument(*steps)
                value = language.evaluate(value_at(result, steps), here, variables, evaluation)
                put_value_at(result, steps, value)
            return result

        return evaluate

    def substitute(self, formula: Formula, variables: Any, language: Language) -> Any:
        return language.substitute(formula.args, variables)
