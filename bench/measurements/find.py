"""Finding one link at a time over HTTP, against what a look-up costs elsewhere."""

import random
import time
from contextlib import ExitStack
from itertools import count

from bench import records, schema
from bench.lab import Lab
from bench.measurement import Contender, Measurement, Round, Target
from bench.processes.wrk import Load, run_wrk
from bench.raw_sqlite import RawSqlite
from bench.raw_store import Engine

_CONNECTIONS = 32
_PGBENCH_CLIENTS = 8
_KEYS = 10_000


def _rate(load: Load) -> Round:
    seeds = count(records.SEED)
    return lambda seconds: run_wrk(load, _CONNECTIONS, seconds, next(seeds)).per_second


def _datalinks(engine: Engine) -> Contender:
    return lambda lab, _stack: _rate(lab.filled(engine).server.finds(lab.options.links))


def _handrolled(engine: Engine) -> Contender:
    return lambda lab, _stack: _rate(lab.handrolled(engine).finds())


def _redis(lab: Lab, stack: ExitStack) -> Round:
    redis = lab.redis
    return lambda seconds: redis.hget(_CONNECTIONS, seconds)


def _pgbench(lab: Lab, stack: ExitStack) -> Round:
    stage = lab.filled(Engine.POSTGRES)
    script = stage.folder / "find.sql"
    query = schema.find(":instance", "'u-' || lpad(:number::text, 8, '0')")
    script.write_text(f"\\set number {records.STEP} * random(0, :links - 1)\n{query};\n")
    variables = {"links": lab.options.links, "instance": stage.raw.instance_no}
    return lambda seconds: lab.postgres.pgbench(stage.database, script, _PGBENCH_CLIENTS, seconds, **variables)


def _apsw(lab: Lab, stack: ExitStack) -> Round:
    raw = lab.filled(Engine.SQLITE).raw
    assert isinstance(raw, RawSqlite), "this is the contender of SQLite"
    source = random.Random(records.SEED)  # noqa: S311 - the same in every run is what is wanted

    def one_round(seconds: float) -> float:
        keys = records.some_app_record_ids(lab.options.links, _KEYS, source)
        start = time.perf_counter()
        done = 0
        while time.perf_counter() - start < seconds:
            done += raw.find(keys)
        return done / (time.perf_counter() - start)

    return one_round


MEASUREMENTS = (
    Measurement(
        name="find-sqlite",
        title="Find one link over HTTP, SQLite, 32 connections",
        unit="finds/s",
        contenders={
            "datalinks": _datalinks(Engine.SQLITE),
            "redis HGET": _redis,
            "hand-rolled": _handrolled(Engine.SQLITE),
            "apsw in process": _apsw,
        },
        targets=(Target("datalinks", "redis HGET", 0.35), Target("datalinks", "hand-rolled", 6)),
    ),
    Measurement(
        name="find-postgres",
        title="Find one link over HTTP, PostgreSQL, 32 connections",
        unit="finds/s",
        contenders={
            "datalinks": _datalinks(Engine.POSTGRES),
            "pgbench select": _pgbench,
            "hand-rolled": _handrolled(Engine.POSTGRES),
        },
        targets=(Target("datalinks", "pgbench select", 0.5), Target("datalinks", "hand-rolled", 6)),
    ),
)
