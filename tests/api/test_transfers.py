"""Uploads and downloads of any length: they flow, and half of one is never taken for the whole.

The endpoints here are the test's own, served by the real server, as what matters is what happens to connections.
"""

import asyncio
import re
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest

from datalinks.api.answers import Download
from datalinks.api.app import make_app
from datalinks.api.bodies import Upload
from datalinks.api.endpoint import Endpoint
from datalinks.api.openapi import openapi
from datalinks.api.server import listen, reserve
from datalinks.errors import BadRequest, DataLinksError, NotFound, RequestTimeout
from datalinks.model.record import Record
from datalinks.settings import Settings
from datalinks.wiring import open_services
from support.rsgi import RsgiTransport

SECONDS = 20
MEGABYTE = 1024 * 1024


class Received(Record, frozen=True, kw_only=True):
    """What arrived of an upload."""

    content_type: str
    length: int | None = None
    received: int


@dataclass
class Transfers:
    """Endpoints that keep what they saw."""

    failures: "asyncio.Queue[DataLinksError]" = field(default_factory=asyncio.Queue[DataLinksError])
    ends: "asyncio.Queue[str]" = field(default_factory=asyncio.Queue[str])
    made: int = 0

    async def put_file(self, upload: Upload) -> Received:
        """Read an upload."""
        received = 0
        try:
            async for chunk in upload:
                received += len(chunk)
        except DataLinksError as error:
            self.failures.put_nowait(error)
            raise
        return Received(content_type=upload.content_type, length=upload.length, received=received)

    async def ignore_file(self, upload: Upload) -> Received:
        """Read nothing of an upload."""
        return Received(content_type=upload.content_type, length=upload.length, received=0)

    async def get_file(self, name: str) -> Download:
        """Send a file of many chunks; one that fails after them, or before, by its name."""
        return Download("text/csv", f"{name} 1.csv", self._chunks(name))

    async def _chunks(self, name: str) -> AsyncGenerator[bytes]:
        try:
            if name == "missing":
                raise NotFound("There is no such file.")
            for _ in range(1_000 if name == "large" else 10):
                self.made += 1
                yield b"x" * 100_000
            if name == "broken":
                raise ValueError(name)
        finally:
            self.ends.put_nowait(name)

    def table(self) -> list[Endpoint]:
        """The endpoints."""
        return [
            Endpoint("PUT", "/file", self.put_file, "Files", media_types=("text/csv", "application/x-ndjson")),
            Endpoint("POST", "/ignored", self.ignore_file, "Files"),
            Endpoint("GET", "/file/{name}", self.get_file, "Files", media_types=("text/csv",)),
        ]


@dataclass
class Serving:
    """A running server of the endpoints."""

    transfers: Transfers
    port: int
    http: httpx2.AsyncClient


@asynccontextmanager
async def serving(folder: Path, **given: Any) -> AsyncGenerator[Serving]:
    """A server in this process, stopped at the end as an operator does."""
    settings = Settings(database=f"sqlite:///{folder / 'datalinks.db'}", port=0, **given)
    transfers = Transfers()
    async with open_services(settings) as services, reserve(settings) as address:
        started = asyncio.Event()
        app = make_app(services, settings, transfers.table())
        listening = asyncio.create_task(listen(app, address, started.set))
        await started.wait()
        async with httpx2.AsyncClient(base_url=address.url, timeout=SECONDS) as http:
            yield Serving(transfers, address.port, http)
        signal.raise_signal(signal.SIGTERM)
        await listening


@pytest.fixture
async def server(tmp_path: Path) -> AsyncGenerator[Serving]:
    """The endpoints served."""
    async with serving(tmp_path) as running:
        yield running


def parts(*chunks: bytes) -> AsyncGenerator[bytes]:
    """A body in chunks."""

    async def generate() -> AsyncGenerator[bytes]:
        for chunk in chunks:
            yield chunk

    return generate()


async def begin(server: Serving, *lines: str, body: bytes = b"") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection on which the beginning of a request has been sent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write("\r\n".join([*lines, "Host: x", "", ""]).encode() + body)
    await writer.drain()
    return reader, writer


async def test_an_upload_larger_than_any_body_arrives_whole(tmp_path: Path) -> None:
    async with serving(tmp_path, max_body_bytes=1_000) as server:
        chunked = await server.http.put(
            "/file", content=parts(*[b"x" * MEGABYTE] * 3), headers={"content-type": "Text/CSV;x=y"}
        )
        sized = await server.http.put("/file", content=b"x" * 3 * MEGABYTE)
        empty = await server.http.put("/file")

    assert chunked.json() == {"contentType": "text/csv", "received": 3 * MEGABYTE}
    assert sized.json() == {"contentType": "text/csv", "length": 3 * MEGABYTE, "received": 3 * MEGABYTE}
    assert empty.json() == {"contentType": "text/csv", "length": 0, "received": 0}


