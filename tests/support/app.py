"""The application in process: the real store and services behind real HTTP messages, without a socket."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import msgspec

from datalinks.api.app import make_app
from datalinks.services.services import Services
from datalinks.settings import Settings
from datalinks.wiring import open_services
from support.engines import settings_of
from support.rsgi import RsgiTransport
from support.tokens import mint

_NO_FOLDER = Path("no-console")


class Api:
    """Calls the application as one caller. Methods answer the decoded JSON, or raise on an error they did not expect."""

    def __init__(self, http: httpx2.AsyncClient, token: str | None) -> None:
        self.http = http
        self.headers = {} if token is None else {"authorization": f"Bearer {token}"}

    async def request(self, method: str, path: str, **options: Any) -> httpx2.Response:
        """The raw response."""
        options["headers"] = {**self.headers, **options.get("headers", {})}
        return await self.http.request(method, path, **options)

    async def raw(self, method: str, target: str) -> httpx2.Response:
        """The response to a path that is sent as it is written, as clients tidy paths up."""
        return await self.request(method, "/", extensions={"target": target.encode()})

    async def call(self, method: str, path: str, *, status: int | None = None, **options: Any) -> Any:
        """The decoded body of a response with this status (any success if None); None for an empty body."""
        response = await self.request(method, path, **options)
        expected = response.is_success if status is None else response.status_code == status
        assert expected, f"{method} {path}: {response.status_code} {response.text}"
        return msgspec.json.decode(response.content) if response.content else None

    async def get(self, path: str, **options: Any) -> Any:
        """GET; see ``call``."""
        return await self.call("GET", path, **options)

    async def post(self, path: str, body: Any = None, **options: Any) -> Any:
        """POST a JSON body; see ``call``."""
        return await self.call("POST", path, json={} if body is None else body, **options)

    async def put(self, path: str, body: Any = None, **options: Any) -> Any:
        """PUT a JSON body; see ``call``."""
        return await self.call("PUT", path, json={} if body is None else body, **options)

    async def patch(self, path: str, body: Any = None, **options: Any) -> Any:
        """PATCH with a JSON body; see ``call``."""
        return await self.call("PATCH", path, json={} if body is None else body, **options)

    async def delete(self, path: str, body: Any = None, **options: Any) -> Any:
        """DELETE, with a JSON body if there is one; see ``call``."""
        return await self.call("DELETE", path, **({} if body is None else {"json": body}), **options)


@dataclass
class App:
    """The application over one store, with one workspace and the means to call it as anyone."""

    services: Services
    http: httpx2.AsyncClient
    key: str
    secret: str

    @property
    def admin(self) -> Api:
        """An admin of the workspace."""
        return Api(self.http, mint(self.key, self.secret))

    def customer(self, internal_id: str, **claims: Any) -> Api:
        """A customer of the workspace."""
        return Api(self.http, mint(self.key, self.secret, internal_id, **claims))

    def bearing(self, token: str | None) -> Api:
        """Whoever a token speaks for."""
        return Api(self.http, token)

    async def other_workspace(self, name: str) -> Api:
        """An admin of another workspace, made now."""
        made = await self.services.workspaces.create(name)
        return Api(self.http, mint(made.key, made.secret))


@asynccontextmanager
async def open_app(folder: Path, engine: str = "sqlite", **settings: Any) -> AsyncGenerator[App]:
    """The application over a fresh store of an engine; a SQLite file is in the folder."""
    with settings_of(engine, folder) as found:
        async with open_app_on({**found, **settings}) as app:
            yield app


@asynccontextmanager
async def open_app_on(settings: dict[str, Any]) -> AsyncGenerator[App]:
    """The application over a store that is empty, by these settings."""
    chosen = Settings(**settings)
    async with open_services(chosen) as services:
        workspace = await services.workspaces.create("Test")
        # Without the files of the console, of which there are too many to be read for each test.
        transport = RsgiTransport(make_app(services, chosen, console_folder=_NO_FOLDER))
        async with httpx2.AsyncClient(transport=transport, base_url="http://datalinks.test") as http:
            yield App(services, http, workspace.key, workspace.secret)
