"""Access tokens: fetched, renewed in time and when they are refused, once for all who need them, wherever they are."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest

from datalinks.api.app import make_app
from datalinks.settings import Settings
from datalinks.wiring import open_services
from support.app import App
from support.apps import Connected, open_connected
from support.engines import settings_of
from support.rsgi import RsgiTransport
from support.targets import Asked, Respond, Target, error, reply, running_target, tokens

PAST, FUTURE = 1_000_000_000, 4_000_000_000


@pytest.fixture
async def connected(tmp_path: Path, engine: str) -> AsyncGenerator[Connected]:
    async with open_connected(tmp_path, engine) as opened:
        opened.crm.respond = only("fresh")
        opened.login.answers(reply(200, tokens("fresh", refresh_token="next", expires_in=3600)))
        yield opened


def only(*accepted: str) -> Respond:
    """An app that takes these access tokens and no others."""
    good = {f"Bearer {token}" for token in accepted}

    def respond(asked: Asked) -> bytes:
        return reply(200, b"in") if asked.header("authorization") in good else reply(401, b"out")

    return respond


def held(access_token: str | None = "stale", refresh_token: str | None = "first", **others: Any) -> dict[str, Any]:
    """A connection's credentials."""
    given = {"access_token": access_token, "refresh_token": refresh_token, **others}
    return {name: value for name, value in given.items() if value is not None}


async def credentials(connected: Connected, made: Any) -> dict[str, Any]:
    return (await connected.secrets(made))["credentials"]


# --- When


async def test_a_token_that_is_refused_is_renewed_once_and_the_request_made_again(connected: Connected) -> None:
    made = await connected.connect(connected.oauth(), held(scope="kept"))

    answer = await connected.call("x?y=1", "POST", content=b"body")

    assert (answer.status_code, answer.content) == (200, b"in")
    first, second = connected.crm.asked
    assert (first.target, first.body, first.method) == (second.target, second.body, second.method)
    assert connected.login.last.form == {"grant_type": "refresh_token", "refresh_token": "first"}
    kept = await credentials(connected, made)
    assert kept.pop("expires_at") > time.time() + 3000
    assert kept == {"access_token": "fresh", "refresh_token": "next", "scope": "kept"}
    assert (await connected.call()).status_code == 200
    assert len(connected.login.asked) == 1


async def test_a_token_that_has_ended_is_renewed_before_it_is_refused(connected: Connected) -> None:
    await connected.connect(connected.oauth(), held(expires_at=PAST))

    assert (await connected.call()).status_code == 200

    assert (len(connected.login.asked), len(connected.crm.asked)) == (1, 1)


async def test_a_token_that_is_good_is_used_as_it_is(connected: Connected) -> None:
    await connected.connect(connected.oauth(), held("fresh", expires_at=FUTURE))

    assert (await connected.call()).status_code == 200

    assert connected.login.asked == []


async def test_a_token_that_is_refused_again_is_not_renewed_again(connected: Connected) -> None:
    connected.crm.respond = only()
    await connected.connect(connected.oauth(), held())

    answer = await connected.call()

    assert (answer.status_code, answer.content) == (401, b"out")
    assert (len(connected.login.asked), len(connected.crm.asked)) == (1, 2)


async def test_a_token_that_was_just_renewed_is_not_renewed_again(connected: Connected) -> None:
    connected.crm.respond = only()
    await connected.connect(connected.oauth(), held(expires_at=PAST))

    assert (await connected.call()).status_code == 401

    assert (len(connected.login.asked), len(connected.crm.asked)) == (1, 1)


@pytest.mark.parametrize("status", [400, 403, 404, 500])
async def test_no_other_status_renews_a_token(connected: Connected, status: int) -> None:
    connected.crm.answers(reply(status, b"no"))
    await connected.connect(connected.oauth(), held())

    assert (await connected.call()).status_code == status

    assert connected.login.asked == []


async def test_a_refresh_token_that_stays_is_kept(connected: Connected) -> None:
    connected.login.answers(reply(200, tokens("fresh")))
    made = await connected.connect(connected.oauth(), held(expires_at=PAST, expires_in=5))

    await connected.call()

    assert await credentials(connected, made) == {"access_token": "fresh", "refresh_token": "first"}


