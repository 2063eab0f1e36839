"""How integrations say that requests are authenticated: every scheme, wrong ones, and secrets that stay secret."""

import base64
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from support.app import App
from support.apps import Connected, open_connected

TOKEN = {"$var": "$.credentials.token"}


@pytest.fixture
async def connected(tmp_path: Path) -> AsyncGenerator[Connected]:
    async with open_connected(tmp_path, "sqlite") as opened:
        yield opened


def basic(text: str) -> str:
    return f"Basic {base64.b64encode(text.encode()).decode()}"


@pytest.mark.parametrize(
    ("auth", "credentials", "sent"),
    [
        (None, {"token": "t"}, None),
        ({"type": "none"}, {"token": "t"}, None),
        ({"type": "bearer"}, {"token": "t"}, "Bearer t"),
        ({"type": "bearer", "token": {"$var": "$.credentials.deep.down"}}, {"deep": {"down": "t"}}, "Bearer t"),
        ({"type": "bearer", "token": "fixed"}, None, "Bearer fixed"),
        ({"type": "basic"}, {"username": "u", "password": "p:\u00e9"}, basic("u:p:\u00e9")),
        ({"type": "basic", "username": TOKEN, "password": "x"}, {"token": "t"}, basic("t:x")),
        ({"type": "api-key", "name": "Authorization", "prefix": "Token "}, {"apiKey": "k"}, "Token k"),
        ({"type": "api-key", "name": "authorization", "value": TOKEN}, {"token": 5}, "5"),
    ],
)
async def test_a_scheme_adds_its_header(connected: Connected, auth: Any, credentials: Any, sent: str | None) -> None:
    await connected.connect(auth, credentials)

    assert (await connected.call(headers={"authorization": "theirs"})).status_code in (200, 401)
    answer = await connected.call()

    assert answer.status_code == 200, answer.text
    assert connected.crm.last.header("authorization") == sent


async def test_a_key_goes_into_the_header_that_is_named(connected: Connected) -> None:
    await connected.connect({"type": "api-key", "name": "X-Api-Key"}, {"apiKey": "k"})

    await connected.call(headers={"x-api-key": "the callers own"})

    assert connected.crm.last.header("x-api-key") == "k"


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        ("", "api%5Bkey%5D=k%26%2F"),
        ("?a=b", "a=b&api%5Bkey%5D=k%26%2F"),
        ("?api[key]=theirs&a=%zz&api%5bkey%5D=", "a=%zz&api%5Bkey%5D=k%26%2F"),
    ],
)
async def test_a_key_goes_into_the_query(connected: Connected, query: str, sent: str) -> None:
    await connected.connect({"type": "api-key", "in": "query", "name": "api[key]"}, {"apiKey": "k&/"})

    answer = await connected.customer.raw("GET", f"/connections/crm/proxy/x{query}")

    assert answer.status_code == 200, answer.text
    assert connected.crm.last.target == f"/v1/x?{sent}"


@pytest.mark.parametrize("root", ["connectorParameters", "input"])
async def test_other_secrets_of_a_connection_are_referred_to(connected: Connected, root: str) -> None:
    made = await connected.connect({"type": "bearer", "token": {"$var": f"$.{root}.key"}})
    await connected.customer.patch(f"/connections/{made['id']}", {root: {"key": "t"}})

    await connected.call()

    assert connected.crm.last.header("authorization") == "Bearer t"


@pytest.mark.parametrize(
    "credentials", [None, {}, "text", ["t"], {"token": ""}, {"token": None}, {"token": True}, {"token": {}}]
)
async def test_a_credential_that_is_missing_is_named(connected: Connected, credentials: Any) -> None:
    await connected.connect({"type": "bearer"}, credentials)

    refused = await connected.customer.get("/connections/crm/proxy/x", status=400)

    assert refused["data"]["path"] == "$.credentials.token"
    assert connected.crm.asked == []


