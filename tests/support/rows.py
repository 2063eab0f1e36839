"""Rows for tests of the store: workspaces, as nothing else is needed to have one."""

from typing import Any

from datalinks.store.database import Database, Reader, Transaction


def row(key: str) -> dict[str, Any]:
    """The values of a workspace that is known by its key alone."""
    return {"id": key, "key": key, "name": key, "secret": "", "settings": "{}", "created_at": 0}


async def insert(tx: Transaction, key: str) -> None:
    """Add a row in a transaction."""
    await tx.execute("insert_workspace", **row(key))


async def add(database: Database, key: str) -> None:
    """Add a row in a transaction of its own."""
    async with database.transaction() as tx:
        await insert(tx, key)


async def keys(reader: Reader) -> list[str]:
    """The keys of the rows that a reader sees."""
    return [each["key"] for each in await reader.fetch("list_workspaces")]
