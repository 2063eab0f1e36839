"""Nodes that reach outside the server: requests and code, and what becomes of answers of every kind."""

from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import Any

import jwt
import pytest
import stamina

from flows.lab import Lab, node, open_lab
from support.app import open_app
from support.targets import Target, reply, running_target


@pytest.fixture(autouse=True)
def _no_pauses() -> Generator[None]:
    with stamina.set_testing(True, attempts=4):
        yield


@pytest.fixture
async def target() -> AsyncGenerator[Target]:
    async with running_target() as started:
        yield started


@pytest.fixture
async def lab(tmp_path: Path, engine: str, target: Target) -> AsyncGenerator[Lab]:
    async with open_app(tmp_path, engine, outgoing_allow=f"127.0.0.1:{target.port}", outgoing_timeout_seconds=2) as app:
        await app.services.workspaces.configure(app.key, api_base_uri=f"{target.url}/api/")
        lab = await open_lab(app)
        auth = {"type": "bearer"}
        await app.admin.patch("/integrations/crm", {"baseUri": f"{target.url}/v1", "auth": auth})
        await lab.place.api.patch(f"/connections/{lab.connection['id']}", {"credentials": {"token": "secret-token"}})
        yield lab


def flow(kind: str, request: Any, **more: Any) -> Any:
    """A trigger and a node that makes a request."""
    config = {key: value for key, value in more.items() if key != "node"}
    return {
        "trigger": node("api-trigger", "ask"),
        "ask": {**node(kind, "after", request=request, **config), **more.get("node", {})},
        "after": node("transform-data", output={"got": {"$var": "$.input.ask"}}),
    }


async def test_a_request_to_any_server_goes_as_it_is_configured(lab: Lab, target: Target) -> None:
    target.answers(reply(201, {"id": 7}, content_type="application/json"))
    request = {
        "method": "POST",
        "uri": f"{target.url}/things?a=1",
        "query": {"b": "2 3", "none": None},
        "headers": {"X-Name": {"$var": "$.input.trigger.name"}},
        "body": {"name": {"$var": "$.input.trigger.name"}},
    }

    ran = await lab.run(flow("custom-http-request", request), {"name": "Ann"})

    [output] = ran.outputs("ask")
    assert (output["status"], output["data"]) == (201, {"id": 7})
    asked = target.last
    assert (asked.method, asked.target, asked.body) == ("POST", "/things?a=1&b=2+3", b'{"name":"Ann"}')
    assert asked.header("x-name") == "Ann"
    assert asked.header("authorization") is None
    assert (asked.header("traceparent") or "").startswith("00-")


async def test_a_request_to_your_app_is_signed_for_the_customer(lab: Lab, target: Target) -> None:
    target.answers(reply(200, {"ok": True}, content_type="application/json"))

    ran = await lab.run(
        flow("api-request-to-your-app", {"method": "POST", "uri": "webhooks/on-create", "body": {"a": 1}})
    )

    assert ran.outputs("ask") == [{"ok": True}]
    assert target.last.target == "/api/webhooks/on-create"
    claims = jwt.decode(target.last.header("x-integration-app-token") or "", lab.app.secret, ["HS512"])
    assert (claims["iss"], claims["sub"]) == (lab.app.key, "acme")


async def test_a_request_to_the_external_app_has_the_connections_credentials(lab: Lab, target: Target) -> None:
    target.answers(reply(200, {"id": "9001"}, content_type="application/json"))
    request = {"method": "get", "path": "contacts/{id}", "pathParameters": {"id": {"$var": "$.input.trigger.id"}}}

    ran = await lab.run(flow("api-request-to-external-app", request), {"id": "a/b?x=1 #y"})

    assert ran.outputs("ask") == [{"status": 200, "data": {"id": "9001"}}]
    assert target.last.target == "/v1/contacts/a%2Fb%3Fx%3D1%20%23y"
    assert target.last.header("authorization") == "Bearer secret-token"


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_what_may_pass_is_tried_again_with_the_same_key(lab: Lab, target: Target, status: int) -> None:
    target.answers(
        reply(status, retry_after="0"), reply(status, retry_after="0"), reply(200, b"fine", content_type="text/plain")
    )

    ran = await lab.run(flow("custom-http-request", {"method": "POST", "uri": target.url}))

    assert ran.outputs("ask")[0]["data"] == "fine"
    assert len(target.asked) == 3
    assert len({asked.header("idempotency-key") for asked in target.asked}) == 1
    assert target.last.header("idempotency-key") == f"{ran.run.id}-2"


