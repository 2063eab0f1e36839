"""Importing many links from CSV over HTTP, against the driver's own bulk load into the same table."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import TypeAlias

from bench import records
from bench.lab import Lab, Stage
from bench.measurement import Contender, Measurement, Round, Target
from bench.raw_store import Engine
from bench.records import Pair

# Brings pairs into a stage's table; how many seconds it took.
_Bring: TypeAlias = Callable[[Stage, Sequence[Pair]], float]


def _over_http(stage: Stage, pairs: Sequence[Pair]) -> float:
    return stage.import_links(pairs)


def _by_driver(stage: Stage, pairs: Sequence[Pair]) -> float:
    return stage.raw.load(pairs)


def _into_empty(bring: _Bring) -> Contender:
    """Into the one table of PostgreSQL that is emptied before each round."""

    def contender(lab: Lab, stack: ExitStack) -> Round:
        stage, pairs = lab.scratch(Engine.POSTGRES), records.new(lab.options.links)

        def one_round(_seconds: float) -> float:
            stage.raw.clear()
            stage.raw.settle()
            return len(pairs) / bring(stage, pairs)

        return one_round

    return contender


def _into_filled(bring: _Bring) -> Contender:
    """Into a new copy of the filled SQLite file in each round."""

    def contender(lab: Lab, stack: ExitStack) -> Round:
        pairs = records.new(lab.options.links)

        def one_round(_seconds: float) -> float:
            with ExitStack() as inner:
                return len(pairs) / bring(lab.again(lab.filled(Engine.SQLITE), inner), pairs)

        return one_round

    return contender


MEASUREMENTS = (
    Measurement(
        name="import-postgres",
        title="Import CSV over HTTP in random order into an empty table, PostgreSQL",
        unit="rows/s",
        contenders={"datalinks": _into_empty(_over_http), "raw COPY": _into_empty(_by_driver)},
        targets=(Target("datalinks", "raw COPY", 0.5),),
        warms_up=False,
    ),
    Measurement(
        name="import-sqlite",
        title="Import CSV over HTTP in random order into as many links, SQLite",
        unit="rows/s",
        contenders={"datalinks": _into_filled(_over_http), "raw executemany": _into_filled(_by_driver)},
        targets=(Target("datalinks", "raw executemany", 3),),
        warms_up=False,
    ),
)
