"""Expressions of another language: ``$jsonata``."""

from typing import Any

from datalinks.formulas.errors import NotAvailable
from datalinks.formulas.evaluation import Evaluation
from datalinks.formulas.javascript.coercion import is_true
from datalinks.formulas.javascript.json_text import write_json
from datalinks.formulas.operator import Compiler, Evaluate, Formula, Operator
from datalinks.formulas.questions import RunJsonata
from datalinks.formulas.values import UNDEFINED


class Jsonata(Operator):
    """What a JSONata expression makes of the variables; undefined when it is none, fails or finds nothing."""

    name = "jsonata"

    def compile(self, formula: Formula, compiler: Compiler) -> Evaluate:
        argument, place = compiler.compile(formula.args), compiler.place
        if not is_true(formula.args):
            return _nothing

        def evaluate(variables: Any, evaluation: Evaluation) -> Any:
            expression = argument(variables, evaluation)
            if not isinstance(expression, str):
                return UNDEFINED
            if RunJsonata not in evaluation.answered:
                raise place.error(NotAvailable, "JSONata cannot be run here.")
            evaluation.spend_size(variables, place)
            return evaluation.ask(RunJsonata(expression, write_json(variables)), place)

        return evaluate


def _nothing(variables: Any, evaluation: Evaluation) -> Any:
    return UNDEFINED
