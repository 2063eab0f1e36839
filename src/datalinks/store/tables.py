"""Data link tables as rows."""

from datalinks.model.table import DataLinkTable
from datalinks.store.database import Reader, Transaction
from datalinks.store.rows import element_columns, element_fields, like


async def find_table(
    reader: Reader, workspace_id: str, *, id: str | None = None, key: str | None = None, uuid: str | None = None
) -> DataLinkTable | None:
    """The table with this id, key or uuid, or None; of several the live one, else the newest."""
    row = await reader.fetch_one("find_table", workspace_id=workspace_id, id=id, key=key, uuid=uuid)
    return None if row is None else DataLinkTable(**element_fields(row))


async def list_tables(
    reader: Reader, workspace_id: str, *, limit: int, after: str | None, live: bool, search: str | None = None
) -> list[DataLinkTable]:
    """Up to ``limit`` tables, newest first, from behind the id ``after``."""
    rows = await reader.fetch(
        "list_tables", workspace_id=workspace_id, live=live or None, search=like(search), after=after, limit=limit
    )
    return [DataLinkTable(**element_fields(row)) for row in rows]


async def insert_table(tx: Transaction, workspace_id: str, table: DataLinkTable) -> None:
    """Add a table.

    Raises:
        UniqueViolation: a live one has its key or uuid.
    """
    await tx.execute("insert_table", workspace_id=workspace_id, **element_columns(table))


async def update_table(tx: Transaction, workspace_id: str, table: DataLinkTable) -> None:
    """Keep a table's fields.

    Raises:
        UniqueViolation: another live one has its key or uuid.
    """
    await tx.execute("update_table", workspace_id=workspace_id, **element_columns(table))
