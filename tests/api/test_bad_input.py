"""Hostile requests: refused in the error envelope with what, where and what to do; never a 500, a hang or half a write.

The cases stand in ``cases/*.json``, readable by any language. In their texts ``{{x*512}}`` stands for 512 times ``x`` and
``{{0xff}}`` for raw bytes.
"""

import asyncio
import http.client
import json
import re
import secrets
import socket
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

import httpx2
import msgspec
import pytest

from datalinks.api.app import make_app
from datalinks.api.endpoint import Endpoint
from datalinks.api.errors import STATUSES
from datalinks.api.routes import routes
from datalinks.model.batch import BatchDraft
from datalinks.model.flow import ResetDraft
from datalinks.model.flow_run import FlowRunDraft
from datalinks.model.link import DataLinkDraft
from datalinks.model.page import Limit
from datalinks.services.formulas import EvaluationDraft
from datalinks.settings import Settings
from support.app import Api, App
from support.cases import cases, expand, promises
from support.rsgi import RsgiTransport
from support.server import Server, running_server

# Nothing here takes a second; a server that has not answered by now hangs.
SECONDS = 20
MEGABYTE = 1024 * 1024
MAX_MESSAGE = 2_000
CODES = {status: error.code for error, status in STATUSES.items() if status not in (400, 500)}
LINKS = "/data-link-table-instance/links"


class Answer(Protocol):
    """What every kind of client here answers."""

    @property
    def status_code(self) -> int: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    @property
    def content(self) -> bytes: ...


@dataclass(frozen=True)
class RawAnswer:
    """An answer read from a socket; header names are in small letters."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes


def texts(name: str) -> list[Any]:
    """A file of texts as parameters, each named by its beginning."""
    return [pytest.param(expand(text), id=ascii(text)[:40]) for text in cases(name)]


def refused(answer: Answer, status: int | None = None, path: str | None = None) -> Any:
    """The envelope of a refusal that is as it must be."""
    assert 400 <= answer.status_code < 500, (answer.status_code, answer.content[:500])
    assert status in (None, answer.status_code), (answer.status_code, answer.content[:500])
    assert answer.headers["content-type"] == "application/json"
    envelope = msgspec.json.decode(answer.content)
    assert set(envelope) <= {"type", "key", "message", "data"}
    assert envelope["type"] == "bad_request"
    assert envelope.get("key") == CODES.get(answer.status_code)
    assert 10 < len(envelope["message"]) < MAX_MESSAGE
    if path is not None:
        assert envelope["data"]["path"] == path, envelope
    return envelope


def no_crash(answer: Answer) -> None:
    """Whatever the answer is, it is not a 500, and a refusal has the envelope."""
    if not 200 <= answer.status_code < 300:
        refused(answer)


def send(
    server: Server,
    method: str,
    target: bytes | str,
    *,
    token: str | None = None,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> RawAnswer:
    """A request whose target and headers go out byte for byte."""
    given = {"host": "datalinks.test", "connection": "close", **(headers or {})}
    if token is not None:
        given["authorization"] = f"Bearer {token}"
    if body is not None:
        given.setdefault("content-type", "application/json")
        given["content-length"] = str(len(body))
    target = target.encode() if isinstance(target, str) else target
    head = b"".join(f"{name}: {value}\r\n".encode() for name, value in given.items())
    return exchange(server, method, [b"%s %s HTTP/1.1\r\n%s\r\n" % (method.encode(), target, head), body or b""])


def exchange(server: Server, method: str, parts: Iterable[bytes]) -> RawAnswer:
    """Bytes sent as they are, and the answer to them."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=SECONDS) as connection:
        # A server that has seen enough answers and closes before everything is sent.
        with suppress(BrokenPipeError, ConnectionResetError):
            for part in parts:
                connection.sendall(part)
        with http.client.HTTPResponse(connection, method=method) as response:
            response.begin()
            content = response.read()
            found = {name.lower(): value for name, value in response.headers.items()}
            return RawAnswer(response.status, found, content)


@dataclass
class Place:
    """A fresh customer of the running server with a connection, and so an instance of its own."""

    server: Server
    customer: str = field(default_factory=lambda: f"customer-{secrets.token_hex(6)}")
    token: str = ""
    where: str = "dataLinkTableKey=contacts&integrationKey=crm"

    def send(self, method: str, target: bytes | str, **options: Any) -> RawAnswer:
        """A request of the customer."""
        return send(self.server, method, target, token=self.token, **options)

    def link(self, body: bytes, **options: Any) -> RawAnswer:
        """A request to create a link."""
        return self.send("POST", f"{LINKS}?{self.where}", body=body, **options)

    def links(self, query: str = "") -> list[dict[str, Any]]:
        """The links of the customer's instance."""
        answer = self.send("GET", f"{LINKS}?{self.where}{query}")
        assert answer.status_code == 200, answer.content
        return msgspec.json.decode(answer.content)["items"]


