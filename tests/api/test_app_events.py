"""App events: who may send them, whose they are, which flows they launch, and what is kept of them."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import jwt
import msgspec
import pytest

from datalinks.ids import Clock
from datalinks.model.app_event import MAX_EVENTS
from datalinks.settings import Settings
from datalinks.wiring import open_worker
from flows.lab import Lab, node, open_lab
from support.app import Api, App, open_app
from support.product import PUBLIC, with_product
from support.targets import reply

WHO = {"$var": "$.who"}


@dataclass
class Sender:
    """Somebody who knows a webhook."""

    app: App
    uri: str

    async def answer(
        self, body: Any, method: str = "POST", *, api: Api | None = None, **options: Any
    ) -> httpx2.Response:
        """The raw answer to an event, or to a list of them."""
        return await (api or self.app.bearing(None)).request(method, self.uri, json=body, **options)

    async def send(self, body: Any, **options: Any) -> Any:
        """What came of events of which some were accepted."""
        answer = await self.answer(body, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def refused(self, body: Any, status: int = 400, **options: Any) -> str:
        """Why nothing was accepted."""
        answer = await self.answer(body, **options)
        assert answer.status_code == status, answer.text
        return answer.json()["message"]


async def sender(app: App, **fields: Any) -> Sender:
    """A new type of events and its webhook."""
    made = await app.admin.post("/app-event-types", {"key": "deal-won", **fields})
    return Sender(app, made["globalWebhookUri"])


async def known(app: App, *customers: str) -> None:
    """Let customers come into being."""
    for each in customers:
        await app.customer(each).get("/self")


def trigger(*links: str, event: str = "deal-won", **config: Any) -> Any:
    """A node that events launch."""
    return node("app-event-trigger", *links, appEvent={"key": event}, **config)


async def flow(api: Api, admin: Api, key: str, nodes: Any, **instance: Any) -> Any:
    """The instance of a new flow for a customer's connection to the CRM."""
    await admin.post("/flows", {"key": key, "nodes": nodes})
    where = {"flowKey": key, "integrationKey": "crm", "autoCreate": "true", **instance}
    return await api.get("/flow-instance", params=where)


async def runs(app: App) -> list[Any]:
    """Every run, oldest first."""
    return (await app.admin.get("/flow-runs"))["items"][::-1]


async def events(app: App, **query: Any) -> list[Any]:
    """The log, oldest first."""
    return (await app.admin.get("/app-events", params=query))["items"][::-1]


@pytest.fixture
async def lab(app: App) -> Lab:
    return await open_lab(app)


# --- Types


async def test_a_type_has_a_webhook_that_only_admins_see(app: App) -> None:
    request = {"method": "POST", "uri": "subscribe"}
    fields = {"schema": {"type": "object"}, "example": {"b": 1, "a": 2}, "userIdFormula": WHO}
    made = await app.admin.post("/app-event-types", {"key": "deal-won", "subscribeRequest": request, **fields})
    other = await app.admin.post("/app-event-types", {"name": "Deal lost"})

    seen = await app.customer("acme").get("/app-event-types/deal-won")

    assert len({made["webhookKey"], other["webhookKey"]}) == 2
    assert len(made["webhookKey"]) >= 43
    assert made["globalWebhookUri"] == f"http://datalinks.test/webhooks/app-events/{made['webhookKey']}"
    assert {name: made[name] for name in fields} == fields
    assert list(made["example"]) == ["b", "a"]
    assert (seen["webhookKey"], seen["globalWebhookUri"], "subscribeRequest" in seen) == ("", "", False)
    assert await app.admin.get("/app-event-type?key=deal-won") == made


async def test_a_type_keeps_its_webhook_whatever_is_written(app: App) -> None:
    made = await app.admin.post("/app-event-types", {"key": "deal-won", "tenantIdFormula": WHO, "example": 5})

    put = await app.admin.put(
        "/app-event-types/deal-won", {**made, "webhookKey": "mine", "name": "Won", "example": None}
    )
    patched = await app.admin.patch("/app-event-type?key=deal-won", {"tenantIdFormula": None})
    await app.admin.delete("/app-event-types/deal-won")
    restored = await app.admin.post("/app-event-type/restore?key=deal-won")

    assert {each["webhookKey"] for each in (made, put, patched, restored)} == {made["webhookKey"]}
    assert (put["name"], "example" in put, put["tenantIdFormula"]) == ("Won", False, WHO)
    assert "tenantIdFormula" not in patched


