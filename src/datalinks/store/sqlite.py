"""The embedded engine: one SQLite file, read in process and written by one writer.

Durable writes cost a disk flush each, so the writer commits in groups: transactions that wait at the same time run one after
the other inside one SQLite transaction, each in a savepoint of its own, and are answered together once it is on disk.
"""

import asyncio
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import apsw
import structlog

from datalinks.errors import DataLinksError, InvalidSettings, StorageFull, Unavailable
from datalinks.store.database import Row, Transaction, UniqueViolation
from datalinks.store.migrations import load_migrations, pending
from datalinks.store.queries import Query, load_queries

_log = structlog.get_logger("datalinks.store")
BUSY_TIMEOUT_SECONDS = 10.0
# Enough that one flush serves every connection of a busy server, few enough that nobody waits long for the others.
_MAX_GROUP = 256
_BUSY_PAUSE_SECONDS = 0.005
_UNIQUE = (apsw.SQLITE_CONSTRAINT_UNIQUE, apsw.SQLITE_CONSTRAINT_PRIMARYKEY)
_MIGRATIONS_TABLE = """
CREATE TABLE IF NOT EXISTS schema_migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL)
"""


def connect(path: Path, busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS) -> Any:
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
        # Plans do not depend on the values given: without this, SQLite prepares a statement anew for every new value.
        connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
        connection.set_busy_timeout(int(busy_timeout_seconds * 1000))
    except apsw.Error as error:
        raise InvalidSettings(f"Cannot open the SQLite database {path}: {error}") from error
    return connection


class _Connection:
    """Runs named queries on one SQLite connection."""

    def __init__(self, path: Path, busy_timeout_seconds: float) -> None:
        self._path = path
        self._busy_timeout_seconds = busy_timeout_seconds
        self.raw: Any = connect(path, busy_timeout_seconds)
        self._queries = load_queries()
        self._columns: dict[str, tuple[str, ...]] = {}

    def reopen(self) -> None:
        self.raw.close(True)
        self.raw = connect(self._path, self._busy_timeout_seconds)

    async def fetch(self, query: str, **values: Any) -> Sequence[Row]:
        return self._run(self._queries[query], values)

    async def fetch_one(self, query: str, **values: Any) -> Row | None:
        rows = self._run(self._queries[query], values)
        return rows[0] if rows else None

    async def execute(self, query: str, **values: Any) -> int:
        self._run(self._queries[query], values)
        return self.raw.changes()

    def _run(self, query: Query, values: dict[str, Any]) -> list[dict[str, Any]]:
        text = query.text("sqlite", values)
        with _translated():
            cursor = self.raw.execute(text, values)
            columns = self._columns.get(text)
            rows: list[dict[str, Any]] = []
            for row in cursor:
                if columns is None:
                    columns = self._columns[text] = tuple(name for name, _ in cursor.get_description())
                rows.append(dict(zip(columns, row, strict=True)))
            return rows


