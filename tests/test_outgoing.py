"""Requests that the server makes reach public addresses only."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

import pytest

from datalinks.errors import BadRequest, Unavailable
from datalinks.outgoing import Outgoing
from datalinks.outgoing.addresses import is_public
from datalinks.outgoing.http import MAX_RESPONSE_BYTES
from datalinks.settings import Settings


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "192.0.0.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0",
        "fc00::1", "fd12::1", "fec0::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
        "2002:7f00:1::", "2001:0:7f00:1::", "2001:db8::1",
    ],
)  # fmt: skip
def test_an_address_that_is_not_of_the_public_internet_is_told(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "64:ff9b::101:101"])
def test_a_public_address_is_told(address: str) -> None:
    assert is_public(address)


@asynccontextmanager
async def web_server(answer: bytes) -> AsyncGenerator[int]:
    """A server on this machine that gives everyone the same answer; yields its port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield int(server.sockets[0].getsockname()[1])


def http(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    head = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", "connection: close", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


async def fetch(url: str, allow: str = "", timeout_seconds: float = 10.0) -> bytes:
    outgoing = Outgoing(Settings(outgoing_allow=allow, outgoing_timeout_seconds=timeout_seconds))
    try:
        return await outgoing.get(url)
    finally:
        await outgoing.close()


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "0", "[::1]", "[::ffff:127.0.0.1]"],
)
async def test_this_machine_is_not_reached_however_it_is_spelled(host: str) -> None:
    async with web_server(http(b"reached")) as port:
        with pytest.raises((Unavailable, BadRequest)):
            await fetch(f"http://{host}:{port}/")


async def test_the_same_server_is_reached_when_it_is_allowed() -> None:
    async with web_server(http(b"reached")) as port:
        assert await fetch(f"http://127.0.0.1:{port}/", allow=f"127.0.0.1:{port}") == b"reached"


async def test_allowing_one_port_allows_no_other() -> None:
    async with web_server(http(b"reached")) as port:
        with pytest.raises(Unavailable):
            await fetch(f"http://127.0.0.1:{port}/", allow=f"127.0.0.1:{port + 1}")


async def test_a_redirect_is_not_followed() -> None:
    async with web_server(http(b"", "302 Found", "location: http://127.0.0.1/")) as port:
        with pytest.raises(Unavailable, match="status 302"):
            await fetch(f"http://127.0.0.1:{port}/", allow=f"127.0.0.1:{port}")


async def test_an_answer_that_is_too_long_is_cut_off() -> None:
    async with web_server(http(b"x" * (MAX_RESPONSE_BYTES + 1))) as port:
        with pytest.raises(Unavailable, match="more than"):
            await fetch(f"http://127.0.0.1:{port}/", allow=f"127.0.0.1:{port}")


async def test_an_answer_that_drips_is_given_up_as_a_whole() -> None:
    ended = asyncio.Event()

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        # Until the client hangs up, in the middle of it.
        with suppress(ConnectionError):
            while not reader.at_eof():
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.02)
        writer.close()
        ended.set()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(Unavailable, match="longer than"):
            await fetch(f"http://127.0.0.1:{port}/", f"127.0.0.1:{port}", timeout_seconds=0.3)
        await ended.wait()


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://host/", "", "unix:///run/docker.sock", "//host/"])
async def test_only_http_is_spoken(url: str) -> None:
    with pytest.raises(BadRequest):
        await fetch(url)
