"""A server's PostgreSQL database through asyncpg alone."""

import asyncio
import io
import time
from collections.abc import Coroutine, Sequence
from typing import Any

from bench.failures import NotRun
from bench.records import Pair
from bench.schema import COLUMNS, INSTANCE_NO, NUMBERS_PER_MICROSECOND, TABLE, LinkTable, find_many, first_write_no


def driver() -> Any:
    """The driver, which goes untyped.

    Raises:
        NotRun: it is not installed.
    """
    try:
        import asyncpg  # noqa: PLC0415 - whoever measures SQLite alone does not need it
    except ImportError as error:
        raise NotRun("asyncpg is not installed: run `make install`") from error
    return asyncpg


class RawPostgres:
    """The ``RawStore`` of a PostgreSQL database."""

    def __init__(self, url: str) -> None:
        # Both are there before the connection, which lives in the runner's loop.
        asyncpg = driver()
        self._runner = asyncio.Runner()
        self._connection: Any = self._wait(asyncpg.connect(url))
        self.table = LinkTable(tuple(row[0] for row in self._fetch(COLUMNS["postgres"])))
        self.instance_no = int(self._fetch(INSTANCE_NO)[0][0])

    def count(self) -> int:
        """See ``RawStore.count``."""
        return self._fetch(f"SELECT count(*) FROM {TABLE}")[0][0]  # noqa: S608

    def find_many(self, app_record_ids: Sequence[str]) -> int:
        """See ``RawStore.find_many``."""
        keys = '(SELECT key FROM unnest($2::text[]) AS u (key) ORDER BY key COLLATE "C")'
        return len(self._fetch(find_many("$1", keys), self.instance_no, app_record_ids))

    def load(self, pairs: Sequence[Pair]) -> float:
        """See ``RawStore.load``: one COPY."""
        rows = self.table.rows(self.instance_no, pairs)
        lines = "".join("\t".join("\\N" if value is None else str(value) for value in row) + "\n" for row in rows)
        source = io.BytesIO(lines.encode())
        start = time.perf_counter()
        self._wait(self._connection.copy_to_table(TABLE, source=source, columns=self.table.columns))
        return time.perf_counter() - start

    def settle(self) -> None:
        """See ``RawStore.settle``."""
        self._execute(f"VACUUM (ANALYZE) {TABLE}")
        self._execute("CHECKPOINT")

    def clear(self) -> None:
        """See ``RawStore.clear``."""
        self._execute(f"TRUNCATE {TABLE}")

    def links_bytes(self) -> int:
        """See ``RawStore.links_bytes``."""
        return self._fetch("SELECT pg_total_relation_size($1::text::regclass)", TABLE)[0][0]

    def create_sequence(self, name: str) -> None:
        """Make a sequence of write numbers, cached so that it costs next to nothing; keep it if it is there."""
        steps = f"START {first_write_no()} INCREMENT {NUMBERS_PER_MICROSECOND} CACHE 10000"
        self._execute(f"CREATE SEQUENCE IF NOT EXISTS {name} {steps}")

    def close(self) -> None:
        """See ``RawStore.close``."""
        self._wait(self._connection.close())
        self._runner.close()

    def _fetch(self, query: str, *values: Any) -> list[Any]:
        return self._wait(self._connection.fetch(query, *values))

    def _execute(self, query: str) -> None:
        self._wait(self._connection.execute(query, timeout=600))

    def _wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self._runner.run(work)