@pytest.fixture(scope="module")
def ready(server: Server) -> Server:
    """The running server with the table ``contacts`` and the integration ``crm``."""
    for path, body in (("/data-link-tables", b'{"key":"contacts"}'), ("/integrations", b'{"key":"crm"}')):
        answer = send(server, "POST", path, token=server.token(), body=body)
        assert answer.status_code in (201, 409), answer.content
    return server


@pytest.fixture
def place(ready: Server) -> Place:
    """A fresh customer with a connection to ``crm``."""
    made = Place(ready)
    made.token = ready.token(made.customer)
    answer = made.send("POST", "/connections", body=b'{"integrationKey":"crm"}')
    assert answer.status_code == 201, answer.content
    return made


def filled(endpoint: Endpoint, value: str = "nothing") -> str:
    """An endpoint's path with this for every part that is a parameter."""
    return re.sub(r"{\w+}", lambda _: value, endpoint.path)


# What lists need to be asked of all.
_NEEDED = {"/data-links": "?dataLinkTableInstanceId=nothing&", "/data-links/search": "?recordId=7&"}


def listing_paths() -> list[str]:
    """The paths of every list, with what they need to be reached."""
    return [
        filled(endpoint) + _NEEDED.get(endpoint.path, "?")
        for endpoint in routes()
        if any("limit" in kind.__struct_fields__ for kind in endpoint.query_parameters.values())
    ]


def body_endpoints() -> list[Any]:
    """Every endpoint that reads a body."""
    return [
        pytest.param(endpoint, id=f"{endpoint.method} {endpoint.path}")
        for endpoint in routes()
        if "body" in endpoint.parameters
    ]


def text_parameters() -> list[tuple[Endpoint, str]]:
    """Every text in a query, once for each struct it stands in, and every selector in a query."""
    found: dict[tuple[Any, str], tuple[Endpoint, str]] = {}
    for endpoint in routes():
        for kind in endpoint.query_parameters.values():
            for each in msgspec.structs.fields(kind):
                if "str" in str(each.type):
                    found.setdefault((kind, each.encode_name), (endpoint, each.encode_name))
        if endpoint.selects_by_query:
            found.update({(endpoint.handler, name): (endpoint, name) for name in ("id", "key")})
    return list(found.values())


# --- Record ids


@pytest.mark.parametrize("case", promises("record_ids"))
def test_record_id(place: Place, case: dict[str, Any]) -> None:
    raw = expand(case["raw"])
    bodies = {
        "appRecordId": b'{"appRecordId":%s,"externalRecordId":"other","direction":"import"}' % raw,
        "externalRecordId": b'{"appRecordId":"other","externalRecordId":%s,"direction":"import"}' % raw,
    }
    for name, body in bodies.items():
        answer = place.link(body)
        if "kept" in case:
            kept = expand(case["kept"]).decode()
            assert answer.status_code == 201, answer.content[:300]
            assert msgspec.json.decode(answer.content)[name] == kept
            assert [link[name] for link in place.links(f"&{name}={quote(kept, safe='')}")] == [kept]
        else:
            refused(answer, 400, f"$.{name}" if case.get("path") else None)
            assert place.links() == []


@pytest.mark.parametrize("name", ["appRecordId", "externalRecordId"])
@pytest.mark.parametrize("value", ["%00", "a%00", "x" * 513, "%F0%9F%98%80" * 513])
def test_a_record_id_in_the_query_that_cannot_be_one_is_refused(place: Place, name: str, value: str) -> None:
    answer = place.send("GET", f"{LINKS}?{place.where}&{name}={value}")

    refused(answer, 400, f"$.{name}")


@pytest.mark.parametrize("name", ["appRecordId", "externalRecordId"])
def test_ids_that_only_look_alike_are_kept_apart_byte_for_byte(place: Place, name: str) -> None:
    twins: list[str] = list(dict.fromkeys(cases("twins")))
    other = {"appRecordId": "externalRecordId", "externalRecordId": "appRecordId"}[name]

    for number, twin in enumerate(twins):
        assert place.link(json.dumps({name: twin, other: f"n{number}"}).encode()).status_code == 201

    for number, twin in enumerate(twins):
        found = place.links(f"&direction=import&{name}={quote(twin, safe='')}")
        assert [(link[name], link[other]) for link in found] == [(twin, f"n{number}")]


def test_a_refused_half_of_a_link_leaves_no_half_behind(place: Place) -> None:
    refused(place.link(b'{"appRecordId":"1","externalRecordId":"","direction":"both"}'), 400)
    refused(place.link(b'{"appRecordId":"1","externalRecordId":"2","direction":"sideways"}'), 400)
    refused(place.send("POST", f"{LINKS}?dataLinkTableKey=contacts&integrationKey=none", body=b"{}"), 400)

    assert place.links() == []


# --- Queries


@pytest.mark.parametrize("limit", texts("limits"))
def test_a_limit_that_is_no_whole_number_from_1_to_1000_is_refused_by_every_list(ready: Server, limit: bytes) -> None:
    for path in listing_paths():
        refused(send(ready, "GET", path.encode() + b"limit=" + limit, token=ready.token()), 400, "$.limit")


