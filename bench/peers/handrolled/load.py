# ruff: noqa: INP001 - a folder of programs with an environment of its own
"""Makes the table and fills it from standard input: lines ``appRecordId,externalRecordId,direction`` under a header."""

import asyncio
import csv
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from sqlalchemy import insert
from tables import Base, Link, open_engine

CONNECTION_ID = 1
BATCH = 20_000


def rows() -> Iterator[dict[str, Any]]:
    """The lines as values of columns."""
    now = datetime.now(UTC)
    for app_record_id, external_record_id, direction in islice(csv.reader(sys.stdin), 1, None):
        yield {
            "connection_id": CONNECTION_ID,
            "app_record_id": app_record_id,
            "external_record_id": external_record_id,
            "direction": direction,
            "created_at": now,
        }


async def load() -> None:
    """Fill the table in one transaction, then let the engine look at what it has."""
    engine = open_engine()
    transactional = engine.execution_options(isolation_level="SERIALIZABLE")
    async with transactional.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
        pending = rows()
        while batch := list(islice(pending, BATCH)):
            await connection.execute(insert(Link), batch)
    async with engine.connect() as connection:
        await connection.exec_driver_sql("ANALYZE")
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(load())
