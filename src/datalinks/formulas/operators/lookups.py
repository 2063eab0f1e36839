"""What only others know: ``$lookup`` for records of a collection, ``$dataSchemaRef`` for schemas."""

from typing import Any

from datalinks.formulas.evaluation import Evaluation
from datalinks.formulas.locators import property_of
from datalinks.formulas.operator import TEXT_SCHEMA, Compiler, Evaluate, Formula, Language, Operator
from datalinks.formulas.questions import FindSchema, LookUp
from datalinks.formulas.values import UNDEFINED


class Lookup(Operator):
    """The record that fits a query; the argument is whatever the one who looks it up understands."""

    name = "lookup"

    def compile(self, formula: Formula, compiler: Compiler) -> Evaluate:
        argument, place = compiler.compile(formula.args), compiler.place

        def evaluate(variables: Any, evaluation: Evaluation) -> Any:
            args = argument(variables, evaluation)
            if LookUp not in evaluation.answered:
                return {"$lookup": args}
            return evaluation.ask(LookUp(args, place.schema_in(evaluation.schema)), place)

        return evaluate

    def schema(self, formula: Formula, variables_schema: Any, language: Language) -> Any:
        return TEXT_SCHEMA


class DataSchemaRef(Operator):
    """A schema by its key: ``{type: "data-collection" | "internal-data-schema", key, parameters}``."""

    name = "dataSchemaRef"

    def compile(self, formula: Formula, compiler: Compiler) -> Evaluate:
        argument, place = compiler.compile(formula.args), compiler.place
        # The reference reads this type before the argument is computed.
        is_internal = property_of(formula.args, "type") == "internal-data-schema"

        def evaluate(variables: Any, evaluation: Evaluation) -> Any:
            if FindSchema not in evaluation.answered:
                return UNDEFINED
            args = argument(variables, evaluation)
            key = property_of(args, "key")
            if property_of(args, "type") == "data-collection":
                return evaluation.ask(FindSchema("data-collection", key, property_of(args, "parameters")), place)
            if is_internal:
                return evaluation.ask(FindSchema("internal-data-schema", key, UNDEFINED), place)
            return UNDEFINED

        return evaluate

    def schema(self, formula: Formula, variables_schema: Any, language: Language) -> Any:
        return {"type": "object"}