def test_every_list_is_among_the_tested(ready: Server) -> None:
    limited = [path for path in listing_paths() if "links" not in path]

    assert len(limited) > 10
    assert msgspec.json.schema(Limit)["maximum"] == 1000


@pytest.mark.parametrize("cursor", texts("cursors"))
def test_a_cursor_that_no_list_gave_is_refused_by_every_list(ready: Server, cursor: bytes) -> None:
    unread = {f"/{kind}?" for kind in _kinds_without_elements()}
    for path in listing_paths():
        if path not in unread:
            answer = send(ready, "GET", path.encode() + b"cursor=" + cursor, token=ready.token())
            refused(answer, 400, "$.cursor")


def _kinds_without_elements() -> Iterable[str]:
    return [endpoint.path.strip("/") for endpoint in routes() if endpoint.handler.__name__ == "list_nothing"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        pytest.param(b"limit=5&limit=6", 400, id="a parameter twice with two values is refused"),
        pytest.param(b"limit=5&limit=5", 200, id="a parameter twice with one value is one"),
        pytest.param(b"hash=1&hash=2&unknown", 200, id="unknown parameters are ignored even twice"),
        pytest.param(b"&&&=&=x&limit=&", 200, id="empty pairs are ignored"),
        pytest.param(b"search=%ff", 400, id="bytes that are no UTF-8 are refused"),
        pytest.param(b"search=%ED%A0%80", 400, id="a surrogate is refused"),
        pytest.param(b"search=%C0%AF", 400, id="an overlong encoding is refused"),
        pytest.param(b"%ff=1", 400, id="a name that is no UTF-8 is refused"),
        pytest.param(b"search=%zz%", 200, id="a lone percent is itself"),
        pytest.param(b"search=%00", 200, id="NUL is found nowhere"),
        pytest.param(b"search=%25_!%5C'%22", 200, id="pattern letters are themselves"),
        pytest.param(b"search=" + b"a" * 400, 200, id="a long text is searched for"),
        pytest.param(b"search=" + b"a" * 60_000, 400, id="a text longer than any name is refused"),
        pytest.param(b"search=" + b"%25" * 20_000, 400, id="many pattern letters are refused"),
        pytest.param(b"&".join(b"p%d=1" % number for number in range(201)), 400, id="201 parameters are refused"),
        pytest.param(b"layer=integration", 400, id="a layer that tables do not have is refused"),
        pytest.param(b"layer=" + b"x" * 30_000, 400, id="a long value is not sent back whole"),
        pytest.param(b"limit[]=5&limit[$gt]=5", 200, id="brackets make another name"),
        pytest.param(b"__proto__[limit]=5&constructor=1", 200, id="a prototype is an unknown parameter"),
    ],
)
def test_query_string(ready: Server, query: bytes, status: int) -> None:
    answer = send(ready, "GET", b"/data-link-tables?" + query, token=ready.token())

    no_crash(answer)
    assert answer.status_code == status, answer.content[:300]


def test_every_search_refuses_a_text_that_its_store_cannot_look_for(ready: Server) -> None:
    for endpoint in routes():
        if any("search" in kind.__struct_fields__ for kind in endpoint.query_parameters.values()):
            no_crash(send(ready, "GET", f"{endpoint.path}?search={'a' * 60_000}", token=ready.token()))


# --- Paths and selectors


@pytest.mark.parametrize("selector", texts("selectors"))
def test_a_hostile_selector_in_a_path_finds_nothing(ready: Server, selector: bytes) -> None:
    for endpoint in routes():
        for body in [None, b"{}"] if "body" in endpoint.parameters else [None]:
            if endpoint.path_parameters:
                target = re.sub(rb"{\w+}", lambda _: selector, endpoint.path.encode())
                answer = send(ready, endpoint.method, target, token=ready.token(), body=body)
                if answer.status_code in (400, 414, 431) and not answer.content:
                    continue  # The HTTP server itself refuses what is no request.
                if endpoint.path == "/connectors/{id}":
                    no_crash(answer)  # Any id is answered there, with nothing but itself.
                else:
                    refused(answer)


@pytest.mark.parametrize("selector", texts("selectors"))
def test_a_hostile_selector_in_a_query_finds_nothing(ready: Server, selector: bytes) -> None:
    for endpoint, name in text_parameters():
        target = f"{filled(endpoint)}?{name}=".encode() + selector
        body = b"{}" if "body" in endpoint.parameters else None
        answer = send(ready, endpoint.method, target, token=ready.token(), body=body)
        if answer.status_code in (400, 414, 431) and not answer.content:
            continue  # The HTTP server itself refuses what is no request.
        no_crash(answer)


@pytest.mark.parametrize("target", ["/data-link-tables/%ff", "/data-link-tables/%ED%A0%80", "/data-link-tables/%fe"])
def test_a_path_that_is_no_utf8_never_means_the_replacement_character(ready: Server, target: str) -> None:
    answer = send(ready, "POST", "/data-link-tables", token=ready.token(), body='{"key":"\ufffd"}'.encode())
    assert answer.status_code in (201, 409), answer.content

    refused(send(ready, "GET", target, token=ready.token()))


