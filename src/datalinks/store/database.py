"""The store's engine as its users see it: read rows, or change rows in a transaction.

Queries are called by name with named values. The functions beside this module (``links``, ``tables`` ...) turn rows into
records; nothing else calls a query.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeAlias

from datalinks.errors import Unavailable

Row: TypeAlias = Mapping[str, Any]


class Reader(Protocol):
    """Something queries can be run on."""

    async def fetch(self, query: str, **values: Any) -> Sequence[Row]:
        """All rows of a ``:many`` query."""
        ...

    async def fetch_one(self, query: str, **values: Any) -> Row | None:
        """The row of a ``:one`` query, or None."""
        ...

    async def fetch_each(self, query: str, sets: Sequence[Mapping[str, Any]]) -> list[Sequence[Row]]:
        """The rows of a query for each set of values, in their order; asked together where the query can be.

        Sets that the query cannot tell apart (``together by``) must not differ.
        """
        ...


class Transaction(Reader, Protocol):
    """A reader that also writes; sees what it wrote."""

    async def execute(self, query: str, **values: Any) -> int:
        """Run an ``:execute`` query and say how many rows it changed.

        Raises:
            UniqueViolation: a row with this key exists already; the transaction, or the savepoint around, can only be left.
        """
        ...

    def savepoint(self) -> "AbstractAsyncContextManager[Transaction]":
        """A part of the transaction: an exception inside undoes only this part, and the transaction stays usable."""
        ...

    async def stage(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Fill the table ``staged_links`` of this transaction, in the order of the rows; what it held is gone.

        rows: app record id, external record id, import number, export number.
        """
        ...


class Database(Reader, Protocol):
    """An open store. Reads see everything that was committed before they began.

    stage_size: how many rows are staged at most, so that others need not wait long for their turn.
    """

    stage_size: int

    async def migrate(self) -> list[str]:
        """Bring the schema up to this program's version; the names of the migrations applied, in order.

        Raises:
            InvalidSettings: the database was made by a newer version of the program.
        """
        ...

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """All or nothing: an exception inside undoes everything, and leaving it means that the change is durable.

        Raises:
            Unavailable: the store is busy or out of reach; StorageFull: no space left. Nothing was written, unless the
                message says that it is not known.
        """
        ...

    async def write_one(self, query: str, **values: Any) -> Row | None:
        """One query in a transaction of its own: the row that it returns, or None, once the change is durable.

        Raises:
            Unavailable, StorageFull: as a transaction. UniqueViolation: a row with this key exists already.
        """
        ...

    def snapshot(self) -> AbstractAsyncContextManager[Reader]:
        """A reader that sees the store as it was when the first query was asked, however long it reads.

        Raises:
            Unavailable: the store is out of reach.
        """
        ...

    def aside(self) -> AbstractAsyncContextManager[Transaction]:
        """A transaction that stages and reads, in nobody's way; nothing that it stages is kept.

        Raises:
            Unavailable: the store is out of reach.
        """
        ...

    async def check(self) -> None:
        """Ask the store for a sign of life.

        Raises:
            Unavailable: there is none.
        """
        ...

    async def close(self) -> None:
        """Finish what is under way and let go of the files and connections."""
        ...


class TookTooLong(Unavailable):
    """The store did not answer in time, so there may be nobody at its end: who waits longer will wait as long."""


class UniqueViolation(Exception):
    """A row with this key exists already. ``where`` names the unique columns or their index, if the engine says."""

    def __init__(self, where: str) -> None:
        super().__init__(where)
        self.where = where
