"""What formulas are computed with, whoever asks: limits, a sandbox for JSONata, threads for what takes long."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

import msgspec
import structlog
from msgspec import UNSET, UnsetType

from datalinks.formulas.errors import LimitReached
from datalinks.formulas.evaluate import Program, build_data, resolve_data, resolve_each
from datalinks.formulas.limits import Limits
from datalinks.formulas.questions import Answerer, NoAnswer, Question, RunJsonata
from datalinks.formulas.scope import Scope
from datalinks.formulas.values import UNDEFINED, without_undefined
from datalinks.model.record import Json, Record
from datalinks.sandbox.errors import SandboxError
from datalinks.sandbox.jsonata import Answer, Jsonata, Status

T = TypeVar("T")

_log = structlog.get_logger(__name__)


class EvaluationMode(StrEnum):
    """What is done with finds: ``resolve`` asks for links, ``build`` leaves the formulas in place."""

    RESOLVE = "resolve"
    BUILD = "build"


class Evaluated(Record, frozen=True, kw_only=True):
    """What came of a formula. value: absent when nothing is left of it, which is another thing than null."""

    value: Json | UnsetType = UNSET


@dataclass(frozen=True, slots=True)
class FormulaEngines:
    """Computes formulas. A long evaluation runs in a thread and keeps nobody else waiting.

    timeout_seconds: how long one evaluation may take altogether, with all it asks.
    """

    jsonata: Jsonata
    limits: Limits
    executor: Executor
    timeout_seconds: float

    async def evaluate(
        self, formula: Any, variables: Any, mode: EvaluationMode, answerers: Mapping[type[Question], Answerer]
    ) -> Evaluated:
        """What a formula gives. answerers: who is asked for more than JSONata.

        Raises:
            FormulaError: it cannot be computed, or takes more than it may; ``data["path"]`` is the place in it.
        """
        run = build_data if mode is EvaluationMode.BUILD else resolve_data
        value = await self._in_time(run(formula, variables, self._scope(answerers)))
        return Evaluated() if value is UNDEFINED else Evaluated(value=without_undefined(value))

    async def resolve_each(
        self, program: Program, each: Sequence[Any], answerers: Mapping[type[Question], Answerer]
    ) -> list[Any]:
        """What a compiled formula gives for each of several variables; UNDEFINED where nothing is left of it.

        Raises:
            FormulaError: as ``evaluate``, for the first of them that cannot be computed.
        """
        return await self._in_time(resolve_each(program, each, self._scope(answerers)))

    def _scope(self, answerers: Mapping[type[Question], Answerer]) -> Scope:
        return Scope(answerers={RunJsonata: self._run_jsonata, **answerers}, limits=self.limits, executor=self.executor)

    async def _in_time(self, evaluation: Awaitable[T]) -> T:
        timeout = asyncio.timeout(self.timeout_seconds)
        try:
            async with timeout:
                return await evaluation
        except TimeoutError as error:
            if not timeout.expired():
                raise
            message = f"The formula takes longer than {self.timeout_seconds:g} s altogether."
            raise LimitReached(message, {"path": "$"}) from error

    async def _run_jsonata(self, questions: Sequence[RunJsonata]) -> list[Any]:
        answers = await self.jsonata.evaluate_many([(asked.expression, asked.variables) for asked in questions])
        return [_value_of(answer) for answer in answers]


def _value_of(answer: Answer | SandboxError) -> Any:
    """A failed expression is undefined, as in the reference; one that was stopped makes the formula fail."""
    if isinstance(answer, SandboxError):
        _log.warning("jsonata stopped", error=answer.code)
        return NoAnswer(answer.message)
    return msgspec.json.decode(answer.text) if answer.status is Status.VALUE else UNDEFINED
