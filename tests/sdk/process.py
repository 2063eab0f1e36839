"""Node programs as tests start them: shut in to this machine, and one that runs cases with an SDK."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
_NODE = [sys.executable, str(FOLDER.parent.parent / "scripts" / "node.py"), "node"]


def node_command(*arguments: str) -> list[str]:
    """The command line of a Node program that can contact only this machine."""
    return [*_NODE, "--import", (FOLDER / "loopback.mjs").as_uri(), *arguments]


def list_cases() -> list[tuple[str, str]]:
    """Every case with every SDK it is for: ``(sdk, case)``."""
    run = subprocess.run(
        node_command(str(FOLDER / "run.mjs"), "--list"), capture_output=True, text=True, check=True, timeout=60
    )
    return [(sdk, each["case"]) for each in json.loads(run.stdout) for sdk in each["sdks"]]


class CaseRunner:
    """One Node process that runs cases with one SDK against one workspace of a server.

    app_url: of an app that the server may call.
    """

    def __init__(self, sdk: str, url: str, key: str, secret: str, app_url: str = "") -> None:
        names = {
            "DATALINKS_TEST_URL": url,
            "DATALINKS_TEST_KEY": key,
            "DATALINKS_TEST_SECRET": secret,
            "DATALINKS_TEST_APP": app_url,
        }
        self._process = subprocess.Popen(
            node_command(str(FOLDER / "run.mjs"), sdk),
            env={**os.environ, **names},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def run(self, case: str) -> str | None:
        """What went wrong in a case; None when it holds."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{case}\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            return f"The process ended with exit code {self._process.wait(timeout=30)}."
        answer: dict[str, Any] = json.loads(line)
        assert answer["case"] == case
        return answer.get("error")

    def stop(self) -> None:
        """End the process: it ends by itself when nothing more can be asked of it."""
        self._process.communicate(timeout=30)
