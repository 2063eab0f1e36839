"""Sessions of the console: who signs in, for how long, and which requests the cookie counts for."""

import re
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import jwt
import pytest
import structlog

from datalinks.api.app import make_app
from datalinks.ids import Clock
from datalinks.settings import Settings
from datalinks.wiring import open_services
from support.app import Api, App
from support.rsgi import RsgiTransport
from support.tokens import mint

COOKIE = "datalinks_session"
HOST = "datalinks.test"
# What the console sends with each request.
CONSOLE = {"x-datalinks-console": "1"}
# What a browser says of a request of a page of ours.
OWN = {"sec-fetch-site": "same-origin"}


async def sign_in(app: App, body: Any = None, headers: Any = None) -> httpx2.Response:
    """The answer to a page that signs in, as an admin by the workspace's secret unless the body says otherwise."""
    body = {"workspaceKey": app.key, "workspaceSecret": app.secret} if body is None else body
    return await app.http.post("/console/session", json=body, headers=CONSOLE if headers is None else headers)


async def session(app: App, body: Any = None) -> Api:
    """The console in a browser that has signed in."""
    answer = await sign_in(app, body)
    assert answer.status_code == 201, answer.text
    app.http.cookies.clear()
    return bearing(app, value_of(answer))


def bearing(app: App, cookie: str, **headers: str) -> Api:
    """The console in a browser with this cookie."""
    api = app.bearing(None)
    api.headers = {**CONSOLE, "cookie": f"{COOKIE}={cookie}", **headers}
    return api


def value_of(answer: httpx2.Response) -> str:
    """What the cookie that an answer sets holds."""
    return answer.headers["set-cookie"].partition(";")[0].removeprefix(f"{COOKIE}=")


def refused(answer: httpx2.Response, status: int, path: str | None = None) -> str:
    """The message of a refusal that sets no cookie."""
    assert answer.status_code == status, answer.text
    assert "set-cookie" not in answer.headers
    keys = {400: None, 401: "not_authenticated", 403: "access_denied"}
    assert answer.json().get("key") == keys[status]
    if path is not None:
        assert answer.json()["data"]["path"] == path
    return answer.json()["message"]


# --- Signing in and out


async def test_a_workspaces_secret_signs_its_admin_in(app: App) -> None:
    answer = await sign_in(app)

    found = answer.json()
    assert answer.status_code == 201
    assert (found["workspace"]["key"], found["workspace"]["name"]) == (app.key, "Test")
    assert (found["isAdmin"], found["customer"]) == (True, None)
    assert await (await session(app)).get("/console/session") | {"expiresAt": ""} == found | {"expiresAt": ""}


async def test_an_admins_token_signs_the_admin_in(app: App) -> None:
    api = await session(app, {"token": mint(app.key, app.secret)})

    assert (await api.get("/self"))["isAdmin"] is True
    assert await api.get("/customers") == {"items": []}


async def test_an_admins_token_for_a_customer_stays_both(app: App) -> None:
    api = await session(app, {"token": mint(app.key, app.secret, "acme", isAdmin=True)})

    found = await api.get("/console/session")
    assert (found["isAdmin"], found["customer"]["internalId"]) == (True, "acme")


async def test_a_customers_token_signs_that_customer_in(app: App) -> None:
    api = await session(app, {"token": mint(app.key, app.secret, "acme", name="Acme")})

    found = await api.get("/console/session")
    customer = (await app.admin.get("/customers"))["items"][0]
    assert found["isAdmin"] is False
    assert found["customer"] == {"id": customer["id"], "internalId": "acme", "name": "Acme"}


async def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(app: App) -> None:
    answer = await sign_in(app)

    attributes = answer.headers["set-cookie"].split("; ")[1:]
    assert sorted(attributes) == ["HttpOnly", "Max-Age=43200", "Path=/", "SameSite=Strict"]
    assert answer.headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in answer.headers
    assert value_of(answer) not in answer.text