async def test_without_a_refresh_token_the_answer_is_the_apps_own(connected: Connected) -> None:
    made = await connected.connect(connected.oauth(), held(refresh_token=None, expires_at=PAST))

    assert (await connected.call()).content == b"out"

    assert connected.login.asked == []
    assert (await connected.customer.get(f"/connections/{made['id']}"))["connected"] is True


@pytest.mark.parametrize("kept", [None, {}, "text", {"access_token": 5}])
async def test_without_any_token_it_says_what_is_missing(connected: Connected, kept: Any) -> None:
    await connected.connect(connected.oauth(), kept)

    refused = await connected.customer.get("/connections/crm/proxy/x", status=400)

    assert refused["data"]["path"] == "$.credentials.refresh_token"


# --- How


async def test_a_client_gets_tokens_for_itself_and_keeps_them(connected: Connected) -> None:
    auth = connected.oauth("oauth2-client-credentials", scopes=["a", "b"], extra={"audience": "crm"})
    made = await connected.connect(auth)

    assert (await connected.call()).status_code == 200
    assert (await connected.call()).status_code == 200

    assert len(connected.login.asked) == 1
    asked = connected.login.last
    assert asked.form == {"grant_type": "client_credentials", "scope": "a b", "audience": "crm"}
    assert asked.basic == "client:client-secret"
    assert (asked.method, asked.header("content-type")) == ("POST", "application/x-www-form-urlencoded")
    assert (await credentials(connected, made))["access_token"] == "fresh"


async def test_a_clients_name_and_secret_may_be_the_connections_own(connected: Connected) -> None:
    auth = connected.oauth("oauth2-client-credentials", clientId=None, clientSecret=None)
    made = await connected.connect(auth, {"clientId": "own:%", "clientSecret": "own secret"})

    assert (await connected.call()).status_code == 200

    assert connected.login.last.basic == "own%3A%25:own%20secret", "encoded, as RFC 6749 asks"
    kept = await credentials(connected, made)
    assert (kept["clientId"], kept["clientSecret"], kept["access_token"]) == ("own:%", "own secret", "fresh")


async def test_a_client_may_name_itself_in_the_body(connected: Connected) -> None:
    await connected.connect(connected.oauth(clientAuthLocation="body"), held())

    await connected.call()

    assert connected.login.last.header("authorization") is None
    client = {"client_id": "client", "client_secret": "client-secret"}
    assert connected.login.last.form == {"grant_type": "refresh_token", "refresh_token": "first", **client}


async def test_a_public_client_has_no_secret(connected: Connected) -> None:
    await connected.connect(connected.oauth(clientSecret=None), held())

    assert (await connected.call()).status_code == 200

    assert connected.login.last.header("authorization") is None
    assert connected.login.last.form["client_id"] == "client"


async def test_a_client_without_its_secret_says_so(connected: Connected) -> None:
    await connected.connect(connected.oauth("oauth2-client-credentials", clientSecret=None))

    refused = await connected.customer.get("/connections/crm/proxy/x", status=400)

    assert refused["data"]["path"] == "$.credentials.clientSecret"


@pytest.mark.parametrize(
    ("seconds", "is_known"),
    [
        (3600, True),
        ("3600", True),
        (3600.5, True),
        (0, True),
        (None, False),
        (-1, False),
        ("soon", False),
        (True, False),
        ([], False),
    ],
)
async def test_when_a_token_ends_is_kept_if_it_is_said(connected: Connected, seconds: Any, is_known: bool) -> None:
    connected.login.answers(reply(200, tokens("fresh", expires_in=seconds)))
    made = await connected.connect(connected.oauth(), held(expires_at=PAST))

    await connected.call()

    assert ("expires_at" in await credentials(connected, made)) is is_known


# --- Refused


