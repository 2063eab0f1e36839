"""Creating one link at a time over HTTP, each on disk before it is answered."""

from contextlib import ExitStack
from itertools import count

from bench import records
from bench.lab import Lab, Stage
from bench.measurement import Contender, Measurement, Round, Target
from bench.processes.wrk import run_wrk
from bench.raw_postgres import RawPostgres
from bench.raw_store import Engine

_CONNECTIONS = 64
_PGBENCH_CLIENTS = 32
_SEQUENCE = "bench_write_no"
# The server's setting for how many writes share one commit.
_GROUP_SETTING = "DATALINKS_SQLITE_GROUP"


def _rate(stage: Stage, first_seed: int) -> Round:
    seeds = count(first_seed)
    return lambda seconds: run_wrk(stage.server.creates(), _CONNECTIONS, seconds, next(seeds)).per_second


def _filled_scratch(lab: Lab) -> Stage:
    """The one table that both contenders of PostgreSQL write to in turn, so that it grows for both."""
    stage = lab.scratch(Engine.POSTGRES)
    if not stage.raw.count():
        stage.fill(lab.options.links)
    return stage


def _postgres(lab: Lab, stack: ExitStack) -> Round:
    return _rate(_filled_scratch(lab), records.SEED)


def _pgbench(lab: Lab, stack: ExitStack) -> Round:
    stage = _filled_scratch(lab)
    assert isinstance(stage.raw, RawPostgres), "this is the contender of PostgreSQL"
    stage.raw.create_sequence(_SEQUENCE)
    app, external = "'u-' || lpad(:app::text, 8, '0')", "'00Q' || lpad(:external::text, 15, '0')"
    query = stage.raw.table.upsert_of(":instance", app, external, f"nextval('{_SEQUENCE}')")
    last = records.CREATED - 1
    script = stage.folder / "create.sql"
    script.write_text(f"\\set app random(0, {last})\n\\set external random(0, {last})\n{query};\n")
    instance_no = stage.raw.instance_no
    return lambda seconds: lab.postgres.pgbench(stage.database, script, _PGBENCH_CLIENTS, seconds, instance=instance_no)


def _sqlite(**settings: str) -> Contender:
    def contender(lab: Lab, stack: ExitStack) -> Round:
        # Both begin with a file of the same size and get the same requests.
        stage = lab.again(lab.filled(Engine.SQLITE), stack, **settings)
        return _rate(stage, records.SEED)

    return contender


MEASUREMENTS = (
    Measurement(
        name="create-postgres",
        title="Create one link over HTTP, durable, PostgreSQL, 64 connections",
        unit="creates/s",
        contenders={"datalinks": _postgres, "pgbench upsert": _pgbench},
        targets=(Target("datalinks", "pgbench upsert", 0.8),),
    ),
    Measurement(
        name="create-sqlite",
        title="Create one link over HTTP, durable, SQLite, 64 connections",
        unit="creates/s",
        contenders={"datalinks": _sqlite(), "one commit per write": _sqlite(**{_GROUP_SETTING: "1"})},
        targets=(Target("datalinks", "one commit per write", 4),),
        # Long enough that checkpoints count.
        seconds_factor=6,
    ),
)
