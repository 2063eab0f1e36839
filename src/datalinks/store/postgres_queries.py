"""Named queries on one PostgreSQL connection."""

import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from datalinks.store.database import Row, TookTooLong, Transaction
from datalinks.store.postgres_errors import ConnectionLost, translated
from datalinks.store.queries import Form, Query, Together

# Gone with the transaction, so that whoever is given the connection next finds nothing of it.
_STAGED = """
CREATE TEMP TABLE IF NOT EXISTS staged_links (
    app_record_id TEXT COLLATE "C", external_record_id TEXT COLLATE "C", import_no BIGINT, export_no BIGINT
) ON COMMIT DROP
"""
_STAGED_COLUMNS = ("app_record_id", "external_record_id", "import_no", "export_no")
_PLACEHOLDER = re.compile(r"(?<!:):(\w+)")


class Statements:
    """The texts of statements with PostgreSQL's ``$1`` placeholders, and the names of the values in their order."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, tuple[str, ...]]] = {}

    def of(self, query: Query, values: Mapping[str, Any], form: Form = "one") -> tuple[str, list[Any]]:
        """A query's statement and its arguments."""
        text = query.text("postgres", values, form)
        known = self._known.get(text)
        if known is None:
            names = tuple(dict.fromkeys(_PLACEHOLDER.findall(text)))
            numbered = _PLACEHOLDER.sub(lambda found: f"${names.index(found[1]) + 1}", text)
            known = self._known[text] = (numbered, names)
        return known[0], [values[name] for name in known[1]]


class PostgresReader:
    """Runs named queries on a connection. writing: a lost connection leaves open whether a change was made."""

    def __init__(
        self, connection: Any, queries: Mapping[str, Query], statements: Statements, *, writing: bool = False
    ) -> None:
        self.raw = connection
        self._queries = queries
        self._statements = statements
        self._writing = writing

    async def fetch(self, query: str, **values: Any) -> Sequence[Row]:
        """See ``Reader.fetch``. No text that is kept has NUL, so what asks for one finds nothing."""
        text, arguments = self._statements.of(self._queries[query], values)
        if _has_nul(arguments):
            return []
        with translated(writing=self._writing):
            return await self.raw.fetch(text, *arguments)

    async def fetch_one(self, query: str, **values: Any) -> Row | None:
        """See ``Reader.fetch_one``."""
        rows = await self.fetch(query, **values)
        return rows[0] if rows else None

    async def fetch_each(self, query: str, sets: Sequence[Mapping[str, Any]]) -> list[Sequence[Row]]:
        """See ``Reader.fetch_each``."""
        chosen = self._queries[query]
        if len(sets) == 1 or not chosen.joins("postgres"):
            return [await self.fetch(query, **each) for each in sets]
        assert chosen.together is not None, "it joins"
        return await self._together(chosen, chosen.together, sets)

    async def _together(
        self, query: Query, together: Together, sets: Sequence[Mapping[str, Any]]
    ) -> list[Sequence[Row]]:
        if not sets:
            return []
        if any(_has_nul([each[name] for name in together.arrays]) for each in sets):
            return [await self.fetch(query.name, **each) for each in sets]
        arrays = {name: [each[name] for each in sets] for name in together.arrays}
        text, arguments = self._statements.of(query, {**sets[0], **arrays}, "many")
        with translated(writing=self._writing):
            rows = await self.raw.fetch(text, *arguments)
        return together.shared_out(rows, sets)


class PostgresTransaction(PostgresReader):
    """A reader inside a transaction, which also writes."""

    async def execute(self, query: str, **values: Any) -> int:
        """See ``Transaction.execute``."""
        text, arguments = self._statements.of(self._queries[query], values)
        with translated():
            status: str = await self.raw.execute(text, *arguments)
        # "UPDATE 3", "INSERT 0 1": the last word counts rows.
        return int(status.rpartition(" ")[2])

    @asynccontextmanager
    async def savepoint(self) -> AsyncGenerator[Transaction]:
        """See ``Transaction.savepoint``."""
        async with transaction_on(self.raw):
            yield self

    async def stage(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """See ``Transaction.stage``."""
        with translated():
            await self.raw.execute(_STAGED)
            await self.raw.execute("TRUNCATE staged_links")
            await self.raw.copy_records_to_table("staged_links", records=rows, columns=_STAGED_COLUMNS)


def _has_nul(arguments: Sequence[Any]) -> bool:
    """Whether a text among these has NUL, which PostgreSQL can neither keep nor look for."""
    for each in arguments:  # noqa: SIM110 - on the way of every request, where a generator costs as much as the query's text
        if type(each) is str and "\0" in each:
            return True
    return False


@asynccontextmanager
async def transaction_on(connection: Any, **options: Any) -> AsyncGenerator[None]:
    """A transaction with these options of the driver; a savepoint where there is one already."""
    begun = connection.transaction(**options)
    with translated():
        await begun.start()
    try:
        yield
    except BaseException:
        # A connection that is lost has rolled back already, and cannot even be asked whether it is: the pool has it back.
        with suppress(ConnectionLost, TookTooLong), translated():
            await begun.rollback()
        raise
    with translated(writing=True):
        await begun.commit()
