"""Finds programs, runs them, starts them, waits until they answer, and ends them."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TypeAlias

from bench.failures import BenchFailed, NotRun

ROOT = Path(__file__).parents[2]
Process: TypeAlias = "subprocess.Popen[str]"
_START_SECONDS = 60.0
_END_SECONDS = 60.0


def find_program(name: str, package: str) -> str:
    """The path of a program.

    Raises:
        NotRun: it is not installed.
    """
    path = shutil.which(name)
    if path is None:
        raise NotRun(f"{name} is not installed: `apt-get install {package}` brings it")
    return path


def run_program(
    arguments: Sequence[str | Path],
    timeout_seconds: float,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    given: IO[bytes] | None = None,
) -> str:
    """Run a program to its end; what it printed.

    environment: variables beside those of this process. folder: where it works. given: its standard input.

    Raises:
        BenchFailed: it ended with an error or took too long; the message is the end of what it said.
    """
    name = Path(arguments[0]).name
    try:
        done = subprocess.run(  # noqa: S603 - only programs that the benchmark names
            arguments,
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=given or subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=timeout_seconds,
        )
    except subprocess.TimeoutExpired as error:
        raise BenchFailed(f"{name} took longer than {timeout_seconds:.0f} s") from error
    if done.returncode != 0:
        said = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines()[-3:]
        raise BenchFailed(f"{name} ended with {done.returncode}: {' / '.join(said)}")
    return done.stdout.decode()


@contextmanager
def running(
    arguments: Sequence[str | Path],
    log: Path,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    *,
    takes_input: bool = False,
) -> Generator[Process]:
    """A program that is asked to end at the end, and made to if it does not. It writes its errors to a log.

    takes_input: whether its standard input is a pipe.
    """
    with log.open("a") as errors:
        process = subprocess.Popen(  # noqa: S603 - only programs that the benchmark names
            arguments,
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.PIPE if takes_input else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        yield process
    finally:
        _end(process)


def wait_until_listening(port: int, process: Process, log: Path) -> None:
    """Wait until a program takes connections.

    Raises:
        BenchFailed: it ended, or takes too long.
    """
    deadline = time.monotonic() + _START_SECONDS
    while not _is_listening(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise BenchFailed(f"a program did not start: {last_lines(log)}")
        time.sleep(0.05)


def free_port() -> int:
    """A port that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def last_lines(log: Path) -> str:
    """The end of a log, in one line."""
    return " / ".join(log.read_text(errors="replace").strip().splitlines()[-3:])


def _is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _end(process: Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    process.terminate()
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