async def test_customers_do_not_write_types(app: App) -> None:
    await sender(app)
    for method, path in (
        ("POST", "/app-event-types"),
        ("PUT", "/app-event-types/deal-won"),
        ("PATCH", "/app-event-types/deal-won"),
        ("DELETE", "/app-event-types/deal-won"),
        ("POST", "/app-event-types/deal-won/restore"),
    ):
        answer = await app.customer("acme").request(method, path, json={"key": "x"})
        assert answer.status_code == 403, (method, path)


async def test_addresses_are_made_of_the_public_one_where_it_is_known(tmp_path: Path, engine: str) -> None:
    async with open_app(tmp_path, engine, public_url="https://links.example/v1/") as app:
        made = await app.admin.post("/app-event-types", {"key": "deal-won"})

    assert made["globalWebhookUri"] == f"https://links.example/v1/webhooks/app-events/{made['webhookKey']}"


async def test_a_host_that_is_none_is_not_said_again(app: App) -> None:
    made = await app.admin.post("/app-event-types", {"key": "x"}, headers={"host": "a b<c>"})

    assert made["globalWebhookUri"].startswith("http://localhost/webhooks/")


# --- Whose an event is


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "GET"])
async def test_an_event_arrives_with_any_method(app: App, method: str) -> None:
    await known(app, "acme")
    webhook = await sender(app, tenantIdFormula=WHO)

    receipt = (await webhook.answer({"who": "acme", "z": 1, "a": [None, 1.5]}, method)).json()

    [kept] = await events(app)
    assert receipt == {"accepted": 1, "ids": [kept["id"]], "rejected": []}
    assert msgspec.json.encode(kept["event"]) == b'{"who":"acme","z":1,"a":[null,1.5]}'
    assert (kept["user"]["internalId"], kept["launchedFlowRunIds"]) == ("acme", [])
    assert await app.admin.get(f"/app-events/{kept['id']}") == kept


async def test_a_customers_token_comes_before_formulas_and_tenant_before_user(app: App) -> None:
    await known(app, "a", "b", "7")
    webhook = await sender(app, tenantIdFormula={"$var": "$.tenant"}, userIdFormula={"$var": "$.user"})

    await webhook.send({"tenant": "b", "user": "b"}, api=app.customer("a"))
    await webhook.send({"tenant": "b", "user": "a"})
    await webhook.send({"tenant": "", "user": "a"})
    await webhook.send({"tenant": None, "user": 7})
    await webhook.send({"tenant": "b"}, api=app.admin)

    assert [each["user"]["internalId"] for each in await events(app)] == ["a", "b", "a", "7", "b"]


async def test_a_token_may_bring_a_new_customer_and_needs_no_formula(app: App) -> None:
    webhook = await sender(app)

    await webhook.send({"n": 1}, api=app.customer("new"))

    assert [each["user"]["internalId"] for each in await events(app)] == ["new"]


async def test_each_event_of_a_batch_is_judged_by_itself(app: App) -> None:
    await known(app, "acme", "gone")
    await app.admin.delete("/customers/gone")
    webhook = await sender(app, tenantIdFormula=WHO)
    batch = [{"who": "acme"}, "x", {"who": "stranger"}, {}, {"who": "gone"}, {"who": {"a": 1}}, {"who": "acme", "n": 2}]

    receipt = await webhook.send(batch)

    assert (receipt["accepted"], [each["index"] for each in receipt["rejected"]]) == (2, [1, 2, 3, 4, 5])
    reasons = {each["index"]: (each["key"], each["message"]) for each in receipt["rejected"]}
    assert reasons[1] == ("bad_request", "An event is a JSON object.")
    assert reasons[2] == ("not_found", "There is no customer with the internal id 'stranger'.")
    assert "archived" in reasons[4][1]
    assert "no customer's internal id" in reasons[5][1]
    assert receipt["ids"] == [each["id"] for each in await events(app)]
    assert len((await app.admin.get("/customers"))["items"]) == 1


