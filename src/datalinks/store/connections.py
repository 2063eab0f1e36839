"""Connections as rows, each with its customer and integration. Their secrets are sealed texts, read only when asked for."""

from dataclasses import dataclass
from typing import Any

from datalinks.ids import as_datetime
from datalinks.model.connection import Connection
from datalinks.model.element import READY
from datalinks.model.keys import search_text
from datalinks.model.references import ConnectionRef, CustomerRef, IntegrationRef
from datalinks.store.database import Reader, Row, Transaction
from datalinks.store.rows import from_json, from_time, life, life_columns, like, to_json


async def list_connections(
    reader: Reader,
    workspace_id: str,
    *,
    limit: int,
    after: str | None = None,
    live: bool = True,
    id: str | None = None,
    key: str | None = None,
    name: str | None = None,
    connector_id: str | None = None,
    customer_id: str | None = None,
    integration_id: str | None = None,
    integration_key: str | None = None,
    disconnected: bool | None = None,
    is_test: bool | None = None,
    search: str | None = None,
) -> list[Connection]:
    """Up to ``limit`` connections, newest first, from behind the id ``after``; every filter given must match.

    live: only those that are not archived, nor their customer or integration.
    """
    rows = await reader.fetch(
        "list_connections",
        workspace_id=workspace_id,
        id=id,
        key=key,
        name=name,
        connector_id=connector_id,
        customer_id=customer_id,
        integration_id=integration_id,
        integration_key=integration_key,
        disconnected=disconnected if disconnected is None else int(disconnected),
        is_test=is_test if is_test is None else int(is_test),
        live=live or None,
        search=like(search),
        after=after,
        limit=limit,
    )
    return [_connection(row) for row in rows]


async def insert_connection(tx: Transaction, workspace_id: str, connection: Connection) -> None:
    """Add a connection.

    Raises:
        UniqueViolation: the customer has a live connection with its key.
    """
    values = {**_columns(connection), "customer_id": connection.user_id, "integration_id": connection.integration_id}
    await tx.execute("insert_connection", workspace_id=workspace_id, **values)


async def update_connection(tx: Transaction, workspace_id: str, connection: Connection) -> None:
    """Keep a connection's fields; its customer and integration never change.

    Raises:
        UniqueViolation: the customer has another live connection with its key.
    """
    await tx.execute("update_connection", workspace_id=workspace_id, **_columns(connection))


async def find_secrets(reader: Reader, workspace_id: str, id: str) -> str | None:
    """A connection's sealed secrets, or None."""
    row = await reader.fetch_one("find_connection_secrets", workspace_id=workspace_id, id=id)
    return None if row is None else row["sealed"]


async def set_secrets(tx: Transaction, workspace_id: str, id: str, sealed: str | None) -> None:
    """Keep a connection's sealed secrets; None forgets them."""
    await tx.execute("set_connection_secrets", workspace_id=workspace_id, id=id, sealed=sealed)


@dataclass(frozen=True, slots=True)
class RefreshState:
    """What a refresh of a connection's access token is decided by. sealed: its secrets. error: why it is disconnected, if known."""

    sealed: str | None
    disconnected: bool
    error: str | None


async def find_refresh(reader: Reader, workspace_id: str, id: str) -> RefreshState | None:
    """The state of a connection's refresh; None: there is no such connection."""
    row = await reader.fetch_one("find_connection_refresh", workspace_id=workspace_id, id=id)
    if row is None:
        return None
    error = from_json(row["error"])
    return RefreshState(row["sealed"], bool(row["disconnected"]), error and error["message"])


async def hold_refresh(tx: Transaction, workspace_id: str, id: str, *, holder: str, now: int, until: int) -> bool:
    """Be the only one who refreshes a connection's access token, until a moment; False: somebody else is."""
    values = {"holder": holder, "now": now, "until": until}
    return bool(await tx.execute("hold_connection_refresh", workspace_id=workspace_id, id=id, **values))


async def release_refresh(tx: Transaction, workspace_id: str, id: str, *, holder: str) -> None:
    """Let others refresh, if they may not already. What is read of the connection next nobody else changes meanwhile."""
    await tx.execute("release_connection_refresh", workspace_id=workspace_id, id=id, holder=holder)


async def disconnect(tx: Transaction, workspace_id: str, id: str, *, error: Any, revision: str, now: int) -> None:
    """Mark a connection as disconnected, and say why."""
    values = {"error": to_json(error), "revision": revision, "updated_at": now}
    await tx.execute("disconnect_connection", workspace_id=workspace_id, id=id, **values)


def customer_reference(row: Row) -> CustomerRef:
    """The customer of a row that joins it."""
    return CustomerRef(id=row["customer_id"], name=row["customer_name"], internal_id=row["customer_internal_id"])


def integration_reference(row: Row) -> IntegrationRef:
    """The integration of a row that joins it."""
    return IntegrationRef(
        id=row["integration_id"],
        key=row["integration_key"],
        name=row["integration_name"],
        logo_uri=from_json(row["integration_properties"])["logo_uri"],
    )


def connection_reference(row: Row) -> ConnectionRef:
    """The connection of a row that joins it."""
    return ConnectionRef(
        id=row["connection_id"],
        name=row["connection_name"],
        user_id=row["customer_id"],
        integration_id=row["integration_id"],
        disconnected=bool(row["connection_disconnected"]),
        created_at=as_datetime(row["connection_created_at"]),
        updated_at=as_datetime(row["connection_updated_at"]),
    )


def _connection(row: Row) -> Connection:
    return Connection(
        id=row["id"],
        name=row["name"],
        key=row["key"],
        user_id=row["customer_id"],
        tenant_id=row["customer_id"],
        user=customer_reference(row),
        integration_id=row["integration_id"],
        integration=integration_reference(row),
        auth_option_key=row["auth_option_key"],
        error=from_json(row["error"]),
        meta=from_json(row["meta"]),
        is_test=bool(row["is_test"]),
        connected=not row["disconnected"],
        disconnected=bool(row["disconnected"]),
        state=READY,
        revision=row["revision"],
        last_active_at=from_time(row["customer_last_active_at"]),
        **life(row),
    )


def _columns(connection: Connection) -> dict[str, Any]:
    return {
        "id": connection.id,
        "key": connection.key,
        "name": connection.name,
        "meta": to_json(connection.meta),
        "auth_option_key": connection.auth_option_key,
        "is_test": int(connection.is_test),
        "disconnected": int(connection.disconnected),
        "error": to_json(connection.error),
        "search_text": search_text(connection.name, connection.key),
        "revision": connection.revision,
        **life_columns(connection),
    }
