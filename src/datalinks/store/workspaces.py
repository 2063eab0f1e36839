"""Workspaces as rows. Their secrets are sealed texts here; services open them."""

import msgspec

from datalinks.model.workspace import Workspace, WorkspaceSettings
from datalinks.store.database import Reader, Row, Transaction


async def find_workspace(reader: Reader, key: str) -> Workspace | None:
    """The workspace with this key, or None; its ``secret`` is sealed."""
    row = await reader.fetch_one("find_workspace", key=key)
    return None if row is None else _workspace(row)


async def list_workspaces(reader: Reader) -> list[Workspace]:
    """Every workspace, oldest first; their secrets are sealed."""
    return [_workspace(row) for row in await reader.fetch("list_workspaces")]


async def insert_workspace(tx: Transaction, workspace: Workspace, created_at: int) -> None:
    """Add a workspace whose secret is sealed.

    Raises:
        UniqueViolation: the key is taken.
    """
    await tx.execute(
        "insert_workspace",
        id=workspace.id,
        key=workspace.key,
        name=workspace.name,
        secret=workspace.secret,
        settings=msgspec.json.encode(workspace.settings).decode(),
        created_at=created_at,
    )


async def update_workspace(tx: Transaction, workspace: Workspace) -> None:
    """Keep a workspace's sealed secret and settings."""
    settings = msgspec.json.encode(workspace.settings).decode()
    await tx.execute("update_workspace", id=workspace.id, secret=workspace.secret, settings=settings)


def _workspace(row: Row) -> Workspace:
    return Workspace(
        id=row["id"],
        key=row["key"],
        name=row["name"],
        settings=msgspec.json.decode(row["settings"], type=WorkspaceSettings),
        secret=row["secret"],
    )