async def test_a_formula_that_fails_for_one_event_fails_for_it_alone(tmp_path: Path, engine: str) -> None:
    async with open_app(tmp_path, engine, formula_result_size=200) as app:
        await known(app, "acme")
        webhook = await sender(app, tenantIdFormula=WHO)

        receipt = await webhook.send([{"who": "x" * 300}, {"who": "acme"}])

    assert receipt["accepted"] == 1
    assert [(each["index"], each["key"]) for each in receipt["rejected"]] == [(0, "formula_error")]


async def test_what_nobody_can_be_found_for_is_an_error(app: App) -> None:
    webhook = await sender(app)
    assert "tenantIdFormula" in await webhook.refused({"n": 1})

    await app.admin.patch("/app-event-types/deal-won", {"userIdFormula": WHO})
    assert "make nothing of it" in await webhook.refused({"n": 1})
    assert "stranger" in await webhook.refused({"who": "stranger"}, 404)
    answer = await webhook.answer([{"who": "stranger"}, {}])

    assert answer.status_code == 400
    assert [each["index"] for each in answer.json()["data"]["rejected"]] == [0, 1]
    assert await events(app) == []


async def test_tokens_of_others_are_refused(app: App) -> None:
    webhook = await sender(app, tenantIdFormula=WHO)
    other = await app.services.workspaces.create("Other")
    far = App(app.services, app.http, other.key, other.secret)

    assert "another workspace" in await webhook.refused({"who": "acme"}, 401, api=far.customer("acme"))
    forged = jwt.encode({"iss": app.key, "id": "acme"}, "x" * 64, "HS512")
    await webhook.refused({"who": "acme"}, 401, api=app.bearing(forged))


async def test_other_schemes_of_authorization_are_no_business_of_ours(app: App) -> None:
    await known(app, "acme")
    webhook = await sender(app, tenantIdFormula=WHO)

    await webhook.send({"who": "acme"}, headers={"authorization": "Basic eDp5"})


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"", 400), (b"{", 400), (b'{"a":1,"a":2}', 400), (b"[]", 400), (b"5", 400), (b'"x"', 400), (b"\xff", 400)],
)
async def test_what_is_no_event_is_refused(app: App, content: bytes, status: int) -> None:
    webhook = await sender(app, tenantIdFormula=WHO)

    answer = await app.bearing(None).request(
        "POST", webhook.uri, content=content, headers={"content-type": "application/json"}
    )

    assert answer.status_code == status, answer.text


async def test_batches_and_bodies_are_bounded(tmp_path: Path, engine: str) -> None:
    async with open_app(tmp_path, engine, max_body_bytes=20_000) as app:
        webhook = await sender(app)
        assert "1 to 1,000" in await webhook.refused([{}] * (MAX_EVENTS + 1), api=app.customer("acme"))
        await webhook.refused({"x": "x" * 20_000}, 413)
        receipt = await webhook.send([{}] * MAX_EVENTS, api=app.customer("acme"))

    assert receipt["accepted"] == MAX_EVENTS


async def test_an_unknown_key_and_an_archived_type_take_nothing(app: App) -> None:
    await known(app, "acme")
    webhook = await sender(app, tenantIdFormula=WHO)
    await Sender(app, "/webhooks/app-events/nothing").refused({"who": "acme"}, 404)

    await app.admin.delete("/app-event-types/deal-won")
    assert "archived" in await webhook.refused({"who": "acme"}, 404)

    await app.admin.post("/app-event-types/deal-won/restore")
    await webhook.send({"who": "acme"})


# --- What is launched


async def test_events_launch_the_flows_that_wait_for_them_each_with_one_run(app: App, lab: Lab) -> None:
    webhook = await sender(app, tenantIdFormula=WHO)
    nodes = {"start": trigger("out"), "out": node("transform-data", output={"$var": "$.input.start.n"})}
    wanted = await flow(lab.place.api, app.admin, "one", {**nodes, "again": trigger()})
    await flow(lab.place.api, app.admin, "other", {"start": trigger(event="deal-lost")})
    await known(app, "stranger")

    receipt = await webhook.send([{"who": "acme", "n": 1}, {"who": "stranger"}, {"who": "acme", "n": 2}])
    await lab.worker().work_off()

    first, second = await runs(app)
    assert {first["startNodeKey"], second["startNodeKey"]} == {"start", "again"}
    started = first if first["startNodeKey"] == "start" else second
    assert (started["flowInstanceId"], started["state"]) == (wanted["id"], "completed")
    assert started["input"] == [{"who": "acme", "n": 1}, {"who": "acme", "n": 2}]
    mine = [receipt["ids"][0], receipt["ids"][2]]
    assert started["launchedBy"] == {"type": "app-event-trigger", "ids": mine}
    output = await app.admin.get(f"/flow-runs/{started['id']}/output")
    assert [each["data"] for each in output["items"]] == [1, 2]
    logged = {each["id"]: set(each["launchedFlowRunIds"]) for each in await events(app)}
    assert logged == {
        mine[0]: {first["id"], second["id"]},
        mine[1]: {first["id"], second["id"]},
        receipt["ids"][1]: set(),
    }