@pytest.mark.parametrize(
    "target",
    [
        "//",
        "/nothing",
        "/data-link-tables/",
        "/Data-Link-Tables",
        "/health/",
        "/health%0A",
        "/self%2F..%2Fself",
        "/data-link-tables//links",
        "/data-link-tables/../self",
        "/api/data-link-tables",
        "/;/",
        "/%00",
        f"/{'a' * 9_000}",
    ],
)
def test_a_path_that_is_not_there_is_said_so_in_the_envelope(ready: Server, target: str) -> None:
    refused(send(ready, "GET", target, token=ready.token()), 404)


@pytest.mark.parametrize("host", ["[", "[::1", "a:b:c", "", "exa mple", "{{0xff}}", "x" * 9_000])
def test_a_strange_host_changes_nothing(ready: Server, host: str) -> None:
    head = b"GET /nothing HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n" % expand(host)

    refused(exchange(ready, "GET", [head]), 404)


@pytest.mark.parametrize("host", ["[", "[::1", "a:b:c"])
async def test_a_strange_host_changes_nothing_in_process_either(app: App, host: str) -> None:
    refused(await app.admin.request("GET", "/nothing", headers={"host": host}), 404)


# --- Methods, HEAD, preflights


@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "PROPFIND", "LINK", "get", "CONNECT", "X" * 200])
def test_a_method_that_a_path_does_not_have_is_refused_with_those_it_has(ready: Server, method: str) -> None:
    known = {filled(endpoint) for endpoint in routes() if endpoint.method == method}
    for path in sorted({filled(endpoint) for endpoint in routes()} - known):
        answer = send(ready, method, path)
        refused(answer, 405)
        assert set(answer.headers["allow"].split(", ")) <= {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def test_head_answers_like_get_without_a_body(place: Place) -> None:
    for target in ("/self", "/data-link-tables", "/nothing", "/health", "/data-link-tables/nothing"):
        asked, told = place.send("GET", target), place.send("HEAD", target)
        assert (told.status_code, told.content) == (asked.status_code, b"")


@pytest.mark.parametrize("case", promises("preflights"))
def test_preflight(ready: Server, case: dict[str, Any]) -> None:
    headers = {"origin": "https://app.example", "access-control-request-method": case["method"]}
    if "headers" in case:
        headers["access-control-request-headers"] = expand(case["headers"]).decode()

    answer = send(ready, "OPTIONS", "/data-link-tables", headers=headers)

    no_crash(answer)
    if case.get("allowed"):
        assert answer.status_code in (200, 204)
        assert answer.headers["access-control-allow-origin"] == "*"
        assert case["method"] in answer.headers["access-control-allow-methods"]


def test_methods_that_nobody_has_do_not_pile_up_in_the_metrics(ready: Server) -> None:
    send(ready, "FIRST", "/health")
    before = len(send(ready, "GET", "/metrics").content)

    for number in range(50):
        refused(send(ready, f"X{number}", "/health"), 405)

    assert len(send(ready, "GET", "/metrics").content) < before + 2_000


# --- Bodies


@pytest.mark.parametrize("case", promises("bodies"))
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_body_that_is_no_link_is_refused(place: Place, method: str, case: dict[str, Any]) -> None:
    answer = place.send(method, f"{LINKS}?{place.where}", body=expand(case["raw"]))

    refused(answer, 400)
    assert place.links() == []


@pytest.mark.parametrize("endpoint", body_endpoints())
def test_a_body_that_is_no_object_is_refused_everywhere(ready: Server, endpoint: Endpoint) -> None:
    for raw in ("[]", "null", "5", '"x"', "{", "[1,", "{{[*100000}}", '{{{"a":*100000}}', '{"a":1,"a":2}', "{{0xff}}"):
        answer = send(ready, endpoint.method, filled(endpoint), token=ready.token(), body=expand(raw))
        refused(answer)
        assert answer.status_code in (400, 404), answer.content


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_a_body_costs_little_memory(ready: Server) -> None:
    def most_kilobytes() -> int:
        assert ready.process is not None
        status = Path(f"/proc/{ready.process.pid}/status").read_text()
        return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0])

    before = most_kilobytes()
    body = b'{"name":"x","ignored":[%s"%s"]}' % (b"[]," * 200, b"a" * 9 * MEGABYTE)

    send(ready, "POST", "/data-link-tables", token=ready.token(), body=body)

    assert most_kilobytes() - before < 200_000


def test_properties_that_nobody_knows_are_ignored_however_many(place: Place) -> None:
    many = ",".join(f'"k{number}":{number}' for number in range(100_000))

    answer = place.link(b'{"appRecordId":"1","externalRecordId":"2",%s}' % many.encode())

    assert answer.status_code == 201


