"""A real server process on a database of its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datalinks.settings import load_settings
from datalinks.wiring import open_services
from support.postgres import in_thread
from support.tokens import mint

_COMPILES_ANEW = "PYTHONDONTWRITEBYTECODE"


def datalinks(
    *arguments: str, folder: Path, check: bool = True, settings: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run the real command line in a folder, whose ``datalinks.db`` is the database unless the settings say another."""
    return subprocess.run(
        [sys.executable, "-m", "datalinks", *arguments],
        cwd=folder,
        env=environment(**(settings or {})),
        capture_output=True,
        text=True,
        check=check,
        timeout=60,
    )


def environment(**extra: str) -> dict[str, str]:
    """The environment without settings of whoever runs the tests, and without one that has every process compile every module."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DATALINKS_", _COMPILES_ANEW))}
    return {**kept, **extra}


@dataclass
class Server:
    """One server process, and the workspace that tests use."""

    folder: Path
    key: str = ""
    secret: str = ""
    url: str = ""
    settings: dict[str, str] = field(default_factory=dict[str, str])
    process: "subprocess.Popen[str] | None" = None

    def start(self, port: int = 0) -> None:
        """Start the process and wait until it answers."""
        with (self.folder / "server.log").open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "datalinks", "serve", "--port", str(port), "--json"],
                cwd=self.folder,
                env=environment(**self.settings),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self.process.stdout is not None
        printed = ""
        while line := self.process.stdout.readline():
            printed += line
            if line.rstrip() == "}":
                self.url = json.loads(printed)["url"]
                return
        raise AssertionError((self.folder / "server.log").read_text())

    @property
    def variables(self) -> dict[str, str]:
        """The settings it runs with, as environment variables."""
        return {"DATALINKS_DATABASE": f"sqlite:///{self.folder / 'datalinks.db'}", **self.settings}

    @property
    def is_postgres(self) -> bool:
        """Whether its store is PostgreSQL."""
        return self.variables["DATALINKS_DATABASE"].startswith("postgresql://")

    def command(self, *arguments: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
        """Run the real command line on the server's database."""
        return datalinks(*arguments, folder=self.folder, check=check, settings=self.variables)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.url.rsplit(":", 1)[1].partition("/")[0])

    def kill(self) -> None:
        """End the process as a power switch would, and wait until it is gone."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask the process to end; its exit code."""
        return self._end(signal.SIGTERM)

    def create_workspace(self, name: str) -> tuple[str, str]:
        """Key and secret of a new workspace, made in this process: the command line would take a second to start."""

        async def create() -> tuple[str, str]:
            async with open_services(load_settings(self.variables)) as services:
                made = await services.workspaces.create(name)
                return made.key, made.secret

        return in_thread(create)

    def token(self, customer: str | None = None, **claims: Any) -> str:
        """A token of the workspace, for a customer or, without one, for an admin."""
        return mint(self.key, self.secret, customer, **claims)

    def _end(self, number: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        code = self.process.wait(timeout=30)
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.process = None
        return code


@contextmanager
def running_server(folder: Path, **settings: str) -> Generator[Server]:
    """A server with a fresh workspace, stopped at the end."""
    server = Server(folder, settings=settings)
    server.key, server.secret = server.create_workspace("Test")
    server.start()
    try:
        yield server
    finally:
        if server.process is not None:
            server.stop()