@pytest.mark.parametrize(
    "filter",
    [
        [{"field": "n", "operator": "is", "value": 1}],
        [{"field": "event.n", "operator": "is", "value": 1}],
        {"$eval": {"$var": "$.input.n"}, "is": 1},
        {"$eval": {"$var": "$.n"}, "is": 1},
    ],
)
async def test_a_filter_chooses_events(app: App, lab: Lab, filter: Any) -> None:
    webhook = await sender(app, tenantIdFormula=WHO)
    await flow(lab.place.api, app.admin, "one", {"start": trigger(filter=filter)})

    await webhook.send([{"who": "acme", "n": 1}, {"who": "acme", "n": 2}])
    await webhook.send({"who": "acme", "n": 3})

    [run] = await runs(app)
    assert run["input"] == [{"who": "acme", "n": 1}]
    assert [len(each["launchedFlowRunIds"]) for each in await events(app)] == [1, 0, 0]


async def test_a_filter_that_cannot_be_computed_launches_nothing_and_holds_nothing_up(app: App, lab: Lab) -> None:
    webhook = await sender(app, tenantIdFormula=WHO)
    await flow(lab.place.api, app.admin, "bad", {"start": trigger(filter={"$map": {"mapping": [None]}})})
    good = await flow(lab.place.api, app.admin, "good", {"start": trigger()})

    receipt = await webhook.send({"who": "acme"})

    assert receipt["accepted"] == 1
    assert [each["flowInstanceId"] for each in await runs(app)] == [good["id"]]


async def test_what_is_off_hidden_or_wrong_is_not_launched(app: App, lab: Lab) -> None:
    webhook = await sender(app, tenantIdFormula=WHO)
    api, admin, nodes = lab.place.api, app.admin, {"start": trigger()}
    off = await flow(api, admin, "off", nodes)
    await api.patch(f"/flow-instance?id={off['id']}", {"enabled": False})
    gone = await flow(api, admin, "gone", nodes)
    await api.delete(f"/flow-instance?id={gone['id']}")
    await flow(api, admin, "archived", nodes)
    await admin.delete("/flows/archived")
    await flow(api, admin, "wrong", {"start": trigger("bad"), "bad": node("no-such-type")})
    await flow(
        api,
        admin,
        "not-set-up",
        {
            "start": trigger("link"),
            "link": node("create-data-link", dataLinkTable={"key": "no"}, externalRecordId="e", appRecordId="a"),
        },
    )

    await webhook.send({"who": "acme"})
    assert await runs(app) == []

    await api.patch(f"/flow-instance?id={off['id']}", {"enabled": True})
    await webhook.send({"who": "acme"})
    assert [each["flowInstanceId"] for each in await runs(app)] == [off["id"]]


async def test_a_full_queue_refuses_the_customers_events_and_keeps_nothing_of_them(tmp_path: Path, engine: str) -> None:
    async with open_app(tmp_path, engine, flow_queue_per_connection=1) as app:
        lab = await open_lab(app)
        webhook = await sender(app, tenantIdFormula=WHO)
        for key in ("one", "two"):
            await flow(lab.place.api, app.admin, key, {"start": trigger()})
        await known(app, "idle")

        assert "wait already" in await webhook.refused({"who": "acme"}, 429)
        receipt = await webhook.send([{"who": "acme"}, {"who": "idle"}])

        assert receipt["accepted"] == 1
        assert [(each["index"], each["key"]) for each in receipt["rejected"]] == [(0, "rate_limit_exceeded")]
        assert await runs(app) == []
        assert [each["user"]["internalId"] for each in await events(app)] == ["idle"]