@pytest.mark.parametrize("case", cases("content_types"), ids=lambda case: str(case["type"])[:40])
def test_content_type(place: Place, case: dict[str, Any]) -> None:
    body = b'{"appRecordId":"1","externalRecordId":"2"}'
    declared = [] if case["type"] is None else [b"Content-Type: %s\r\n" % expand(case["type"])]
    head = f"POST {LINKS}?{place.where} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(body)}\r\n"
    token = f"Authorization: Bearer {place.token}\r\n"

    answer = exchange(place.server, "POST", [head.encode(), token.encode(), *declared, b"\r\n", body])

    no_crash(answer)
    assert answer.status_code == case["status"], answer.content[:300]
    assert len(place.links()) == (2 if case["status"] == 201 else 0)


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "zstd", "x", "gzip, identity"])
def test_a_compressed_body_is_refused_with_what_to_do(place: Place, encoding: str) -> None:
    answer = place.link(b"\x1f\x8b\x08\x00", headers={"content-encoding": encoding})

    assert "content-encoding" in refused(answer, 415)["message"].lower()


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        pytest.param({"content-length": "0"}, b"", id="no body"),
        pytest.param(
            {"content-type": "application/x-www-form-urlencoded", "content-length": "0"}, b"", id="an empty form"
        ),
        pytest.param({"content-type": "text/plain", "content-length": "1"}, b"x", id="a body nobody reads"),
    ],
)
def test_a_restore_needs_no_body(ready: Server, headers: dict[str, str], body: bytes) -> None:
    answer = send(ready, "POST", "/data-link-tables/contacts/restore", token=ready.token(), headers=headers, body=body)

    assert answer.status_code == 200


def test_a_delete_without_a_body_says_what_is_missing(place: Place) -> None:
    envelope = refused(place.send("DELETE", f"{LINKS}?{place.where}"), 400)

    assert "appRecordId" in envelope["message"]


# --- Sizes and lies about them


def _head(place: Place, *headers: str) -> bytes:
    lines = [f"POST {LINKS}?{place.where} HTTP/1.1", "Host: x", "Connection: close", "Content-Type: application/json"]
    return "\r\n".join([*lines, f"Authorization: Bearer {place.token}", *headers, "", ""]).encode()


def test_a_body_over_10_megabytes_is_refused_before_it_is_read(place: Place) -> None:
    answer = exchange(place.server, "POST", [_head(place, f"Content-Length: {10 * MEGABYTE + 1}")])

    refused(answer, 413)


def test_a_chunked_body_over_10_megabytes_is_refused(place: Place) -> None:
    chunk = b"%x\r\n%s\r\n" % (MEGABYTE, b" " * MEGABYTE)

    answer = exchange(place.server, "POST", [_head(place, "Transfer-Encoding: chunked"), *[chunk] * 11, b"0\r\n\r\n"])

    refused(answer, 413)


def test_a_body_of_just_10_megabytes_is_read(place: Place) -> None:
    link = b'{"appRecordId":"1","externalRecordId":"2"}'

    answer = place.link(link + b" " * (10 * MEGABYTE - len(link)))

    assert answer.status_code == 201


@pytest.mark.parametrize("chunks", [b"zz\r\n{}\r\n0\r\n\r\n", b"-2\r\n{}\r\n0\r\n\r\n", b"2\r\n{}X\r\n0\r\n\r\n"])
def test_chunks_that_are_none_are_refused(place: Place, chunks: bytes) -> None:
    answer = exchange(place.server, "POST", [_head(place, "Transfer-Encoding: chunked"), chunks])

    refused(answer, 400)


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param(["Content-Length: -1"], id="negative"),
        pytest.param(["Content-Length: abc"], id="no number"),
        pytest.param(["Content-Length: 2", "Content-Length: 3"], id="twice"),
        pytest.param(["Content-Length: " + "9" * 5_000], id="5000 digits"),
        pytest.param(["Transfer-Encoding: gzip"], id="an unknown transfer encoding"),
    ],
)
def test_a_length_that_is_none_is_refused(place: Place, headers: list[str]) -> None:
    answer = exchange(place.server, "POST", [_head(place, *headers), b"{}"])

    assert answer.status_code in (400, 413, 501)
    assert place.links() == []


@pytest.mark.parametrize("length", ["9" * 5_000, "99999999999999999999", "\u0665", "-1", "1e9", ""])
async def test_the_application_itself_survives_any_length_header(app: App, length: str) -> None:
    headers = {"content-length": length.encode(), "content-type": b"application/json"}

    async def body() -> Any:
        yield b"{}"

    refused(await app.admin.request("POST", "/data-link-tables", content=body(), headers=headers))


def test_a_body_that_does_not_arrive_is_given_up(tmp_path: Path) -> None:
    with running_server(tmp_path, DATALINKS_BODY_TIMEOUT_SECONDS="0.2") as server:
        place = Place(server, token=server.token())
        for parts in (
            [_head(place, "Content-Length: 5"), b"{"],
            [_head(place, "Transfer-Encoding: chunked"), b"1\r\n{"],
        ):
            refused(exchange(server, "POST", parts), 408)


