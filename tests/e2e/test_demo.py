"""The demo says what really happened, leaves data that can be used again, and fails loudly."""

import os
import pty
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

ROOT = Path(__file__).parent.parent.parent
DEMO = [sys.executable, str(ROOT / "examples" / "demo" / "run.py")]


def start(folder: Path, stdout: int = subprocess.PIPE) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*DEMO, "--folder", str(folder)], stdout=stdout, stderr=subprocess.PIPE, encoding="utf-8", cwd=folder.parent
    )


def url_in(printed: str) -> str:
    found = re.search(r"Datalinks listens on (\S+),", printed)
    assert found is not None, printed
    return found[1]


def command_in(printed: str, words: str) -> list[str]:
    """A command that the demo prints, as a shell would split it."""
    return shlex.split(next(line for line in printed.splitlines() if words in line))


def test_the_demo_shows_what_it_promises_and_stops(tmp_path: Path) -> None:
    demo = start(tmp_path / "demo")

    printed, errors = demo.communicate(timeout=120)

    assert (demo.returncode, errors) == (0, "")
    for fact in (
        "2 integrations, 2 data link tables",
        "3 customers with 4 connections",
        "232 pairs became 432 links",
        "still 432 links, each kept its id",
        "200 of 200 contacts found from the product, 200 of 200 from the app",
        "many to many: ",
        "linked for import only",
        "by its id is refused: not_found",
        "/console/",
        "/docs",
    ):
        assert fact in printed
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(f"{url_in(printed)}/health")
    found = subprocess.run(
        command_in(printed, "links find"), cwd=ROOT, capture_output=True, encoding="utf-8", check=True, timeout=60
    )
    assert "export" in found.stdout
    assert "import" in found.stdout
    assert command_in(printed, "datalinks serve")[2:4] == ["--port", url_in(printed).rpartition(":")[2]]


def test_on_a_terminal_the_server_runs_until_it_is_interrupted(tmp_path: Path) -> None:
    terminal, inner = pty.openpty()
    demo = start(tmp_path / "demo", stdout=inner)
    os.close(inner)
    printed = ""
    with os.fdopen(terminal, encoding="utf-8") as output:
        while "until you press Ctrl-C" not in printed:
            printed += output.readline()
        token = command_in(printed, "TOKEN=")[0].removeprefix("TOKEN=")
        address = command_in(printed, "curl ")[-1]

        answer = httpx2.get(address, headers={"authorization": f"Bearer {token}"})
        demo.send_signal(signal.SIGINT)
        code = demo.wait(timeout=60)

    assert demo.stderr is not None
    assert demo.stderr.read() == ""
    demo.stderr.close()
    assert code == 0
    assert len(answer.json()["items"]) == 1
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(address)


def test_a_failure_is_said_and_is_the_exit_code(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("in the way")

    demo = start(tmp_path / "demo")
    printed, errors = demo.communicate(timeout=60)

    assert demo.returncode == 1
    assert printed == ""
    assert errors.startswith("The demo failed. The folder ")
    assert (tmp_path / "demo").read_text() == "in the way"
