"""The server's resident memory: after a warm-up, after many finds, and at its highest during a large import."""

from contextlib import ExitStack
from itertools import count

from bench import records
from bench.lab import Lab, Stage
from bench.measurement import Contender, Measurement, Round, Target
from bench.processes.memory import highest_resident, resident_bytes
from bench.processes.wrk import run_wrk
from bench.raw_store import Engine

_CONNECTIONS = 32
_WARM_UP_SECONDS = 3
_IMPORT_FACTOR = 5
_MEBIBYTE = 1024 * 1024
_WARM, _FINDS, _IMPORT = "after warm-up", "after finds", "highest in import"


def _stage(lab: Lab, stack: ExitStack, engine: Engine) -> Stage:
    """A process that has done nothing yet, on a table of its own; the same for all three figures."""

    def make() -> Stage:
        if engine is Engine.SQLITE:
            return lab.again(lab.filled(engine), stack)
        stage = lab.empty(engine, stack)
        stage.fill(lab.options.links)
        return lab.again(stage, stack)

    return lab.once(f"memory {engine}", make)


def _after_warm_up(engine: Engine) -> Contender:
    def contender(lab: Lab, stack: ExitStack) -> Round:
        stage = _stage(lab, stack, engine)

        def one_round(_seconds: float) -> float:
            run_wrk(stage.server.finds(lab.options.links), _CONNECTIONS, _WARM_UP_SECONDS, records.SEED)
            return resident_bytes(stage.server.process.pid) / _MEBIBYTE

        return one_round

    return contender


def _after_finds(engine: Engine) -> Contender:
    def contender(lab: Lab, stack: ExitStack) -> Round:
        stage = _stage(lab, stack, engine)

        def one_round(seconds: float) -> float:
            done, seeds = 0, count(records.SEED)
            while done < lab.options.links:
                done += run_wrk(stage.server.finds(lab.options.links), _CONNECTIONS, seconds, next(seeds)).requests
            return resident_bytes(stage.server.process.pid) / _MEBIBYTE

        return one_round

    return contender


def _in_import(engine: Engine) -> Contender:
    def contender(lab: Lab, stack: ExitStack) -> Round:
        stage = _stage(lab, stack, engine)

        def one_round(_seconds: float) -> float:
            with highest_resident(stage.server.process.pid) as highest:
                stage.import_links(records.new(_IMPORT_FACTOR * lab.options.links))
            return highest[0] / _MEBIBYTE

        return one_round

    return contender


def _measurement(engine: Engine, title: str) -> Measurement:
    return Measurement(
        name=f"memory-{engine}",
        title=f"Resident memory of the server, {title}",
        unit="MiB",
        contenders={_WARM: _after_warm_up(engine), _FINDS: _after_finds(engine), _IMPORT: _in_import(engine)},
        targets=(Target(_FINDS, _WARM, 1.2, at_most=True), Target(_IMPORT, _WARM, 1.2, at_most=True)),
        rounds=1,
        warms_up=False,
    )


MEASUREMENTS = (_measurement(Engine.SQLITE, "SQLite"), _measurement(Engine.POSTGRES, "PostgreSQL"))
