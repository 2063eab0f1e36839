"""Spreads links over several machines: PostgreSQL with the extension Citus.

Link rows go by their instance, so all that one query asks for is on one machine. Every other table stays where it is, on
the machine that servers connect to: no query joins them with link rows.
"""

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal

import asyncpg

from datalinks.errors import BadRequest, DataLinksError, InvalidSettings
from datalinks.store.database import Database
from datalinks.store.migrations import load_migrations, pending
from datalinks.store.postgres_errors import translated
from datalinks.store.postgres_queries import PostgresTransaction

# Before this version a snapshot of the coordinator is none on the other machines.
_OLDEST = (11, 2)
# Moving rows takes as long as it takes, where the time of other statements is limited.
_MOVING_SECONDS = 7 * 86_400.0

_IS_MIGRATED = "SELECT to_regclass('schema_migrations') IS NOT NULL"
_MIGRATIONS = "SELECT number FROM schema_migrations"
_EXTENSION = """
SELECT installed_version, default_version FROM pg_available_extensions WHERE name = 'citus'
"""
_COLUMN = """
SELECT column_to_column_name(logicalrelid, partkey) AS column
FROM pg_dist_partition WHERE logicalrelid = 'data_links'::regclass
"""
_SHARDS = "SELECT count(*) FROM pg_dist_shard WHERE logicalrelid = 'data_links'::regclass"
_USUAL_SHARDS = "SELECT current_setting('citus.shard_count')::integer"
_NODES = """
SELECT n.nodename, n.nodeport, n.shouldhaveshards, (
    SELECT count(*) FROM pg_dist_placement AS p JOIN pg_dist_shard AS s ON s.shardid = p.shardid
    WHERE p.groupid = n.groupid AND s.logicalrelid = 'data_links'::regclass
) AS shards
FROM pg_dist_node AS n
WHERE n.noderole = 'primary' AND n.isactive
ORDER BY n.groupid
"""
# One at a time, and no migration meanwhile.
_ONE_AT_A_TIME = "LOCK TABLE schema_migrations IN EXCLUSIVE MODE"
# As strong as what distributing takes itself: writes wait, reads go on.
_NO_WRITES = "LOCK TABLE data_links IN EXCLUSIVE MODE"
_COUNT = "SELECT count(*) FROM data_links"
_DISTRIBUTE = "SELECT create_distributed_table('data_links', 'instance_no', shard_count := $1)"
# What was moved is still on the coordinator's disk, where nothing sees it.
_LEFT_BEHIND = "SELECT pg_relation_size('data_links') > 0"
_CLEAR = "SELECT truncate_local_data_after_distributing_table('data_links')"

_NO_EXTENSION = """\
The PostgreSQL server has no Citus. Install its package on every machine of the cluster, add citus to \
shared_preload_libraries, restart them, and run CREATE EXTENSION citus in the database on each."""
_EXTENSION_NOT_MADE = """\
The server has Citus {}, but this database does not use it: run CREATE EXTENSION citus in the database of this name on \
every machine of the cluster, then SELECT citus_add_node(host, port) here for each of the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """How links are spread over machines.

    state: ``planned`` changed nothing, ``already`` found nothing to do. extension: the version of Citus.
    nodes: how many shards each machine holds that is there for them, by ``host:port``. shards: all of them.
    rows: pairs of records that were moved, or would be. seconds: how long it took.
    """

    state: Literal["planned", "distributed", "already"]
    extension: str
    nodes: dict[str, int]
    shards: int
    rows: int
    seconds: float


async def distribute_links(database: Database, shards: int | None = None, *, dry_run: bool = False) -> Distribution:
    """Spread the links of a PostgreSQL database over the machines of its cluster; writes wait until it is done.

    All rows are moved or none. A database that is distributed already stays as it is.

    shards: into how many parts; None leaves it to the server (``citus.shard_count``).

    Raises:
        InvalidSettings: the store is SQLite, its schema is not this version's, it lacks the extension, or Citus refuses.
        BadRequest: it is distributed already into another number of shards.
        Unavailable: the store is out of reach.
    """
    started = time.monotonic()
    async with _connection(database) as connection:
        await _check_migrated(connection)
        extension = await _extension(connection)
        if not dry_run:
            await connection.execute(_ONE_AT_A_TIME, timeout=_MOVING_SECONDS)
        column = await connection.fetchval(_COLUMN)
        if column is not None:
            done = await _as_it_is(connection, extension, column, shards)
        elif dry_run:
            done = await _planned(connection, extension, shards)
        else:
            done = await _distributed(connection, extension, shards)
    if not dry_run:
        async with _connection(database) as connection:
            if await connection.fetchval(_LEFT_BEHIND):
                await connection.execute(_CLEAR, timeout=_MOVING_SECONDS)
    return replace(done, seconds=round(time.monotonic() - started, 3))


@asynccontextmanager
async def _connection(database: Database) -> AsyncGenerator[Any]:
    """The driver's connection, in a transaction."""
    async with database.transaction() as transaction:
        if not isinstance(transaction, PostgresTransaction):
            raise InvalidSettings("Only a PostgreSQL database can be distributed.")
        try:
            with translated():
                yield transaction.raw
        except asyncpg.PostgresError as error:
            # Its own words say best what a cluster lacks: a machine, a right, a version.
            raise InvalidSettings(f"PostgreSQL cannot distribute the links: {' '.join(str(error).split())}") from error


