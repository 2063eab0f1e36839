"""How long one find takes in a large table, against a small one."""

from contextlib import ExitStack
from itertools import count

from bench import records
from bench.lab import Lab
from bench.measurement import Contender, Measurement, Round, Target
from bench.processes.wrk import run_wrk
from bench.raw_store import Engine

_SMALL = 10_000


def _datalinks(engine: Engine, *, large: bool) -> Contender:
    def contender(lab: Lab, stack: ExitStack) -> Round:
        links = lab.options.large_links if large else _SMALL
        load = lab.filled(engine, links).server.finds(links)
        seeds = count(records.SEED)
        return lambda seconds: run_wrk(load, 1, seconds, next(seeds)).median_microseconds

    return contender


def _measurement(engine: Engine, title: str) -> Measurement:
    return Measurement(
        name=f"latency-{engine}",
        title=f"Median time of one find over HTTP, {title}, 1 connection",
        unit="us",
        contenders={
            "large table": _datalinks(engine, large=True),
            "10,000 links": _datalinks(engine, large=False),
        },
        targets=(Target("large table", "10,000 links", 1.5, at_most=True),),
    )


MEASUREMENTS = (_measurement(Engine.SQLITE, "SQLite"), _measurement(Engine.POSTGRES, "PostgreSQL"))
