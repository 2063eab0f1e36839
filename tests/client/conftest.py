"""Clients of both forms, and servers for them to talk to."""

from collections.abc import AsyncGenerator, Generator
from typing import Any
from uuid import uuid4

import pytest

from client.both import AnyClient, Connect, Scene, done
from client.stub import Stub, running_stub
from datalinks import AsyncClient, Client
from support.server import Server


@pytest.fixture(params=[Client, AsyncClient], ids=["sync", "async"])
async def connect(request: pytest.FixtureRequest) -> AsyncGenerator[Connect]:
    """Makes clients of one form, which are closed at the end."""
    made: list[AnyClient] = []

    def make(*arguments: Any, **options: Any) -> AnyClient:
        made.append(request.param(*arguments, **options))
        return made[-1]

    yield make
    for client in made:
        await done(client.close() if isinstance(client, Client) else client.aclose())


@pytest.fixture
def admin(connect: Connect, server: Server) -> AnyClient:
    """An admin of the server's workspace."""
    return connect(server.url, workspace_key=server.key, workspace_secret=server.secret, admin=True)


@pytest.fixture
def stub() -> Generator[Stub]:
    """A server that answers what the test tells it to."""
    with running_stub() as running:
        yield running


@pytest.fixture
def unique() -> str:
    """A text that nothing else on the shared server has."""
    return uuid4().hex[:12]


@pytest.fixture
async def scene(admin: AnyClient, connect: Connect, server: Server, unique: str) -> Scene:
    """A customer, a table and a connection of its own on the shared server."""
    await done(admin.tables.create(key=unique))
    await done(admin.integrations.create(key=unique))
    customer = connect(server.url, token=server.token(unique))
    await done(customer.connections.create(integration_key=unique))
    return Scene(customer, unique)
