"""An application that calls other people's servers: an app behind an integration, and its token endpoint."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from support.app import Api, App, open_app
from support.targets import Target, running_target


@dataclass
class Connected:
    """The application with the integration ``crm`` at an app of ours, and a customer that calls it. login: a token endpoint."""

    app: App
    crm: Target
    login: Target

    @property
    def customer(self) -> Api:
        """The customer that has connections."""
        return self.app.customer("acme")

    async def integration(self, auth: Any = None, **fields: Any) -> Any:
        """The integration, with an authentication."""
        body = {"key": "crm", "baseUri": f"{self.crm.url}/v1", **({} if auth is None else {"auth": auth}), **fields}
        return await self.app.admin.post("/integrations", body)

    async def connect(self, auth: Any = None, credentials: Any = None, **fields: Any) -> Any:
        """The integration and the customer's connection to it."""
        await self.integration(auth, **fields)
        return await self.connection(credentials)

    async def connection(self, credentials: Any = None) -> Any:
        """Another connection of the customer."""
        return await self.customer.post("/connections", {"integrationKey": "crm", "credentials": credentials})

    def oauth(self, kind: str = "oauth2", **fields: Any) -> dict[str, Any]:
        """An authentication with the token endpoint."""
        client = {"clientId": "client", "clientSecret": "client-secret"}
        return {"type": kind, "tokenUri": f"{self.login.url}/token", **client, **fields}

    async def call(self, path: str = "contacts", method: str = "GET", **options: Any) -> httpx2.Response:
        """What the customer is answered by the proxy."""
        return await self.customer.request(method, f"/connections/crm/proxy/{path}", **options)

    async def secrets(self, connection: Any) -> Any:
        """A connection with its secrets."""
        return await self.app.admin.get(f"/connections/{connection['id']}?includeSecrets=true")


@asynccontextmanager
async def open_connected(folder: Path, engine: str, **settings: Any) -> AsyncGenerator[Connected]:
    """The application over a fresh store, allowed to call both servers."""
    async with running_target() as crm, running_target() as login:
        allow = f"127.0.0.1:{crm.port},127.0.0.1:{login.port}"
        async with open_app(folder, engine, **{"outgoing_allow": allow, **settings}) as app:
            yield Connected(app, crm, login)
