"""A cluster for tests: PostgreSQL with Citus, which ``DATALINKS_TEST_CITUS`` names.

A new database would have to be made on each of its machines, so tests share one and take a schema each. Schemas are
distributed once and emptied between tests.
"""

import os
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from typing import Any

import asyncpg

from datalinks.settings import Settings
from datalinks.store.distribution import distribute_links
from datalinks.store.postgres import open_postgres
from support.postgres import in_thread, lent

CITUS = os.environ.get("DATALINKS_TEST_CITUS", "")
# As few as show that links are spread: each is a table with its indexes.
_SHARDS = 4
_free: list[str] = []
_schemas = ExitStack()
_names = iter(range(10_000))


@contextmanager
def citus_database() -> Generator[str]:
    """The URL of an empty database whose links are distributed."""
    with lent(_free, _make, _empty) as url:
        yield url


@contextmanager
def citus_schema() -> Generator[str]:
    """The URL of a schema without tables, which is dropped at the end."""
    name = f"test_{os.getpid()}_{next(_names)}"
    in_thread(lambda: _execute(CITUS, f"CREATE SCHEMA {name}"))
    try:
        yield f"{CITUS}{'&' if '?' in CITUS else '?'}search_path={name}"
    finally:
        in_thread(lambda: _execute(CITUS, f"DROP SCHEMA {name} CASCADE"))


def drop_citus_databases() -> None:
    """Leave nothing of this run behind."""
    _free.clear()
    _schemas.close()


def _make() -> str:
    url = _schemas.enter_context(citus_schema())
    in_thread(lambda: _distribute(url))
    return url


async def _distribute(url: str) -> None:
    database = await open_postgres(Settings(database=url))
    await database.migrate()
    await distribute_links(database, _SHARDS)
    await database.close()


async def _empty(url: str) -> None:
    connection = await _connect(url)
    rows = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    names = ", ".join(row["tablename"] for row in rows if row["tablename"] != "schema_migrations")
    await connection.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
    await connection.close()


async def _execute(url: str, statement: str) -> None:
    connection = await _connect(url)
    await connection.execute(statement)
    await connection.close()


async def _connect(url: str) -> Any:
    # Who still holds a lock then was forgotten by a test.
    return await asyncpg.connect(url, server_settings={"lock_timeout": "20s"})
