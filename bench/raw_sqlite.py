"""A server's SQLite file through apsw alone."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import apsw

from bench.failures import BenchFailed
from bench.records import Pair
from bench.schema import COLUMNS, INSTANCE_NO, TABLE, LinkTable, find, find_many


class RawSqlite:
    """The ``RawStore`` of a SQLite file, in the server's mode: write-ahead log, every commit flushed."""

    def __init__(self, path: Path) -> None:
        # The driver's own types are incomplete, so a connection goes untyped inside this module.
        self._connection: Any = apsw.Connection(str(path))
        self._connection.set_busy_timeout(60_000)
        self._run("PRAGMA journal_mode = WAL")
        self._run("PRAGMA synchronous = FULL")
        self.table = LinkTable(tuple(row[0] for row in self._run(COLUMNS["sqlite"])))
        self.instance_no = int(self._run(INSTANCE_NO)[0][0])

    def count(self) -> int:
        """See ``RawStore.count``."""
        return self._run(f"SELECT count(*) FROM {TABLE}")[0][0]  # noqa: S608

    def find(self, app_record_ids: Sequence[str]) -> int:
        """Read the links of app records one by one; how many there were."""
        query = find("?", "?")
        return sum(len(self._run(query, (self.instance_no, each))) for each in app_record_ids)

    def find_many(self, app_record_ids: Sequence[str]) -> int:
        """See ``RawStore.find_many``."""
        query = find_many("?2", "(SELECT value AS key FROM json_each(?1))")
        return len(self._run(query, (json.dumps(sorted(app_record_ids)), self.instance_no)))

    def load(self, pairs: Sequence[Pair]) -> float:
        """See ``RawStore.load``: ``executemany`` of an upsert in one transaction."""
        rows = list(self.table.rows(self.instance_no, pairs))
        query = self.table.upsert(["?"] * len(self.table.columns))
        start = time.perf_counter()
        self._run("BEGIN IMMEDIATE")
        self._connection.executemany(query, rows)
        self._run("COMMIT")
        return time.perf_counter() - start

    def settle(self) -> None:
        """See ``RawStore.settle``: afterwards the file is all there is.

        Raises:
            BenchFailed: somebody still uses the log.
        """
        is_busy, _, _ = self._run("PRAGMA wal_checkpoint(TRUNCATE)")[0]
        if is_busy:
            raise BenchFailed("the log of a SQLite file could not be emptied")

    def clear(self) -> None:
        """See ``RawStore.clear``."""
        self._run(f"DELETE FROM {TABLE}")  # noqa: S608

    def links_bytes(self) -> int:
        """See ``RawStore.links_bytes``."""
        self.settle()
        query = "SELECT sum(pgsize) FROM dbstat WHERE aggregate = TRUE AND name IN (SELECT name FROM sqlite_schema WHERE tbl_name = ?)"
        return self._run(query, (TABLE,))[0][0]

    def close(self) -> None:
        """See ``RawStore.close``."""
        self._connection.close()

    def _run(self, query: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        return self._connection.execute(query, values).fetchall()
