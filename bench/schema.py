"""The table of links as the server's own migrations made it: the only module of the benchmark that names its columns.

The benchmark reads which columns there are and says what it puts into each. A column that it does not know is an error
and not a guess, since the figures of its peers would be those of another table.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from bench.failures import BenchFailed
from bench.records import Pair

TABLE = "data_links"
INSTANCE_NO = "SELECT no FROM data_link_table_instances"
COLUMNS = {
    "sqlite": "SELECT name FROM pragma_table_info('data_links') ORDER BY cid",
    "postgres": (
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'data_links' ORDER BY ordinal_position"
    ),
}
# Write numbers grow by this with each microsecond: see ids.py of the server.
NUMBERS_PER_MICROSECOND = 2048

Value: TypeAlias = int | str | None
V = TypeVar("V")

_KNOWN = {
    "instance_no",
    "app_record_id",
    "external_record_id",
    "import_no",
    "export_no",
    "import_first_no",
    "export_first_no",
}
_ANSWERED = "l.app_record_id, l.external_record_id, l.import_no, l.import_first_no"


@dataclass(frozen=True, slots=True)
class LinkTable:
    """The columns of the table, and the statements that raw peers run on it. Every link of theirs is one to import."""

    columns: tuple[str, ...]

    def __post_init__(self) -> None:
        if unknown := set(self.columns) ^ _KNOWN:
            raise BenchFailed(f"bench/schema.py does not know {TABLE} as it is now: look at {sorted(unknown)}.")

    def rows(self, instance_no: int, pairs: Iterable[Pair]) -> Iterator[tuple[Value, ...]]:
        """Rows of links that are written one after the other from now on, in the order of the columns."""
        write_no = first_write_no()
        for app_record_id, external_record_id in pairs:
            values: dict[str, Value] = _values(instance_no, app_record_id, external_record_id, write_no)
            yield tuple(values.get(column) for column in self.columns)
            write_no += NUMBERS_PER_MICROSECOND

    def upsert(self, values: Sequence[str]) -> str:
        """Write a link or write it again, as the server does; ``values`` are expressions in the order of the columns."""
        return (
            f"INSERT INTO {TABLE} ({', '.join(self.columns)}) VALUES ({', '.join(values)}) "  # noqa: S608
            "ON CONFLICT (instance_no, app_record_id, external_record_id) DO UPDATE SET "
            f"import_first_no = coalesce({TABLE}.import_first_no, {TABLE}.import_no), import_no = excluded.import_no"
        )

    def upsert_of(self, instance_no: str, app_record_id: str, external_record_id: str, write_no: str) -> str:
        """As ``upsert``, where these expressions give the values."""
        values = _values(instance_no, app_record_id, external_record_id, write_no)
        return self.upsert([values.get(column, "NULL") for column in self.columns])


def find(instance_no: str, app_record_id: str) -> str:
    """The links of an app record."""
    return f"SELECT {_ANSWERED} FROM {TABLE} l WHERE {_of(instance_no)} AND l.app_record_id = {app_record_id}"  # noqa: S608


def find_many(instance_no: str, keys: str) -> str:
    """The links of many app records; ``keys`` is a table expression with the column ``key``."""
    return (
        f"SELECT {_ANSWERED} FROM {keys} AS k CROSS JOIN {TABLE} l "  # noqa: S608
        f"WHERE {_of(instance_no)} AND l.app_record_id = k.key"
    )


def first_write_no() -> int:
    """The number of a write that happens now."""
    return time.time_ns() // 1000 * NUMBERS_PER_MICROSECOND


def _of(instance_no: str) -> str:
    # The plus keeps the index of write numbers out: SQLite without statistics would read a whole instance by it.
    return f"l.instance_no = {instance_no} AND +l.import_no IS NOT NULL"


def _values(instance_no: V, app_record_id: V, external_record_id: V, write_no: V) -> dict[str, V]:
    """What a row has in each column that is not NULL."""
    return {
        "instance_no": instance_no,
        "app_record_id": app_record_id,
        "external_record_id": external_record_id,
        "import_no": write_no,
    }
