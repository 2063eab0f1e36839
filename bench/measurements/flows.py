"""A queue of runs of a flow of five nodes, worked off by one worker process; against DBOS with a step for each node."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field

from bench.lab import Lab
from bench.measurement import Contender, Measurement, Round, Target
from bench.processes.flows import NODES, Drained, drain_datalinks, drain_dbos
from bench.raw_store import Engine

_OURS, _DBOS = "datalinks", "dbos"
_FACTOR = 5
# Of ``--links``: 10,000 runs of a million.
_SHARE = 100
# The peer needs many times as long for each, and a shorter queue is no harder for it.
_PEER_SHARE = 500
_MEBIBYTE = 1024 * 1024


@dataclass(slots=True)
class _Memory:
    """What each contender took at its highest, told by the rounds of the speed."""

    highest: dict[str, float] = field(default_factory=dict[str, float])

    def note(self, name: str, drained: Drained) -> None:
        self.highest[name] = max(self.highest.get(name, 0), drained.highest_bytes / _MEBIBYTE)


def _memory(lab: Lab, engine: Engine) -> _Memory:
    return lab.once(f"flow memory {engine}", _Memory)


def _rate(lab: Lab, engine: Engine, name: str, runs: int, drain: Callable[[], Drained]) -> Round:
    def one_round(_seconds: float) -> float:
        drained = drain()
        _memory(lab, engine).note(name, drained)
        return NODES * runs / drained.seconds

    return one_round


def _ours(engine: Engine) -> Contender:
    def contender(lab: Lab, stack: ExitStack) -> Round:
        runs = max(lab.options.links // _SHARE, 100)
        # Its server only makes the database, and is asked nothing more.
        stage = lab.empty(engine, stack, DATALINKS_FLOW_WORKER="false")
        return _rate(lab, engine, _OURS, runs, lambda: drain_datalinks(stage.database, runs))

    return contender


def _dbos(engine: Engine) -> Contender:
    def contender(lab: Lab, stack: ExitStack) -> Round:
        runs = max(lab.options.links // _PEER_SHARE, 100)
        system, links = lab.plain_database(engine, "system"), lab.plain_database(engine, "links")
        return _rate(lab, engine, _DBOS, runs, lambda: drain_dbos(system, links, runs))

    return contender


def _highest(engine: Engine, name: str) -> Contender:
    def contender(lab: Lab, stack: ExitStack) -> Round:
        return lambda _seconds: _memory(lab, engine).highest[name]

    return contender


def _speed(engine: Engine, title: str) -> Measurement:
    return Measurement(
        name=f"flow-runs-{engine}",
        title=f"Node runs of queued runs of a flow of {NODES} nodes, {title}",
        unit="steps/s",
        contenders={_OURS: _ours(engine), _DBOS: _dbos(engine)},
        targets=(Target(_OURS, _DBOS, _FACTOR),),
        warms_up=False,
    )


def _size(engine: Engine, title: str) -> Measurement:
    return Measurement(
        name=f"flow-runs-memory-{engine}",
        title=f"Highest resident memory of the worker meanwhile, {title}",
        unit="MiB",
        contenders={name: _highest(engine, name) for name in (_OURS, _DBOS)},
        targets=(Target(_OURS, _DBOS, 1.5, at_most=True),),
        rounds=1,
        warms_up=False,
    )


_TITLES = {Engine.SQLITE: "SQLite", Engine.POSTGRES: "PostgreSQL"}
MEASUREMENTS = tuple(make(engine, title) for engine, title in _TITLES.items() for make in (_speed, _size))
