"""Real worker processes, and what must hold of the runs that they worked off."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from support.server import environment


class WorkerProcess:
    """A process that works runs off; ``module`` is what it runs, the real command line unless a test breaks something."""

    def __init__(self, folder: Path, settings: Mapping[str, str], *module: str) -> None:
        with (folder / "worker.log").open("a") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *(module or ("datalinks", "worker")), "--json"],
                cwd=folder,
                env=environment(**settings),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._log = folder / "worker.log"

    async def wait(self) -> None:
        """Wait until it is at work."""
        assert self._process.stdout is not None
        while line := await asyncio.to_thread(self._process.stdout.readline):
            if line.rstrip() == "}":
                return
        raise AssertionError(self._log.read_text()[-2000:])

    def kill(self) -> None:
        """End it as a power switch would."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to end; its exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> int:
        self._process.send_signal(number)
        code = self._process.wait(timeout=30)
        if self._process.stdout is not None:
            self._process.stdout.close()
        return code


def check_links(links: Mapping[tuple[str, str, str], Mapping[str, Any]], outputs: list[Any]) -> None:
    """Every link that nodes put out is there, as they put it out, written once; and no other."""
    written = {(each["appRecordId"], each["externalRecordId"], each["direction"]): each for each in outputs}
    assert len(written) == len(outputs), "a link was put out twice"
    assert links.keys() == written.keys(), "links and the outputs of nodes are not the same"
    for key, link in links.items():
        assert link["id"] == written[key]["id"], "a link is not the one that its node put out"
        assert link["updatedAt"] == link["createdAt"], "a link was written twice"
