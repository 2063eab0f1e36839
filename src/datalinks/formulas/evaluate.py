"""Evaluating: a compiled formula, variables and whoever answers questions, to a value.

Two operations, as in the reference. *Build* computes what can be computed from the variables alone and leaves finds and
lookups in place, with their arguments built. *Resolve* asks for what they find.

An evaluation runs from beginning to end without waiting for anyone. Where an answer is missing the rest goes on, so
that a pass collects every question it can reach; they are asked together and the pass is made again with the answers.
A formula that finds a link for each of 1,000 records asks once.
"""

from asyncio import TaskGroup, get_running_loop
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ParamSpec, TypeVar

from datalinks.formulas.compiling import ObjectOf
from datalinks.formulas.copies import fill_copies
from datalinks.formulas.errors import LimitReached
from datalinks.formulas.evaluation import Evaluation, Waiting
from datalinks.formulas.language import language
from datalinks.formulas.limits import DEFAULT_LIMITS, Limits, measure
from datalinks.formulas.operator import Evaluate
from datalinks.formulas.place import ROOT
from datalinks.formulas.questions import Answerer, Answerers, Question, RunJsonata
from datalinks.formulas.scope import NOTHING_AROUND, Scope
from datalinks.formulas.values import UNDEFINED

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled formula; it keeps nothing of its evaluations and may be used for any number of them at once.

    size: of how many values it is made.
    """

    evaluate: Evaluate
    size: int
    limits: Limits

    def run(self, variables: Any, evaluation: Evaluation, done: dict[str, Any]) -> Any:
        """One pass. done: members of the whole that earlier passes have computed; those of this pass are added.

        Raises:
            Waiting: an answer is missing.
            FormulaError: it cannot be computed, or takes more than it may.
        """
        try:
            evaluation.spend(self.size, ROOT)
            if isinstance(self.evaluate, ObjectOf):
                return self.evaluate.resume(done, variables, evaluation)
            return self.evaluate(variables, evaluation)
        except RecursionError as error:
            raise LimitReached("A value is nested too deeply.", {"path": "$"}) from error


def compile_formula(formula: Any, limits: Limits = DEFAULT_LIMITS) -> Program:
    """A value with formulas in it, ready to be computed for any variables.

    Raises:
        LimitReached: it is too large or too deep.
    """
    try:
        evaluate, size = language().compile(formula, limits)
    except RecursionError as error:
        raise LimitReached("The formula is nested too deeply.", {"path": "$"}) from error
    return Program(evaluate, size, limits)


async def resolve(formula: Any, variables: Any, scope: Scope = NOTHING_AROUND) -> Any:
    """The value of a formula, with links and lookups found; UNDEFINED when nothing is left of it.

    The result may share parts with the formula and the variables, neither of which is changed.

    Raises:
        FormulaError: it cannot be computed, or takes more than it may.
    """
    program = await _apart(scope, compile_formula, formula, scope.limits)
    [value] = await _Run(program, [variables], scope).settle()
    return value


async def resolve_each(program: Program, each: Sequence[Any], scope: Scope = NOTHING_AROUND) -> list[Any]:
    """The values of a formula for several variables, in their order; what they ask is asked together.

    Raises:
        FormulaError: as ``resolve``, for the first of them that cannot be computed.
    """
    return await _Run(program, each, scope).settle()


async def build(formula: Any, variables: Any, scope: Scope = NOTHING_AROUND) -> Any:
    """The value of a formula, with finds and lookups left in place; only JSONata is run, by the scope's answerer.

    Raises:
        FormulaError: it cannot be computed, or takes more than it may.
    """
    program = await _apart(scope, compile_formula, formula, scope.limits)
    [value] = await _Run(program, [variables], scope, is_build=True).settle()
    return value


async def build_data(formula: Any, variables: Any, scope: Scope = NOTHING_AROUND) -> Any:
    """As ``build``, with every ``$copy`` filled.

    Raises:
        FormulaError: as ``build``; also when a ``$copy`` points at another.
    """
    return await _copied(await build(formula, variables, scope), scope)


async def resolve_data(formula: Any, variables: Any, scope: Scope = NOTHING_AROUND) -> Any:
    """As ``resolve``, with every ``$copy`` filled.

    Raises:
        FormulaError: as ``resolve``; also when a ``$copy`` points at another.
    """
    return await _copied(await resolve(formula, variables, scope), scope)


async def _copied(value: Any, scope: Scope) -> Any:
    value = await _apart(scope, fill_copies, value, scope.limits)
    _check_size(value, scope.limits)
    return value


async def _apart(scope: Scope, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What a function returns that computes for some time."""
    if scope.executor is None:
        return function(*args, **kwargs)
    return await get_running_loop().run_in_executor(scope.executor, partial(function, *args, **kwargs))


