"""Dates and times in texts: ``$extractDate $extractTime``, both in UTC."""

from typing import Any

from datalinks.formulas.evaluation import Evaluation
from datalinks.formulas.javascript.dates import parse_date, to_iso
from datalinks.formulas.operator import Compiler, Evaluate, Formula, Language, Operator
from datalinks.formulas.values import UNDEFINED


class _Extract(Operator):
    """A part of the moment that a text names, as JavaScript reads it; undefined when it names none."""

    part: slice

    def compile(self, formula: Formula, compiler: Compiler) -> Evaluate:
        argument, place, part = compiler.compile(formula.args), compiler.place, self.part

        def evaluate(variables: Any, evaluation: Evaluation) -> Any:
            text = evaluation.text_of(argument(variables, evaluation), place)
            moment = parse_date(evaluation.spend_text(text, place))
            return UNDEFINED if moment is None else to_iso(moment)[part]

        return evaluate

    def schema(self, formula: Formula, variables_schema: Any, language: Language) -> Any:
        return {"type": "string", "format": "date" if self.name == ExtractDate.name else "time"}


class ExtractDate(_Extract):
    """The day: ``2024-03-05``."""

    name = "extractDate"
    part = slice(0, 10)


class ExtractTime(_Extract):
    """The time of day: ``10:20:30``."""

    name = "extractTime"
    part = slice(11, 19)
