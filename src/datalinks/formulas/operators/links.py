"""Records by their links: ``$findAppRecordId $findExternalRecordId``."""

from typing import Any, Literal

from datalinks.formulas.evaluation import Evaluation
from datalinks.formulas.javascript.coercion import is_true
from datalinks.formulas.locators import property_of
from datalinks.formulas.operator import TEXT_SCHEMA, Compiler, Evaluate, Formula, Language, Operator
from datalinks.formulas.questions import FindLink
from datalinks.formulas.values import UNDEFINED


class _Find(Operator):
    """The record that is linked to another: ``{dataLinkTable: {key}, recordId}``; undefined when there is none.

    Where links cannot be asked for, the formula stays with its argument computed.
    """

    direction: Literal["import", "export"]

    def compile(self, formula: Formula, compiler: Compiler) -> Evaluate:
        argument, direction, key = compiler.compile(formula.args), self.direction, f"${self.name}"
        place = compiler.place

        def evaluate(variables: Any, evaluation: Evaluation) -> Any:
            args = argument(variables, evaluation)
            if FindLink not in evaluation.answered:
                return {key: args}
            table_key = property_of(property_of(args, "dataLinkTable"), "key")
            record_id = property_of(args, "recordId")
            if not is_true(table_key) or not is_true(record_id):
                return UNDEFINED
            return evaluation.ask(FindLink(direction, table_key, record_id), place)

        return evaluate

    def schema(self, formula: Formula, variables_schema: Any, language: Language) -> Any:
        return TEXT_SCHEMA


class FindAppRecordId(_Find):
    """The app record that an external record was imported as."""

    name = "findAppRecordId"
    direction = "import"


class FindExternalRecordId(_Find):
    """The external record that an app record was exported as."""

    name = "findExternalRecordId"
    direction = "export"
