"""A store that fails as often as a test wants, before or after it has done what it was asked."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from datalinks.errors import Unavailable
from datalinks.store.database import Database, Row, Transaction


class FailingDatabase:
    """Another database; so many transactions from now on fail, and writes of some queries always.

    before: transactions that do nothing. after: transactions that are committed all the same.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.before = 0
        self.after = 0
        self.refused: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        # What it does not change is the other's: a ``Database`` to whoever is given it.
        return getattr(self._database, name)

    async def write_one(self, query: str, **values: Any) -> Row | None:
        if query in self.refused:
            raise Unavailable("The store is away.")
        return await self._database.write_one(query, **values)

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Transaction]:
        if self.before:
            self.before -= 1
            raise Unavailable("The store is away.")
        async with self._database.transaction() as tx:
            yield tx
        if self.after:
            self.after -= 1
            raise Unavailable("The store is away; whether it wrote is not known.")
