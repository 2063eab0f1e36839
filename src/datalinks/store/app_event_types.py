"""Types of app events as rows."""

from typing import Any

from datalinks.model.app_event import AppEventType
from datalinks.store.database import Reader, Row, Transaction
from datalinks.store.rows import element_columns, element_fields, from_json, like, to_json

_JSON = ("schema", "example", "subscribe_request", "tenant_id_formula", "user_id_formula")


async def find_app_event_type(
    reader: Reader, workspace_id: str, *, id: str | None = None, key: str | None = None, uuid: str | None = None
) -> AppEventType | None:
    """The type with this id, key or uuid, or None; of several the live one, else the newest."""
    row = await reader.fetch_one("find_app_event_type", workspace_id=workspace_id, id=id, key=key, uuid=uuid)
    return None if row is None else _type(row)


async def list_app_event_types(
    reader: Reader, workspace_id: str, *, limit: int, after: str | None, live: bool, search: str | None = None
) -> list[AppEventType]:
    """Up to ``limit`` types, newest first, from behind the id ``after``."""
    rows = await reader.fetch(
        "list_app_event_types",
        workspace_id=workspace_id,
        live=live or None,
        search=like(search),
        after=after,
        limit=limit,
    )
    return [_type(row) for row in rows]


async def insert_app_event_type(tx: Transaction, workspace_id: str, type: AppEventType) -> None:
    """Add a type.

    Raises:
        UniqueViolation: a live one has its key or uuid.
    """
    await tx.execute("insert_app_event_type", workspace_id=workspace_id, webhook_key=type.webhook_key, **_columns(type))


async def update_app_event_type(tx: Transaction, workspace_id: str, type: AppEventType) -> None:
    """Keep a type's fields but its webhook key, which stays.

    Raises:
        UniqueViolation: another live one has its key or uuid.
    """
    await tx.execute("update_app_event_type", workspace_id=workspace_id, **_columns(type))


async def find_type_of_webhook(reader: Reader, webhook_key: str) -> tuple[str, AppEventType] | None:
    """The type whose own webhook has this key, archived or not, and its workspace's id; or None."""
    row = await reader.fetch_one("find_type_of_webhook", webhook_key=webhook_key)
    return None if row is None else (row["workspace_id"], _type(row))


def _type(row: Row) -> AppEventType:
    json: dict[str, Any] = {name: from_json(row[name]) for name in _JSON}
    return AppEventType(**element_fields(row), **json, webhook_key=row["webhook_key"])


def _columns(type: AppEventType) -> dict[str, Any]:
    return {**element_columns(type), **{name: to_json(getattr(type, name)) for name in _JSON}}
