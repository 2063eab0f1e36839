"""Workspaces as rows. Their secrets are sealed texts here; services open them."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import msgspec

from datalinks.model.workspace import Workspace, WorkspaceSettings
from datalinks.store.database import Database, Reader, Row, Transaction


async def find_workspace(reader: Reader, key: str) -> Workspace | None:
    """The workspace with this key, or None; its ``secret`` is sealed."""
    row = await reader.fetch_one("find_workspace", key=key)
    return None if row is None else _workspace(row)


async def find_workspace_by_id(reader: Reader, id: str) -> Workspace | None:
    """The workspace with this id, or None; its ``secret`` is sealed."""
    row = await reader.fetch_one("find_workspace_by_id", id=id)
    return None if row is None else _workspace(row)


async def list_workspaces(reader: Reader) -> list[Workspace]:
    """Every workspace, oldest first; their secrets are sealed."""
    return [_workspace(row) for row in await reader.fetch("list_workspaces")]


async def find_epoch(reader: Reader, id: str) -> int | None:
    """The epoch of a workspace: what was read of it before is true for as long as it stays. None: no such workspace."""
    row = await reader.fetch_one("find_epoch", id=id)
    return None if row is None else row["epoch"]


@asynccontextmanager
async def changing(database: Database, id: str) -> AsyncGenerator[Transaction]:
    """A transaction that changes a workspace or the elements in it, one at a time, and begins a new epoch of it.

    What it reads nobody else changes before it ends. New elements need no epoch: nothing remembers that they are missing.
    """
    async with database.transaction() as tx:
        await begin_change(tx, id)
        yield tx


async def begin_change(tx: Transaction, id: str) -> None:
    """As ``changing``, from now on in a transaction that has begun."""
    await tx.execute("begin_change", id=id)


async def hold(tx: Transaction, id: str) -> None:
    """Let no ``changing`` of a workspace begin before this transaction ends, and wait for one that is under way.

    Others that hold it go on at the same time.
    """
    await tx.fetch_one("hold_workspace", id=id)


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
        epoch=row["epoch"],
    )
