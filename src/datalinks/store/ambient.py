"""One transaction for many who do not know of it.

Whoever opens it makes everything that is called inside, however deep, read and write in this one transaction, although each
asks its database as always. So several services' changes, each a transaction on its own, commit together or not at all.
"""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from contextvars import ContextVar
from types import CoroutineType
from typing import Any

from datalinks.store.database import Database, Reader, Row, Transaction


class _Around:
    """The transaction around whoever runs in a context; None once it has ended, as tasks may outlive it.

    after: what is called once it has committed, in its order.
    """

    __slots__ = ("after", "transaction")

    def __init__(self, transaction: Transaction) -> None:
        self.transaction: Transaction | None = transaction
        self.after: dict[Callable[[], None], None] = {}


class AmbientDatabase:
    """A ``Database`` that is another one, but inside ``one_transaction`` everything asked of it is part of that.

    Outside it costs one look at a context variable. Inside, queries must come one after the other, as always in a transaction.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        # A variable of its own: a transaction is of one database.
        self._around: ContextVar[_Around | None] = ContextVar("around", default=None)
        self.stage_size = database.stage_size
        self.migrate = database.migrate
        self.check = database.check
        self.close = database.close

    @asynccontextmanager
    async def one_transaction(self) -> AsyncGenerator[Transaction]:
        """A transaction around everything in the block, in functions it calls and in tasks it starts and waits for.

        Memories beside the database must not keep what is read in it, as it may be undone.

        Raises:
            Unavailable, StorageFull: as a transaction.
        """
        async with self._database.transaction() as transaction:
            around = _Around(transaction)
            token = self._around.set(around)
            try:
                yield transaction
            finally:
                around.transaction = None
                self._around.reset(token)
        for call in around.after:
            call()

    @property
    def is_in_one_transaction(self) -> bool:
        """Whether this is inside of ``one_transaction``, so that nobody else sees yet what was written."""
        return self._transaction() is not None

    def after_commit(self, call: Callable[[], None]) -> None:
        """Call a function when what was written so far is there for others: at once, or after the transaction around.

        It is called once, however often it was asked for, and not at all if that transaction is undone; that a part of it
        was undone makes no difference.
        """
        around = self._around.get()
        if around is None or around.transaction is None:
            call()
        else:
            around.after[call] = None

    # Not ``async``, which would put one more coroutine around each query; and each looks at the variable itself, as one more
    # call costs as much as looking does.
    def fetch(self, query: str, **values: Any) -> "CoroutineType[Any, Any, Sequence[Row]]":
        """See ``Reader.fetch``."""
        if (around := self._around.get()) is None:
            return self._database.fetch(query, **values)
        return (around.transaction or self._database).fetch(query, **values)

    def fetch_one(self, query: str, **values: Any) -> "CoroutineType[Any, Any, Row | None]":
        """See ``Reader.fetch_one``."""
        if (around := self._around.get()) is None:
            return self._database.fetch_one(query, **values)
        return (around.transaction or self._database).fetch_one(query, **values)

    def fetch_each(
        self, query: str, sets: Sequence[Mapping[str, Any]]
    ) -> "CoroutineType[Any, Any, list[Sequence[Row]]]":
        """See ``Reader.fetch_each``."""
        return (self._transaction() or self._database).fetch_each(query, sets)

    def write_one(self, query: str, **values: Any) -> "CoroutineType[Any, Any, Row | None]":
        """See ``Database.write_one``; inside, the change is durable when the transaction around it is."""
        transaction = self._transaction()
        if transaction is None:
            return self._database.write_one(query, **values)
        return _write_part(transaction, query, values)

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """See ``Database.transaction``; inside, leaving it means that the change is part of the transaction around it."""
        transaction = self._transaction()
        return self._database.transaction() if transaction is None else transaction.savepoint()

    def snapshot(self) -> AbstractAsyncContextManager[Reader]:
        """See ``Database.snapshot``; inside, it sees what the transaction does, and on PostgreSQL what others commit."""
        transaction = self._transaction()
        return self._database.snapshot() if transaction is None else transaction.savepoint()

    def aside(self) -> AbstractAsyncContextManager[Transaction]:
        """See ``Database.aside``; inside, it is a part of the transaction that is undone."""
        transaction = self._transaction()
        return self._database.aside() if transaction is None else _undone_part(transaction)

    def _transaction(self) -> Transaction | None:
        around = self._around.get()
        return None if around is None else around.transaction


async def _write_part(transaction: Transaction, query: str, values: Mapping[str, Any]) -> Row | None:
    async with transaction.savepoint() as part:
        return await part.fetch_one(query, **values)


class _Undo(Exception):
    """Ends a part of a transaction so that it is undone."""


@asynccontextmanager
async def _undone_part(transaction: Transaction) -> AsyncGenerator[Transaction]:
    with suppress(_Undo):
        async with transaction.savepoint() as part:
            yield part
            raise _Undo
