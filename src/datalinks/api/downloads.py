"""Sends downloads: no faster than the client takes them, and broken off when they fail midway.

The interface to the server has no way to wait for a slow client, nor one to break off what it has begun. So a download goes
through a named pipe, which the server reads as a file, as fast as the client takes it; and a failure shuts the socket
down, which the client tells apart from the end of the file.
"""

import asyncio
import os
import tempfile
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

import structlog

from datalinks.api.answers import Download, Headers
from datalinks.api.requests import Request
from datalinks.api.sockets import break_off

_log = structlog.get_logger("datalinks.api")
# How often it is looked whether the server has opened the pipe, which it does at once.
_STEP_SECONDS = 0.002


@dataclass(frozen=True, slots=True)
class StartedDownload:
    """A download whose first chunk is there, so that what fails at its beginning can still be answered as an error."""

    status: int
    headers: Headers
    first: bytes
    chunks: AsyncGenerator[bytes]


async def start(download: Download, request: Request) -> StartedDownload:
    """Make the first chunk; nothing is made for HEAD."""
    first = b"" if request.method == "HEAD" else await anext(download.chunks, b"")
    return StartedDownload(download.status, download.headers, first, download.chunks)


async def send(download: StartedDownload, request: Request, headers: list[tuple[str, str]], timeout: float) -> None:
    """Send a download to its end, or break the connection off.

    timeout: how many seconds the client may take for a chunk.
    """
    async with aclosing(download.chunks):
        if request.method == "HEAD":
            request.protocol.response_empty(download.status, headers)
            return
        with tempfile.TemporaryDirectory(prefix="datalinks-") as folder:
            path = f"{folder}/download"
            os.mkfifo(path, 0o600)
            request.protocol.response_file(download.status, headers, path)
            try:
                await _fill(path, request, download, timeout)
            except BrokenPipeError:
                _log.info("the client went away during a download", request_id=request.id)
            except Exception as error:  # noqa: BLE001 - the edge of a request, whose answer has begun already
                _log.error("a download failed midway", request_id=request.id, exc_info=error)


async def _fill(path: str, request: Request, download: StartedDownload, timeout: float) -> None:
    """Write a download into a named pipe.

    Raises:
        BrokenPipeError: nobody reads any more. TimeoutError: nothing was read for too long. Others: what its maker raises.
    """
    pipe = await _opened(path, timeout)
    try:
        await _write(pipe, download.first, timeout)
        async for chunk in download.chunks:
            await _write(pipe, chunk, timeout)
    except BaseException:
        # Before the pipe is closed, which would be the end of a whole file.
        break_off(request.scope)
        raise
    finally:
        os.close(pipe)


async def _opened(path: str, timeout: float) -> int:
    """The writing end of a named pipe, once somebody reads it.

    Raises:
        TimeoutError: nobody does.
    """
    async with asyncio.timeout(timeout):
        while True:
            try:
                return os.open(path, os.O_WRONLY | os.O_NONBLOCK)
            except OSError:
                await asyncio.sleep(_STEP_SECONDS)


async def _write(pipe: int, chunk: bytes, timeout: float) -> None:
    """Write a chunk when there is room for it.

    Raises:
        BrokenPipeError: nobody reads any more. TimeoutError: nothing was read for too long.
    """
    rest = memoryview(chunk)
    while rest:
        try:
            rest = rest[os.write(pipe, rest) :]
        except BlockingIOError:
            await _writable(pipe, timeout)


async def _writable(pipe: int, timeout: float) -> None:
    loop = asyncio.get_running_loop()
    has_room = asyncio.Event()
    loop.add_writer(pipe, has_room.set)
    try:
        async with asyncio.timeout(timeout):
            await has_room.wait()
    finally:
        loop.remove_writer(pipe)
