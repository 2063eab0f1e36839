"""The SDK for JavaScript that tests use: a Node process that computes a mapping of many records when it is asked to."""

import json
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec

from bench.contacts import Job
from bench.failures import BenchFailed, NotRun
from bench.processes.programs import ROOT, last_lines, running

_PROGRAM = ROOT / "bench" / "peers" / "sdk" / "formulas.mjs"
_PACKAGES = ROOT / "tests" / "sdk"
_PACKAGE = _PACKAGES / "node_modules" / "@integration-app" / "sdk" / "package.json"


class Passes(msgspec.Struct, frozen=True):
    """What came of passes over all records. times: seconds of each. values: those of the last pass."""

    times: list[float]
    values: list[Any]


class Sdk:
    """One process for one job, ended with the stack.

    Raises:
        NotRun: the SDK is not installed.
    """

    def __init__(self, job: Job, folder: Path, name: str, stack: ExitStack) -> None:
        if not _PACKAGE.exists():
            raise NotRun("the SDK for JavaScript is not installed: `make install` brings it")
        file = folder / f"{name}.json"
        file.write_bytes(msgspec.json.encode(job))
        self._log = folder / f"{name}.log"
        arguments = [sys.executable, ROOT / "scripts" / "node.py", "node"]
        # Tests shut Node in to this machine, and so does a run.
        arguments += ["--import", (_PACKAGES / "loopback.mjs").as_uri(), _PROGRAM, _PACKAGES, file]
        self._process = stack.enter_context(running(arguments, self._log, takes_input=True))

    def compute(self, function: str, seconds: float) -> Passes:
        """Compute all values again and again for so many seconds.

        Raises:
            BenchFailed: the process ended.
        """
        given, printed = self._process.stdin, self._process.stdout
        assert given is not None, "the process was started with a pipe"
        assert printed is not None, "as above"
        given.write(json.dumps({"function": function, "seconds": seconds}) + "\n")
        given.flush()
        line = printed.readline()
        if not line:
            raise BenchFailed(f"the SDK ended: {last_lines(self._log)}")
        return msgspec.json.decode(line, type=Passes)


def sdk_version() -> str | None:
    """The version that is installed; None if there is none."""
    return json.loads(_PACKAGE.read_text())["version"] if _PACKAGE.exists() else None
