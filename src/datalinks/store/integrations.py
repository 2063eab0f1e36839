"""Integrations as rows. Properties beside those of every element are one JSON object."""

from typing import Any

from datalinks.model.integration import Integration
from datalinks.store.database import Reader, Row, Transaction
from datalinks.store.rows import element_columns, element_fields, from_json, like, to_json

_PROPERTIES = (
    "logo_uri",
    "base_uri",
    "connector_version",
    "external_app_id",
    "app_uuid",
    "o_auth_callback_uri",
    "auth_type",
    "parameters",
    "options_config",
)


async def find_integration(
    reader: Reader, workspace_id: str, *, id: str | None = None, key: str | None = None, uuid: str | None = None
) -> Integration | None:
    """The integration with this id, key or uuid, or None; of several the live one, else the newest."""
    row = await reader.fetch_one("find_integration", workspace_id=workspace_id, id=id, key=key, uuid=uuid)
    return None if row is None else _integration(row)


async def list_integrations(
    reader: Reader, workspace_id: str, *, limit: int, after: str | None, live: bool, search: str | None = None
) -> list[Integration]:
    """Up to ``limit`` integrations, newest first, from behind the id ``after``."""
    rows = await reader.fetch(
        "list_integrations",
        workspace_id=workspace_id,
        live=live or None,
        search=like(search),
        after=after,
        limit=limit,
    )
    return [_integration(row) for row in rows]


async def insert_integration(tx: Transaction, workspace_id: str, integration: Integration) -> None:
    """Add an integration.

    Raises:
        UniqueViolation: a live one has its key or uuid.
    """
    await tx.execute("insert_integration", workspace_id=workspace_id, **_columns(integration))


async def update_integration(tx: Transaction, workspace_id: str, integration: Integration) -> None:
    """Keep an integration's fields.

    Raises:
        UniqueViolation: another live one has its key or uuid.
    """
    await tx.execute("update_integration", workspace_id=workspace_id, **_columns(integration))


def _integration(row: Row) -> Integration:
    return Integration(**element_fields(row), connector_id=row["connector_id"], **from_json(row["properties"]))


def _columns(integration: Integration) -> dict[str, Any]:
    properties = {name: getattr(integration, name) for name in _PROPERTIES}
    return {**element_columns(integration), "connector_id": integration.connector_id, "properties": to_json(properties)}
