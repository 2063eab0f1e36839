"""Requests passed on to external apps, and what they answer passed back."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from support.app import open_app
from support.apps import Connected, open_connected
from support.targets import reply, running_target

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD")


@pytest.fixture
async def connected(tmp_path: Path, engine: str) -> AsyncGenerator[Connected]:
    async with open_connected(tmp_path, engine) as opened:
        yield opened


@pytest.fixture
async def embedded(tmp_path: Path) -> AsyncGenerator[Connected]:
    """On one engine, for what the store has no part in."""
    async with open_connected(tmp_path, "sqlite") as opened:
        yield opened


@pytest.mark.parametrize("method", METHODS)
async def test_a_request_is_passed_on_and_its_answer_back(connected: Connected, method: str) -> None:
    await connected.connect({"type": "bearer"}, {"token": "t0ken"})
    connected.crm.answers(reply(207, b"\x00\xff", x_app="yes", content_type="app/type"))

    answer = await connected.call(
        "contacts/1%20a?x=1&y='[2]'&z=%26", method, content=b"\xff\x00", headers={"x-mine": "1", "content-type": "a/b"}
    )

    asked = connected.crm.last
    assert (asked.method, asked.target) == (method, "/v1/contacts/1%20a?x=1&y='[2]'&z=%26")
    assert asked.body == b"\xff\x00"
    assert asked.header("authorization") == "Bearer t0ken"
    assert (asked.header("x-mine"), asked.header("content-type")) == ("1", "a/b")
    assert answer.status_code == 207
    assert answer.content == (b"" if method == "HEAD" else b"\x00\xff")
    assert (answer.headers["x-app"], answer.headers["content-type"]) == ("yes", "app/type")


@pytest.mark.parametrize("status", [201, 204, 301, 304, 400, 404, 418, 429, 500, 503])
async def test_any_status_is_passed_back(embedded: Connected, status: int) -> None:
    await embedded.connect()
    embedded.crm.answers(reply(status, b"" if status in (204, 304) else b"body", location=embedded.login.url))

    answer = await embedded.call()

    assert (answer.status_code, answer.headers["location"]) == (status, embedded.login.url)
    assert embedded.login.asked == [], "no redirect is followed"


@pytest.mark.parametrize("path", ["", "/", "/contacts/", "/a//b", "/https:%2Fb"])
async def test_the_path_is_passed_on_as_it_is(embedded: Connected, path: str) -> None:
    await embedded.connect()

    answer = await embedded.customer.request("GET", f"/connections/crm/proxy{path}")

    expected = {"": "/v1", "/": "/v1"}.get(path, f"/v1{path}")
    if path == "/https:%2Fb":
        assert answer.status_code == 400, "this is an address once it is decoded"
    else:
        assert embedded.crm.last.target == expected


async def test_a_whole_address_is_passed_on_if_it_is_at_the_base_host(embedded: Connected) -> None:
    await embedded.connect({"type": "bearer"}, {"token": "t0ken"})

    for address in (embedded.crm.url, embedded.crm.url.replace("://", ":/")):
        assert (await embedded.call(f"{address}/v2/x?y=1")).status_code == 200
        assert embedded.crm.last.target == "/v2/x?y=1"
    refused = await embedded.call(f"{embedded.login.url}/x")

    assert refused.status_code == 400
    assert refused.json()["data"] == {"path": "path"}
    assert embedded.login.asked == []


async def test_a_whole_address_elsewhere_is_passed_on_if_the_integration_allows_it(embedded: Connected) -> None:
    await embedded.connect(allowedHosts=[f"127.0.0.1:{embedded.login.port}"])

    assert (await embedded.call(f"{embedded.login.url}/x")).status_code == 200
    assert embedded.login.last.target == "/x"


@pytest.mark.parametrize(
    "path",
    [
        "..", "../x", "%2e%2e/x", "%2e%2e%2fx", "a/%2E%2E/%2E%2E/x", "%252e%252e/x", "%252e%252e%252fx", "..%5cx", "..%3b/x",
        "a%0d%0ahost:%20evil", "a%0ax", "a%00", "https://evil.example/x", "https:/evil.example/x", "https:%2f%2fevil.example/x",
        "http://127.0.0.1@evil.example/", "http://127.0.0.1%2f@evil.example/", "ftp://127.0.0.1/", "file:///etc/passwd", "%ff",
    ],
)  # fmt: skip
async def test_a_path_that_would_leave_the_base_is_refused(embedded: Connected, path: str) -> None:
    await embedded.connect({"type": "bearer"}, {"token": "t0ken"})

    # As it is: clients tidy paths up.
    answer = await embedded.customer.raw("GET", f"/connections/crm/proxy/{path}")

    assert answer.status_code in (400, 404), answer.text
    assert embedded.crm.asked == []


async def test_headers_for_us_and_of_machines_between_are_not_passed_on(embedded: Connected) -> None:
    await embedded.connect()
    kept = {"x-custom": "1", "accept": "a/b", "user-agent": "me", "referer": "r", "origin": "o", "if-match": "e"}
    dropped = [
        *("connection", "x-request-id", "x-real-ip", "x-forwarded-for", "x-forwarded-host", "x-forwarded-anything"),
        *("x-scheme", "x-original-forwarded-for", "forwarded-for-header", "proxy-protocol", "cdn-loop", "cf-ray"),
        *("cf-connecting-ip", "x-amzn-trace-id", "cookie", "te", "upgrade", "keep-alive", "proxy-authorization"),
        *("forwarded", "via", "membrane-api-version", "x-membrane-session-id", "x-hop"),
    ]

    await embedded.call(headers={**kept, **dict.fromkeys(dropped, "canary"), "connection": "close, X-Hop"})

    sent = dict(embedded.crm.last.headers)
    assert {name: sent.get(name) for name in kept} == kept
    assert "canary" not in str(sent)
    assert sent.keys() - kept.keys() == {"host", "accept-encoding", "connection"}
    assert sent["host"] == f"127.0.0.1:{embedded.crm.port}"


async def test_the_callers_token_goes_to_nobody_else(embedded: Connected) -> None:
    await embedded.connect({"type": "none"})

    await embedded.call()

    assert embedded.crm.last.header("authorization") is None


async def test_what_an_app_says_of_its_own_origin_is_not_passed_back(embedded: Connected) -> None:
    await embedded.connect()
    theirs = {
        "set_cookie": "a=1", "strict_transport_security": "max-age=1", "access_control_allow_origin": "https://evil.example",
        "access_control_allow_credentials": "true", "clear_site_data": "*", "content_security_policy": "default-src *",
        "keep_alive": "timeout=5", "x_request_id": "theirs", "x_hop": "1", "connection": "X-Hop",
    }  # fmt: skip
    embedded.crm.answers(reply(200, b"<script>", content_type="text/html", etag='"e"', **theirs))

    headers = (await embedded.call(headers={"x-request-id": "mine"})).headers

    assert headers["access-control-allow-origin"] == "*"
    assert headers["x-request-id"] == "mine"
    assert (headers["content-security-policy"], headers["x-content-type-options"]) == ("sandbox", "nosniff")
    assert headers["etag"] == '"e"'
    kept_back = ("set-cookie", "strict-transport-security", "clear-site-data", "keep-alive", "x-hop")
    assert not [name for name in (*kept_back, "access-control-allow-credentials") if name in headers]


async def test_headers_that_come_several_times_are_passed_back_as_often(embedded: Connected) -> None:
    await embedded.connect()
    embedded.crm.answers(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nlink: <a>\r\nLink: <b>\r\n\r\n")

    assert (await embedded.call()).headers.get_list("link") == ["<a>", "<b>"]


async def test_a_compressed_answer_comes_as_it_was_asked_for(embedded: Connected) -> None:
    await embedded.connect()
    content = gzip.compress(b"content")
    embedded.crm.answers(reply(200, content, content_encoding="gzip"))

    answer = await embedded.call(headers={"accept-encoding": "gzip"})

    assert embedded.crm.last.header("accept-encoding") == "gzip"
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.content == b"content"


async def test_a_compressed_body_is_passed_on_as_it_is(embedded: Connected) -> None:
    await embedded.connect()
    body = zlib.compress(b"content")

    await embedded.call("x", "POST", content=body, headers={"content-encoding": "deflate"})

    assert (embedded.crm.last.body, embedded.crm.last.header("content-encoding")) == (body, "deflate")


async def test_a_key_of_the_callers_own_goes_to_the_app_and_keeps_nothing_here(embedded: Connected) -> None:
    await embedded.connect()

    for _ in range(2):
        answer = await embedded.call("x", "POST", json={}, headers={"idempotency-key": "k"})
        assert "idempotent-replayed" not in answer.headers

    assert [asked.header("idempotency-key") for asked in embedded.crm.asked] == ["k", "k"]


async def test_the_route_of_requests_is_the_same(connected: Connected) -> None:
    await connected.connect({"type": "bearer"}, {"token": "t0ken"})

    answer = await connected.customer.request("POST", "/connections/crm/api/contacts/find?x=1", json={"a": 1})

    assert answer.content == b"ok"
    asked = connected.crm.last
    assert (asked.method, asked.target, asked.body) == ("POST", "/v1/contacts/find?x=1", b'{"a":1}')


# --- Which connection


async def test_a_connection_is_chosen_as_everywhere(connected: Connected) -> None:
    made = await connected.connect({"type": "bearer"}, {"token": "first"})

    for selector in (made["id"], "crm", made["integrationId"]):
        assert (await connected.customer.request("GET", f"/connections/{selector}/proxy/x")).content == b"ok"
    other = await connected.connection({"token": "second"})
    refused = await connected.customer.get("/connections/crm/proxy/x", status=400)
    assert set(refused["data"]["connectionIds"]) == {made["id"], other["id"]}
    assert (await connected.app.admin.request("GET", f"/connections/{other['id']}/proxy/x")).content == b"ok"
    assert connected.crm.last.header("authorization") == "Bearer second"


async def test_a_customer_calls_through_its_own_connections_only(connected: Connected) -> None:
    made = await connected.connect({"type": "bearer"}, {"token": "t0ken"})
    stranger = connected.app.customer("stranger")

    for selector in (made["id"], "crm"):
        for path in ("proxy/x", "proxy", "api/x", "refresh-credentials"):
            await stranger.post(f"/connections/{selector}/{path}", {}, status=404)
    far = await connected.app.other_workspace("Far")
    await far.get(f"/connections/{made['id']}/proxy/x", status=404)
    assert connected.crm.asked == []


@pytest.mark.parametrize("what", ["connections/{id}", "integrations/crm", "customers/acme"])
async def test_nothing_goes_through_what_is_archived(connected: Connected, what: str) -> None:
    made = await connected.connect()
    await connected.app.admin.delete(f"/{what.format(id=made['id'])}")

    await connected.app.admin.get(f"/connections/{made['id']}/proxy/x", status=404)

    assert connected.crm.asked == []


async def test_nothing_goes_through_a_connection_that_is_disconnected(connected: Connected) -> None:
    made = await connected.connect()
    await connected.customer.patch(f"/connections/{made['id']}", {"disconnected": True})

    refused = await connected.customer.get("/connections/crm/proxy/x", status=400)

    assert (refused["type"], refused["key"]) == ("connection", "disconnected")
    assert connected.crm.asked == []
    await connected.customer.patch(f"/connections/{made['id']}", {"disconnected": False})
    assert (await connected.call()).status_code == 200


async def test_an_integration_without_an_address_says_so(embedded: Connected) -> None:
    await embedded.connect(baseUri=None)

    refused = await embedded.customer.get("/connections/crm/proxy/x", status=400)

    assert refused["data"]["path"] == "$.baseUri"


# --- Limits


@pytest.fixture
async def strict(tmp_path: Path) -> AsyncGenerator[Connected]:
    settings: dict[str, Any] = {
        "outgoing_max_response_bytes": 1000,
        "max_body_bytes": 1000,
        "outgoing_timeout_seconds": 0.3,
    }
    async with open_connected(tmp_path, "sqlite", **settings) as opened:
        await opened.connect()
        yield opened


async def test_an_answer_that_is_too_long_is_an_error_of_its_own(strict: Connected) -> None:
    strict.crm.answers(reply(200, b"x" * 1001))

    refused = await strict.customer.get("/connections/crm/proxy/x", status=502)

    assert (refused["type"], refused["key"]) == ("internal", "outgoing_too_large")


async def test_a_body_that_is_too_long_is_not_passed_on(strict: Connected) -> None:
    refused = await strict.customer.call("POST", "/connections/crm/proxy/x", content=b"x" * 1001, status=413)

    assert refused["key"] == "payload_too_large"
    assert strict.crm.asked == []


async def test_an_app_that_takes_too_long_is_given_up(strict: Connected) -> None:
    strict.crm.before = asyncio.Event().wait

    refused = await strict.customer.get("/connections/crm/proxy/x", status=504)

    assert refused["key"] == "outgoing_timeout"


@pytest.mark.parametrize("answer", [b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nx", b"rubbish\r\n\r\n"])
async def test_an_app_that_does_not_answer_is_an_error_of_its_own(strict: Connected, answer: bytes) -> None:
    strict.crm.answers(answer)
    strict.crm.hangs_up = True

    refused = await strict.customer.get("/connections/crm/proxy/x", status=502)

    assert refused["key"] == "outgoing_failed"


# --- Private addresses

SPELLINGS = (
    "127.0.0.1", "localhost", "LOCALHOST", "localhost.", "2130706433", "0x7f000001", "017700000001", "0x7f.1", "0177.0.0.1",
    "127.1", "127.0.1", "0", "0.0.0.0", "127.8.9.1", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]", "[64:ff9b::7f00:1]",
)  # fmt: skip
NEVER = ("169.254.169.254", "[fd00:ec2::254]", "10.0.0.1", "192.168.0.1", "100.100.100.200", "metadata.google.internal")


@pytest.mark.parametrize("host", SPELLINGS)
async def test_this_machine_is_not_reached_through_a_connection(tmp_path: Path, host: str) -> None:
    async with running_target() as target, open_app(tmp_path) as app:
        base = f"http://{host}:{target.port}"
        await app.admin.post("/integrations", {"key": "crm", "baseUri": base})
        await app.customer("a").post("/connections", {"integrationKey": "crm"})

        for path in ("x", f"{base}/x"):
            refused = await app.customer("a").get(f"/connections/crm/proxy/{path}", status=502)
            assert refused["key"] == "outgoing_failed"

        assert target.asked == []


async def test_without_the_guard_it_would_be_reached(tmp_path: Path) -> None:
    async with running_target() as target:
        allow = ",".join(f"{host}:{target.port}" for host in SPELLINGS)
        async with open_app(tmp_path, outgoing_allow=allow) as app:
            for number, host in enumerate(SPELLINGS):
                key = f"crm-{number}"
                await app.admin.post("/integrations", {"key": key, "baseUri": f"http://{host}:{target.port}"})
                await app.customer("a").post("/connections", {"integrationKey": key})
                await app.customer("a").request("GET", f"/connections/{key}/proxy/x")

    assert len(target.asked) >= 9, "the spellings mean this machine"


@pytest.mark.parametrize("host", NEVER)
async def test_metadata_and_neighbours_are_not_called(tmp_path: Path, host: str) -> None:
    async with open_app(tmp_path) as app:
        await app.admin.post("/integrations", {"key": "crm", "baseUri": f"http://{host}"})
        await app.customer("a").post("/connections", {"integrationKey": "crm"})

        refused = await app.customer("a").get("/connections/crm/proxy/latest/meta-data", status=502)

    assert refused["key"] == "outgoing_failed"


async def test_a_redirect_to_this_machine_is_passed_back_and_not_followed(embedded: Connected) -> None:
    await embedded.connect({"type": "bearer"}, {"token": "t0ken"})
    embedded.crm.answers(reply(302, b"", location=f"{embedded.login.url}/latest/meta-data"))

    answer = await embedded.call()

    assert (answer.status_code, embedded.login.asked) == (302, [])
