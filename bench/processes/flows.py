"""Workers that work off the same queue of runs: ours, and DBOS Transact in the environment of the peers."""

import sys

import msgspec

from bench.failures import BenchFailed
from bench.processes.datalinks import settings
from bench.processes.handrolled import install
from bench.processes.programs import ROOT, run_program

AT_ONCE = 16
NODES = 5
_SECONDS = 3600


class Drained(msgspec.Struct, frozen=True):
    """A queue worked off. highest_bytes: of the worker's resident memory. links: that there are then, if it says."""

    seconds: float
    highest_bytes: int
    links: int | None = None


def drain_datalinks(database: str, runs: int) -> Drained:
    """Queue runs in the database of a stage and have a worker of its own process work them off."""
    variables = {**settings(database), "DATALINKS_FLOW_RUNS": str(AT_ONCE)}
    for mode in ("fill", "drain"):
        printed = run_program([sys.executable, "-m", "bench.flow_worker", mode, str(runs)], _SECONDS, variables, ROOT)
    return msgspec.json.decode(printed, type=Drained)


def drain_dbos(system: str, links: str, runs: int) -> Drained:
    """The same on DBOS, whose own tables are in the database ``system``.

    Raises:
        BenchFailed: not every run made its link. NotRun: uv is not there.
    """
    python = install()
    program = ROOT / "bench" / "peers" / "dbos" / "flow.py"
    for mode in ("fill", "drain"):
        arguments = [python, program, mode, system, links, str(runs), str(AT_ONCE)]
        printed = run_program(arguments, _SECONDS, {"PYTHONDONTWRITEBYTECODE": "1"})
    drained = msgspec.json.decode(printed, type=Drained)
    if drained.links != runs:
        raise BenchFailed(f"{runs} runs made {drained.links} links")
    return drained
