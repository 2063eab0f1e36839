"""Requests to apps through a real server process: what only real HTTP shows, and that no secret is readable anywhere."""

import http.client
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from client.stub import Reply, Stub, failure, running_stub
from support.server import Server, running_server


@pytest.fixture(scope="module")
def stubs() -> Iterator[tuple[Stub, Stub]]:
    """The app and its token endpoint."""
    with running_stub() as crm, running_stub() as login:
        yield crm, login


@pytest.fixture
def crm(stubs: tuple[Stub, Stub]) -> Stub:
    stubs[0].asked.clear()
    stubs[0].will(Reply(200, b"in"))
    return stubs[0]


@pytest.fixture
def login(stubs: tuple[Stub, Stub]) -> Stub:
    stubs[1].asked.clear()
    return stubs[1]


@contextmanager
def serving(folder: Path, stubs: Sequence[Stub]) -> Generator[Server]:
    """A server that may call these, and whose log says everything it can say."""
    allow = ",".join(stub.url.removeprefix("http://") for stub in stubs)
    settings = {"DATALINKS_OUTGOING_ALLOW": allow, "DATALINKS_LOG_LEVEL": "debug", "DATALINKS_LOG_FORMAT": "json"}
    with running_server(folder, **settings) as started:
        yield started


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, stubs: tuple[Stub, Stub]) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("server"), stubs) as started:
        yield started


@pytest.fixture
def server(shared: Server) -> Server:
    """The shared server with a workspace of this test's own."""
    key, secret = shared.create_workspace("Own")
    return replace(shared, key=key, secret=secret)


def call(server: Server, token: str, method: str, path: str, body: Any = None) -> httpx2.Response:
    headers = {"authorization": f"Bearer {token}"}
    with httpx2.Client(base_url=server.url, headers=headers) as client:
        return client.request(method, path, **({} if body is None else {"json": body}))


def connect(server: Server, crm: Stub, auth: Any, credentials: Any) -> Any:
    """An integration, and the customer's connection to it."""
    call(server, server.token(), "POST", "/integrations", {"key": "crm", "baseUri": f"{crm.url}/v1", "auth": auth})
    body = {"integrationKey": "crm", "credentials": credentials}
    made = call(server, server.token("acme"), "POST", "/connections", body)
    assert made.status_code == 201, made.text
    return made.json()


