"""Requests that the server makes reach public addresses only."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from datalinks.errors import BadRequest, OutgoingFailed, OutgoingTimeout, OutgoingTooLarge
from datalinks.outgoing import MAX_DOCUMENT_BYTES, Outgoing
from datalinks.outgoing.addresses import is_public
from datalinks.outgoing.messages import OutgoingAnswer, OutgoingRequest
from datalinks.settings import Settings
from support.targets import reply, running_target


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
        with pytest.raises((OutgoingFailed, BadRequest)):
            await fetch(f"http://{host}:{port}/")


async def test_the_same_server_is_reached_when_it_is_allowed() -> None:
    async with web_server(http(b"reached")) as port:
        assert await fetch(f"http://127.0.0.1:{port}/", allow=f"127.0.0.1:{port}") == b"reached"


async def test_allowing_one_port_allows_no_other() -> None:
    async with web_server(http(b"reached")) as port:
        with pytest.raises(OutgoingFailed, match="not a public address"):
            await fetch(f"http://127.0.0.1:{port}/", allow=f"127.0.0.1:{port + 1}")


async def test_a_redirect_is_not_followed() -> None:
    async with web_server(http(b"", "302 Found", "location: http://127.0.0.1/")) as port:
        with pytest.raises(OutgoingFailed, match="status 302"):
            await fetch(f"http://127.0.0.1:{port}/", allow=f"127.0.0.1:{port}")


async def test_an_answer_that_is_too_long_is_cut_off() -> None:
    async with web_server(http(b"x" * (MAX_DOCUMENT_BYTES + 1))) as port:
        with pytest.raises(OutgoingTooLarge, match="more than"):
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
        with pytest.raises(OutgoingTimeout, match="longer than"):
            await fetch(f"http://127.0.0.1:{port}/", f"127.0.0.1:{port}", timeout_seconds=0.3)
        await ended.wait()


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://host/", "", "unix:///run/docker.sock", "//host/"])
async def test_only_http_is_spoken(url: str) -> None:
    with pytest.raises(BadRequest):
        await fetch(url)


# --- Any request


@asynccontextmanager
async def outgoing_to(port: int, **settings: Any) -> AsyncGenerator[Outgoing]:
    """Requests that may go to one port of this machine."""
    outgoing = Outgoing(Settings(outgoing_allow=f"127.0.0.1:{port}", **settings))
    try:
        yield outgoing
    finally:
        await outgoing.close()


async def ask(answer: bytes, method: str = "GET", **settings: Any) -> OutgoingAnswer:
    """What comes of an answer, given byte by byte by a server that then hangs up."""
    async with web_server(answer) as port, outgoing_to(port, **settings) as outgoing:
        return await outgoing.request(OutgoingRequest(method, f"http://127.0.0.1:{port}/"))


async def test_a_request_arrives_as_it_was_made() -> None:
    async with running_target() as target, outgoing_to(target.port) as outgoing:
        url = f"{target.url}/a%2Fb//c?x='[1]'&&y=%zz"
        headers = (("x-a", "1"), ("X-A", "2"), ("content-type", "text/plain"))

        await outgoing.request(OutgoingRequest("PATCH", url, headers, b"\x00\xff"))

        assert (target.last.method, target.last.target) == ("PATCH", "/a%2Fb//c?x='[1]'&&y=%zz")
        assert target.last.body == b"\x00\xff"
        end = (("connection", "close"), ("content-length", "2"))
        host = ("host", f"127.0.0.1:{target.port}")
        assert target.last.headers == (host, ("x-a", "1"), ("x-a", "2"), headers[2], *end)


@pytest.mark.parametrize("status", [200, 204, 302, 304, 404, 500, 999])
async def test_an_answer_comes_as_it_is_whatever_its_status(status: int) -> None:
    answer = await ask(http(b"", f"{status} Whatever", "x-a: 1", "x-a: 2", "location: http://127.0.0.1/"))

    assert (answer.status, answer.body) == (status, b"")
    assert [value for name, value in answer.headers if name == "x-a"] == ["1", "2"]


async def test_cookies_of_one_answer_are_in_no_other_request() -> None:
    async with running_target() as target, outgoing_to(target.port) as outgoing:
        target.answers(reply(200, b"", set_cookie="a=1"))

        for _ in range(2):
            await outgoing.request(OutgoingRequest("GET", target.url))

        assert [asked.header("cookie") for asked in target.asked] == [None, None]


async def test_nothing_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    assert (await ask(http(b"reached"))).body == b"reached"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nx-a",
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"",
    ],
)
async def test_an_answer_that_is_none_is_a_failure(answer: bytes) -> None:
    with pytest.raises(OutgoingFailed):
        await ask(answer)


async def test_what_follows_an_answer_is_not_the_answer_to_the_next_request() -> None:
    forged = http(b"forged").replace(b"connection: close\r\n", b"")
    async with running_target(lambda _: reply(200, b"real") + forged) as target, outgoing_to(target.port) as outgoing:
        answers = [await outgoing.request(OutgoingRequest("GET", target.url)) for _ in range(3)]

    assert [answer.body for answer in answers] == [b"real"] * 3


async def test_a_length_that_is_too_long_is_not_waited_for() -> None:
    with pytest.raises(OutgoingTooLarge):
        await ask(b"HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n", outgoing_max_response_bytes=1000)


@pytest.mark.parametrize("head", [b"", b"transfer-encoding: chunked\r\n"])
async def test_a_body_without_a_length_is_cut_off_while_it_comes(head: bytes) -> None:
    body = b"x" * 1001 if not head else b"3e9\r\n" + b"x" * 1001 + b"\r\n0\r\n\r\n"

    with pytest.raises(OutgoingTooLarge):
        await ask(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + body, outgoing_max_response_bytes=1000)


async def test_a_body_that_is_as_long_as_it_may_be_comes_whole() -> None:
    answer = await ask(http(b"x" * 1000), outgoing_max_response_bytes=1000)

    assert len(answer.body) == 1000


async def test_the_length_of_what_head_asks_for_is_no_body() -> None:
    answer = await ask(b"HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n", "HEAD", outgoing_max_response_bytes=1000)

    assert (answer.header("content-length"), answer.body) == ("5000", b"")


def packed(content: bytes, encoding: str) -> OutgoingAnswer:
    body = gzip.compress(content, mtime=0) if encoding == "gzip" else zlib.compress(content)
    return OutgoingAnswer(200, (("content-encoding", encoding),), body)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_compressed_body_is_unpacked_within_a_limit(encoding: str) -> None:
    assert packed(b"x" * 1000, encoding).content(1000) == b"x" * 1000
    with pytest.raises(OutgoingTooLarge):
        packed(b"x" * 10_000_000, encoding).content(1000)


@pytest.mark.parametrize(
    ("encoding", "body"), [("gzip", b"rubbish"), ("gzip", gzip.compress(b"x", mtime=0)[:-9]), ("br", b"x")]
)
def test_a_body_that_cannot_be_unpacked_is_a_failure(encoding: str, body: bytes) -> None:
    with pytest.raises(OutgoingFailed):
        OutgoingAnswer(200, (("content-encoding", encoding),), body).content(1000)


@pytest.mark.parametrize(
    ("method", "url", "headers"),
    [
        ("GET /x HTTP/1.1\r\n", "http://1.1.1.1/", {}),
        ("GET", "http://1.1.1.1/ x", {}),
        ("GET", "http://1.1.1.1/\r\nx", {}),
        ("GET", "http://user@1.1.1.1/", {}),
        ("GET", "http://1.1.1.1:99999/", {}),
        ("GET", "http://1.1.1.1\\@x/", {}),
        ("GET", "http://1.1.1.1/", {"x\r\n": "1"}),
        ("GET", "http://1.1.1.1/", {"x": "canary\r\ny: 1"}),
        ("GET", "http://1.1.1.1/", {"x": "canary-\u20ac"}),
        ("GET", "http://1.1.1.1/", {"Host": "x"}),
        ("GET", "http://1.1.1.1/", {"Transfer-Encoding": "chunked"}),
        ("GET", "http://1.1.1.1/", {"content-length": "5"}),
    ],
)
async def test_what_would_be_another_request_is_refused(method: str, url: str, headers: dict[str, str]) -> None:
    outgoing = Outgoing(Settings())

    with pytest.raises(BadRequest) as refused:
        await outgoing.request(OutgoingRequest(method, url, tuple(headers.items())))

    assert "canary" not in refused.value.message
    await outgoing.close()


async def test_a_failure_says_where_and_nothing_of_the_request() -> None:
    async with web_server(b"HTTP/1.1 canary-answer\r\n\r\n") as port, outgoing_to(port) as outgoing:
        url = f"http://127.0.0.1:{port}/canary-path?key=canary-query"
        request = OutgoingRequest("POST", url, (("x", "canary-header"),), b"canary-body")

        with pytest.raises(OutgoingFailed) as failed:
            await outgoing.request(request)

    assert f"http://127.0.0.1:{port}" in failed.value.message
    assert "canary" not in failed.value.message + repr(request)


# --- Names that lie


class Resolver:
    """Answers what a test says, in turn, for every name."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self, host: str, port: int, **_: Any) -> list[Any]:
        """What a loop's ``getaddrinfo`` answers."""
        self.asked += 1
        addresses = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [(0, 0, 0, "", (address, port)) for address in addresses]


@pytest.mark.parametrize("answers", [["127.0.0.1"], ["1.1.1.1", "127.0.0.1"], ["127.0.0.1", "1.1.1.1"], ["::1"]])
async def test_a_name_is_called_only_if_every_address_is_public(
    answers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", Resolver(answers))
    async with running_target() as target:
        outgoing = Outgoing(Settings())

        with pytest.raises(OutgoingFailed, match="not a public address"):
            await outgoing.request(OutgoingRequest("GET", f"http://app.example:{target.port}/"))

        await outgoing.close()
    assert target.asked == []


async def test_a_name_is_resolved_once_and_the_checked_address_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    # Whoever asked twice would be led to where nobody listens.
    resolver = Resolver(["127.0.0.1"], ["::1"])
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolver)
    async with running_target() as target:
        outgoing = Outgoing(Settings(outgoing_allow=f"app.example:{target.port}"))

        answer = await outgoing.request(OutgoingRequest("GET", f"http://app.example:{target.port}/"))

        await outgoing.close()
    assert answer.body == b"ok"
    assert target.last.header("host") == f"app.example:{target.port}"
    assert resolver.asked == 1
