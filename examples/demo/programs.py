"""The programs that the demo runs: the server, its command line, and Node."""

import json
import os
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
STEP_TIMEOUT_SECONDS = 120

Process = subprocess.Popen[str]


class DemoFailed(Exception):
    """Something the demo needs did not work; the message says what."""


@dataclass(frozen=True)
class Store:
    """Where the demo keeps what it makes. folder: relative to the checkout, or absolute."""

    folder: Path

    @property
    def path(self) -> Path:
        """The folder, from wherever the demo was started."""
        return ROOT / self.folder

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.path / "server.log"

    @property
    def database(self) -> str:
        """The database as the program's option takes it, in the checkout."""
        return f"sqlite:///{self.folder / 'datalinks.db'}"

    def make_fresh(self) -> None:
        """Make the folder and delete what an earlier demo left there, and nothing else.

        Raises:
            DemoFailed: the folder cannot be used.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            for left in (*self.path.glob("datalinks.db*"), self.log):
                left.unlink(missing_ok=True)
        except OSError as error:
            raise DemoFailed(f"The folder {self.folder} cannot be used: {error.strerror}.") from error

    def command(self, *arguments: str) -> list[str]:
        """A command line of the server's program on this database."""
        return [sys.executable, "-m", "datalinks", *arguments, "--database", self.database]


def run_json(arguments: Sequence[str], what: str, given: Any = None) -> Any:
    """Run a program that answers JSON on standard output; what it is given goes to its standard input as JSON.

    Raises:
        DemoFailed: it ended with an error, or took too long.
    """
    try:
        done = subprocess.run(  # noqa: S603 - only this project's own programs
            arguments,
            cwd=ROOT,
            env=_environment(),
            input=json.dumps(given),
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=STEP_TIMEOUT_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise DemoFailed(f"{what} took more than {STEP_TIMEOUT_SECONDS} seconds.") from error
    if done.returncode:
        raise DemoFailed(f"{what} failed:\n{done.stderr.strip() or done.stdout.strip()}")
    return json.loads(done.stdout)


def run_node(program: str, given: Any) -> Any:
    """Run one of the demo's Node programs; see ``run_json``."""
    node = [sys.executable, str(ROOT / "scripts" / "node.py"), "node"]
    return run_json([*node, str(HERE / program)], program, given)


@contextmanager
def running_server(store: Store) -> Generator[Process]:
    """The server's process, stopped at the end."""
    with store.log.open("w", encoding="utf-8") as log:
        server = subprocess.Popen(  # noqa: S603 - only this project's own programs
            store.command("serve", "--port", "0", "--json"),
            cwd=ROOT,
            env=_environment(),
            stdout=subprocess.PIPE,
            stderr=log,
            encoding="utf-8",
        )
        try:
            yield server
        finally:
            server.terminate()
            server.communicate()


def address_of(server: Process, store: Store) -> str:
    """The address that a server prints as JSON once it answers.

    Raises:
        DemoFailed: it ended instead.
    """
    assert server.stdout is not None
    printed = ""
    while line := server.stdout.readline():
        printed += line
        if line.rstrip() == "}":
            return json.loads(printed)["url"]
    raise DemoFailed(f"The server did not start:\n{store.log.read_text('utf-8').strip()}")


def _environment() -> dict[str, str]:
    """The environment without settings that would lead the demo elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith("DATALINKS_")}
