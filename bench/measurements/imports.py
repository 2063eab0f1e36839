"""Importing many links from CSV over HTTP, against the driver's own bulk load into the same table."""

from contextlib import ExitStack

from bench import records
from bench.lab import Lab, Stage
from bench.measurement import Measurement, Round, Target
from bench.raw_store import Engine


def _postgres_import(lab: Lab, stack: ExitStack) -> Round:
    stage, pairs = lab.scratch(Engine.POSTGRES), records.new(lab.options.links)

    def one_round(_seconds: float) -> float:
        _empty(stage)
        return len(pairs) / stage.import_links(pairs)

    return one_round


def _postgres_copy(lab: Lab, stack: ExitStack) -> Round:
    stage, pairs = lab.scratch(Engine.POSTGRES), records.new(lab.options.links)

    def one_round(_seconds: float) -> float:
        _empty(stage)
        return len(pairs) / stage.raw.load(pairs)

    return one_round


def _empty(stage: Stage) -> None:
    stage.raw.clear()
    stage.raw.settle()


def _sqlite_import(lab: Lab, stack: ExitStack) -> Round:
    pairs = records.new(lab.options.links)

    def one_round(_seconds: float) -> float:
        with ExitStack() as inner:
            stage = lab.again(lab.filled(Engine.SQLITE), inner)
            return len(pairs) / stage.import_links(pairs)

    return one_round


def _sqlite_executemany(lab: Lab, stack: ExitStack) -> Round:
    pairs = records.new(lab.options.links)

    def one_round(_seconds: float) -> float:
        with ExitStack() as inner:
            stage = lab.again(lab.filled(Engine.SQLITE), inner)
            return len(pairs) / stage.raw.load(pairs)

    return one_round


MEASUREMENTS = (
    Measurement(
        name="import-postgres",
        title="Import CSV over HTTP in random order into an empty table, PostgreSQL",
        unit="rows/s",
        contenders={"datalinks": _postgres_import, "raw COPY": _postgres_copy},
        targets=(Target("datalinks", "raw COPY", 0.5),),
        warms_up=False,
    ),
    Measurement(
        name="import-sqlite",
        title="Import CSV over HTTP in random order into as many links, SQLite",
        unit="rows/s",
        contenders={"datalinks": _sqlite_import, "raw executemany": _sqlite_executemany},
        targets=(Target("datalinks", "raw executemany", 3),),
        warms_up=False,
    ),
)
