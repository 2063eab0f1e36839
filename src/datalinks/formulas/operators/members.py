"""Members of arrays and objects: ``$map $iterate $firstNotEmpty $mergeObjects``."""

from typing import Any

from datalinks.formulas.errors import WrongArgument
from datalinks.formulas.evaluation import Evaluation, Waiting
from datalinks.formulas.javascript.coercion import deeply_equal, is_true, loosely_equal
from datalinks.formulas.locators import Steps, property_of
from datalinks.formulas.operator import Compiler, Evaluate, Formula, Language, Operator
from datalinks.formulas.place import Place
from datalinks.formulas.values import PROTOTYPE, UNDEFINED, is_array, is_container, is_nothing, is_object


class Map(Operator):
    """One value for another: ``{value, mapping: [{from, to}], default}``; the first that is equal, loosely or in depth."""

    name = "map"

    def compile(self, formula: Formula, compiler: Compiler) -> Evaluate:
        args, place = formula.args, compiler.place
        if not is_container(args):
            return _nothing
        value = compiler.compile(property_of(args, "value"), "value")
        pairs = _pairs(property_of(args, "mapping"), compiler)
        default = compiler.compile(property_of(args, "default"), "default")

        def evaluate(variables: Any, evaluation: Evaluation) -> Any:
            wanted = value(variables, evaluation)
            is_waiting = False
            for source, target in pairs:
                try:
                    is_found = _is_same(wanted, source(variables, evaluation), evaluation, place)
                except Waiting:
                    is_waiting = True
                else:
                    if is_found and not is_waiting:
                        return target(variables, evaluation)
            if is_waiting:
                raise Waiting
            return default(variables, evaluation)

        return evaluate

    def schema(self, formula: Formula, variables_schema: Any, language: Language) -> Any:
        return language.schema_of(property_of(formula.args, "value"), variables_schema)


def _nothing(variables: Any, evaluation: Evaluation) -> Any:
    return UNDEFINED


def _pairs(mapping: Any, compiler: Compiler) -> list[tuple[Evaluate, Evaluate]]:
    if not is_array(mapping):
        return []
    return [_pair(pair, index, compiler) for index, pair in enumerate(mapping)]


def _pair(pair: Any, index: int, compiler: Compiler) -> tuple[Evaluate, Evaluate]:
    if is_nothing(pair):
        return _wrong(compiler.place.argument("mapping", index)), _nothing
    return (
        compiler.compile(property_of(pair, "from"), "mapping", index, "from"),
        compiler.compile(property_of(pair, "to"), "mapping", index, "to"),
    )


def _wrong(place: Place) -> Evaluate:
    def evaluate(variables: Any, evaluation: Evaluation) -> Any:
        raise place.error(WrongArgument, 'A member of the mapping is null: it must be {"from": ..., "to": ...}.')

    return evaluate


def _is_same(left: Any, right: Any, evaluation: Evaluation, place: Place) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    evaluation.spend_size(left, place)
    evaluation.spend_size(right, place)
    return deeply_equal(left, right) or loosely_equal(left, right)


class Iterate(Operator):
    """An array made of another: ``{source, item}``, the item computed for each member with ``item``, ``index``, ``parent``.

    ``parent`` are the variables outside. What counts as false is left out, and an array of nothing is undefined.
    """

    name = "iterate"

    def compile(self, formula: Formula, compiler: Compiler) -> Evaluate:
        source = compiler.compile(property_of(formula.args, "source"), "source")
        before = compiler.size
        item = compiler.compile(property_of(formula.args, "item"), "item")
        cost, place = compiler.size - before, compiler.place

        def evaluate(variables: Any, evaluation: Evaluation) -> Any:
            members = source(variables, evaluation)
            if not is_array(members):
                return UNDEFINED
            evaluation.spend(len(members) * cost, place)
            return _each(members, item, variables, evaluation)

        return evaluate

    def schema(self, formula: Formula, variables_schema: Any, language: Language) -> Any:
        source = language.schema_of(property_of(formula.args, "source"), variables_schema)
        variables = {"parent": variables_schema, "item": property_of(source, "items"), "index": {"type": "number"}}
        item = language.schema_of(property_of(formula.args, "item"), {"type": "object", "properties": variables})
        return {"type": "array", "items": item}

    def variable_places(self, formula: Formula, language: Language) -> list[Steps]:
        """Those of the source: the others speak of the members."""
        source = property_of(formula.args, "source")
        return [("$iterate", "source", *steps) for steps in language.variable_places(source)]

    def substitute(self, formula: Formula, variables: Any, language: Language) -> Any:
        source = language.substitute(property_of(formula.args, "source"), variables)
        if source is UNDEFINED:
            return UNDEFINED
        return {"$iterate": {**formula.args, "source": source}}


def _each(members: list[Any], item: Evaluate, variables: Any, evaluation: Evaluation) -> Any:
    result: list[Any] = []
    is_waiting = False
    for index, member in enumerate(members):
        try:
            value = item({"item": member, "parent": variables, "index": index}, evaluation)
        except Waiting:
            is_waiting = True
        else:
            if is_true(value):
                result.append(value)
    if is_waiting:
        raise Waiting
    return result or UNDEFINED


class FirstNotEmpty(Operator):
    """The first member that is not null and not undefined; empty texts, 0 and false are something."""

    name = "firstNotEmpty"

    def compile(self, formula: Formula, compiler: Compiler) -> Evaluate:
        members = compiler.compile(formula.args)

        def evaluate(variables: Any, evaluation: Evaluation) -> Any:
            values = members(variables, evaluation)
            if not is_array(values):
                return UNDEFINED
            return next((value for value in values if not is_nothing(value)), UNDEFINED)

        return evaluate

    def schema(self, formula: Formula, variables_schema: Any, language: Language) -> Any:
        if not is_array(formula.args) or not formula.args:
            return UNDEFINED
        return language.schema_of(formula.args[0], variables_schema)


class MergeObjects(Operator):
    """Objects merged from left to right, one level deep; an array counts as an object with numbers for keys."""

    name = "mergeObjects"

    def compile(self, formula: Formula, compiler: Compiler) -> Evaluate:
        members, place = compiler.compile(formula.args), compiler.place

        def evaluate(variables: Any, evaluation: Evaluation) -> Any:
            values = members(variables, evaluation)
            if not is_array(values):
                return UNDEFINED
            result: dict[str, Any] = {}
            for value in values:
                result.update(_as_object(value))
                result.pop(PROTOTYPE, None)
                evaluation.spend(len(result), place)
            return result or UNDEFINED

        return evaluate

    def schema(self, formula: Formula, variables_schema: Any, language: Language) -> Any:
        if not is_array(formula.args):
            return {"type": "object"}
        properties: dict[str, Any] = {}
        for member in formula.args:
            schema = language.schema_of(member, variables_schema)
            if property_of(schema, "type") == "object":
                properties.update(_as_object(property_of(schema, "properties")))
        return {"type": "object", "properties": properties}


def _as_object(value: Any) -> dict[str, Any]:
    if is_object(value):
        return value
    if is_array(value):
        return {str(index): member for index, member in enumerate(value)}
    return {}
