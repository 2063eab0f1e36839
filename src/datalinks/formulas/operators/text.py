"""Text: ``$concat $tpl $firstName $lastName $domainFromEmail``."""

from collections.abc import Callable, Iterable
from typing import Any

from datalinks.formulas.evaluation import Evaluation
from datalinks.formulas.javascript.coercion import own_keys
from datalinks.formulas.javascript.replacing import fill_holes
from datalinks.formulas.locators import property_of
from datalinks.formulas.names import PersonName, parse_name
from datalinks.formulas.operator import TEXT_SCHEMA, Compiler, Evaluate, Formula, Language, Operator, evaluate_all
from datalinks.formulas.values import UNDEFINED, is_array, is_nothing, is_object


class _Text(Operator):
    def schema(self, formula: Formula, variables_schema: Any, language: Language) -> Any:
        return TEXT_SCHEMA


class Concat(_Text):
    """Texts joined: ``[...]`` or ``{values, delimiter}``. What is null, undefined or an empty text is left out."""

    name = "concat"

    def compile(self, formula: Formula, compiler: Compiler) -> Evaluate:
        place = compiler.place
        values, delimiter = _concat_parts(formula.args, compiler)

        def evaluate(variables: Any, evaluation: Evaluation) -> Any:
            members = values(variables, evaluation)
            if not is_array(members) or not members:
                return UNDEFINED
            between = "" if delimiter is None else evaluation.text_of(delimiter(variables, evaluation), place)
            texts = [evaluation.text_of(member, place) for member in members if not is_nothing(member)]
            return evaluation.spend_text(between.join([text for text in texts if text]), place)

        return evaluate


def _concat_parts(args: Any, compiler: Compiler) -> tuple[Evaluate, Evaluate | None]:
    if is_array(args):
        return compiler.compile(args), None
    values, delimiter = property_of(args, "values"), property_of(args, "delimiter")
    return (
        compiler.compile([] if is_nothing(values) else values, "values"),
        None if is_nothing(delimiter) else compiler.compile(delimiter, "delimiter"),
    )


class Template(_Text):
    """A text with holes: ``{template, values}``; each ``{key}`` becomes the value, one key after the other."""

    name = "tpl"

    def compile(self, formula: Formula, compiler: Compiler) -> Evaluate:
        template = property_of(formula.args, "template")
        if not isinstance(template, str):
            return _not_a_text(template)
        place = compiler.place
        pairs = list(_holes(property_of(formula.args, "values")))
        keys = [key for key, _ in pairs]
        parts = [compiler.compile(value, "values", key) for key, value in pairs]

        def evaluate(variables: Any, evaluation: Evaluation) -> Any:
            text = template
            for key, value in zip(keys, evaluate_all(parts, variables, evaluation), strict=True):
                filling = "" if is_nothing(value) else evaluation.text_of(value, place)
                evaluation.spend(_cost(text, filling), place)
                text = fill_holes(text, key, filling)
            return evaluation.spend_text(text, place)

        return evaluate


def _not_a_text(template: Any) -> Evaluate:
    def evaluate(variables: Any, evaluation: Evaluation) -> Any:
        # Building leaves what may become a text later.
        return template if evaluation.is_build else UNDEFINED

    return evaluate


def _holes(values: Any) -> Iterable[tuple[str, Any]]:
    if is_object(values):
        return [(key, values[key]) for key in own_keys(values)]
    if is_array(values) or isinstance(values, str):
        return [(str(index), member) for index, member in enumerate(values)]
    return []


def _cost(text: str, filling: str) -> int:
    """What filling may cost at most: every hole is at least three characters long, its filling stands in each."""
    return (len(text) + text.count("{") * len(filling) * (1 + filling.count("$"))) // 16


class FirstName(_Text):
    """The first name in a person's whole name; nothing when the name is a single word."""

    name = "firstName"

    def compile(self, formula: Formula, compiler: Compiler) -> Evaluate:
        return _of_name(formula.args, compiler, lambda name: name.first if name.last else None)


class LastName(_Text):
    """The last name in a person's whole name, which a single word is."""

    name = "lastName"

    def compile(self, formula: Formula, compiler: Compiler) -> Evaluate:
        return _of_name(formula.args, compiler, lambda name: name.last or name.first)


def _of_name(args: Any, compiler: Compiler, choose: Callable[[PersonName], str | None]) -> Evaluate:
    place, argument = compiler.place, compiler.compile(args)

    def evaluate(variables: Any, evaluation: Evaluation) -> Any:
        value = argument(variables, evaluation)
        text = "" if is_nothing(value) else evaluation.text_of(value, place)
        return choose(parse_name(evaluation.spend_text(text, place))) or UNDEFINED

    return evaluate


class DomainFromEmail(_Text):
    """What stands behind the only ``@`` of a text; nothing when there is none, or more than one."""

    name = "domainFromEmail"

    def compile(self, formula: Formula, compiler: Compiler) -> Evaluate:
        argument = compiler.compile(formula.args)

        def evaluate(variables: Any, evaluation: Evaluation) -> Any:
            value = argument(variables, evaluation)
            if not isinstance(value, str) or value.count("@") != 1:
                return UNDEFINED
            return value.partition("@")[2]

        return evaluate