def test_a_client_that_goes_away_in_the_middle_of_its_body_writes_nothing(place: Place) -> None:
    link = b'{"appRecordId":"1","externalRecordId":"2"}'
    with socket.create_connection(("127.0.0.1", place.server.port), timeout=SECONDS) as connection:
        connection.sendall(_head(place, f"Content-Length: {len(link) + 100}") + link)

    assert place.links() == []
    assert place.link(link).status_code == 201


@pytest.mark.parametrize(
    ("head", "statuses"),
    [
        pytest.param(b"GARBAGE\r\n\r\n", {400}, id="no request line"),
        pytest.param(b"\x16\x03\x01\x02\x00\r\n\r\n", {400}, id="the beginning of TLS"),
        pytest.param(b"GET\x00 /self HTTP/1.1\r\nHost: x\r\n\r\n", {400}, id="NUL in the method"),
        pytest.param(b"GET /self HTTP/9.9\r\nHost: x\r\n\r\n", {400, 505}, id="a version that does not exist"),
        pytest.param(b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n", {400}, id="raw bytes in the target"),
        pytest.param(b"GET /self HTTP/1.1\r\nX\x00: a\r\n\r\n", {400}, id="NUL in a header's name"),
        pytest.param(b"GET /%s HTTP/1.1\r\nHost: x\r\n\r\n" % (b"a" * 100_000), {414, 431}, id="a path of 100 kB"),
        pytest.param(b"GET / HTTP/1.1\r\nA: %s\r\n\r\n" % (b"a" * 1_000_000), {431}, id="a header of 1 MB"),
        pytest.param(b"GET / HTTP/1.1\r\n%s\r\n" % (b"A: a\r\n" * 1_000), {431}, id="1000 headers"),
        pytest.param(b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", {404, 405}, id="a star as target"),
        pytest.param(b"CONNECT x:80 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", {404, 405}, id="a tunnel"),
    ],
)
def test_what_is_no_request_is_refused_and_the_server_lives_on(ready: Server, head: bytes, statuses: set[int]) -> None:
    answer = exchange(ready, "GET", [head])

    assert answer.status_code in statuses
    assert send(ready, "GET", "/health").status_code == 200


# --- Drafts


def draft_cases() -> list[Any]:
    """Each field of each draft with each wrong value, at the first endpoint that reads the draft."""
    table = cases("draft_fields")
    endpoints = {
        endpoint.parameters["body"]: endpoint for endpoint in reversed(routes()) if "body" in endpoint.parameters
    }
    return [
        pytest.param(endpoint, name, table["wrong"][kind], id=f"{endpoint.method} {endpoint.path} {name} ({kind})")
        for draft, endpoint in endpoints.items()
        for name, kind in table["fields"][draft.__name__].items()
    ]


def test_every_field_of_every_draft_has_cases() -> None:
    drafts = {endpoint.parameters["body"] for endpoint in routes() if "body" in endpoint.parameters}

    fields = {draft.__name__: {each.encode_name for each in msgspec.structs.fields(draft)} for draft in drafts}

    assert fields == {name: set(kinds) for name, kinds in cases("draft_fields")["fields"].items()}


@pytest.mark.parametrize(("endpoint", "name", "wrong"), draft_cases())
def test_a_wrong_value_is_refused_with_its_place(place: Place, endpoint: Endpoint, name: str, wrong: list[str]) -> None:
    if endpoint.parameters["body"] is DataLinkDraft:
        rest = {"appRecordId": '"1"', "externalRecordId": '"2"'}
    elif endpoint.parameters["body"] is BatchDraft:
        rest = {"operations": '[{"op":"find","appRecordId":"1"}]'}
    elif endpoint.parameters["body"] is FlowRunDraft:
        rest = {"flowInstanceId": '"none"'}
    elif endpoint.parameters["body"] is EvaluationDraft:
        rest = {"formula": "1"}
    elif endpoint.parameters["body"] is ResetDraft:
        rest = {}
    else:
        rest = {"name": '"x"', "appUrl": '"x.example"', "integrationKey": '"crm"', "internalId": '"wrong"'}
    for raw in wrong:
        pairs = {**rest, name: expand(raw).decode()}
        body = "{" + ",".join(f'"{key}":{value}' for key, value in pairs.items()) + "}"
        target = f"{filled(endpoint)}?userId={place.customer}&{place.where}"
        answer = send(place.server, endpoint.method, target, token=place.server.token(), body=body.encode())
        envelope = refused(answer, 400)
        place_named = envelope.get("data", {}).get("path", "")
        is_json = "not valid JSON" not in envelope["message"] and "stands twice" not in envelope["message"]
        assert not is_json or place_named.startswith(f"$.{name}"), (raw, envelope)


async def test_a_change_that_is_refused_changes_nothing(app: App) -> None:
    made = await app.admin.post("/data-link-tables", {"key": "contacts", "name": "Contacts", "meta": {"a": 1}})

    changes: list[dict[str, Any]] = [
        {"name": "Changed", "uuid": "x"},
        {"name": "Changed", "meta": []},
        {"meta": {}, "archivedAt": "x"},
    ]
    for body in changes:
        refused(await app.admin.request("PATCH", "/data-link-tables/contacts", json=body), 400)
        refused(await app.admin.request("PUT", "/data-link-tables/contacts", json=body), 400)

    assert await app.admin.get("/data-link-tables/contacts") == made


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
        ("2020-01-01T00:00:00+14:00", "2019-12-31T10:00:00Z"),
    ],
)
async def test_a_time_of_any_year_is_kept(app: App, given: str, kept: str) -> None:
    made = await app.admin.post("/data-link-tables", {"key": "old", "archivedAt": given})

    listed = await app.admin.get("/data-link-tables?includeArchived=true")
    assert [made["archivedAt"], *(each["archivedAt"] for each in listed["items"])] == [kept, kept]


