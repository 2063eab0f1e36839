"""Runs the application on Granian, inside this process: whoever stops the process stops the server, at once and whole."""

import asyncio
import signal
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.embed import Server
from starlette.types import ASGIApp

from datalinks.errors import InvalidSettings
from datalinks.settings import Settings

_BACKLOG = 1024
# How long a client may take to send a request's head.
_HEAD_TIMEOUT_MILLISECONDS = 30_000


async def listen(app: ASGIApp, settings: Settings, started: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM. ``started`` is called with the server's address once it can be reached.

    Raises:
        InvalidSettings: the address cannot be listened on.
    """
    host = await _address(settings.host)
    with _reserved_port(host, settings.port) as port:
        server = Server(
            app,
            address=host,
            port=port,
            interface=Interfaces.ASGINL,
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(header_read_timeout=_HEAD_TIMEOUT_MILLISECONDS),
            websockets=False,
            backlog=_BACKLOG,
            log_level=LogLevels.error,
        )
        serving = asyncio.create_task(server.serve())
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, server.stop)
        await _reachable(host, port, serving)
        started(f"http://{_in_url(settings.host)}:{port}{settings.api_prefix}")
        await serving


async def _address(host: str) -> str:
    """The address of a host name, as the server listens on addresses only."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise InvalidSettings(f"Cannot listen on {host}: {error.strerror}") from error
    return str(found[0][4][0])


@contextmanager
def _reserved_port(host: str, port: int) -> Generator[int]:
    """The port to listen on, kept from others until the server has it; a free one for port 0."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        # Granian shares ports between processes, so only this finds out that another server has it already.
        if port:
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, port))
                probe.listen()
        with socket.socket(family) as reserved:
            reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            reserved.bind((host, port))
            yield int(reserved.getsockname()[1])
    except OSError as error:
        raise InvalidSettings(f"Cannot listen on {host}:{port}: {error.strerror}") from error


async def _reachable(host: str, port: int, serving: "asyncio.Task[None]") -> None:
    """Wait until connections are taken."""
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - named, not listened on
    while not serving.done():
        with suppress(OSError):
            _, writer = await asyncio.open_connection(target, port)
            writer.close()
            return
        await asyncio.sleep(0.02)
    await serving


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