async def test_events_at_once_are_all_kept_and_all_launched(app: App, lab: Lab) -> None:
    webhook = await sender(app, tenantIdFormula=WHO)
    await flow(lab.place.api, app.admin, "one", {"start": trigger()})

    receipts = await asyncio.gather(*[webhook.send({"who": "acme", "n": n}) for n in range(20)])

    launched = {each["input"][0]["n"]: each["id"] for each in await runs(app)}
    kept = {each["event"]["n"]: each for each in await events(app)}
    assert len(launched) == len(kept) == 20
    assert {n: [launched[n]] for n in range(20)} == {n: each["launchedFlowRunIds"] for n, each in kept.items()}
    assert {id for each in receipts for id in each["ids"]} == {each["id"] for each in kept.values()}
    assert len((await app.admin.get("/app-event-subscriptions"))["items"]) == 1


# --- Once


async def test_an_idempotency_key_repeats_the_answer_and_not_the_launch(app: App, lab: Lab) -> None:
    webhook = await sender(app, tenantIdFormula=WHO)
    await flow(lab.place.api, app.admin, "one", {"start": trigger()})
    key = {"idempotency-key": "k1"}

    first = await webhook.answer([{"who": "acme"}, 5], headers=key)
    # What is sent again is answered as it was, although it would be judged otherwise now.
    await app.admin.delete("/customers/acme")
    again = await webhook.answer([{"who": "acme"}, 5], headers=key)
    other = await webhook.answer({"who": "acme", "n": 2}, headers=key)

    assert (first.status_code, again.status_code, other.status_code) == (200, 200, 422)
    assert again.content == first.content
    assert again.headers["idempotent-replayed"] == "true"
    assert len(await runs(app)) == len(await events(app)) == 1


async def test_a_key_of_one_webhook_is_none_of_another_and_errors_are_not_kept(app: App) -> None:
    first = await sender(app, tenantIdFormula=WHO)
    second = await sender(app, key="other", tenantIdFormula=WHO)
    key = {"idempotency-key": "k1"}
    await first.refused({"who": "acme"}, 404, headers=key)
    await known(app, "acme")

    for each in (first, second):
        await each.send({"who": "acme"}, headers=key)

    assert len(await events(app)) == 2


# --- The log


async def test_the_log_is_filtered_paged_and_seen_by_its_customers(app: App) -> None:
    await known(app, "a", "b")
    webhook = await sender(app, tenantIdFormula=WHO)
    other = await sender(app, key="other", tenantIdFormula=WHO)
    await webhook.send([{"who": "a", "n": 1}, {"who": "b", "n": 2}])
    await other.send({"who": "a", "n": 3})
    one, two, three = await events(app)

    async def found(api: Api = app.admin, **query: Any) -> list[int]:
        return [each["event"]["n"] for each in (await api.get("/app-events", params=query))["items"]]

    assert await found() == [3, 2, 1]
    assert await found(app.customer("a")) == [3, 1]
    assert await found(userId="b") == await found(tenantId=two["userId"]) == [2]
    assert await found(appEventTypeId=three["appEventTypeId"]) == [3]
    assert await found(appEventSubscriptionId=one["appEventSubscriptionId"]) == [1]
    assert await found(startDatetime=three["datetime"]) == await found(**{"from": three["datetime"]}) == [3]
    assert await found(endDatetime=three["datetime"]) == await found(to=three["datetime"]) == [2, 1]
    assert await found(id=two["id"]) == [2]
    assert await found(instanceKey="x") == []
    page = await app.admin.get("/app-events", params={"limit": 2})
    assert await found(cursor=page["cursor"]) == [1]
    await app.customer("b").get(f"/app-events/{one['id']}", status=404)
    await app.customer("b").get("/app-events", params={"userId": "a"}, status=404)


async def test_workers_forget_what_is_old_in_the_log(tmp_path: Path, engine: str) -> None:
    async with open_app(tmp_path, engine, app_event_days=1e-9) as app:
        webhook = await sender(app)
        await webhook.send({"n": 1}, api=app.customer("acme"))
        await webhook.send({"n": 2}, api=app.customer("acme"))
        assert [each["event"]["n"] for each in await events(app)] == [1, 2]

        async with open_worker(Settings(), app.services, Clock()), asyncio.timeout(10.0):
            while await events(app):  # noqa: ASYNC110 - a worker tells nobody what it forgets
                await asyncio.sleep(0.01)


