"""Finding 10,000 links with one request, against the best query of the same keys through the driver."""

import random
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from bench import records
from bench.failures import BenchFailed
from bench.lab import Lab
from bench.measurement import Contender, Measurement, Round, Target
from bench.processes.datalinks import batch_body
from bench.raw_store import Engine

_KEYS = 10_000


def _datalinks(engine: Engine) -> Contender:
    def contender(lab: Lab, stack: ExitStack) -> Round:
        stage = lab.filled(engine)
        first = records.some_app_record_ids(lab.options.links, _KEYS, _source())
        _check(stage.server.find_many(batch_body(first)), len(first))
        # The body is made and the answer is read, but nothing is parsed: that is the client's own affair.
        return _rate(lab, batch_body, stage.server.find_many)

    return contender


def _raw(engine: Engine) -> Contender:
    def contender(lab: Lab, stack: ExitStack) -> Round:
        raw = lab.filled(engine).raw
        return _rate(lab, list, raw.find_many)

    return contender


def _rate(lab: Lab, prepare: Callable[[Sequence[str]], object], ask: Callable[..., object]) -> Round:
    """Keys per second, by the median time of one batch; ``prepare`` is not timed."""
    source = _source()

    def one_round(seconds: float) -> float:
        times: list[float] = []
        keys: Sequence[str] = ()
        while sum(times) < seconds:
            keys = records.some_app_record_ids(lab.options.links, _KEYS, source)
            asked = prepare(keys)
            start = time.perf_counter()
            ask(asked)
            times.append(time.perf_counter() - start)
        return len(keys) / statistics.median(times)

    return one_round


def _check(answer: bytes, expected: int) -> None:
    """See that each operation found its link, wherever the answer keeps its results."""
    found = answer.count(b'"externalRecordId"')
    if found != expected:
        raise BenchFailed(f"a batch of {expected} keys found {found} links")


def _source() -> random.Random:
    return random.Random(records.SEED)  # noqa: S311 - the same in every run is what is wanted


def _measurement(engine: Engine, title: str, peer: str) -> Measurement:
    return Measurement(
        name=f"batch-{engine}",
        title=f"Find 10,000 links with one request, {title}",
        unit="keys/s",
        contenders={"datalinks": _datalinks(engine), peer: _raw(engine)},
        targets=(Target("datalinks", peer, 0.7),),
    )


MEASUREMENTS = (
    _measurement(Engine.SQLITE, "SQLite", "apsw json_each join"),
    _measurement(Engine.POSTGRES, "PostgreSQL", "asyncpg unnest join"),
)