@pytest.mark.parametrize(
    ("header", "sent"),
    [
        pytest.param("Content-Length: 100", b"only a part", id="shorter than it said"),
        pytest.param("Transfer-Encoding: chunked", b"5\r\nhello\r\n", id="without a last chunk"),
        pytest.param("Transfer-Encoding: chunked", b"5\r\nhello\r\nzz\r\n", id="with a chunk that is none"),
        pytest.param("Transfer-Encoding: chunked", b"5\r\nhel", id="with half a chunk"),
    ],
)
async def test_an_upload_that_breaks_off_is_an_error_for_its_reader(server: Serving, header: str, sent: bytes) -> None:
    _, writer = await begin(server, "PUT /file HTTP/1.1", header, body=sent)
    writer.close()
    await writer.wait_closed()

    async with asyncio.timeout(SECONDS):
        assert isinstance(await server.transfers.failures.get(), BadRequest)


async def test_an_upload_that_stalls_is_given_up(tmp_path: Path) -> None:
    async with serving(tmp_path, body_timeout_seconds=0.2) as server:
        reader, writer = await begin(server, "PUT /file HTTP/1.1", "Content-Length: 100", body=b"only a part")

        async with asyncio.timeout(SECONDS):
            assert (await reader.readline()).split()[1] == b"408"
            assert isinstance(await server.transfers.failures.get(), RequestTimeout)
        writer.close()


async def test_what_a_handler_does_not_read_of_an_upload_is_never_read_as_a_request(server: Serving) -> None:
    hidden = b"GET /file/hidden HTTP/1.1\r\nHost: x\r\n\r\n"
    for body in (hidden, b"x" * MEGABYTE + hidden):
        reader, writer = await begin(server, "POST /ignored HTTP/1.1", f"Content-Length: {len(body)}", body=body)
        writer.write(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")

        async with asyncio.timeout(SECONDS):
            assert (await reader.readline()).split()[1] == b"200"
        writer.close()

    assert server.transfers.ends.empty()


async def test_an_upload_of_another_type_or_a_compressed_one_is_refused(server: Serving) -> None:
    for headers in ({"content-type": "application/json"}, {"content-encoding": "gzip"}):
        answer = await server.http.put("/file", content=b"x", headers=headers)

        assert answer.status_code == 415


async def test_a_download_arrives_whole_and_names_its_file(server: Serving) -> None:
    answer = await server.http.get("/file/ünï")

    assert answer.content == b"x" * MEGABYTE_OF_CHUNKS
    assert answer.headers["content-type"] == "text/csv"
    assert (
        answer.headers["content-disposition"]
        == "attachment; filename=\"_n_ 1.csv\"; filename*=UTF-8''%C3%BCn%C3%AF%201.csv"
    )
    assert answer.headers["access-control-allow-origin"] == "*"


MEGABYTE_OF_CHUNKS = 1_000_000


async def test_a_head_of_a_download_makes_nothing(server: Serving) -> None:
    answer = await server.http.head("/file/any")

    assert (answer.status_code, answer.content, server.transfers.made) == (200, b"", 0)


async def test_a_download_that_fails_at_its_beginning_is_refused_as_anything_else(server: Serving) -> None:
    answer = await server.http.get("/file/missing")

    assert (answer.status_code, answer.json()["key"]) == (404, "not_found")


async def test_a_download_that_fails_midway_breaks_the_connection_off(server: Serving) -> None:
    with pytest.raises(httpx2.TransportError):
        await server.http.get("/file/broken")

    assert (await server.http.get("/file/other")).is_success


async def test_a_download_that_fails_midway_is_an_error_in_process_too(tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path / 'datalinks.db'}")
    async with open_services(settings) as services:
        transport = RsgiTransport(make_app(services, settings, Transfers().table()))
        async with httpx2.AsyncClient(transport=transport, base_url="http://datalinks.test") as http:
            assert (await http.get("/file/whole")).content == b"x" * MEGABYTE_OF_CHUNKS
            with pytest.raises(httpx2.RemoteProtocolError):
                await http.get("/file/broken")


async def test_a_download_is_made_no_faster_than_it_is_taken(tmp_path: Path) -> None:
    async with serving(tmp_path, body_timeout_seconds=0.3) as server:
        reader, writer = await begin(server, "GET /file/large HTTP/1.1")

        # The client takes nothing, so in the end the download is given up, long before all of it has been made.
        async with asyncio.timeout(SECONDS):
            assert await server.transfers.ends.get() == "large"

        assert server.transfers.made < 500
        content = await reader.read()
        assert not content.endswith(b"0\r\n\r\n")
        writer.close()


async def test_a_client_that_goes_away_ends_the_download(server: Serving) -> None:
    reader, writer = await begin(server, "GET /file/large HTTP/1.1")
    await reader.readexactly(1_000)

    writer.close()

    async with asyncio.timeout(SECONDS):
        assert await server.transfers.ends.get() == "large"
    assert server.transfers.made < 1_000


def test_the_document_describes_uploads_and_downloads() -> None:
    paths = msgspec.json.decode(msgspec.json.encode(openapi(Transfers().table())))["paths"]

    binary = {"schema": {"type": "string", "format": "binary"}}
    assert paths["/file"]["put"]["requestBody"]["content"] == {"text/csv": binary, "application/x-ndjson": binary}
    assert paths["/file/{name}"]["get"]["responses"]["200"]["content"] == {"text/csv": binary}
    assert re.search("of any length", paths["/file"]["put"]["requestBody"]["description"])
