"""Durable writes cost a disk flush each, so one writer commits them in groups.

Transactions that wait at the same time run one after the other inside one SQLite transaction, each in a savepoint of its own, and
are answered together once it is on disk.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import apsw
import structlog

from datalinks.errors import DataLinksError, StorageFull, Unavailable
from datalinks.store.sqlite_connection import BUSY_TIMEOUT_SECONDS, SqliteConnection, savepoint, translated

_log = structlog.get_logger("datalinks.store")
_BUSY_PAUSE_SECONDS = 0.005


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


class GroupCommit:
    """Owns the writing connection, gives transactions their turns and commits them in groups.

    most: how many transactions a group has at most.
    """

    def __init__(self, connection: SqliteConnection, most: int) -> None:
        self.connection = connection
        self._most = most
        self._turns: asyncio.Queue[_Turn | None] = asyncio.Queue()
        self._is_closed = False
        self._task = asyncio.create_task(self._work())

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[SqliteConnection]:
        """One transaction's turn: undone on an exception, durable when it is left.

        Raises:
            Unavailable: the lock is not to be had, the group was undone, or the writer is closed.
            StorageFull: no space left. DataLinksError: something unforeseen; nothing was written.
        """
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
            with savepoint(self.connection.raw, "turn"):
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
            turn = self._next_turn() if len(group) < self._most else None
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
                with translated():
                    self.connection.raw.execute("BEGIN IMMEDIATE")
                return
            except Unavailable:
                if asyncio.get_running_loop().time() > deadline:
                    raise
                await asyncio.sleep(_BUSY_PAUSE_SECONDS)

    async def _commit(self) -> None:
        with translated():
            # In a thread, as it waits for the disk; the connection is this task's alone meanwhile.
            await asyncio.to_thread(self.connection.raw.execute, "COMMIT")