class _Run:
    """A formula on its way to its values, for several variables at once."""

    def __init__(self, program: Program, each: Sequence[Any], scope: Scope, *, is_build: bool = False) -> None:
        self._program = program
        self._each = each
        self._scope = scope
        self._is_build = is_build
        self._answerers = _building(scope.answerers) if is_build else scope.answerers
        self._answers: dict[Hashable, Any] = {}
        self._values: list[Any] = [UNDEFINED] * len(each)
        # What has no value yet, and which of its members are computed already.
        self._waiting: dict[int, dict[str, Any]] = {index: {} for index in range(len(each))}

    async def settle(self) -> list[Any]:
        """Pass after pass until nothing is asked any more."""
        rounds = self._scope.limits.rounds
        for _ in range(rounds):
            asked = await _apart(self._scope, self._pass)
            if not self._waiting:
                return self._values
            self._answers.update(await _ask(asked, self._answerers))
        raise LimitReached(f"The formula asks for something more than {rounds} times in a row.", {"path": "$"})

    def _pass(self) -> dict[Hashable, Question]:
        """Compute what has no value yet, and what that would need to know."""
        limits, answered = self._program.limits, frozenset(self._answerers)
        asked: dict[Hashable, Question] = {}
        waiting: dict[int, dict[str, Any]] = {}
        for index, done in self._waiting.items():
            evaluation = Evaluation(limits, answered, self._answers, schema=self._scope.schema, is_build=self._is_build)
            try:
                value = self._program.run(self._each[index], evaluation, done)
            except Waiting:
                asked.update(evaluation.asked)
                waiting[index] = done
            else:
                _check_size(value, limits)
                self._values[index] = value
        self._waiting = waiting
        return asked


def _building(answerers: Answerers) -> Answerers:
    return {kind: answerer for kind, answerer in answerers.items() if kind is RunJsonata}


def _check_size(value: Any, limits: Limits) -> None:
    if not isinstance(value, (dict, list, str)):
        return
    try:
        measure(value, limits.result_size, limits.depth * 2)
    except (LimitReached, RecursionError) as error:
        raise LimitReached("The result is too large or too deep.", {"path": "$"}) from error


async def _ask(asked: Mapping[Hashable, Question], answerers: Answerers) -> dict[Hashable, Any]:
    """The answers to questions, by their keys; each kind is asked once, and all kinds at the same time."""
    kinds: dict[type[Question], dict[Hashable, Question]] = {}
    for key, question in asked.items():
        kinds.setdefault(type(question), {})[key] = question
    try:
        async with TaskGroup() as group:
            tasks = [
                (questions, group.create_task(_ask_kind(answerers[kind], questions)))
                for kind, questions in kinds.items()
            ]
    except ExceptionGroup as errors:
        # The first is as good as any: nothing but the answers of this evaluation is lost with the others.
        raise errors.exceptions[0] from errors
    return {key: answer for questions, task in tasks for key, answer in zip(questions, task.result(), strict=True)}


async def _ask_kind(answerer: Answerer, questions: Mapping[Hashable, Question]) -> Sequence[Any]:
    return await answerer(list(questions.values()))
