"""Computing a mapping of twenty fields for 1,000 records in this process, against the SDK for JavaScript in Node."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, TypeAlias

import msgspec

from bench.contacts import Job, jsonata_job, links_job, plain_job
from bench.failures import BenchFailed
from bench.lab import Lab
from bench.measurement import Contender, Measurement, Round, Target
from bench.processes.sdk import Passes, Sdk
from datalinks.formulas.evaluate import compile_formula, resolve, resolve_each
from datalinks.formulas.questions import Answerer, FindLink, Question, RunJsonata
from datalinks.formulas.scope import Scope
from datalinks.formulas.values import UNDEFINED, without_undefined
from datalinks.sandbox.jsonata import Answer, Jsonata, Status
from datalinks.sandbox.limits import Limits

_OURS, _ONE_BY_ONE = "datalinks", "datalinks, one by one"
_RESOLVE, _BUILD = "sdk resolveValue", "sdk buildValue"
_FACTOR = 0.5

_Answerers: TypeAlias = Mapping[type[Question], Answerer]
# Makes those whom a job's formulas ask; what it puts on the stack ends with the measurement.
_Answering: TypeAlias = Callable[[Job, asyncio.Runner, ExitStack], _Answerers]


class _Ours:
    """A job, and what is around its evaluations in this process."""

    def __init__(self, job: Job, answering: _Answering, stack: ExitStack) -> None:
        self._job = job
        self._runner = stack.enter_context(asyncio.Runner())
        self._program = compile_formula(job.mapping)
        self._scope = Scope(answerers=answering(job, self._runner, stack))

    async def together(self) -> list[Any]:
        """All records with one compiled formula."""
        return await resolve_each(self._program, self._job.records, self._scope)

    async def one_by_one(self) -> list[Any]:
        """Each record by itself, for which the formula is compiled."""
        return [await resolve(self._job.mapping, record, self._scope) for record in self._job.records]

    def run(self, compute: Callable[[], Awaitable[list[Any]]], seconds: float) -> Passes:
        """Compute again and again for so many seconds."""
        return self._runner.run(_passes(compute, seconds))


async def _passes(compute: Callable[[], Awaitable[list[Any]]], seconds: float) -> Passes:
    times: list[float] = []
    values: list[Any] = []
    while sum(times) < seconds:
        start = time.perf_counter()
        values = await compute()
        times.append(time.perf_counter() - start)
    return Passes(times, values)


def _nobody(job: Job, runner: asyncio.Runner, stack: ExitStack) -> _Answerers:
    return {}


def _links(job: Job, runner: asyncio.Runner, stack: ExitStack) -> _Answerers:
    async def find(questions: Sequence[FindLink]) -> list[Any]:
        if len(questions) < len(job.records):
            raise BenchFailed(f"only {len(questions)} links were asked for together")
        return [job.links.get(asked.record_id, UNDEFINED) for asked in questions]

    return {FindLink: find}


def _sandbox(job: Job, runner: asyncio.Runner, stack: ExitStack) -> _Answerers:
    jsonata = Jsonata(Limits())
    stack.callback(lambda: runner.run(jsonata.close()))

    async def evaluate(questions: Sequence[RunJsonata]) -> list[Any]:
        answers = await jsonata.evaluate_many([(asked.expression, asked.variables) for asked in questions])
        return [_value(answer) for answer in answers]

    return {RunJsonata: evaluate}


def _value(answer: object) -> Any:
    if not isinstance(answer, Answer) or answer.status is not Status.VALUE:
        raise BenchFailed(f"an expression was not evaluated: {answer}")
    return msgspec.json.decode(answer.text)


@dataclass(frozen=True, slots=True)
class _Task:
    """What a measurement computes. answering: whom its formulas ask in this process."""

    name: str
    make_job: Callable[[], Job]
    answering: _Answering = _nobody

    def together(self, lab: Lab, stack: ExitStack) -> Round:
        """Ours, all records with one compiled formula."""
        ours = _Ours(self._job(lab), self.answering, stack)
        return self._rate(lab, lambda seconds: ours.run(ours.together, seconds))

    def one_by_one(self, lab: Lab, stack: ExitStack) -> Round:
        """Ours, each record by itself."""
        ours = _Ours(self._job(lab), self.answering, stack)
        return self._rate(lab, lambda seconds: ours.run(ours.one_by_one, seconds))

    def sdk(self, function: str) -> Contender:
        """The SDK, each record with one of its functions."""

        def contender(lab: Lab, stack: ExitStack) -> Round:
            sdk = Sdk(self._job(lab), lab.folder, self.name, stack)
            return self._rate(lab, lambda seconds: sdk.compute(function, seconds))

        return contender

    def _job(self, lab: Lab) -> Job:
        return lab.once(f"job of {self.name}", self.make_job)

    def _rate(self, lab: Lab, run: Callable[[float], Passes]) -> Round:
        """Records per second, by the median time of a pass. The first one says which values all others must have."""

        def one_round(seconds: float) -> float:
            passes = run(seconds)
            values = msgspec.json.encode(without_undefined(passes.values), order="sorted")
            if values != lab.once(f"values of {self.name}", lambda: values):
                raise BenchFailed("the values are others than those of the first contender")
            return len(passes.values) / statistics.median(passes.times)

        return one_round


def _measurement(title: str, task: _Task) -> Measurement:
    return Measurement(
        name=task.name,
        title=title,
        unit="records/s",
        contenders={_OURS: task.together, _RESOLVE: task.sdk("resolveValue")},
        targets=(Target(_OURS, _RESOLVE, _FACTOR),),
    )


_PLAIN = _Task("formulas", plain_job)

MEASUREMENTS = (
    Measurement(
        name=_PLAIN.name,
        title="Compute a mapping of 20 fields for 1,000 records, in process",
        unit="records/s",
        contenders={
            _OURS: _PLAIN.together,
            _RESOLVE: _PLAIN.sdk("resolveValue"),
            _ONE_BY_ONE: _PLAIN.one_by_one,
            _BUILD: _PLAIN.sdk("buildValue"),
        },
        targets=(
            Target(_OURS, _RESOLVE, _FACTOR),
            Target(_OURS, _BUILD, _FACTOR),
        ),
    ),
    _measurement(
        "The same with two links found for each record, answered from memory",
        _Task("formulas-links", links_job, _links),
    ),
    _measurement(
        "The same with a JSONata expression for each record, ours in a sandbox",
        _Task("formulas-jsonata", jsonata_job, _sandbox),
    ),
)
