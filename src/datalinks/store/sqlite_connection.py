"""One connection to a SQLite file: in the mode that the promises need, running named queries, with our own errors."""

import asyncio
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import apsw
import msgspec

from datalinks.errors import InvalidSettings, StorageFull, Unavailable
from datalinks.store.database import Row, Transaction, UniqueViolation
from datalinks.store.queries import Form, Query, load_queries

BUSY_TIMEOUT_SECONDS = 10.0
# A reader finds what is missing in the system's cache. A writer that lacks room writes pages out and reads them again in the
# middle of a transaction, which more than halved the speed of imports (2 MB, SQLite's default, beside 64 MB).
READER_CACHE_KIBIBYTES = 8 * 1024
WRITER_CACHE_KIBIBYTES = 64 * 1024
# How many sets of values one statement answers, which bounds what it holds in memory.
_SETS_AT_ONCE = 1000
# A few milliseconds.
_TURN = 200
_STAGED = """
CREATE TEMP TABLE IF NOT EXISTS staged_links (
    app_record_id TEXT, external_record_id TEXT, import_no INTEGER, export_no INTEGER
)
"""
_UNIQUE = (apsw.SQLITE_CONSTRAINT_UNIQUE, apsw.SQLITE_CONSTRAINT_PRIMARYKEY)


def connect(
    path: Path, busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS, cache_kibibytes: int = READER_CACHE_KIBIBYTES
) -> Any:
    """A connection in the mode that the promises need: write-ahead log, every commit flushed, references checked.

    Raises:
        InvalidSettings: the file cannot be opened or is not a SQLite database.
    """
    try:
        # The driver's own types are incomplete, so a connection goes untyped inside this module.
        connection: Any = apsw.Connection(str(path), statementcachesize=400)
        # Switching to the log needs a moment alone, which another start at the same time may hold.
        connection.set_busy_timeout(int(BUSY_TIMEOUT_SECONDS * 1000))
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA cache_size = -{cache_kibibytes}")
        # Plans do not depend on the values given: without this, SQLite prepares a statement anew for every new value.
        connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
        connection.set_busy_timeout(int(busy_timeout_seconds * 1000))
    except apsw.Error as error:
        raise InvalidSettings(f"Cannot open the SQLite database {path}: {error}") from error
    return connection