@pytest.mark.parametrize(
    ("settings", "path", "is_secure"),
    [
        ({"api_prefix": "/api"}, "/api", False),
        ({"public_url": "https://links.example"}, "/", True),
        ({"public_url": "HTTPS://shop.example/links/"}, "/links", True),
        ({"public_url": "http://links.example"}, "/", False),
        ({"console_session_seconds": 60}, "/", False),
    ],
)
async def test_the_cookie_is_for_the_server_as_browsers_reach_it(
    app: App, settings: dict[str, Any], path: str, is_secure: bool
) -> None:
    async with changed(app, **settings) as http:
        prefix = settings.get("api_prefix", "")
        body = {"workspaceKey": app.key, "workspaceSecret": app.secret}
        begun = await http.post(f"{prefix}/console/session", json=body, headers=CONSOLE)
        ended = await http.delete(f"{prefix}/console/session", headers=CONSOLE)

    for answer in (begun, ended):
        attributes = answer.headers["set-cookie"].split("; ")[1:]
        assert f"Path={path}" in attributes
        assert ("Secure" in attributes) is is_secure


@asynccontextmanager
async def changed(app: App, **settings: Any) -> AsyncGenerator[httpx2.AsyncClient]:
    """The same services behind other settings of the API."""
    transport = RsgiTransport(make_app(app.services, Settings(**settings)))
    async with httpx2.AsyncClient(transport=transport, base_url=f"http://{HOST}") as http:
        yield http


async def test_unknown_workspaces_and_wrong_secrets_are_refused_alike(app: App) -> None:
    other = await app.services.workspaces.create("Other")
    wrong = [
        {"workspaceKey": app.key, "workspaceSecret": "wrong"},
        {"workspaceKey": app.key, "workspaceSecret": other.secret},
        {"workspaceKey": app.key, "workspaceSecret": app.secret[:-1]},
        {"workspaceKey": app.key, "workspaceSecret": f"{app.secret} "},
        {"workspaceKey": "nobody", "workspaceSecret": app.secret},
        {"workspaceKey": "\0", "workspaceSecret": app.secret},
        {"workspaceKey": app.key, "workspaceSecret": "\U0001f600\0"},
    ]

    assert len({refused(await sign_in(app, body), 401) for body in wrong}) == 1


async def test_a_workspace_that_lets_nobody_in_by_its_secret_lets_nobody_in_here(app: App) -> None:
    before = await session(app)
    await app.services.workspaces.configure(app.key, disable_secret_key_auth=True)

    refused(await sign_in(app), 401)
    refused(await before.request("GET", "/self"), 401)


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "$.token"),
        ({"token": ""}, "$.token"),
        ({"token": None}, "$.token"),
        ({"token": 5}, "$.token"),
        ({"token": ["x"]}, "$.token"),
        ({"workspaceKey": "x"}, "$.workspaceSecret"),
        ({"workspaceKey": "x", "workspaceSecret": ""}, "$.workspaceSecret"),
        ({"workspaceSecret": "x"}, "$.workspaceKey"),
        ({"workspaceKey": {}, "workspaceSecret": "x"}, "$.workspaceKey"),
        ({"token": "x", "workspaceKey": "x", "workspaceSecret": "x"}, "$.token"),
        ([], "$"),
    ],
)
async def test_a_body_that_signs_nobody_in_is_refused_with_the_place(app: App, body: Any, path: str) -> None:
    refused(await sign_in(app, body), 400, path)


@pytest.mark.parametrize("token", ["x", "a.b.c", "\0", "x" * 20_000])
async def test_a_token_that_is_none_signs_nobody_in(app: App, token: str) -> None:
    refused(await sign_in(app, {"token": token}), 401)


async def test_tokens_that_let_nobody_in_sign_nobody_in(app: App) -> None:
    for token in (
        mint(app.key, "another secret that is long enough for the algorithm to take it as a key, really"),
        mint(app.key, app.secret, exp=int(time.time()) - 1),
        mint("nobody", app.secret),
        mint(app.key, app.secret, isAdmin=None),
    ):
        refused(await sign_in(app, {"token": token}), 401)


async def test_an_archived_customer_is_not_signed_in_and_signed_out_at_once(app: App) -> None:
    token = mint(app.key, app.secret, "acme")
    api = await session(app, {"token": token})
    await app.admin.delete("/customers/acme")

    refused(await api.request("GET", "/self"), 403)
    refused(await sign_in(app, {"token": token}), 403)