@pytest.mark.parametrize("token", ["canary\r\nx: 1", "canary\n", "canary-\u20ac", " canary"])
async def test_a_credential_that_no_header_can_have_is_not_sent_and_not_shown(connected: Connected, token: str) -> None:
    await connected.connect({"type": "bearer"}, {"token": token})

    refused = await connected.customer.get("/connections/crm/proxy/x", status=400)

    assert "canary" not in str(refused)
    assert connected.crm.asked == []


OAUTH = {"type": "oauth2", "tokenUri": "https://login.example.com/token"}


@pytest.mark.parametrize(
    ("auth", "path"),
    [
        ("bearer", "$.auth"),
        ({}, "$.auth"),
        ({"type": "digest"}, "$.auth.type"),
        ({"type": "bearer", "tokn": "x"}, "$.auth"),
        ({"type": "bearer", "token": 5}, "$.auth.token"),
        ({"type": "bearer", "token": ""}, "$.auth.token"),
        ({"type": "bearer", "token": {"$var": "credentials.token"}}, "$.auth.token.$var"),
        ({"type": "bearer", "token": {"$var": "$.integration.token"}}, "$.auth.token.$var"),
        ({"type": "bearer", "token": {"$concat": ["a"]}}, "$.auth.token"),
        ({"type": "api-key"}, "$.auth"),
        ({"type": "api-key", "name": "X Key"}, "$.auth.name"),
        ({"type": "api-key", "name": "X:Key"}, "$.auth.name"),
        ({"type": "api-key", "name": "X\r\nKey"}, "$.auth.name"),
        ({"type": "api-key", "name": "Host"}, "$.auth.name"),
        ({"type": "api-key", "name": "content-length"}, "$.auth.name"),
        ({"type": "api-key", "name": "K", "in": "cookie"}, "$.auth.in"),
        ({"type": "oauth2"}, "$.auth"),
        ({"type": "oauth2", "tokenUri": "login.example.com/token"}, "$.auth.tokenUri"),
        ({"type": "oauth2", "tokenUri": "ftp://login.example.com/"}, "$.auth.tokenUri"),
        ({"type": "oauth2", "tokenUri": "https://user:secret@login.example.com/"}, "$.auth.tokenUri"),
        ({**OAUTH, "scopes": "read"}, "$.auth.scopes"),
        ({**OAUTH, "scopes": ["a b"]}, "$.auth.scopes[0]"),
        ({**OAUTH, "clientAuthLocation": "query"}, "$.auth.clientAuthLocation"),
        ({**OAUTH, "extra": {"grant_type": "password"}}, "$.auth.extra.grant_type"),
        ({**OAUTH, "extra": {"a": 1}}, "$.auth.extra[...]"),
        ({**OAUTH, "type": "oauth2-client-credentials", "clientId": 1}, "$.auth.clientId"),
    ],
)
async def test_a_wrong_authentication_is_refused_with_its_place(connected: Connected, auth: Any, path: str) -> None:
    await connected.app.admin.post("/integrations", {"key": "there"})

    for method, where in (("POST", "/integrations"), ("PATCH", "/integrations/there"), ("PUT", "/integrations/there")):
        refused = await connected.app.admin.call(method, where, json={"key": "there", "auth": auth}, status=400)
        assert refused["data"]["path"] == path, refused


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"baseUri": "api.example.com"}, "$.baseUri"),
        ({"baseUri": "https://x?y=1"}, "$.baseUri"),
        ({"allowedHosts": ["https://x"]}, "$.allowedHosts[0]"),
        ({"allowedHosts": ["*"]}, "$.allowedHosts[0]"),
        ({"allowedHosts": "x"}, "$.allowedHosts"),
    ],
)
async def test_wrong_addresses_are_refused_with_their_place(connected: Connected, fields: Any, path: str) -> None:
    body = {"key": "crm", "auth": {"type": "none"}, **fields}

    refused = await connected.app.admin.post("/integrations", body, status=400)

    assert refused["data"]["path"] == path


# --- Secrets

SECRETS = {
    "bearer": ({"type": "bearer", "token": "canary"}, "token"),
    "basic": ({"type": "basic", "username": "u", "password": "canary"}, "password"),
    "api-key": ({"type": "api-key", "name": "K", "value": "canary"}, "value"),
    "oauth2": ({**OAUTH, "clientId": "c", "clientSecret": "canary"}, "clientSecret"),
    "oauth2-client-credentials": (
        {**OAUTH, "type": "oauth2-client-credentials", "clientId": "c", "clientSecret": "canary"},
        "clientSecret",
    ),
}