async def test_a_refusal_disconnects_and_says_why(connected: Connected) -> None:
    connected.login.answers(error(400, "invalid_grant"))
    made = await connected.connect(connected.oauth(), held("canary-access", "canary-refresh"))

    answer = await connected.call()

    assert (answer.status_code, answer.content) == (401, b"out"), "the app's own answer"
    seen = await connected.customer.get(f"/connections/{made['id']}")
    assert (seen["connected"], seen["disconnected"]) == (False, True)
    assert seen["error"]["key"] == "disconnected"
    assert "invalid_grant" in seen["error"]["message"]
    assert connected.login.url in seen["error"]["message"]
    assert "canary" not in str(seen)
    refused = await connected.customer.get("/connections/crm/proxy/x", status=400)
    assert (refused["type"], refused["message"]) == ("connection", seen["error"]["message"])
    assert len(connected.login.asked) == 1


async def test_a_refusal_before_the_request_is_the_answer(connected: Connected) -> None:
    connected.login.answers(error(401, "invalid_grant"))
    await connected.connect(connected.oauth(), held(expires_at=PAST))

    refused = await connected.customer.get("/connections/crm/proxy/x", status=400)

    assert refused["key"] == "disconnected"
    assert connected.crm.asked == []


async def test_a_refusal_with_status_200_is_one_too(connected: Connected) -> None:
    connected.login.answers(error(200, "bad_refresh_token"))
    made = await connected.connect(connected.oauth(), held())

    await connected.call()

    assert "bad_refresh_token" in (await connected.customer.get(f"/connections/{made['id']}"))["error"]["message"]


@pytest.mark.parametrize("body", [{"credentials": {"access_token": "fresh"}}, {"disconnected": False}])
async def test_connecting_again_takes_the_error_away(connected: Connected, body: Any) -> None:
    connected.login.answers(error(400, "invalid_grant"))
    made = await connected.connect(connected.oauth(), held())
    await connected.call()

    again = await connected.customer.patch(f"/connections/{made['id']}", body)

    assert (again["connected"], again["disconnected"], "error" in again) == (True, False, False)
    assert (await connected.call()).status_code == (200 if "credentials" in body else 401)


@pytest.mark.parametrize("fields", [{"key": "other"}, {"input": {"a": 1}}])
async def test_other_changes_leave_it_disconnected(connected: Connected, fields: Any) -> None:
    connected.login.answers(error(400, "invalid_grant"))
    made = await connected.connect(connected.oauth(), held())
    await connected.call()

    again = await connected.customer.patch(f"/connections/{made['id']}", fields)

    assert (again["disconnected"], "error" in again) == (True, True)


async def test_a_refusal_of_the_integrations_own_client_disconnects_nobody(connected: Connected) -> None:
    connected.login.answers(error(401, "invalid_client"))
    made = await connected.connect(connected.oauth(), held())

    assert (await connected.call()).content == b"out"

    refused = await connected.customer.post(f"/connections/{made['id']}/refresh-credentials", {}, status=400)
    assert refused["data"]["path"] == "$.auth.clientSecret"
    assert (await connected.customer.get(f"/connections/{made['id']}"))["connected"] is True


async def test_a_refusal_of_the_connections_own_client_disconnects_it(connected: Connected) -> None:
    connected.login.answers(error(401, "invalid_client"))
    auth = connected.oauth("oauth2-client-credentials", clientId=None, clientSecret=None)
    made = await connected.connect(auth, {"clientId": "a", "clientSecret": "b"})

    await connected.customer.get("/connections/crm/proxy/x", status=400)

    assert (await connected.customer.get(f"/connections/{made['id']}"))["connected"] is False