async def test_signing_out_makes_the_browser_forget_also_without_a_session(app: App) -> None:
    for api in (await session(app), bearing(app, "broken"), app.bearing(None)):
        answer = await api.request("DELETE", "/console/session")
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers["set-cookie"] == f"{COOKIE}=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict"
        assert "access-control-allow-origin" not in answer.headers


async def test_nobody_is_signed_in_without_a_cookie_or_a_token(app: App) -> None:
    refused(await app.bearing(None).request("GET", "/console/session", headers=CONSOLE), 401)
    assert (await app.customer("acme").get("/console/session"))["customer"]["internalId"] == "acme"


async def test_a_bearer_without_an_end_is_shown_without_one(app: App) -> None:
    token = mint(app.key, app.secret, exp=None)

    assert (await app.bearing(token).get("/console/session"))["expiresAt"] is None


async def test_a_customer_with_the_longest_id_fits_into_a_cookie(app: App) -> None:
    name = "\U0001f600" * 512

    api = await session(app, {"token": mint(app.key, app.secret, name)})

    assert len(f"{COOKIE}{api.headers['cookie']}") < 4096
    assert (await api.get("/self"))["internalId"] == name


# --- What the cookie counts for


@pytest.mark.parametrize(
    ("method", "headers", "counts"),
    [
        ("GET", {**CONSOLE, **OWN}, True),
        ("POST", {**CONSOLE, **OWN}, True),
        ("GET", CONSOLE, True),
        ("POST", CONSOLE, True),
        ("GET", OWN, True),
        ("HEAD", OWN, True),
        ("GET", {**OWN, "sec-fetch-dest": "document"}, True),
        ("GET", {**OWN, "sec-fetch-dest": "empty"}, True),
        ("GET", {**OWN, "sec-fetch-dest": "script"}, False),
        ("GET", {**OWN, "sec-fetch-dest": "iframe"}, False),
        ("POST", OWN, False),
        ("PUT", OWN, False),
        ("PATCH", OWN, False),
        ("DELETE", OWN, False),
        ("GET", {}, False),
        ("POST", {}, False),
        ("GET", {"x-datalinks-console": ""}, False),
        ("GET", {"x-datalinks-console": "0"}, False),
        ("POST", {"x-datalinks-console": "true"}, False),
        ("GET", {**CONSOLE, "sec-fetch-site": "same-site"}, False),
        ("GET", {**CONSOLE, "sec-fetch-site": "cross-site"}, False),
        ("GET", {**CONSOLE, "sec-fetch-site": "none"}, False),
        ("GET", {**CONSOLE, "sec-fetch-site": ""}, False),
        ("POST", {**CONSOLE, "sec-fetch-site": "cross-site"}, False),
        ("GET", {"sec-fetch-site": "none"}, False),
        ("POST", {**CONSOLE, **OWN, "origin": f"http://{HOST}"}, True),
        ("POST", {**CONSOLE, **OWN, "origin": f"HTTP://{HOST.upper()}:80"}, True),
        ("POST", {**CONSOLE, "origin": f"https://{HOST}:443"}, True),
        ("POST", {**CONSOLE, **OWN, "origin": f"http://{HOST}:8080"}, False),
        ("POST", {**CONSOLE, **OWN, "origin": "https://evil.example"}, False),
        ("POST", {**CONSOLE, **OWN, "origin": f"https://{HOST}.evil.example"}, False),
        ("POST", {**CONSOLE, **OWN, "origin": f"https://evil.{HOST}"}, False),
        ("POST", {**CONSOLE, **OWN, "origin": f"ftp://{HOST}"}, False),
        ("POST", {**CONSOLE, **OWN, "origin": HOST}, False),
        ("GET", {**CONSOLE, **OWN, "origin": "null"}, False),
        ("GET", {**OWN, "origin": ""}, False),
        ("GET", {**OWN, "origin": "https://evil.example"}, False),
    ],
)
async def test_the_cookie_counts_for_requests_that_only_the_console_can_make(
    app: App, method: str, headers: dict[str, str], counts: bool
) -> None:
    api = await session(app)
    api.headers = {"cookie": api.headers["cookie"], **headers}
    path = "/data-link-tables" if method in ("GET", "HEAD", "POST") else "/data-link-tables/contacts"
    if path.endswith("contacts"):
        await app.admin.post("/data-link-tables", {"key": "contacts"})
    body = {"json": {"key": "tried"}} if method in ("POST", "PUT", "PATCH") else {}

    answer = await api.request(method, path, **body)

    if counts:
        assert answer.is_success, answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in answer.headers
    else:
        refused(answer, 403)
        assert "tried" not in str(await app.admin.get("/data-link-tables"))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-datalinks-console": "2"},
        OWN,
        {**CONSOLE, "sec-fetch-site": "cross-site"},
        {**CONSOLE, "sec-fetch-site": "same-site"},
        {**CONSOLE, "origin": "https://evil.example"},
        {**CONSOLE, "origin": "null"},
    ],
)
async def test_no_other_site_signs_anybody_in_as_somebody_else(app: App, headers: dict[str, str]) -> None:
    refused(await sign_in(app, headers=headers), 403)


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}])
async def test_no_other_site_signs_anybody_out(app: App, headers: dict[str, str]) -> None:
    refused(await app.bearing(None).request("DELETE", "/console/session", headers=headers), 403)