@pytest.mark.parametrize(("auth", "name"), SECRETS.values(), ids=SECRETS)
async def test_a_secret_is_shown_to_admins_who_ask_and_to_nobody_else(app: App, auth: Any, name: str) -> None:
    admin, customer = app.admin, app.customer("acme")
    made = await admin.post("/integrations", {"key": "crm", "auth": auth})
    await customer.post("/connections", {"integrationKey": "crm"})

    shown = [
        made,
        await admin.get("/integrations/crm"),
        await admin.get("/integrations"),
        await admin.get("/integrations/crm?includeSecrets=false"),
        await admin.patch("/integrations/crm", {"name": "N"}),
        await admin.patch("/integrations/crm", {"auth": auth}),
        await admin.put("/integrations/crm", {"auth": auth}),
        await admin.delete("/integrations/crm"),
        await admin.post("/integrations/crm/restore"),
        await customer.get("/integrations/crm"),
        await customer.get("/integrations"),
        await customer.get("/connections?includeArchived=true"),
        await admin.get("/connections?includeSecrets=true"),
    ]

    assert "canary" not in str(shown)
    assert made["auth"]["type"] == auth["type"]
    assert "auth" not in await customer.get("/integrations/crm")
    await customer.get("/integrations/crm?includeSecrets=true", status=403)
    assert (await admin.get("/integrations/crm?includeSecrets=true"))["auth"][name] == "canary"


async def test_a_secret_stays_while_its_type_stays_and_nobody_gives_another(app: App) -> None:
    admin = app.admin
    auth = {**OAUTH, "clientId": "c", "clientSecret": "first"}
    await admin.post("/integrations", {"key": "crm", "auth": auth})

    async def secret() -> Any:
        return (await admin.get("/integrations/crm?includeSecrets=true")).get("auth", {}).get("clientSecret")

    seen = await admin.get("/integrations/crm")
    await admin.put("/integrations/crm", seen)
    assert await secret() == "first", "who sends back what was read changes nothing"
    await admin.patch("/integrations/crm", {"name": "N"})
    await admin.patch("/integrations/crm", {"auth": {**OAUTH, "clientId": "d"}})
    assert await secret() == "first"
    await admin.patch("/integrations/crm", {"auth": {**OAUTH, "clientSecret": "second"}})
    assert await secret() == "second"
    await admin.patch("/integrations/crm", {"auth": {**OAUTH, "clientSecret": {"$var": "$.credentials.secret"}}})
    assert await secret() == {"$var": "$.credentials.secret"}
    await admin.patch("/integrations/crm", {"auth": {**OAUTH, "clientSecret": "third"}})
    await admin.patch("/integrations/crm", {"auth": {**OAUTH, "type": "oauth2-client-credentials"}})
    assert await secret() is None, "another type has other secrets"
    await admin.patch("/integrations/crm", {"auth": {**OAUTH, "clientSecret": "fourth"}})
    await admin.put("/integrations/crm", {"name": "N"})
    await admin.patch("/integrations/crm", {"auth": OAUTH})
    assert await secret() is None, "what was taken away does not come back"


async def test_secrets_are_kept_encrypted_and_bound_to_their_row(app: App) -> None:
    for key in ("one", "two"):
        await app.admin.post("/integrations", {"key": key, "auth": {"type": "bearer", "token": f"canary-{key}"}})
    database = app.services.database

    rows = await database.fetch("list_integrations", workspace_id=await workspace_id(app), limit=9, **NOTHING)

    assert "canary" not in msgspec.json.encode([dict(row) for row in rows]).decode()
    assert all(row["secrets"].startswith("v1.") for row in rows)


NOTHING: dict[str, Any] = {"live": None, "search": None, "after": None}


async def workspace_id(app: App) -> str:
    return (await app.services.workspaces.get(app.key)).id