async def _check_migrated(connection: Any) -> None:
    numbers: list[int] = []
    if await connection.fetchval(_IS_MIGRATED):
        numbers = [row["number"] for row in await connection.fetch(_MIGRATIONS)]
    if pending(numbers, load_migrations()):
        raise InvalidSettings("The database has not the schema of this version: run `datalinks migrate` on it first.")


async def _extension(connection: Any) -> str:
    """The version of Citus that the database uses."""
    found = await connection.fetchrow(_EXTENSION)
    if found is None:
        raise InvalidSettings(_NO_EXTENSION)
    version: str | None = found["installed_version"]
    if version is None:
        raise InvalidSettings(_EXTENSION_NOT_MADE.format(found["default_version"]))
    if tuple(int(part) for part in version.partition("-")[0].split(".")) < _OLDEST:
        raise InvalidSettings(f"The database uses Citus {version}: {_OLDEST[0]}.{_OLDEST[1]} or newer is needed.")
    return version


async def _as_it_is(connection: Any, extension: str, column: str, shards: int | None) -> Distribution:
    if column != "instance_no":
        raise InvalidSettings(
            f"The links are distributed already, but by {column}: run SELECT undistribute_table('data_links') first."
        )
    found: int = await connection.fetchval(_SHARDS)
    if shards not in (None, found):
        raise BadRequest(
            f"The links are distributed already, into {found} shards; "
            f"SELECT alter_distributed_table('data_links', shard_count := {shards}) changes that."
        )
    nodes = await _nodes(connection)
    return Distribution(state="already", extension=extension, nodes=nodes, shards=found, rows=0, seconds=0)


async def _planned(connection: Any, extension: str, shards: int | None) -> Distribution:
    rows = await connection.fetchval(_COUNT, timeout=_MOVING_SECONDS)
    into: int = shards or await connection.fetchval(_USUAL_SHARDS)
    nodes = await _nodes(connection)
    return Distribution(state="planned", extension=extension, nodes=nodes, shards=into, rows=rows, seconds=0)


async def _distributed(connection: Any, extension: str, shards: int | None) -> Distribution:
    await connection.execute(_NO_WRITES, timeout=_MOVING_SECONDS)
    plan = await _planned(connection, extension, shards)
    await connection.execute(_DISTRIBUTE, plan.shards, timeout=_MOVING_SECONDS)
    found = await connection.fetchval(_COUNT, timeout=_MOVING_SECONDS)
    if found != plan.rows:
        raise DataLinksError(f"Of {plan.rows} rows {found} arrived: the database was left as it was.")
    return replace(plan, state="distributed", nodes=await _nodes(connection))


async def _nodes(connection: Any) -> dict[str, int]:
    """The machines that hold shards or are there to, and how many each holds."""
    rows = await connection.fetch(_NODES)
    return {
        f"{row['nodename']}:{row['nodeport']}": row["shards"]
        for row in rows
        if row["shards"] or row["shouldhaveshards"]
    }