async def test_behind_a_proxy_that_hides_the_host_the_public_address_is_the_servers(app: App) -> None:
    body = {"workspaceKey": app.key, "workspaceSecret": app.secret}
    async with changed(app, public_url="https://links.example:8443/x") as http:
        for origin, status in (("https://links.example:8443", 201), ("https://links.example", 403)):
            answer = await http.post("/console/session", json=body, headers={**CONSOLE, **OWN, "origin": origin})
            assert answer.status_code == status


async def test_every_endpoint_for_callers_takes_the_cookie(app: App) -> None:
    api = await session(app)

    for path in ("/self", "/integrations", "/connections", "/flows", "/flow-runs", "/app-events", "/customers"):
        await api.get(path)
    await api.post("/data-link-tables", {"key": "contacts"}, status=201)
    await api.delete("/data-link-tables/contacts")


async def test_the_cookie_is_found_among_others_and_a_bearer_goes_before_it(app: App) -> None:
    api = await session(app)
    value = api.headers["cookie"]

    api.headers["cookie"] = f'theme=dark; x{value}; {COOKIE}2=no; {value}; other="a=b"'
    assert (await api.get("/self"))["isAdmin"] is True
    api.headers["authorization"] = f"Bearer {mint(app.key, app.secret, 'acme')}"
    assert (await api.get("/self"))["internalId"] == "acme"
    for wrong in ("Bearer wrong", "Basic eDp5", ""):
        api.headers["authorization"] = wrong
        refused(await api.request("GET", "/self"), 401)


async def test_a_session_is_no_bearer_token_and_a_bearer_token_no_session(app: App) -> None:
    api = await session(app)
    value = api.headers["cookie"].partition("=")[2]
    await api.get("/self")

    refused(await app.bearing(value).request("GET", "/self"), 401)
    refused(await sign_in(app, {"token": value}), 401)
    for claims in ({}, {"aud": "datalinks-console"}):
        token = mint(app.key, app.secret, algorithm="HS256", **claims)
        assert (await app.bearing(token).get("/self"))["isAdmin"] is True
        message = refused(await bearing(app, token).request("GET", "/self"), 401)
        assert "sign in" in message


async def test_a_changed_cookie_is_refused(app: App) -> None:
    api = await session(app, {"token": mint(app.key, app.secret, "acme")})
    value = api.headers["cookie"].partition("=")[2]
    header, _, signature = value.split(".")
    other = await app.services.workspaces.create("Other")
    claims = {"aud": "datalinks-console", "iss": app.key, "isAdmin": True, "exp": int(time.time()) + 60}
    promoted = jwt.encode(claims, "k" * 64, "HS256").split(".")[1]
    unsigned = jwt.encode(claims, "", "none")

    for each in (
        f"{header}.{promoted}.{signature}",
        value[:-4],
        f"{value}.x",
        unsigned,
        f"{unsigned}{signature}",
        jwt.encode({**claims, "iss": other.key}, other.secret, "HS256"),
        "x",
        "a.b.c",
        "%00",
        '"quoted"',
        "x" * 20_000,
    ):
        message = refused(await bearing(app, each).request("GET", "/self"), 401)
        assert each not in message
    refused(await bearing(app, "").request("GET", "/self"), 401)


# --- How long


