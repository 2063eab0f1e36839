"""A process that dies in the middle of a request: ``python -m support.dying WHEN SETTINGS TOKEN``.

WHEN: ``before-commit``, when all is done but the commit; ``before-reply``, when all is done but the reply.
SETTINGS: as JSON. It sends itself ``REQUEST`` and ends with the exit code ``DEAD``.
"""

import asyncio
import json
import os
import sys
from typing import Any, NoReturn

import httpx2

from datalinks.api import tables
from datalinks.api.app import make_app
from datalinks.api.endpoint import Endpoint
from datalinks.model.table import DataLinkTable, DataLinkTableDraft
from datalinks.services.caller import Caller
from datalinks.services.services import Services
from datalinks.settings import Settings
from datalinks.wiring import open_services
from support import rsgi

DEAD = 99
REQUEST: dict[str, Any] = {
    "method": "POST",
    "url": "/data-link-tables",
    "json": {"name": "Contacts"},
    "headers": {"idempotency-key": "k"},
}


class _NeverReplies(rsgi.FakeProtocol):
    def response_bytes(self, status: int, headers: rsgi.Headers, body: bytes) -> NoReturn:
        os._exit(DEAD)


async def _create_and_die(services: Services, caller: Caller, body: DataLinkTableDraft) -> DataLinkTable:
    await tables.create_table(services, caller, body)
    os._exit(DEAD)


async def _main(when: str, settings: Settings, token: str) -> None:
    create = _create_and_die if when == "before-commit" else tables.create_table
    if when == "before-reply":
        rsgi.FakeProtocol = _NeverReplies
    async with open_services(settings) as services:
        app = make_app(services, settings, [Endpoint("POST", "/data-link-tables", create, "Tables", 201)])
        async with httpx2.AsyncClient(transport=rsgi.RsgiTransport(app), base_url="http://datalinks.test") as http:
            http.headers["authorization"] = f"Bearer {token}"
            await http.request(**REQUEST)


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], Settings(**json.loads(sys.argv[2])), sys.argv[3]))