TROUBLES = [
    reply(500, b"canary"), reply(503), reply(429), reply(408), reply(302, location="http://127.0.0.1/"),
    reply(200, b"not json"), reply(200, {}), reply(200, {"access_token": ""}), reply(200, {"access_token": "a b\r\n"}),
    reply(200, {"access_token": ["x"]}), reply(200, b"x" * 1_100_000), b"rubbish\r\n\r\n",
]  # fmt: skip


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_a_token_endpoint_in_trouble_disconnects_nobody(connected: Connected, trouble: bytes) -> None:
    connected.login.answers(trouble)
    connected.login.hangs_up = True
    made = await connected.connect(connected.oauth(), held())

    assert (await connected.call()).content == b"out", "the app's own answer"
    refused = await connected.customer.post(f"/connections/{made['id']}/refresh-credentials", {}, status=502)

    assert refused["key"] in ("outgoing_failed", "outgoing_too_large")
    assert "canary" not in str(refused)
    assert (await connected.customer.get(f"/connections/{made['id']}"))["connected"] is True
    assert await credentials(connected, made) == held()
    connected.login.answers(reply(200, tokens("fresh")))
    assert (await connected.call()).status_code == 200, "the next one may try again at once"


async def test_a_token_that_ends_soon_is_used_while_its_endpoint_is_in_trouble(connected: Connected) -> None:
    connected.login.answers(reply(500))
    await connected.connect(connected.oauth(), held("fresh", expires_at=PAST))

    assert (await connected.call()).status_code == 200


async def test_a_private_token_endpoint_is_not_called(connected: Connected) -> None:
    async with running_target() as hidden:
        await connected.connect({**connected.oauth(), "tokenUri": f"{hidden.url}/token"}, held())

        assert (await connected.call()).status_code == 401

    assert hidden.asked == []


# --- On demand


@pytest.mark.parametrize("kind", ["oauth2", "oauth2-client-credentials"])
async def test_credentials_are_renewed_on_demand(connected: Connected, kind: str) -> None:
    made = await connected.connect(connected.oauth(kind), held("good", expires_at=FUTURE))

    assert await connected.customer.post("/connections/crm/refresh-credentials", {}, status=204) is None

    assert (await credentials(connected, made))["access_token"] == "fresh"


@pytest.mark.parametrize("auth", [None, {"type": "none"}, {"type": "bearer"}])
async def test_credentials_that_never_change_cannot_be_renewed(connected: Connected, auth: Any) -> None:
    await connected.connect(auth, held())

    await connected.customer.post("/connections/crm/refresh-credentials", {}, status=400)


# --- At once


class Rotating:
    """A token endpoint whose refresh tokens are good for one use; a second use takes everything away."""

    def __init__(self, target: Target) -> None:
        self.good = "first"
        self.count = 0
        self.is_lost = False
        target.respond = self.respond

    def respond(self, asked: Asked) -> bytes:
        """The answer to a request for tokens."""
        if self.is_lost or asked.form["refresh_token"] != self.good:
            self.is_lost = True
            return error(400, "invalid_grant")
        self.count += 1
        self.good = f"refresh-{self.count}"
        return reply(200, tokens(f"access-{self.count}", refresh_token=self.good, expires_in=3600))


async def test_many_requests_at_once_renew_once(connected: Connected) -> None:
    rotating = Rotating(connected.login)
    connected.crm.respond = only("access-1")
    await connected.connect(connected.oauth(), held())

    answers = await asyncio.gather(*(connected.call(f"x{number}") for number in range(20)))

    assert [answer.status_code for answer in answers] == [200] * 20
    assert (rotating.count, rotating.is_lost) == (1, False)


@pytest.fixture
async def several(tmp_path: Path, engine: str) -> AsyncGenerator[list[Connected]]:
    """Four servers over one store, as on four machines."""
    async with AsyncExitStack() as stack:
        crm = await stack.enter_async_context(running_target())
        login = await stack.enter_async_context(running_target())
        found: dict[str, Any] = stack.enter_context(settings_of(engine, tmp_path))
        settings = Settings(**found, outgoing_allow=f"127.0.0.1:{crm.port},127.0.0.1:{login.port}")
        yield await _servers(stack, settings, crm, login)


async def _servers(stack: AsyncExitStack, settings: Settings, crm: Target, login: Target) -> list[Connected]:
    made: list[Connected] = []
    workspace: Any = None
    for _ in range(4):
        services = await stack.enter_async_context(open_services(settings))
        workspace = workspace or await services.workspaces.create("Test")
        http = httpx2.AsyncClient(transport=RsgiTransport(make_app(services, settings)), base_url="http://x.test")
        await stack.enter_async_context(http)
        made.append(Connected(App(services, http, workspace.key, workspace.secret), crm, login))
    return made