async def test_a_session_ends_no_later_than_its_token(app: App) -> None:
    exp = int(time.time()) + 600

    answer = await sign_in(app, {"token": mint(app.key, app.secret, exp=exp)})

    seconds = int(re.findall(r"Max-Age=(\d+)", answer.headers["set-cookie"])[0])
    assert 590 < seconds <= 600
    ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(exp))
    assert answer.json()["expiresAt"] == ends


@pytest.mark.parametrize("exp", [None, 10**15, 1e18, str(10**12)])
async def test_a_session_of_a_token_without_an_end_has_one(app: App, exp: Any) -> None:
    answer = await sign_in(app, {"token": mint(app.key, app.secret, exp=exp)})

    assert answer.status_code == 201, answer.text
    assert "Max-Age=43200" in answer.headers["set-cookie"]


async def test_a_session_ends_when_its_time_is_over(tmp_path: Path) -> None:
    passed = 0

    def wall_clock() -> int:
        return time.time_ns() // 1000 + passed

    settings = Settings(database=f"sqlite:///{tmp_path / 'test.db'}", console_session_seconds=100)
    async with open_services(settings, Clock(wall_clock)) as services:
        workspace = await services.workspaces.create("Test")
        transport = RsgiTransport(make_app(services, settings))
        async with httpx2.AsyncClient(transport=transport, base_url=f"http://{HOST}") as http:
            app = App(services, http, workspace.key, workspace.secret)
            api = await session(app)

            passed = 98_000_000
            await api.get("/self")
            passed = 101_000_000
            ended = await api.request("GET", "/console/session")

    refused(ended, 401)


async def test_a_new_secret_ends_every_session_at_once(app: App) -> None:
    admin, customer = await session(app), await session(app, {"token": mint(app.key, app.secret, "acme")})
    other = await app.services.workspaces.create("Other")
    elsewhere = await session(app, {"workspaceKey": other.key, "workspaceSecret": other.secret})
    for api in (admin, customer, elsewhere):
        await api.get("/self")

    made = await app.services.workspaces.rotate_secret(app.key)

    for api in (admin, customer):
        refused(await api.request("GET", "/self"), 401)
    await elsewhere.get("/self")
    await (await session(app, {"workspaceKey": app.key, "workspaceSecret": made.secret})).get("/self")


async def test_changes_that_are_not_about_keys_end_no_session(app: App) -> None:
    api = await session(app)

    await app.services.workspaces.configure(app.key, api_base_uri="https://app.example")
    await app.admin.post("/data-link-tables", {"key": "contacts"})

    await api.get("/self")


# --- What a session sees


async def test_a_customers_session_sees_its_own_alone(app: App) -> None:
    await app.admin.post("/integrations", {"key": "crm"})
    for name in ("acme", "globex"):
        await app.customer(name).post("/connections", {"integrationKey": "crm", "key": name})

    api = await session(app, {"token": mint(app.key, app.secret, "acme")})

    assert [each["key"] for each in (await api.get("/connections"))["items"]] == ["acme"]
    await api.get("/connections/globex", status=404)
    await api.get("/customers", status=403)
    await api.post("/data-link-tables", {"key": "contacts"}, status=403)


async def test_a_session_sees_nothing_of_another_workspace(app: App) -> None:
    other = await app.services.workspaces.create("Other")
    await app.admin.post("/data-link-tables", {"key": "contacts"})

    api = await session(app, {"workspaceKey": other.key, "workspaceSecret": other.secret})

    assert (await api.get("/console/session"))["workspace"]["key"] == other.key
    assert await api.get("/data-link-tables") == {"items": []}


async def test_cookies_secrets_and_tokens_are_in_no_log(app: App) -> None:
    token = mint(app.key, app.secret, "acme")

    with structlog.testing.capture_logs() as logs:
        async with changed(app) as http:
            body = {"workspaceKey": app.key, "workspaceSecret": app.secret}
            answers = [
                await http.post("/console/session", json=each, headers=CONSOLE)
                for each in (body, {"token": token}, {"token": f"{token}x"})
            ]
            await http.get("/self", headers=CONSOLE)

    assert len(logs) == 4
    for secret in (app.secret, token, value_of(answers[0]), value_of(answers[1])):
        assert secret not in str(logs)
