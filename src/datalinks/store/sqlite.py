"""The embedded engine: one SQLite file, read in process and written by one writer."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from datalinks.errors import InvalidSettings
from datalinks.store.database import Reader, Row, Transaction
from datalinks.store.group_commit import GroupCommit
from datalinks.store.migrations import load_migrations, pending
from datalinks.store.queries import Query, load_queries
from datalinks.store.sqlite_connection import WRITER_CACHE_KIBIBYTES, SqliteConnection, translated
from datalinks.store.together import Gathering, Values

_MIGRATIONS_TABLE = """
CREATE TABLE IF NOT EXISTS schema_migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL)
"""


class SqliteDatabase:
    """The ``Database`` of one SQLite file. Open it inside a running event loop."""

    # Other writers wait meanwhile, up to about a second; with fewer rows each turn would touch nearly as many pages.
    stage_size = 50_000

    def __init__(self, path: Path, group: int = 256) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InvalidSettings(f"Cannot make the folder of the database {path}: {error.strerror}") from error
        self.path = path
        self._reader = SqliteConnection(path)
        # The writer does not wait for other processes inside SQLite, but in the event loop: see GroupCommit.
        self._writer = GroupCommit(
            SqliteConnection(path, busy_timeout_seconds=0, cache_kibibytes=WRITER_CACHE_KIBIBYTES), group
        )
        self._queries = load_queries()
        # One lane, as there is one writer: what waits for it is written by the next turn.
        self._writes = Gathering(self._write_together, lanes=1, share=False, most=group)
        # Look-ups that arrive together are one statement here too: the driver lets go of the interpreter for each, and on a
        # busy server taking it back costs more than the look-up.
        self._reads = Gathering(self._read_together, lanes=1, share=True)
        self.fetch_each = self._reader.fetch_each

    async def migrate(self) -> list[str]:
        """See ``Database.migrate``."""
        applied: list[str] = []
        async with self._writer.turn() as connection:
            raw = connection.raw
            with translated():
                raw.execute(_MIGRATIONS_TABLE)
                numbers = [int(row[0]) for row in raw.execute("SELECT number FROM schema_migrations")]
                for migration in pending(numbers, load_migrations()):
                    raw.execute(migration.script("sqlite"))
                    raw.execute("INSERT INTO schema_migrations VALUES (?, ?)", (migration.number, migration.name))
                    applied.append(migration.name)
        return applied

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Transaction]:
        """See ``Database.transaction``."""
        async with self._writer.turn() as connection:
            yield connection

    async def fetch(self, query: str, **values: Any) -> Sequence[Row]:
        """See ``Reader.fetch``."""
        chosen = self._queries[query]
        if chosen.joins("sqlite"):
            return await self._reads.ask(chosen, values)
        return await self._reader.fetch(query, **values)

    async def fetch_one(self, query: str, **values: Any) -> Row | None:
        """See ``Reader.fetch_one``."""
        rows = await self.fetch(query, **values)
        return rows[0] if rows else None

    async def _read_together(self, query: Query, sets: list[Values]) -> list[Sequence[Row]]:
        return await self._reader.fetch_each(query.name, sets)

    async def write_one(self, query: str, **values: Any) -> Row | None:
        """See ``Database.write_one``."""
        chosen = self._queries[query]
        if chosen.together is not None:
            rows = await self._writes.ask(chosen, values)
            return rows[0] if rows else None
        async with self._writer.turn() as connection:
            return await connection.fetch_one(query, **values)

    async def _write_together(self, query: Query, sets: list[Values]) -> list[Sequence[Row]]:
        """One turn for many writes: what a turn costs beside its statements is more than they do."""
        async with self._writer.turn() as connection:
            return await connection.fetch_each(query.name, sets)

    @asynccontextmanager
    async def snapshot(self) -> AsyncGenerator[Reader]:
        """See ``Database.snapshot``."""
        async with self.aside() as connection:
            yield connection

    @asynccontextmanager
    async def aside(self) -> AsyncGenerator[Transaction]:
        """See ``Database.aside``."""
        connection = SqliteConnection(self.path)
        try:
            with translated():
                connection.raw.execute("BEGIN")
            yield connection
        finally:
            connection.raw.close(True)

    async def check(self) -> None:
        """See ``Database.check``."""
        with translated():
            self._reader.raw.execute("SELECT 1 FROM schema_migrations").fetchall()

    async def close(self) -> None:
        """See ``Database.close``."""
        await self._reads.close()
        await self._writes.close()
        await self._writer.close()
        self._writer.connection.raw.close()
        self._reader.raw.close()
