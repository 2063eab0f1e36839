"""Bytes on disk for each link, with all indexes, after an import in random order."""

from contextlib import ExitStack

from bench import records
from bench.lab import Lab
from bench.measurement import Contender, Measurement, Round, Target
from bench.raw_store import Engine

_TIMES_IDS, _PLUS = 3, 100
_ALLOWED = f"{_TIMES_IDS} x ids + {_PLUS}"


def _datalinks(engine: Engine, direction: str, links_per_row: int) -> Contender:
    def contender(lab: Lab, stack: ExitStack) -> Round:
        stage = lab.empty(engine, stack)
        rows = lab.options.links
        stage.import_links(records.kept(rows), direction)
        stage.raw.settle()
        return lambda _seconds: stage.raw.links_bytes() / (rows * links_per_row)

    return contender


def _allowed(lab: Lab, stack: ExitStack) -> Round:
    return lambda _seconds: float(_TIMES_IDS * records.id_bytes() + _PLUS)


def _measurement(engine: Engine, title: str) -> Measurement:
    one, both = "one direction", "both directions"
    return Measurement(
        name=f"size-{engine}",
        title=f"Bytes on disk per link with all indexes, {title}",
        unit="bytes",
        contenders={one: _datalinks(engine, "import", 1), both: _datalinks(engine, "both", 2), _ALLOWED: _allowed},
        targets=(Target(one, _ALLOWED, 1, at_most=True), Target(both, _ALLOWED, 1, at_most=True)),
        rounds=1,
        warms_up=False,
    )


MEASUREMENTS = (_measurement(Engine.SQLITE, "SQLite"), _measurement(Engine.POSTGRES, "PostgreSQL"))
