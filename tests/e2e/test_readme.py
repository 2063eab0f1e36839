"""The tour of the README works as it is written: shell, Python and JavaScript, one after the other."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from support.server import environment

pytestmark = pytest.mark.skipif(
    shutil.which("curl") is None or shutil.which("bash") is None, reason="the tour is written for bash and curl"
)
README = Path("README.md").read_text("utf-8")
SDK = Path("tests/sdk").resolve()
NODE = Path("scripts/node.py").resolve()


def block(language: str) -> str:
    """The one block of the README in a language, on a port that is free."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    return str(found)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def tour(tmp_path_factory: pytest.TempPathFactory) -> Generator["Tour"]:
    started = Tour(tmp_path_factory.mktemp("tour"))
    yield started
    started.end()


class Tour:
    """One shell that runs the tour's first part and leaves its server running, as a reader's does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        port = free_port()
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        self.environment = environment(PATH=path, DATALINKS_PORT=str(port))
        script = block("bash").replace("8420", str(port)) + '\necho "TOKEN=$TOKEN"\n'
        # In a session of its own, so that the server can be ended together with the shell.
        self.shell = subprocess.Popen(
            ["bash", "-euc", script + "echo end-of-tour; wait"],
            cwd=folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.output = ""
        assert self.shell.stdout is not None
        for line in self.shell.stdout:
            if line.strip() == "end-of-tour":
                break
            self.output += line
        token = re.search(r"^TOKEN=(.*)$", self.output, re.MULTILINE)
        assert token, self.output
        self.environment |= {"TOKEN": token[1], "DATALINKS_URL": f"http://127.0.0.1:{port}"}

    def run(self, *command: str) -> str:
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def end(self) -> None:
        os.killpg(self.shell.pid, signal.SIGTERM)
        self.shell.wait(30)
        assert self.shell.stdout is not None
        self.shell.stdout.close()


def test_the_shell_links_and_finds_from_both_sides(tour: Tour) -> None:
    assert "secret:" in tour.output
    assert tour.output.count('"appRecordId":"u-17"') == 2
    assert tour.output.count('"externalRecordId":"9001"') == 2
    assert '"value":{"id":"u-17","lastName":"Lee"}' in tour.output
    assert '"type":' not in tour.output, "no answer is an error"


def test_python_links_and_finds_from_both_sides(tour: Tour) -> None:
    assert tour.run(sys.executable, "-c", block("python")).strip() == "9002 u-18"


def test_javascript_links_and_finds(tour: Tour) -> None:
    (tour.folder / "node_modules").symlink_to(SDK / "node_modules")
    (tour.folder / "tour.mjs").write_text(block("js"))

    assert tour.run(sys.executable, str(NODE), "node", "tour.mjs").strip() == "9003"
