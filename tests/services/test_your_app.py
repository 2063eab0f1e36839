"""Requests to the product of a workspace, on behalf of a customer."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import jwt
import pytest

from datalinks.errors import BadRequest, NotAuthenticated, OutgoingFailed
from datalinks.model.customer import Customer
from datalinks.services.caller import Caller
from datalinks.services.workspaces import Workspaces
from support.app import App, open_app
from support.targets import Target, reply, running_target


@pytest.fixture
async def target() -> AsyncGenerator[Target]:
    async with running_target() as started:
        yield started


@pytest.fixture
async def app(tmp_path: Path, engine: str, target: Target) -> AsyncGenerator[App]:
    async with open_app(tmp_path, engine, outgoing_allow=f"127.0.0.1:{target.port}") as opened:
        await opened.services.workspaces.configure(opened.key, api_base_uri=f"{target.url}/api/")
        yield opened


async def known(app: App) -> tuple[Caller, Customer]:
    """The operator, and a customer with fields."""
    await app.customer("acme", fields={"plan": "big"}).get("/self")
    caller = Workspaces.operator(await app.services.workspaces.get(app.key))
    customer = await app.services.customers.find(app.services.database, caller, "acme")
    assert customer is not None
    return caller, customer


async def ask(app: App, method: str, uri: str, **options: Any) -> Any:
    return await app.services.your_app.request(*await known(app), method, uri, **options)


async def test_a_request_says_for_whom_it_is_signed_with_the_workspace_secret(app: App, target: Target) -> None:
    target.answers(reply(201, {"made": True}))

    answer = await ask(app, "post", "webhooks/on-create?a=1", query={"b": "2 3"}, body={"x": [1, None]})

    asked = target.last
    assert (asked.method, asked.target, asked.body) == (
        "POST",
        "/api/webhooks/on-create?a=1&b=2+3",
        b'{"x":[1,null]}',
    )
    assert asked.header("content-type") == "application/json"
    claims = jwt.decode(asked.header("x-integration-app-token") or "", app.secret, ["HS512"])
    assert claims.pop("exp") - claims.pop("iat") == 300
    assert claims == {"iss": app.key, "sub": "acme", "fields": {"plan": "big"}}
    assert (answer.status, answer.body) == (201, b'{"made":true}')


async def test_a_customer_without_fields_has_an_empty_object(app: App, target: Target) -> None:
    await app.customer("plain").get("/self")
    caller, _ = await known(app)
    customer = await app.services.customers.find(app.services.database, caller, "plain")
    assert customer is not None

    await app.services.your_app.request(caller, customer, "GET", "x")

    claims = jwt.decode(target.last.header("x-integration-app-token") or "", app.secret, ["HS512"])
    assert (claims["sub"], claims["fields"]) == ("plain", {})


async def test_the_token_is_good_for_nothing_at_this_server(app: App, target: Target) -> None:
    await ask(app, "GET", "x")
    token = target.last.header("x-integration-app-token")
    assert token is not None

    with pytest.raises(NotAuthenticated):
        await app.services.identity.authenticate(token)
    await app.bearing(token).get("/self", status=401)


async def test_headers_are_sent_and_the_token_is_no_ones_to_choose(app: App, target: Target) -> None:
    given = {"X-Mine": "1", "X-Integration-App-Token": "forged", "Content-Type": "text/plain"}

    await ask(app, "PUT", "x", headers=given, body=b"bytes")

    assert (target.last.header("x-mine"), target.last.header("content-type")) == ("1", "text/plain")
    assert target.last.header("x-integration-app-token") != "forged"
    assert target.last.body == b"bytes"


@pytest.mark.parametrize("status", [200, 302, 404, 500])
async def test_any_status_is_an_answer(app: App, target: Target, status: int) -> None:
    target.answers(reply(status, b"", location="http://127.0.0.1/"))

    assert (await ask(app, "GET", "x")).status == status
    assert len(target.asked) == 1


@pytest.mark.parametrize(
    "uri", ["https://evil.example/x", "http://127.0.0.1:1/x", "../admin", "%2e%2e/admin", "a\r\nb"]
)
async def test_a_uri_that_leads_elsewhere_is_refused(app: App, target: Target, uri: str) -> None:
    with pytest.raises(BadRequest):
        await ask(app, "GET", uri)

    assert target.asked == []


async def test_a_whole_address_of_your_app_is_called(app: App, target: Target) -> None:
    assert (await ask(app, "GET", f"{target.url}/other")).status == 200
    assert target.last.target == "/other"


async def test_another_host_is_called_if_it_is_allowed(app: App, target: Target) -> None:
    async with running_target() as other:
        await app.services.workspaces.configure(app.key, api_allowed_hosts=[f"127.0.0.1:{other.port}"])

        # The guard still holds: allowing a host for a workspace does not make it public.
        with pytest.raises(OutgoingFailed, match="not a public address"):
            await ask(app, "GET", f"{other.url}/x")
        await app.services.workspaces.configure(app.key, api_allowed_hosts=[])
        with pytest.raises(BadRequest):
            await ask(app, "GET", f"{other.url}/x")

    assert other.asked == []


async def test_without_an_address_it_says_how_to_give_one(app: App) -> None:
    await app.services.workspaces.configure(app.key, api_base_uri=None)

    with pytest.raises(BadRequest, match="--api-base-uri"):
        await ask(app, "GET", "x")


@pytest.mark.parametrize("uri", ["", "x", "ftp://x", "https://x?y", "https://user@x"])
async def test_an_address_that_cannot_be_called_is_refused(app: App, uri: str) -> None:
    with pytest.raises(BadRequest):
        await app.services.workspaces.configure(app.key, api_base_uri=uri)


@pytest.mark.parametrize("host", ["", "*", "https://x", "x/y", "x y"])
async def test_a_host_of_another_form_is_refused(app: App, host: str) -> None:
    with pytest.raises(BadRequest):
        await app.services.workspaces.configure(app.key, api_allowed_hosts=[host])


async def test_a_rotated_secret_signs_the_next_request(app: App, target: Target) -> None:
    caller, customer = await known(app)
    rotated = await app.services.workspaces.rotate_secret(app.key)

    await app.services.your_app.request(caller, customer, "GET", "x")

    assert jwt.decode(target.last.header("x-integration-app-token") or "", rotated.secret, ["HS512"])["sub"] == "acme"