@pytest.mark.parametrize("given", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
async def test_a_time_outside_of_all_years_spoils_no_list(app: App, given: str) -> None:
    refused(await app.admin.request("POST", "/data-link-tables", json={"key": "odd", "archivedAt": given}), 400)

    assert await app.admin.get("/data-link-tables?includeArchived=true") == {"items": []}


@pytest.mark.parametrize(
    "key", ["__proto__", "constructor", " ", "...", "-", "'", "é", "e\u0301", "😀", "a b", "0", "null"]
)
async def test_an_odd_key_is_found_by_its_path(app: App, key: str) -> None:
    made = await app.admin.post("/data-link-tables", {"key": key})

    assert await app.admin.get(f"/data-link-tables/{quote(key, safe='')}") == made


@pytest.mark.parametrize("name", [" ", "\u200b", "///", "..", "%", "😀" * 500, "\u202e", "x" * 500, "\n"])
async def test_any_name_gives_a_key_that_is_found_by_its_path(app: App, name: str) -> None:
    made = await app.admin.post("/data-link-tables", {"name": name})

    assert made["name"] == name
    assert await app.admin.get(f"/data-link-tables/{quote(made['key'], safe='')}") == made


@pytest.mark.parametrize("brackets", ["[" * 500, "{" * 500, '"[' * 300, "\\[{" * 300, "\\"])
async def test_brackets_inside_of_texts_are_not_deep(app: App, brackets: str) -> None:
    made = await app.admin.post(
        "/data-link-tables", {"key": "a", "description": brackets, "meta": {brackets: [brackets]}}
    )

    assert (made["description"], made["meta"]) == (brackets, {brackets: [brackets]})


@pytest.mark.parametrize("depth", [1, 10, 40])
async def test_what_is_accepted_however_deep_is_answered_as_it_was(app: App, depth: int) -> None:
    meta: Any = {"leaf": [1, 2.5, None, True, "é", 2**70]}
    for _ in range(depth):
        meta = {"__proto__": [meta]}

    body = msgspec.json.encode({"key": "deep", "meta": meta})
    headers = {"content-type": "application/json"}

    made = await app.admin.call("POST", "/data-link-tables", content=body, headers=headers)

    assert made["meta"] == meta
    assert (await app.admin.get("/data-link-tables"))["items"] == [made]


async def test_nothing_is_accepted_that_cannot_be_answered_later(app: App) -> None:
    headers = {"content-type": "application/json"}
    await app.admin.post("/integrations", {"key": "crm"})
    await app.customer("acme").get("/self")
    # Around the depths at which the interpreter's own limit strikes, here or a few calls further down.
    for depth in [*range(150, 300, 50), *range(900, 1_000, 2), *range(950, 975), 5_000]:
        nested = "[" * depth + "]" * depth
        for path, body in (
            ("/data-link-tables", f'{{"name":"deep","meta":{{"a":{nested}}}}}'),
            ("/customers", f'{{"name":"deep","fields":{{"a":{nested}}}}}'),
            ("/connections", f'{{"integrationKey":"crm","userId":"acme","credentials":{nested}}}'),
        ):
            answer = await app.admin.request("POST", path, content=body, headers=headers)
            no_crash(answer)
            if answer.is_success:
                await app.admin.get(f"{path}?limit=1&includeSecrets=true")


# --- Connections made from addresses


@pytest.mark.parametrize(
    "address", [expand(text).decode() for text in cases("app_urls")], ids=lambda text: ascii(text)[:40]
)
async def test_an_address_without_a_proper_host_connects_nothing(app: App, address: str) -> None:
    customer = app.customer("acme")
    await customer.get("/self")

    refused(
        await app.admin.request("POST", "/connections/ensure?userId=acme", json={"appUrl": address}), 400, "$.appUrl"
    )

    assert await app.admin.get("/integrations") == {"items": []}


@pytest.mark.parametrize("base", ["/relative", "x", "https://", "www.", "http://[", "::", " "])
async def test_an_integration_without_a_proper_address_is_in_nobodys_way(app: App, base: str) -> None:
    await app.admin.post("/integrations", {"key": "odd", "baseUri": base})
    await app.admin.post("/integrations", {"key": "crm", "baseUri": "https://crm.example"})

    found = await app.customer("acme").post("/connections/ensure", {"appUrl": "crm.example"})

    assert found["integration"]["key"] == "crm"


async def test_ensure_never_answers_a_connection_of_another_integration(app: App) -> None:
    await app.admin.post("/integrations", {"key": "crm"})
    await app.admin.post("/integrations", {"key": "app", "baseUri": "https://app.example"})
    customer = app.customer("acme")
    await customer.post("/connections", {"integrationKey": "crm", "key": "app"})

    answer = await customer.request("POST", "/connections/ensure", json={"appUrl": "app.example"})

    no_crash(answer)
    assert answer.is_success is (answer.json().get("integration", {}).get("key") == "app"), answer.text


async def test_an_instance_list_obeys_every_filter(app: App) -> None:
    await app.admin.post("/data-link-tables", {"key": "contacts"})
    await app.admin.post("/integrations", {"key": "crm"})
    customer = app.customer("acme")
    await customer.post("/connections", {"integrationKey": "crm", "key": "mine"})
    await customer.post("/data-link-table-instance?dataLinkTableKey=contacts&connectionKey=mine")

    for path in ("/data-link-table-instances", "/data-link-tables"):
        assert len((await customer.get(f"{path}?connectionKey=mine"))["items"]) == 1
        assert await customer.get(f"{path}?connectionKey=other") == {"items": []}


# --- Many at once


async def _at_once(api: Api, method: str, path: str, body: Any = None) -> list[httpx2.Response]:
    return await asyncio.gather(*(api.request(method, path, json={} if body is None else body) for _ in range(50)))


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/data-link-tables", {"key": "one"}),
        ("/data-link-tables", {"name": "a", "uuid": "00000000-0000-4000-8000-000000000000"}),
        ("/integrations", {"key": "one"}),
        ("/flows", {"key": "one"}),
        ("/integrations/crm/flows", {"key": "one"}),
        ("/customers", {"internalId": "one", "name": "x"}),
        ("/connections?userId=acme", {"key": "one", "integrationKey": "crm"}),
    ],
)
async def test_of_50_creates_of_one_thing_exactly_one_succeeds(app: App, path: str, body: dict[str, str]) -> None:
    await app.admin.post("/integrations", {"key": "crm"})
    await app.customer("acme").get("/self")

    answers = await _at_once(app.admin, "POST", path, body)

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 49
    for answer in answers:
        no_crash(answer)


