"""Bulk work over the API: an instance, and the calls that batches, imports, exports and counts are tested by."""

import asyncio
import signal
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2

from datalinks.api.app import make_app
from datalinks.api.server import listen, reserve
from datalinks.settings import Settings
from datalinks.wiring import open_services
from support.app import Api, App
from support.engines import settings_of
from support.rsgi import RsgiTransport

TABLE = "contacts"
Link = tuple[str, str, str]
Body = bytes | AsyncGenerator[bytes]


@dataclass
class Place:
    """An instance of the table ``contacts`` as a caller names it. where: its query; empty for the whole table."""

    api: Api
    where: Mapping[str, str]
    path: str = f"/data-link-tables/{TABLE}/links"

    async def batch(self, operations: Sequence[Any], mode: str = "each", **options: Any) -> Any:
        """The answer to a batch; see ``Api.call``."""
        body = {"operations": operations, "mode": mode}
        return await self.api.call("POST", f"{self.path}/batch", params=self.where, json=body, **options)

    async def write(self, app_id: str, external_id: str, direction: str = "both") -> None:
        """Create links, as one request."""
        body = {"appRecordId": app_id, "externalRecordId": external_id, "direction": direction}
        await self.api.call("POST", self.path, params=self.where, json=body)

    async def found(self, **query: str) -> list[Any]:
        """The links of a record, or of the instance, newest first; at most a page."""
        return (await self.api.get(self.path, params={**self.where, **query}))["items"]

    async def send(self, content: Body, media_type: str = "text/csv", **query: Any) -> httpx2.Response:
        """The raw answer to an import."""
        return await self.api.request(
            "POST",
            f"{self.path}/import",
            params={**self.where, **query},
            content=content,
            headers={"content-type": media_type},
        )

    async def load(self, content: Body, media_type: str = "text/csv", **query: Any) -> Any:
        """The report of an import that succeeds."""
        answer = await self.send(content, media_type, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def export(self, **query: str) -> httpx2.Response:
        """An export that succeeds."""
        answer = await self.api.request("GET", f"{self.path}/export", params={**self.where, **query})
        assert answer.status_code == 200, answer.text
        return answer

    async def links(self) -> set[Link]:
        """Every link as (app record id, external record id, direction)."""
        _, *rows = (await self.export()).text.splitlines()
        cells = [row.split(",") for row in rows]
        assert len({tuple(each[:3]) for each in cells}) == len(cells), "no link is there twice"
        return {(each[0], each[1], each[2]) for each in cells}

    async def count(self, **options: Any) -> Any:
        """The count; see ``Api.call``."""
        return await self.api.get(f"{self.path}/count", params=self.where, **options)


def both(*pairs: tuple[str, str]) -> set[Link]:
    """The links of pairs in both directions."""
    return {(*pair, direction) for pair in pairs for direction in ("import", "export")}


def rows(*pairs: tuple[str, str]) -> bytes:
    """Pairs as CSV."""
    lines = ["appRecordId,externalRecordId", *(",".join(pair) for pair in pairs)]
    return ("\r\n".join(lines) + "\r\n").encode()


async def place(app: App, customer: str = "acme", integration: str = "crm") -> Place:
    """A new customer's instance for a new integration."""
    tables = await app.admin.get("/data-link-tables")
    if not tables["items"]:
        await app.admin.post("/data-link-tables", {"key": TABLE})
    await app.admin.post("/integrations", {"key": integration})
    api = app.customer(customer)
    await api.post("/connections", {"integrationKey": integration})
    return Place(api, {"integrationKey": integration})


@asynccontextmanager
async def served_by(app: App, **services: Any) -> AsyncGenerator[App]:
    """The same application with other services, e.g. imports of short stretches."""
    transport = RsgiTransport(make_app(replace(app.services, **services), Settings()))
    async with httpx2.AsyncClient(transport=transport, base_url="http://datalinks.test") as http:
        yield replace(app, http=http)


@asynccontextmanager
async def listening(folder: Path, engine: str, rows_per_stretch: int) -> AsyncGenerator[tuple[App, int]]:
    """A real server in this process whose imports are of short stretches, and its port."""
    with settings_of(engine, folder) as found:
        given: dict[str, Any] = {**found, "port": 0, "max_body_bytes": 1_000}
        settings = Settings(**given)
        async with open_services(settings) as services, reserve(settings) as address:
            services.imports.rows_per_stretch = rows_per_stretch
            started = asyncio.Event()
            serving = asyncio.create_task(listen(make_app(services, settings), address, started.set))
            await started.wait()
            workspace = await services.workspaces.create("Test")
            try:
                async with httpx2.AsyncClient(base_url=address.url, timeout=20) as http:
                    yield App(services, http, workspace.key, workspace.secret), address.port
            finally:
                signal.raise_signal(signal.SIGTERM)
                await serving