async def test_the_log_forgets_nothing_that_is_new(app: App) -> None:
    webhook = await sender(app)
    await webhook.send({"n": 1}, api=app.customer("acme"))

    assert await app.services.app_events.forget_expired() == 0
    assert len(await events(app)) == 1


# --- Subscriptions


async def test_a_subscription_is_made_once_and_its_webhook_implies_the_customer(app: App, lab: Lab) -> None:
    await sender(app)
    acme, where = lab.place.api, {"appEventTypeKey": "deal-won"}
    await acme.get("/app-event-subscription", params=where, status=404)

    first = await acme.get("/app-event-subscription", params={**where, "autoCreate": "true"})
    await flow(lab.place.api, app.admin, "one", {"start": trigger()})
    made = await acme.get("/app-event-subscription", params=where)
    receipt = await Sender(app, made["webhookUri"]).send([{"n": 1}, {"n": 2}])

    assert await acme.post("/app-event-subscription", params=where) == made
    assert (first["user"]["internalId"], first["isSubscribed"], first["subscriptionRequest"]) == (
        "acme",
        False,
        {"uri": ""},
    )
    assert (made["id"], made["webhookUri"]) == (first["id"], first["webhookUri"])
    assert receipt["accepted"] == 2
    assert [each["input"] for each in await runs(app)] == [[{"n": 1}, {"n": 2}]]
    assert {each["appEventSubscriptionId"] for each in await events(app)} == {made["id"]}
    for each in ({"id": made["id"]}, {"parentKey": "deal-won"}):
        assert await acme.get("/app-event-subscription", params=each) == made
        assert await acme.patch("/app-event-subscription", params=each) == made
    assert (await acme.get("/app-event-subscriptions"))["items"] == [made]


async def test_an_instance_key_launches_the_flows_that_have_it(app: App, lab: Lab) -> None:
    webhook = await sender(app, tenantIdFormula=WHO)
    await app.admin.post("/flows", {"key": "one", "nodes": {"start": trigger()}})
    where = {"flowKey": "one", "integrationKey": "crm", "autoCreate": "true"}
    plain = await lab.place.api.get("/flow-instance", params=where)
    keyed = await lab.place.api.get("/flow-instance", params={**where, "instanceKey": "k"})
    made = await lab.place.api.post("/app-event-subscription?appEventTypeKey=deal-won&instanceKey=k")

    await Sender(app, made["webhookUri"]).send({"n": 1})
    assert [each["flowInstanceId"] for each in await runs(app)] == [keyed["id"]]

    await webhook.send({"who": "acme"})
    assert {each["flowInstanceId"] for each in (await runs(app))[1:]} == {plain["id"], keyed["id"]}
    [of_key] = (await app.admin.get("/app-events", params={"instanceKey": "k"}))["items"]
    assert of_key["event"] == {"n": 1}


async def test_an_archived_subscription_takes_no_events_of_its_customer(app: App) -> None:
    webhook = await sender(app, tenantIdFormula=WHO)
    acme, where = app.customer("acme"), {"appEventTypeKey": "deal-won"}
    made = await acme.post("/app-event-subscription", params=where)
    own = Sender(app, made["webhookUri"])

    await acme.delete("/app-event-subscription", params=where)
    assert "archived" in await own.refused({}, 404)
    assert "archived" in await webhook.refused({"who": "acme"}, 404)
    assert (await acme.get("/app-event-subscriptions"))["items"] == []

    restored = await acme.post(f"/app-event-subscription/restore?id={made['id']}")
    assert restored["webhookUri"] == made["webhookUri"]
    await own.send({})
    await webhook.send({"who": "acme"})


async def test_a_subscriptions_webhook_is_not_for_another_customers_token(app: App) -> None:
    await sender(app)
    made = await app.customer("acme").post("/app-event-subscription?appEventTypeKey=deal-won")

    assert "another customer" in await Sender(app, made["webhookUri"]).refused({}, 403, api=app.customer("b"))


