"""Integrations as rows. Properties beside those of every element are one JSON object; secrets are a sealed text."""

from typing import Any

import msgspec

from datalinks.model.auth import Auth
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
    "auth",
    "allowed_hosts",
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


async def find_secrets(reader: Reader, workspace_id: str, id: str) -> str | None:
    """An integration's sealed secrets, or None."""
    row = await reader.fetch_one("find_integration_secrets", workspace_id=workspace_id, id=id)
    return None if row is None else row["sealed"]


async def set_secrets(tx: Transaction, workspace_id: str, id: str, sealed: str | None) -> None:
    """Keep an integration's sealed secrets; None forgets them."""
    await tx.execute("set_integration_secrets", workspace_id=workspace_id, id=id, sealed=sealed)


def _integration(row: Row) -> Integration:
    properties = from_json(row["properties"])
    auth = properties.pop("auth", None)
    return Integration(
        **element_fields(row),
        connector_id=row["connector_id"],
        auth=None if auth is None else msgspec.convert(auth, Auth),
        **properties,
    )


def _columns(integration: Integration) -> dict[str, Any]:
    properties = {name: getattr(integration, name) for name in _PROPERTIES}
    return {**element_columns(integration), "connector_id": integration.connector_id, "properties": to_json(properties)}
