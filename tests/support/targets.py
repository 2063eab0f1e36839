"""Other people's servers, on this machine: apps that are asked through connections, and token endpoints."""

import asyncio
import base64
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import msgspec


@dataclass(frozen=True)
class Asked:
    """One request as it arrived. target: as it stood in the request line. headers: as often as they came."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """A header's only value; None if there is none."""
        values = [value for each, value in self.headers if each == name]
        assert len(values) < 2, (name, values)
        return values[0] if values else None

    @property
    def form(self) -> dict[str, str]:
        """The body as a form."""
        return dict(parse_qsl(self.body.decode(), strict_parsing=True))

    @property
    def basic(self) -> str:
        """User and password of the header ``Authorization``."""
        kind, _, given = (self.header("authorization") or "").partition(" ")
        assert kind == "Basic"
        return base64.b64decode(given).decode()


def reply(status: int = 200, body: object = b"", **headers: str) -> bytes:
    """A whole answer. body: bytes as they are, anything else as JSON. headers: with ``_`` for ``-``."""
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    given = {"content-length": str(len(content)), **{name.replace("_", "-"): text for name, text in headers.items()}}
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"HTTP/1.1 {status} Whatever\r\n{head}\r\n".encode() + content


def error(status: int, code: str) -> bytes:
    """The answer of a token endpoint that refuses."""
    return reply(status, {"error": code, "error_description": "canary-description"})


Respond = Callable[[Asked], bytes]


@dataclass
class Target:
    """A server, and what it was asked. respond: makes the answers. before: is waited for first, if it is there.

    hangs_up: closes the connection after each answer.
    """

    port: int = 0
    respond: Respond = lambda _: reply(200, b"ok")
    asked: list[Asked] = field(default_factory=list[Asked])
    before: Callable[[], Any] | None = None
    hangs_up: bool = False

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def last(self) -> Asked:
        """The last request."""
        return self.asked[-1]

    def answers(self, *replies: bytes) -> None:
        """Give these answers from now on, the last one for ever."""
        waiting = list(replies)
        self.respond = lambda _: waiting.pop(0) if len(waiting) > 1 else waiting[0]


async def _read(reader: asyncio.StreamReader) -> Asked:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")[:-2]
    method, target, _ = first.split(" ")
    headers = tuple((name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines))
    length = next((int(value) for name, value in headers if name == "content-length"), 0)
    return Asked(method, target, headers, await reader.readexactly(length))


@asynccontextmanager
async def running_target(respond: Respond | None = None) -> AsyncGenerator[Target]:
    """A server on a port of its own."""
    target = Target()
    if respond is not None:
        target.respond = respond

    serving = set["asyncio.Task[None] | None"]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.add(asyncio.current_task())
        # Cancelled if it still waits when the test is over.
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                asked = await _read(reader)
                target.asked.append(asked)
                if target.before is not None:
                    await target.before()
                writer.write(target.respond(asked))
                await writer.drain()
                if target.hangs_up or asked.header("connection") == "close":
                    break
        writer.close()
        with suppress(ConnectionError, asyncio.CancelledError):
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    target.port = int(server.sockets[0].getsockname()[1])
    try:
        yield target
    finally:
        server.close()
        waiting = [task for task in serving if task is not None and not task.done()]
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


def tokens(access_token: str, **others: Any) -> Mapping[str, Any]:
    """What a token endpoint gives out."""
    return {"access_token": access_token, "token_type": "Bearer", **others}