@pytest.mark.parametrize("status", [301, 400, 404])
async def test_another_status_fails_the_node_at_once(lab: Lab, target: Target, status: int) -> None:
    target.answers(reply(status, b"no such thing", content_type="text/plain"))

    ran = await lab.run(flow("api-request-to-external-app", {"path": "x"}))

    [error] = ran.run.errors
    assert (ran.run.state, len(target.asked)) == ("failed", 1)
    assert error.data == {"nodeKey": "ask", "runId": "2", "status": status, "response": "no such thing"}


async def test_any_status_is_an_output_where_that_is_wanted(lab: Lab, target: Target) -> None:
    target.answers(reply(404, {"error": "gone"}, content_type="application/json"))

    ran = await lab.run(flow("api-request-to-external-app", {"path": "x"}, allowNon2xx=True))

    assert ran.outputs("ask") == [{"status": 404, "data": {"error": "gone"}}]


async def test_a_failure_may_be_tolerated(lab: Lab, target: Target) -> None:
    target.answers(reply(404))

    ran = await lab.run(flow("custom-http-request", {"uri": target.url}, node={"onError": "continue"}))

    assert (ran.run.state, ran.statuses("after")) == ("completed", ["completed"])


WRONG = [
    ({"uri": "http://10.0.0.1/x"}, "not a public address"),
    ({"uri": "http://localhost:1/x"}, ""),
    ({"uri": "file:///etc/passwd"}, ""),
    ({"uri": "http://127.0.0.1:1/"}, ""),
    ({"uri": 5}, "needs uri"),
    ({"uri": "https://x.test", "method": "BREW"}, "A method is one of"),
    ({"uri": "https://x.test", "headers": "x"}, "headers is an object"),
    ("x", "needs a request"),
]  # fmt: skip


@pytest.mark.parametrize(("request_", "message"), WRONG)
async def test_a_wrong_request_fails_its_node_run(lab: Lab, request_: Any, message: str) -> None:
    nodes = flow("custom-http-request", request_)
    nodes["trigger"]["links"].append({"key": "other"})
    nodes["other"] = node("transform-data", output=1)

    ran = await lab.run(nodes)

    assert ran.run.state == "failed"
    assert message in ran.run.errors[0].message
    assert ran.run.errors[0].data is not None
    assert ran.run.errors[0].data["nodeKey"] == "ask"
    assert ran.outputs("other") == [1]


ANSWERS = [
    (reply(200, b"{", content_type="application/json"), "is JSON and is not"),
    (reply(200, b"[" * 5_000 + b"]" * 5_000, content_type="application/json"), "too many levels"),
    (b"nonsense", ""),
    (b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc", ""),
]


@pytest.mark.parametrize(("answer", "message"), ANSWERS)
async def test_a_wrong_answer_fails_its_node_run(lab: Lab, target: Target, answer: bytes, message: str) -> None:
    target.hangs_up = True
    target.answers(answer)

    ran = await lab.run(flow("custom-http-request", {"uri": target.url}))

    assert ran.run.state == "failed"
    assert message in ran.run.errors[0].message


CODES = [
    ("export default function ({ input }) { return { n: input.trigger.n + 1 } }", [{"n": 6}]),
    ("export default async ({ user }) => user.internalId", ["acme"]),
    ("return input.trigger.n * 2", [10]),
    ("return undefined", ["nothing"]),
]


@pytest.mark.parametrize(("code", "outputs"), CODES)
async def test_code_puts_out_what_it_returns(lab: Lab, code: str, outputs: Any) -> None:
    ran = await lab.run({"trigger": node("api-trigger", "js"), "js": node("run-javascript", code=code)}, {"n": 5})

    assert ran.outputs("js") == outputs, ran.run.errors


async def test_what_code_logs_and_throws_is_kept(lab: Lab) -> None:
    code = "console.log('before', 1)\nthrow new Error('broken')"

    ran = await lab.run({"trigger": node("api-trigger", "js"), "js": node("run-javascript", code=code)})

    [kept] = [each for each in ran.nodes if each.node_key == "js"]
    assert kept.logs == [{"level": "log", "text": "before 1"}]
    assert (ran.run.errors[0].type, ran.run.errors[0].message) == ("custom_code", "Error: broken")
    assert ran.run.errors[0].data == {"nodeKey": "js", "runId": "2", "line": 2}