class SqliteConnection:
    """Runs named queries on one SQLite connection."""

    def __init__(
        self,
        path: Path,
        busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS,
        cache_kibibytes: int = READER_CACHE_KIBIBYTES,
    ) -> None:
        self._path = path
        self._busy_timeout_seconds = busy_timeout_seconds
        self._cache_kibibytes = cache_kibibytes
        self.raw: Any = connect(path, busy_timeout_seconds, cache_kibibytes)
        self._queries = load_queries()
        self._columns: dict[str, tuple[str, ...]] = {}

    def reopen(self) -> None:
        """Begin anew on a connection of the same kind; whatever was not committed is undone."""
        self.raw.close(True)
        self.raw = connect(self._path, self._busy_timeout_seconds, self._cache_kibibytes)

    async def fetch(self, query: str, **values: Any) -> Sequence[Row]:
        """See ``Reader.fetch``."""
        chosen = self._queries[query]
        if chosen.takes_long:
            return await asyncio.to_thread(self._run, chosen, values)
        return self._run(chosen, values)

    async def fetch_one(self, query: str, **values: Any) -> Row | None:
        """See ``Reader.fetch_one``."""
        rows = await self.fetch(query, **values)
        return rows[0] if rows else None

    async def fetch_each(self, query: str, sets: Sequence[Mapping[str, Any]]) -> list[Sequence[Row]]:
        """See ``Reader.fetch_each``."""
        chosen = self._queries[query]
        together = chosen.together if len(sets) > 1 and chosen.joins("sqlite") else None
        if together is None:
            return [await self._run_in_turn(number, chosen, each) for number, each in enumerate(sets)]
        rows: list[Row] = []
        for start in range(0, len(sets), _SETS_AT_ONCE):
            some = sets[start : start + _SETS_AT_ONCE]
            arrays = {name: msgspec.json.encode([each[name] for each in some]).decode() for name in together.arrays}
            rows += self._run(chosen, {**some[0], **arrays}, "many")
        return together.shared_out(rows, sets)

    async def _run_in_turn(self, number: int, query: Query, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """One of many; now and then whoever else is ready in the process gets a turn."""
        if number % _TURN == _TURN - 1:
            await asyncio.sleep(0)
        return self._run(query, values)

    async def execute(self, query: str, **values: Any) -> int:
        """See ``Transaction.execute``."""
        chosen = self._queries[query]
        if chosen.takes_long:
            await asyncio.to_thread(self._run, chosen, values)
        else:
            self._run(chosen, values)
        return self.raw.changes()

    @asynccontextmanager
    async def savepoint(self) -> AsyncGenerator[Transaction]:
        """See ``Transaction.savepoint``."""
        with savepoint(self.raw, "part"):
            yield self

    async def stage(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """See ``Transaction.stage``."""
        await asyncio.to_thread(self._stage, rows)

    def _stage(self, rows: Sequence[tuple[Any, ...]]) -> None:
        with translated():
            self.raw.execute(_STAGED)
            self.raw.execute("DELETE FROM staged_links")
            self.raw.executemany("INSERT INTO staged_links VALUES (?, ?, ?, ?)", rows)

    def _run(self, query: Query, values: Mapping[str, Any], form: Form = "one") -> list[dict[str, Any]]:
        text = query.text("sqlite", values, form)
        columns = self._columns.get(text)
        # No context manager here: it would cost as much as a lookup's rows.
        try:
            cursor = self.raw.execute(text, values)
            if columns is None:
                columns = self._columns_of(text, cursor)
            return [dict(zip(columns, row, strict=True)) for row in cursor]
        except apsw.Error as error:
            _raise_own(error)
            raise

    def _columns_of(self, text: str, cursor: Any) -> tuple[str, ...]:
        """The names of a statement's columns, which it tells only where it has rows."""
        try:
            columns = tuple(name for name, _ in cursor.get_description())
        except apsw.ExecutionCompleteError:
            return ()
        self._columns[text] = columns
        return columns


@contextmanager
def savepoint(raw: Any, name: str) -> Generator[None]:
    """Keep or undo what is done inside; nothing to undo where the engine has undone everything, as on a full disk.

    A name means the innermost savepoint that has it, so parts of parts may share one.
    """
    with translated():
        raw.execute(f"SAVEPOINT {name}")
    try:
        yield
    except BaseException:
        if raw.in_transaction:
            raw.execute(f"ROLLBACK TO {name}")
            raw.execute(f"RELEASE {name}")
        raise
    with translated():
        raw.execute(f"RELEASE {name}")


@contextmanager
def translated() -> Generator[None]:
    """Driver errors as the project's own; whatever is not foreseen passes as it is and is a bug."""
    try:
        yield
    except apsw.Error as error:
        _raise_own(error)
        raise


def _raise_own(error: apsw.Error) -> None:
    """Raise what a driver's error is called here; nothing if it is not foreseen."""
    match error:
        case apsw.BusyError() | apsw.LockedError():
            raise Unavailable("The database is busy with another program; try again.") from error
        case apsw.FullError():
            raise StorageFull("The disk under the database is full; nothing was written.") from error
        case apsw.IOError() | apsw.CantOpenError() | apsw.ReadOnlyError():
            raise Unavailable("The database file cannot be read or written; the server's log says why.") from error
        case apsw.ConstraintError() if getattr(error, "extendedresult", None) in _UNIQUE:
            raise UniqueViolation(str(error).partition("failed: ")[2]) from error
        case _:
            return
