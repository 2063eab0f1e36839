"""Drives an application in process through RSGI, as Granian does, for an HTTP client."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote_to_bytes

import httpx2

Headers = list[tuple[str, str]]


class RsgiApp(Protocol):
    """What Granian calls."""

    async def __rsgi__(self, scope: Any, protocol: Any) -> None: ...


class FakeHeaders:
    """Headers by names in small letters; values that are not plain ASCII are there, but not handed out."""

    def __init__(self, headers: httpx2.Headers) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in headers.raw:
            text = value.decode("latin-1")
            self._values.setdefault(name.decode("latin-1").lower(), []).append(text)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def get(self, name: str, default: Any = None) -> Any:
        """The first value, or the default."""
        value = self._values.get(name, [""])[0]
        return value if name in self._values and _is_plain(value) else default

    def items(self) -> list[tuple[str, str]]:
        """Every header, as often as it was sent."""
        return [(name, value) for name, values in self._values.items() for value in values if _is_plain(value)]

    def get_all(self, name: str) -> list[str]:
        """Every value."""
        return [value for value in self._values.get(name, []) if _is_plain(value)]


def _is_plain(value: str) -> bool:
    return all(" " <= letter <= "~" or letter == "\t" for letter in value)


class FakeScope:
    """What Granian tells of a request."""

    proto = "http"
    http_version = "1.1"
    rsgi_version = "1.6"
    scheme = "http"
    authority = None

    def __init__(self, request: httpx2.Request) -> None:
        # The extension is what a client sends instead of its tidied path.
        path, _, query = request.extensions.get("target", request.url.raw_path).partition(b"?")
        self.method = request.method
        self.path = unquote_to_bytes(path).decode(errors="replace")
        self.query_string = query.decode("ascii")
        self.headers = FakeHeaders(request.headers)
        self.connection: tuple[socket.socket, socket.socket] | None = None

    @property
    def server(self) -> str:
        """The address of our end of the connection, which is made when it is asked for: an app then shuts it down."""
        return ":".join(map(str, self._ends()[0].getsockname()))

    @property
    def client(self) -> str:
        """The address of the client's end."""
        return ":".join(map(str, self._ends()[1].getsockname()))

    @property
    def is_broken_off(self) -> bool:
        """Whether the app has shut the connection down."""
        if self.connection is None:
            return False
        with suppress(BlockingIOError):
            return self.connection[1].recv(1, socket.MSG_DONTWAIT) == b""
        return False

    def _ends(self) -> tuple[socket.socket, socket.socket]:
        if self.connection is None:
            with socket.create_server(("127.0.0.1", 0)) as listener:
                outside = socket.create_connection(listener.getsockname())
                self.connection = (listener.accept()[0], outside)
        return self.connection

    def close(self) -> None:
        """Close the connection if there is one."""
        for each in self.connection or ():
            each.close()


class FakeProtocol:
    """What Granian lets an app do with a request."""

    def __init__(self, body: AsyncIterator[bytes]) -> None:
        self._body = body
        self.status = 500
        self.headers: Headers = []
        self.content: asyncio.Future[bytes] | None = None

    async def __call__(self) -> bytes:
        return b"".join([chunk async for chunk in self._body])

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._body:
            yield chunk
        yield b""

    def response_empty(self, status: int, headers: Headers) -> None:
        """Answer without a body."""
        self.response_bytes(status, headers, b"")

    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None:
        """Answer with a body."""
        self.status, self.headers = status, headers
        self.content = asyncio.get_running_loop().create_future()
        self.content.set_result(body)

    def response_file(self, status: int, headers: Headers, file: str) -> None:
        """Answer with what is read from a file, while it is written if it is a pipe."""
        self.status, self.headers = status, headers
        self.content = asyncio.ensure_future(asyncio.to_thread(Path(file).read_bytes))


class RsgiTransport(httpx2.AsyncBaseTransport):
    """Sends requests to an application in this process."""

    def __init__(self, app: RsgiApp) -> None:
        self._app = app

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The whole answer to a request."""
        assert isinstance(request.stream, httpx2.AsyncByteStream)
        scope, protocol = FakeScope(request), FakeProtocol(aiter(request.stream))
        try:
            await self._app.__rsgi__(scope, protocol)
            assert protocol.content is not None, "the app has not answered"
            content = await protocol.content
            if scope.is_broken_off:
                raise httpx2.RemoteProtocolError("The connection was broken off in the middle of the answer.")
        finally:
            scope.close()
        headers = protocol.headers
        if protocol.status != 204:
            headers = [*headers, ("content-length", str(len(content)))]
        return httpx2.Response(protocol.status, headers=headers, content=b"" if request.method == "HEAD" else content)