def exchange(server: Server, method: str, target: str) -> tuple[int, list[tuple[str, str]], bytes]:
    """An answer as it is: status, headers in small letters, body."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    connection.putrequest(method, target, skip_accept_encoding=True)
    connection.putheader("authorization", f"Bearer {server.token('acme')}")
    connection.putheader("x-list", "1")
    connection.putheader("x-list", "2")
    connection.endheaders()
    answer = connection.getresponse()
    result = (answer.status, [(name.lower(), value) for name, value in answer.getheaders()], answer.read())
    connection.close()
    return result


def test_the_head_of_an_answer_is_passed_back_without_its_body(server: Server, crm: Stub) -> None:
    connect(server, crm, {"type": "none"}, None)
    crm.will(Reply(200, b"", {"content-length": "12345", "etag": '"e"'}))

    status, headers, body = exchange(server, "HEAD", "/connections/crm/proxy/x")

    assert (status, body) == (200, b"")
    assert [value for name, value in headers if name == "content-length"] == ["12345"]
    assert ("etag", '"e"') in headers


@pytest.mark.parametrize("status", [200, 204, 304, 404, 503, 599])
def test_an_answer_has_each_header_of_ours_once(server: Server, crm: Stub, status: int) -> None:
    connect(server, crm, {"type": "none"}, None)
    crm.will(Reply(status, b"" if status in (204, 304) else b"body", {"server": "theirs", "x-name": "caf\u00e9"}))

    found, headers, body = exchange(server, "GET", "/connections/crm/proxy/x?a=[1]&&b='")

    assert (found, body) == (status, b"" if status in (204, 304) else b"body")
    names = [name for name, _ in headers]
    assert {name for name in names if names.count(name) > 1} == set()
    assert crm.asked[-1].target == "/v1/x?a=[1]&&b='"


@pytest.mark.parametrize(
    "path", ["..", "../x", "%2e%2e/x", "..%2Fx", "a/%2e%2e%2f..", "%252e%252e/x", "a%0D%0Ax:y", "a%00"]
)
def test_no_path_leaves_the_base(server: Server, crm: Stub, path: str) -> None:
    connect(server, crm, {"type": "bearer"}, {"token": "t"})

    status, _, _ = exchange(server, "GET", f"/connections/crm/proxy/{path}")

    assert status in (400, 404)
    assert crm.asked == []


@pytest.fixture
def own_server(tmp_path: Path, stubs: tuple[Stub, Stub]) -> Iterator[Server]:
    """A server that nobody else writes to."""
    with serving(tmp_path, stubs) as started:
        yield started


def test_no_secret_is_readable_in_an_answer_a_log_or_a_file(own_server: Server, crm: Stub, login: Stub) -> None:
    server = own_server
    auth = {"type": "oauth2", "tokenUri": f"{login.url}/token", "clientId": "c", "clientSecret": "canary-client"}
    credentials = {"access_token": "canary-access", "refresh_token": "canary-refresh"}
    made = connect(server, crm, auth, credentials)
    admin, customer = server.token(), server.token("acme")
    answers: list[httpx2.Response] = []

    def ask(token: str, method: str, path: str, body: Any = None) -> None:
        answers.append(call(server, token, method, path, body))

    refused = Reply(401, b"no")
    fresh = {"access_token": "canary-fresh", "refresh_token": "canary-next", "expires_in": 3600}
    for app, endpoint in (
        ((Reply(200, b"in"),), (Reply(200, fresh),)),
        ((refused, Reply(200, b"in")), (Reply(200, fresh),)),
        ((refused,), (Reply(500, b"canary-trouble"),)),
        ((refused,), (Reply(200, {"access_token": "canary bad"}),)),
        ((refused,), (Reply(400, {"error": "invalid_client", "error_description": "canary-description"}),)),
        ((Reply(hangs_up=True),), (Reply(200, fresh),)),
        ((refused,), (Reply(400, {"error": "invalid_grant", "error_description": "canary-description"}),)),
    ):
        crm.will(*app)
        login.will(*endpoint)
        ask(customer, "POST", "/connections/crm/proxy/x?key=canary-query", {"canary": "canary-body"})
        ask(customer, "POST", "/connections/crm/refresh-credentials")
        for token in (admin, customer):
            ask(token, "GET", f"/connections/{made['id']}")
            ask(token, "GET", "/integrations/crm")
    ask(admin, "PATCH", "/integrations/crm", {"auth": {**auth, "clientSecret": "canary\r\n", "type": "x"}})
    ask(admin, "PATCH", "/integrations/crm", {"auth": {"type": "bearer", "token": "canary\u0000"}})
    ask(admin, "PATCH", "/integrations/crm", {"auth": {"type": "bearer"}})
    ask(
        customer,
        "PATCH",
        f"/connections/{made['id']}",
        {"credentials": {"token": "canary\r\nx"}, "disconnected": False},
    )
    ask(customer, "GET", "/connections/crm/proxy/x")

    assert {answer.status_code for answer in answers} >= {200, 204, 400, 401, 502}
    assert not [answer.text for answer in answers if "canary" in f"{answer.text}{answer.headers}"]
    # They did go where they belong.
    assert {asked.headers["authorization"] for asked in crm.asked} >= {"Bearer canary-access", "Bearer canary-fresh"}
    assert "canary-refresh" in str(login.asked[0].body)
    server.stop()
    files = {path.name: path.read_bytes() for path in server.folder.iterdir() if path.is_file()}
    assert not [name for name, content in files.items() if b"canary" in content]
    assert files["server.log"].count(b"access token refused") >= 1


def test_a_refusal_of_the_app_is_told_apart_from_one_of_ours(server: Server, crm: Stub) -> None:
    connect(server, crm, {"type": "none"}, None)
    crm.will(failure(404, "not_found"), Reply(404, b"theirs"))

    theirs = [call(server, server.token("acme"), "GET", "/connections/crm/proxy/x").text for _ in range(2)]
    ours = call(server, server.token("acme"), "GET", "/connections/nothing/proxy/x")

    assert theirs[1] == "theirs"
    assert ours.json()["key"] == "not_found"
