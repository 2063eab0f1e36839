"""Table instances as rows, each with its table, connection, customer and integration."""

from collections.abc import Iterable
from dataclasses import dataclass

from datalinks.ids import new_id
from datalinks.model.connection import Connection
from datalinks.model.element import READY
from datalinks.model.references import DataLinkTableRef
from datalinks.model.table import DataLinkTable, DataLinkTableInstance
from datalinks.store.connections import connection_reference, customer_reference, integration_reference
from datalinks.store.database import Reader, Row, Transaction
from datalinks.store.rows import hidden_by, life, like

# What hides an instance besides itself, the first that does is named.
_AROUND = ("table", "connection", "customer", "integration")


@dataclass(frozen=True, slots=True)
class InstanceNo:
    """What links need of their instance. no: its number in link rows. is_archived: it is hidden, its links too."""

    id: str
    no: int
    is_archived: bool


@dataclass(frozen=True, slots=True)
class KeptInstance:
    """An instance with what its record does not show.

    no: its number in link rows. hidden_by: what makes it invisible (``table``, ``connection``, ``customer``,
    ``integration`` or ``instance`` itself is archived), or None.
    """

    instance: DataLinkTableInstance
    no: int
    hidden_by: str | None


async def find_instance_no(
    reader: Reader, table_id: str, connection_id: str, instance_key: str | None
) -> InstanceNo | None:
    """The instance of a table for a connection, or None. The caller has checked that both are visible."""
    row = await reader.fetch_one(
        "find_instance_no", table_id=table_id, connection_id=connection_id, instance_key=instance_key or ""
    )
    return None if row is None else InstanceNo(row["id"], row["no"], row["archived_at"] is not None)


async def find_visible_instance_no(
    reader: Reader,
    workspace_id: str,
    connection_id: str,
    instance_key: str | None,
    *,
    table_id: str | None = None,
    table_key: str | None = None,
    customer_id: str | None = None,
) -> InstanceNo | None:
    """The instance of a table, by its id or key, for a connection; None if there is none or anything hides it."""
    row = await reader.fetch_one(
        "find_visible_instance_no",
        workspace_id=workspace_id,
        connection_id=connection_id,
        instance_key=instance_key or "",
        table_id=table_id,
        table_key=table_key,
        customer_id=customer_id,
    )
    return None if row is None else InstanceNo(row["id"], row["no"], is_archived=False)


async def find_instance(
    reader: Reader, workspace_id: str, *, id: str | None = None, no: int | None = None, customer_id: str | None = None
) -> KeptInstance | None:
    """The instance with this id or number, hidden or not, or None; a customer id narrows it to that customer's."""
    found = await list_instances(reader, workspace_id, limit=1, live=False, id=id, no=no, customer_id=customer_id)
    return found[0] if found else None


async def list_instances(
    reader: Reader,
    workspace_id: str,
    *,
    limit: int,
    after: str | None = None,
    live: bool = True,
    id: str | None = None,
    no: int | None = None,
    nos: Iterable[int] | None = None,
    table_id: str | None = None,
    table_key: str | None = None,
    connection_id: str | None = None,
    connection_key: str | None = None,
    customer_id: str | None = None,
    integration_id: str | None = None,
    integration_key: str | None = None,
    instance_key: str | None = None,
    search: str | None = None,
) -> list[KeptInstance]:
    """Up to ``limit`` instances, newest first, from behind the id ``after``; every filter given must match.

    live: only those that nothing hides.
    """
    rows = await reader.fetch(
        "list_instances",
        workspace_id=workspace_id,
        id=id,
        no=no,
        nos=None if nos is None else ",".join(map(str, nos)),
        table_id=table_id,
        table_key=table_key,
        connection_id=connection_id,
        connection_key=connection_key,
        customer_id=customer_id,
        integration_id=integration_id,
        integration_key=integration_key,
        instance_key=instance_key,
        live=live or None,
        search=like(search),
        after=after,
        limit=limit,
    )
    return [KeptInstance(_instance(row), row["no"], hidden_by(row, "instance", _AROUND)) for row in rows]


async def list_live_instance_nos(reader: Reader, workspace_id: str, customer_id: str | None) -> list[int]:
    """The numbers of all instances that nothing hides, of a workspace or one of its customers, in their order."""
    rows = await reader.fetch("list_live_instance_nos", workspace_id=workspace_id, customer_id=customer_id)
    return [row["no"] for row in rows]


async def put_instance(
    tx: Transaction,
    workspace_id: str,
    table: DataLinkTable,
    connection: Connection,
    instance_key: str | None,
    now: int,
) -> InstanceNo:
    """The instance of a table for a connection, made now if there is none; many may ask at once, one row results."""
    await tx.execute(
        "insert_instance",
        id=new_id(now),
        workspace_id=workspace_id,
        table_id=table.id,
        connection_id=connection.id,
        customer_id=connection.user_id,
        integration_id=connection.integration_id,
        instance_key=instance_key or "",
        revision=new_id(now),
        created_at=now,
        updated_at=now,
    )
    found = await find_instance_no(tx, table.id, connection.id, instance_key)
    assert found is not None, "an instance is never deleted, so it is there after its insert"
    return found


async def archive_instance(tx: Transaction, workspace_id: str, id: str, archived_at: int | None, now: int) -> None:
    """Archive an instance, or restore it with None."""
    await tx.execute(
        "archive_instance",
        workspace_id=workspace_id,
        id=id,
        archived_at=archived_at,
        revision=new_id(now),
        updated_at=now,
    )


def _instance(row: Row) -> DataLinkTableInstance:
    return DataLinkTableInstance(
        id=row["id"],
        name=row["table_name"],
        key=row["table_key"],
        state=READY,
        revision=row["revision"],
        data_link_table_id=row["table_id"],
        data_link_table=DataLinkTableRef(id=row["table_id"], key=row["table_key"], name=row["table_name"]),
        connection_id=row["connection_id"],
        connection=connection_reference(row),
        integration_id=row["integration_id"],
        integration=integration_reference(row),
        user_id=row["customer_id"],
        tenant_id=row["customer_id"],
        user=customer_reference(row),
        instance_key=row["instance_key"] or None,
        **life(row),
    )
