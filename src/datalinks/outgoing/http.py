"""httpx's transport, guarded where a connection is made.

A name is resolved once, every answer must be public, and the connection goes to an address that was checked, so neither a
redirect (none is followed) nor a name that resolves differently the second time gets past.
"""

import asyncio
import socket
from collections.abc import Iterable
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import httpcore2
import httpx2

from datalinks.errors import BadRequest, Unavailable
from datalinks.outgoing.addresses import is_public
from datalinks.settings import Settings

MAX_RESPONSE_BYTES = 1024 * 1024


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
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(f"{host} does not resolve") from error
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if f"{host}:{port}".lower() not in self._allowed and not all(map(is_public, addresses)):
            raise httpcore2.ConnectError(f"{host}:{port} is not a public address")
        return addresses


class _GuardedTransport(httpx2.AsyncHTTPTransport):
    """httpx's transport over a pool whose connections are guarded."""

    def __init__(self, allowed: frozenset[str]) -> None:
        ssl_context = httpx2.create_ssl_context(trust_env=False)
        super().__init__(verify=ssl_context)
        # httpx offers no parameter for the backend; the pool is its documented way to reach httpcore.
        self._pool = httpcore2.AsyncConnectionPool(ssl_context=ssl_context, network_backend=_GuardedBackend(allowed))


class GuardedHttp:
    """An open client whose connections are guarded."""

    def __init__(self, settings: Settings) -> None:
        self._timeout_seconds = settings.outgoing_timeout_seconds
        self._client = httpx2.AsyncClient(
            transport=_GuardedTransport(settings.outgoing_allowed),
            timeout=settings.outgoing_timeout_seconds,
            follow_redirects=False,
            trust_env=False,
        )

    async def get(self, url: str) -> bytes:
        """See ``Outgoing.get``."""
        if not url.startswith(("https://", "http://")):
            raise BadRequest(f"Only http and https addresses can be called, not {url[:100]}")
        try:
            # The client's own limits hold for each step; this one for all of them.
            async with asyncio.timeout(self._timeout_seconds), self._client.stream("GET", url) as response:
                if response.status_code != HTTPStatus.OK:
                    raise Unavailable(f"{url} answered with status {response.status_code}")
                return await _read_limited(response, url)
        except TimeoutError as error:
            raise Unavailable(f"{url} takes longer than {self._timeout_seconds:g} seconds") from error
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise Unavailable(f"{url} cannot be reached: {error}") from error

    async def close(self) -> None:
        """Close its connections."""
        await self._client.aclose()


async def _read_limited(response: httpx2.Response, url: str) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > MAX_RESPONSE_BYTES:
            raise Unavailable(f"{url} answers with more than {MAX_RESPONSE_BYTES} bytes")
    return bytes(body)
