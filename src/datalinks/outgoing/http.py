"""The one way out: requests over connections that are guarded where they are made.

A name is resolved once, every answer must be public, and the connection goes to an address that was checked, so neither a
redirect (none is followed) nor a name that resolves differently the second time gets past. Nothing of one request is left for
the next: no cookies, no credentials of the environment, and no connection, on which a server could leave behind an answer to a
request that somebody else has not made yet.
"""

import asyncio
import re
import socket
from collections.abc import AsyncIterable, Iterable
from contextlib import suppress
from typing import Any, cast

import httpcore2
import httpx2

from datalinks.errors import BadRequest, OutgoingFailed, OutgoingTimeout, OutgoingTooLarge
from datalinks.outgoing.addresses import is_public
from datalinks.outgoing.messages import OutgoingAnswer, OutgoingRequest
from datalinks.outgoing.urls import Url, parse_url
from datalinks.settings import Settings

# So many at once, more wait their turn: each may hold an answer as long as the limit.
_MAX_CONNECTIONS = 200
_METHOD = re.compile(r"[A-Z]{1,20}")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# Headers that say how a message is framed, or where it goes, are written here and nowhere else.
_OWN_HEADERS = frozenset(
    {"host", "connection", "content-length", "transfer-encoding", "te", "trailer", "upgrade", "expect", "keep-alive"}
)
_HEADER_VALUE = re.compile(r"[\t -~]*")
_TIMEOUTS = (httpcore2.ConnectTimeout, httpcore2.ReadTimeout, httpcore2.WriteTimeout, httpcore2.PoolTimeout)
_ERRORS = (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.UnsupportedProtocol)
# Longer lengths are too long, and Python refuses to read numbers of thousands of digits.
_MAX_DIGITS = 18


class _GuardedBackend(httpcore2.AsyncNetworkBackend):
    """Connects like httpcore's own backend, after checking where to."""

    def __init__(self, allowed: frozenset[str]) -> None:
        self._allowed = allowed
        # Untyped, as the library shows checkers a stand-in for the case that anyio is missing.
        self._backend: Any = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        addresses = await self._checked_addresses(host, port)
        for address in addresses[:-1]:
            with suppress(httpcore2.ConnectError, httpcore2.ConnectTimeout):
                return await self._backend.connect_tcp(address, port, timeout, local_address, socket_options)
        return await self._backend.connect_tcp(addresses[-1], port, timeout, local_address, socket_options)

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore2.AsyncNetworkStream:
        raise httpcore2.ConnectError("unix sockets are never called")

    async def sleep(self, seconds: float) -> None:
        await self._backend.sleep(seconds)

    async def _checked_addresses(self, host: str, port: int) -> list[str]:
        name = host.strip("[]")
        try:
            found = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError("the name does not resolve") from error
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        is_allowed = not self._allowed.isdisjoint((f"{host}:{port}".lower(), f"{name}:{port}".lower()))
        if not is_allowed and not all(map(is_public, addresses)):
            raise httpcore2.ConnectError("it is not a public address")
        return addresses


class GuardedHttp:
    """Connections that are guarded, one for each request."""

    def __init__(self, settings: Settings) -> None:
        self._timeout_seconds = settings.outgoing_timeout_seconds
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=httpx2.create_ssl_context(trust_env=False),
            max_connections=_MAX_CONNECTIONS,
            max_keepalive_connections=0,
            network_backend=_GuardedBackend(settings.outgoing_allowed),
        )

    async def request(self, request: OutgoingRequest, max_bytes: int) -> OutgoingAnswer:
        """See ``Outgoing.request``."""
        url = _checked(request)
        try:
            # The client's own limits hold for each step; this one for all of them.
            async with asyncio.timeout(self._timeout_seconds):
                return await self._exchange(_as_httpcore(request, url, self._timeout_seconds), url, max_bytes)
        except (TimeoutError, *_TIMEOUTS) as error:
            raise OutgoingTimeout(f"{url.origin} takes longer than {self._timeout_seconds:g} seconds.") from error
        except _ERRORS as error:
            raise OutgoingFailed(f"{url.origin} cannot be reached: {_reason(error)}.") from error

    async def close(self) -> None:
        """Close its connections."""
        await self._pool.aclose()

    async def _exchange(self, request: httpcore2.Request, url: Url, max_bytes: int) -> OutgoingAnswer:
        response = await self._pool.handle_async_request(request)
        try:
            headers = tuple((_text(name).lower(), _text(value)) for name, value in response.headers)
            body = await _read(response, url, max_bytes, has_body=request.method != b"HEAD")
        finally:
            # What is left of an answer is not waited for: its connection is closed.
            await response.aclose()
        return OutgoingAnswer(response.status, headers, body)


def _checked(request: OutgoingRequest) -> Url:
    """Where a request goes. Its values are in no message: a header may be a secret.

    Raises:
        BadRequest: it cannot be written as one request.
    """
    url = parse_url(request.url)
    if url is None:
        raise BadRequest("Only http and https addresses can be called, with an ASCII host and without a user.")
    if not _METHOD.fullmatch(request.method):
        raise BadRequest(f"{request.method[:50]!r} is no method of HTTP.")
    for name, value in request.headers:
        if not _HEADER_NAME.fullmatch(name) or name.lower() in _OWN_HEADERS:
            raise BadRequest(f"A header named {name[:100]!r} cannot be sent.")
        if not _HEADER_VALUE.fullmatch(value):
            raise BadRequest(f"The value of the header {name[:100]!r} must be printable ASCII.")
    return url


def _as_httpcore(request: OutgoingRequest, url: Url, timeout_seconds: float) -> httpcore2.Request:
    steps = dict.fromkeys(("connect", "read", "write", "pool"), timeout_seconds)
    headers = [("host", _host(url)), *request.headers, ("connection", "close")]
    if request.body or request.method in ("POST", "PUT", "PATCH"):
        headers.append(("content-length", str(len(request.body))))
    return httpcore2.Request(
        request.method.encode(),
        # In parts, as the library would understand a whole URL in its own way.
        httpcore2.URL(scheme=url.scheme, host=url.host, port=url.port, target=url.target),
        headers=[(name.encode(), value.strip().encode()) for name, value in headers],
        content=request.body,
        extensions={"timeout": steps},
    )


def _host(url: Url) -> str:
    return url.origin.partition("://")[2]


async def _read(response: httpcore2.Response, url: Url, max_bytes: int, *, has_body: bool) -> bytes:
    """The body, given up as soon as it is known to be too long."""
    length = next((value for name, value in response.headers if name.lower() == b"content-length"), b"")
    if has_body and length.isdigit() and int(length[:_MAX_DIGITS]) > max_bytes:
        raise _too_large(url, max_bytes)
    body = bytearray()
    # The library's type allows for synchronous bodies too, which a pool like this never has.
    stream = cast("AsyncIterable[bytes]", response.stream)
    async for chunk in stream:
        body += chunk
        if len(body) > max_bytes:
            raise _too_large(url, max_bytes)
    return bytes(body)


def _too_large(url: Url, max_bytes: int) -> OutgoingTooLarge:
    return OutgoingTooLarge(f"{url.origin} answers with more than {max_bytes} bytes.")


def _reason(error: Exception) -> str:
    """Why, in words that have nothing of the request or the answer in them."""
    if isinstance(error, httpcore2.ConnectError):
        return str(error) or "the connection was refused"
    if isinstance(error, httpcore2.ProtocolError):
        return "it does not speak HTTP properly, or broke off in the middle"
    return "the connection broke off"


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
