"""The production engine: PostgreSQL through asyncpg.

Lookups and single writes that arrive together leave in one statement (see ``together``); whatever else is asked takes a
connection of the pool for as long as it needs it. Nothing is kept in the process that another process would need.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

import asyncpg

from datalinks.errors import InvalidSettings, Unavailable
from datalinks.settings import Settings
from datalinks.store.database import Reader, Row, TookTooLong, Transaction
from datalinks.store.migrations import load_migrations, pending
from datalinks.store.postgres_errors import ConnectionLost, translated
from datalinks.store.postgres_queries import PostgresReader, PostgresTransaction, Statements, transaction_on
from datalinks.store.queries import Query, load_queries
from datalinks.store.together import Gathering, Values

T = TypeVar("T")

# Two round trips under way keep the store busy while the next batches gather.
_READ_LANES = 2
# Writes wait for the disk, where the store commits those of several lanes at once.
_WRITE_LANES = 4
# A server that is there answers at once; one that is not must be noticed before callers go away.
_CONNECT_SECONDS = 5.0
_MIGRATIONS_TABLE = "CREATE TABLE IF NOT EXISTS schema_migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL)"


class PostgresDatabase:
    """The ``Database`` of one PostgreSQL database. Open it with ``open_postgres``."""

    stage_size = 100_000

    def __init__(self, pool: Any, timeout_seconds: float) -> None:
        self._pool = pool
        self._timeout_seconds = timeout_seconds
        self._queries = load_queries()
        self._statements = Statements()
        self._reads = Gathering(self._read_together, _READ_LANES, share=True)
        self._writes = Gathering(self._write_together, _WRITE_LANES, share=False)

    async def fetch(self, query: str, **values: Any) -> Sequence[Row]:
        """See ``Reader.fetch``."""
        chosen = self._queries[query]
        if chosen.joins("postgres"):
            return await self._reads.ask(chosen, values)
        return await self._read(lambda reader: reader.fetch(query, **values))

    async def fetch_one(self, query: str, **values: Any) -> Row | None:
        """See ``Reader.fetch_one``."""
        rows = await self.fetch(query, **values)
        return rows[0] if rows else None

    async def fetch_each(self, query: str, sets: Sequence[Mapping[str, Any]]) -> list[Sequence[Row]]:
        """See ``Reader.fetch_each``."""
        return await self._read(lambda reader: reader.fetch_each(query, sets))

    async def write_one(self, query: str, **values: Any) -> Row | None:
        """See ``Database.write_one``."""
        chosen = self._queries[query]
        if chosen.joins("postgres"):
            rows = await self._writes.ask(chosen, values)
        else:
            async with self._reader(writing=True) as reader:
                rows = await reader.fetch(query, **values)
        return rows[0] if rows else None

    @asynccontextmanager
    async def snapshot(self) -> AsyncGenerator[Reader]:
        """See ``Database.snapshot``."""
        async with self._transaction(isolation="repeatable_read", readonly=True) as transaction:
            yield transaction

    @asynccontextmanager
    async def aside(self) -> AsyncGenerator[Transaction]:
        """See ``Database.aside``."""
        # Undone for the staged rows' sake; there is nothing else.
        async with self._transaction() as transaction:
            yield transaction

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Transaction]:
        """See ``Database.transaction``."""
        async with self._transaction() as transaction:
            yield transaction

    @asynccontextmanager
    async def _transaction(self, **options: Any) -> AsyncGenerator[Transaction]:
        async with self._connection() as connection, transaction_on(connection, **options):
            yield PostgresTransaction(connection, self._queries, self._statements)

    async def migrate(self) -> list[str]:
        """See ``Database.migrate``."""
        applied: list[str] = []
        async with self._connection() as connection:
            _check_encoding(connection)
            with translated(), _rights_named():
                # Two that create it at once: one of them is told that it exists, but by one of the catalogue's own errors.
                try:
                    await connection.execute(_MIGRATIONS_TABLE)
                except (asyncpg.UniqueViolationError, asyncpg.DuplicateObjectError, asyncpg.DuplicateTableError):
                    await connection.execute(_MIGRATIONS_TABLE)
                async with connection.transaction():
                    await connection.execute("LOCK TABLE schema_migrations IN EXCLUSIVE MODE")
                    numbers = [row["number"] for row in await connection.fetch("SELECT number FROM schema_migrations")]
                    for migration in pending(numbers, load_migrations()):
                        await connection.execute(migration.script("postgres"))
                        await connection.execute(
                            "INSERT INTO schema_migrations VALUES ($1, $2)", migration.number, migration.name
                        )
                        applied.append(migration.name)
        return applied

    async def check(self) -> None:
        """See ``Database.check``."""

        async def ask(reader: PostgresReader) -> None:
            with translated():
                await reader.raw.fetch("SELECT 1 FROM schema_migrations")

        await self._read(ask)

    async def close(self) -> None:
        """See ``Database.close``."""
        await self._reads.close()
        await self._writes.close()
        await self._pool.close()

    async def _read_together(self, query: Query, sets: list[Values]) -> list[Sequence[Row]]:
        return await self._read(lambda reader: reader.fetch_each(query.name, sets))

    async def _write_together(self, query: Query, sets: list[Values]) -> list[Sequence[Row]]:
        async with self._reader(writing=True) as reader:
            return await reader.fetch_each(query.name, sets)

    async def _read(self, ask: Callable[[PostgresReader], Awaitable[T]]) -> T:
        """Ask once more on a new connection where the one that was at hand turns out to be lost."""
        try:
            async with self._reader() as reader:
                return await ask(reader)
        except ConnectionLost:
            async with self._reader() as reader:
                return await ask(reader)

    @asynccontextmanager
    async def _reader(self, *, writing: bool = False) -> AsyncGenerator[PostgresReader]:
        async with self._connection() as connection:
            yield PostgresReader(connection, self._queries, self._statements, writing=writing)

    @asynccontextmanager
    async def _connection(self) -> AsyncGenerator[Any]:
        """A connection of the pool for a while."""
        with translated():
            connection = await self._pool.acquire(timeout=self._timeout_seconds)
        try:
            yield connection
        except (ConnectionLost, TookTooLong):
            # None of those that were opened before is used again.
            await self._pool.expire_connections()
            raise
        finally:
            with translated():
                await self._pool.release(connection)


async def open_postgres(settings: Settings) -> PostgresDatabase:
    """A PostgreSQL database.

    Raises:
        InvalidSettings: the address is not one, or there is no such database or user. Unavailable: it is out of reach.
    """

    async def keep(connection: Any) -> None:
        """Leave a connection as it is: nothing here changes its session, so there is nothing to reset.

        The driver has ended the transaction of a request that was given up, if there was one.
        """

    try:
        with translated():
            pool = await asyncpg.create_pool(
                settings.database,
                min_size=1,
                max_size=settings.database_connections,
                command_timeout=settings.database_timeout_seconds,
                timeout=min(_CONNECT_SECONDS, settings.database_timeout_seconds),
                statement_cache_size=settings.database_prepared_statements,
                max_cached_statement_lifetime=0,
                reset=keep,
                server_settings={"application_name": "datalinks"},
            )
    except Unavailable as error:
        cause = error.__cause__
        refused = (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError)
        if isinstance(cause, (*refused, asyncpg.ClientConfigurationError)):
            raise InvalidSettings(f"Cannot open the PostgreSQL database: {cause}") from error
        raise Unavailable(f"The PostgreSQL database is out of reach: {cause}") from error
    except (ValueError, asyncpg.ClientConfigurationError) as error:
        raise InvalidSettings(f"The PostgreSQL address cannot be read: {error}") from error
    return PostgresDatabase(pool, settings.database_timeout_seconds)


def _check_encoding(connection: Any) -> None:
    encoding = connection.get_settings().server_encoding
    if encoding != "UTF8":
        raise InvalidSettings(f"The PostgreSQL database keeps texts as {encoding}: make one with ENCODING 'UTF8'.")


@contextmanager
def _rights_named() -> Generator[None]:
    try:
        yield
    except asyncpg.InsufficientPrivilegeError as error:
        raise InvalidSettings(
            f"The PostgreSQL user may not do what it must ({error}): make it the owner of the database."
        ) from error