async def test_50_creates_by_one_name_give_50_keys(app: App) -> None:
    answers = await _at_once(app.admin, "POST", "/data-link-tables", {"name": "One"})

    assert len({answer.json()["key"] for answer in answers}) == 50


async def test_50_first_sights_of_a_customer_meet_one_customer(app: App) -> None:
    answers = await _at_once(app.customer("new", name="New"), "GET", "/self")

    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len((await app.admin.get("/customers"))["items"]) == 1


async def test_50_ensures_by_an_admin_end_in_one_connection(app: App) -> None:
    await app.customer("acme").get("/self")

    answers = await _at_once(app.admin, "POST", "/connections/ensure?userId=acme", {"appUrl": "https://new.example/x"})

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len((await app.admin.get("/integrations"))["items"]) == 1


def test_50_creates_of_one_link_in_a_new_instance_over_real_sockets_are_one_row(place: Place) -> None:
    async def create() -> list[httpx2.Response]:
        headers = {"authorization": f"Bearer {place.token}"}
        limits = httpx2.Limits(max_connections=50)
        async with httpx2.AsyncClient(
            base_url=place.server.url, headers=headers, limits=limits, timeout=SECONDS
        ) as client:
            body = {"appRecordId": "1", "externalRecordId": "2", "direction": "import"}
            return await asyncio.gather(*(client.post(f"{LINKS}?{place.where}", json=body) for _ in range(50)))

    answers = asyncio.run(create())

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(place.links()) == 1


async def test_links_written_and_deleted_at_once_end_in_one_row_or_none(app: App) -> None:
    await app.admin.post("/data-link-tables", {"key": "contacts"})
    await app.admin.post("/integrations", {"key": "crm"})
    customer = app.customer("acme")
    await customer.post("/connections", {"integrationKey": "crm"})
    path = f"{LINKS}?dataLinkTableKey=contacts&integrationKey=crm"
    body = {"appRecordId": "1", "externalRecordId": "2", "direction": "export"}

    answers = await asyncio.gather(*(customer.request(("POST", "DELETE")[n % 2], path, json=body) for n in range(50)))

    assert {answer.status_code for answer in answers} == {200, 201}
    assert len((await customer.get(path))["items"]) <= 1


async def test_a_prefix_in_front_of_every_route_keeps_the_envelope(app: App) -> None:
    transport = RsgiTransport(make_app(app.services, Settings(api_prefix="/api")))
    async with httpx2.AsyncClient(transport=transport, base_url="http://datalinks.test") as http:
        for method, path, status in (
            ("GET", "/api/nothing", 404),
            ("GET", "/self", 404),
            ("TRACE", "/api/self", 405),
            ("GET", "/api/self", 401),
            ("GET", "/api", 404),
        ):
            refused(await http.request(method, path), status)