class _Turn:
    """One transaction's place in the writer's queue."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.granted: asyncio.Future[None] = loop.create_future()
        self.finished: asyncio.Future[None] = loop.create_future()
        self.durable: asyncio.Future[None] = loop.create_future()

    def succeed(self) -> None:
        if not self.durable.done():
            self.durable.set_result(None)

    def fail(self, error: DataLinksError) -> None:
        for future in (self.granted, self.durable):
            if not future.done():
                future.set_exception(error)
                # Nobody may be left to look at it: a caller that went away is no reason for a warning.
                future.exception()


class _Writer:
    """Owns the writing connection, gives transactions their turns and commits them in groups."""

    def __init__(self, connection: _Connection) -> None:
        self.connection = connection
        self._turns: asyncio.Queue[_Turn | None] = asyncio.Queue()
        self._is_closed = False
        self._task = asyncio.create_task(self._work())

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[_Connection]:
        if self._is_closed:
            raise Unavailable("The database is closed.")
        turn = _Turn()
        self._turns.put_nowait(turn)
        try:
            await turn.granted
        except asyncio.CancelledError:
            # Cancelled in the moment between the grant and this task's next step: give the turn back.
            if not turn.granted.cancelled():
                turn.finished.set_result(None)
            raise
        try:
            with self._savepoint():
                yield self.connection
        except (StorageFull, Unavailable):
            turn.finished.set_result(None)
            raise
        except Exception:
            turn.finished.set_result(None)
            # A refusal may rest on what another turn of the group wrote, so it waits until that is durable, and is not
            # true where that was undone.
            await asyncio.shield(turn.durable)
            raise
        except BaseException:
            turn.finished.set_result(None)
            raise
        turn.finished.set_result(None)
        await asyncio.shield(turn.durable)

    @contextmanager
    def _savepoint(self) -> Generator[None]:
        """Keep or undo what one turn does; nothing to undo where the engine has undone the whole group, as on a full disk."""
        raw = self.connection.raw
        with _translated():
            raw.execute("SAVEPOINT turn")
        try:
            yield
        except BaseException:
            if raw.in_transaction:
                raw.execute("ROLLBACK TO turn")
                raw.execute("RELEASE turn")
            raise
        with _translated():
            raw.execute("RELEASE turn")

    async def close(self) -> None:
        """Commit what waits, then end."""
        self._is_closed = True
        self._turns.put_nowait(None)
        await self._task

    async def _work(self) -> None:
        while (first := await self._turns.get()) is not None:
            group = [first]
            try:
                await self._begin()
                await self._run_group(group)
                await self._commit()
            except Exception as error:  # noqa: BLE001 - the edge of a group: whatever happens, its turns hear of it
                self._undo(group, error)
            else:
                for turn in group:
                    turn.succeed()

    async def _run_group(self, group: list[_Turn]) -> None:
        """Give the turn at the end of the group its time, then those that wait by then, who join the group."""
        turn: _Turn | None = group[-1]
        while turn is not None:
            # A caller that was cancelled while it waited leaves its place empty.
            if not turn.granted.cancelled():
                turn.granted.set_result(None)
                await turn.finished
            if not self.connection.raw.in_transaction:
                raise Unavailable(
                    "Nothing was written: the database undid all writes under way when one of them failed."
                )
            turn = self._next_turn() if len(group) < _MAX_GROUP else None
            if turn is not None:
                group.append(turn)

    def _undo(self, group: list[_Turn], error: Exception) -> None:
        if not isinstance(error, DataLinksError):
            _log.error("a group of writes failed", exc_info=error)
            error = DataLinksError("The write failed inside the server; nothing was written.")
        # Whoever waited behind a lock that nobody let go has waited as long; the rest of the line need not do so in turn.
        while isinstance(error, Unavailable) and (turn := self._next_turn()) is not None:
            group.append(turn)
        for turn in group:
            turn.fail(error)
        if self.connection.raw.in_transaction:
            try:
                self.connection.raw.execute("ROLLBACK")
            except apsw.Error:
                # The connection is of no use any more: a new one undoes what this one left.
                self.connection.reopen()

    def _next_turn(self) -> _Turn | None:
        if self._turns.empty():
            return None
        turn = self._turns.get_nowait()
        if turn is None:
            self._turns.put_nowait(None)
        return turn

    async def _begin(self) -> None:
        """Take the write lock; another process may hold it for a moment, which must not stop this one's event loop."""
        deadline = asyncio.get_running_loop().time() + BUSY_TIMEOUT_SECONDS
        while True:
            try:
                with _translated():
                    self.connection.raw.execute("BEGIN IMMEDIATE")
                return
            except Unavailable:
                if asyncio.get_running_loop().time() > deadline:
                    raise
                await asyncio.sleep(_BUSY_PAUSE_SECONDS)

    async def _commit(self) -> None:
        with _translated():
            # In a thread, as it waits for the disk; the connection is this task's alone meanwhile.
            await asyncio.to_thread(self.connection.raw.execute, "COMMIT")


class SqliteDatabase:
    """The ``Database`` of one SQLite file. Open it inside a running event loop."""

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InvalidSettings(f"Cannot make the folder of the database {path}: {error.strerror}") from error
        self.path = path
        self._reader = _Connection(path, BUSY_TIMEOUT_SECONDS)
        # The writer does not wait for other processes inside SQLite, but in the event loop: see _begin.
        self._writer = _Writer(_Connection(path, busy_timeout_seconds=0))
        self.fetch = self._reader.fetch
        self.fetch_one = self._reader.fetch_one

    async def migrate(self) -> list[str]:
        """See ``Database.migrate``."""
        applied: list[str] = []
        async with self._writer.turn() as connection:
            raw = connection.raw
            with _translated():
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

    async def check(self) -> None:
        """See ``Database.check``."""
        with _translated():
            self._reader.raw.execute("SELECT 1 FROM schema_migrations").fetchall()

    async def close(self) -> None:
        """See ``Database.close``."""
        await self._writer.close()
        self._writer.connection.raw.close()
        self._reader.raw.close()


@contextmanager
def _translated() -> Generator[None]:
    """Driver errors as the project's own; whatever is not foreseen passes as it is and is a bug."""
    try:
        yield
    except (apsw.BusyError, apsw.LockedError) as error:
        raise Unavailable("The database is busy with another program; try again.") from error
    except apsw.FullError as error:
        raise StorageFull("The disk under the database is full; nothing was written.") from error
    except (apsw.IOError, apsw.CantOpenError, apsw.ReadOnlyError) as error:
        raise Unavailable("The database file cannot be read or written; the server's log says why.") from error
    except apsw.ConstraintError as error:
        if getattr(error, "extendedresult", None) in _UNIQUE:
            raise UniqueViolation(str(error).partition("failed: ")[2]) from error
        raise
