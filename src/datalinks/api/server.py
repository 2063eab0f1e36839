"""Runs the application on Granian, inside this process: whoever stops the process stops the server, at once and whole."""

import asyncio
import signal
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from multiprocessing import parent_process

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.embed import Server

from datalinks.api.app import App
from datalinks.api.sockets import is_listening
from datalinks.errors import InvalidSettings
from datalinks.settings import Settings

_BACKLOG = 1024
# How long a client may take to send a request's head.
_HEAD_TIMEOUT_MILLISECONDS = 30_000


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen. host: an address, as the server listens on no names. url: what callers call."""

    host: str
    port: int
    url: str


@asynccontextmanager
async def reserve(settings: Settings) -> AsyncGenerator[Address]:
    """The address to listen on, kept from others as long as it is used; a free port for port 0.

    Raises:
        InvalidSettings: the address cannot be listened on.
    """
    host = settings.host
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
        address = str(found[0][4][0])
        reserved = _reserved(found[0][0], address, settings.port)
    except OSError as error:
        raise InvalidSettings(f"Cannot listen on {host}:{settings.port}: {error.strerror}") from error
    with reserved:
        port = int(reserved.getsockname()[1])
        yield Address(address, port, f"http://{_in_url(host)}:{port}{settings.api_prefix}")


def _reserved(family: int, host: str, port: int) -> socket.socket:
    """A socket that has a port without listening on it, so that only those of this user who share it can.

    Raises:
        OSError: the port is not free.
    """
    if port:
        # Granian shares ports between processes, so only this finds out that another server has it already.
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            probe.listen()
    reserved = socket.socket(family)
    try:
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        reserved.bind((host, port))
    except OSError:
        reserved.close()
        raise
    return reserved


async def listen(app: App, address: Address, started: Callable[[], None]) -> None:
    """Serve until SIGINT, SIGTERM or, in a worker, the end of the parent. ``started`` is called once connections are taken."""
    server = Server(
        app,
        address=address.host,
        port=address.port,
        interface=Interfaces.RSGI,
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
    if parent := parent_process():
        loop.add_reader(int(parent.sentinel), server.stop)
    while not (serving.done() or is_listening(address.port)):  # noqa: ASYNC110 - Granian tells nobody
        await asyncio.sleep(0.02)
    if not serving.done():
        started()
    await serving


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