async def test_several_servers_at_once_renew_once(several: list[Connected]) -> None:
    first = several[0]
    rotating = Rotating(first.login)
    first.crm.respond = only("access-1")
    await first.connect(first.oauth(), held())

    answers = await asyncio.gather(*(each.call(f"x{number}") for number in range(5) for each in several))

    assert [answer.status_code for answer in answers] == [200] * 20
    assert (rotating.count, rotating.is_lost) == (1, False)


async def test_one_round_after_the_other_never_uses_a_refresh_token_twice(several: list[Connected]) -> None:
    first = several[0]
    rotating = Rotating(first.login)
    await first.connect(first.oauth(), held())
    for round in range(1, 6):
        first.crm.respond = only(f"access-{round}")

        answers = await asyncio.gather(*(each.call() for each in several))

        assert {answer.status_code for answer in answers} == {200}
        assert (rotating.count, rotating.is_lost) == (round, False)


async def test_a_change_of_something_else_meanwhile_loses_no_token(several: list[Connected]) -> None:
    first, second, *_ = several
    rotating = Rotating(first.login)
    first.crm.respond = only("access-1", "access-2")
    made = await first.connect(first.oauth(), held())

    async def change() -> None:
        await second.customer.patch(f"/connections/{made['id']}", {"input": {"a": 1}, "name": "N"})

    first.login.before = change
    assert (await first.call()).status_code == 200

    kept = await first.secrets(made)
    assert kept["credentials"]["refresh_token"] == rotating.good == "refresh-1"
    assert (kept["input"], kept["name"]) == ({"a": 1}, "N")


async def test_credentials_that_are_written_meanwhile_are_the_good_ones(several: list[Connected]) -> None:
    first, second, *_ = several
    first.login.answers(reply(200, tokens("renewed", refresh_token="renewed")))
    first.crm.respond = only("written")
    made = await first.connect(first.oauth(), held())

    async def write() -> None:
        await second.customer.patch(f"/connections/{made['id']}", {"credentials": held("written", "written")})

    first.login.before = write
    assert (await first.call()).status_code == 200

    assert await credentials(first, made) == held("written", "written")


async def test_a_refusal_of_credentials_that_were_written_anew_disconnects_nobody(several: list[Connected]) -> None:
    first, second, *_ = several
    first.login.answers(error(400, "invalid_grant"))
    made = await first.connect(first.oauth(), held())

    async def write() -> None:
        await second.customer.patch(f"/connections/{made['id']}", {"credentials": held("written", "written")})

    first.login.before = write
    await first.call()

    assert (await first.customer.get(f"/connections/{made['id']}"))["connected"] is True


async def test_a_request_that_is_given_up_does_not_lose_the_new_refresh_token(connected: Connected) -> None:
    rotating = Rotating(connected.login)
    connected.crm.respond = only("access-1")
    made = await connected.connect(connected.oauth(), held())
    is_asked, goes_on = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        is_asked.set()
        await goes_on.wait()

    connected.login.before = wait
    request = asyncio.ensure_future(connected.call())
    await is_asked.wait()
    request.cancel()
    await asyncio.gather(request, return_exceptions=True)
    goes_on.set()

    assert (await connected.call()).status_code == 200
    assert (rotating.count, rotating.is_lost) == (1, False)
    assert (await credentials(connected, made))["refresh_token"] == "refresh-1"


async def test_a_holder_that_dies_is_waited_for_and_then_replaced(several: list[Connected]) -> None:
    first = several[0]
    Rotating(first.login)
    first.crm.respond = only("access-1")
    made = await first.connect(first.oauth(), held())
    database, workspace = first.app.services.database, await first.app.services.workspaces.get(first.app.key)
    async with database.transaction() as tx:
        place = {"workspace_id": workspace.id, "id": made["id"]}
        until = int(time.time() * 1_000_000) + 300_000
        assert await tx.execute("hold_connection_refresh", **place, holder="dead", now=0, until=until) == 1

    assert (await first.call()).status_code == 200