async def test_an_admin_says_whose_subscription_is_meant(app: App) -> None:
    await known(app, "a", "b")
    await sender(app)
    where = {"appEventTypeKey": "deal-won"}

    await app.admin.post("/app-event-subscription", params=where, status=400)
    made = await app.admin.post("/app-event-subscription", params={**where, "userId": "a"})

    assert made["user"]["internalId"] == "a"
    await app.customer("b").get("/app-event-subscription", params={**where, "userId": "a"}, status=404)
    await app.customer("b").get("/app-event-subscription", params={"id": made["id"]}, status=404)
    assert (await app.customer("b").get("/app-event-subscriptions"))["items"] == []


SUBSCRIBE = {
    "method": "PUT",
    "uri": {"$concat": ["subscribe/", {"$var": "$.user.internalId"}]},
    "headers": {"x-plan": {"$var": "$.user.fields.plan"}},
    "query": {"n": 5},
    "body": {"to": {"$var": "$.webhookUri"}, "key": {"$var": "$.instanceKey"}},
}


async def test_subscribing_asks_the_product_for_the_customers_events(tmp_path: Path, engine: str) -> None:
    async with with_product(tmp_path, engine, public_url=PUBLIC) as (app, product):
        product.answers(reply(201, {"subscribed": True}))
        await sender(app, subscribeRequest=SUBSCRIBE)
        acme = app.customer("acme", fields={"plan": "big"})
        where = "appEventTypeKey=deal-won&instanceKey=k&autoCreate=true"

        mine = await acme.post(f"/app-event-subscription/subscribe?{where}")
        seen = await app.admin.get(f"/app-event-subscription?id={mine['id']}")

    asked = product.last
    assert (asked.method, asked.target, asked.header("x-plan")) == ("PUT", "/api/subscribe/acme?n=5", "big")
    assert msgspec.json.decode(asked.body) == {"to": mine["webhookUri"], "key": "k"}
    assert jwt.decode(asked.header("x-integration-app-token") or "", app.secret, ["HS512"])["sub"] == "acme"
    assert mine["webhookUri"].startswith(PUBLIC)
    assert (mine["isSubscribed"], mine["subscriptionRequest"], "subscriptionResponse" in mine) == (
        True,
        {"uri": ""},
        False,
    )
    assert seen["subscriptionRequest"]["uri"] == "subscribe/acme"
    assert seen["subscriptionResponse"] == {"status": 201, "data": {"subscribed": True}}


@pytest.mark.parametrize(
    ("request_", "status"),
    [({"uri": "no"}, 502), ({"uri": {"$var": "$.none"}}, 400), ({"uri": "x", "headers": []}, 400)],
)
async def test_a_product_that_cannot_be_asked_leaves_the_subscription_as_it_failed(
    tmp_path: Path, engine: str, request_: Any, status: int
) -> None:
    async with with_product(tmp_path, engine, public_url=PUBLIC) as (app, product):
        product.answers(reply(403, {"no": "secret"}))
        await sender(app, subscribeRequest=request_)
        where = "appEventTypeKey=deal-won&autoCreate=true"

        answer = await app.customer("acme").request("POST", f"/app-event-subscription/subscribe?{where}")
        failed = await app.customer("acme").get(f"/app-event-subscription?{where}")

        assert answer.status_code == status, answer.text
        assert "secret" not in answer.text
        assert (failed["state"], failed["isSubscribed"]) == ("SETUP_FAILED", False)
        assert failed["errors"][0]["message"] == answer.json()["message"]


async def test_a_customer_cannot_have_events_sent_elsewhere(tmp_path: Path, engine: str) -> None:
    async with with_product(tmp_path, engine) as (app, product):
        await sender(app, subscribeRequest={"uri": "subscribe"})
        path = "/app-event-subscription/subscribe?appEventTypeKey=deal-won&autoCreate=true"

        answer = await app.customer("acme").request("POST", path, headers={"host": "evil.example"})
        await app.admin.post(f"{path}&userId=acme")

        assert "DATALINKS_PUBLIC_URL" in answer.json()["message"]
        assert len(product.asked) == 1


async def test_without_a_request_there_is_nobody_to_ask(app: App) -> None:
    await sender(app)

    made = await app.customer("acme").post("/app-event-subscription/subscribe?appEventTypeKey=deal-won&autoCreate=true")

    assert made["isSubscribed"] is True
    found = await app.admin.get("/app-event-subscriptions?isSubscribed=true")
    assert [each["id"] for each in found["items"]] == [made["id"]]
    assert (await app.admin.get("/app-event-subscriptions?isSubscribed=false"))["items"] == []
