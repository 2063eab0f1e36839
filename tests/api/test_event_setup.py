"""Setting flow instances up makes the subscriptions that their event triggers depend on, and asks the product for the events."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from datalinks.ids import Clock
from datalinks.settings import Settings
from datalinks.wiring import open_worker
from flows.lab import node
from support.app import Api, App
from support.product import PUBLIC, with_product
from support.targets import Asked, Target, reply

SUBSCRIBE = {
    "uri": {"$concat": ["subscribe/", {"$var": "$.user.internalId"}]},
    "headers": {"x-plan": {"$var": "$.user.fields.plan"}},
    "body": {"to": {"$var": "$.webhookUri"}, "key": {"$var": "$.instanceKey"}},
}
DAY = 86_400 * 1_000_000


@dataclass
class Shop:
    """A workspace with an integration, a type of events that the product is asked for, and a flow that waits for them."""

    app: App
    acme: Api

    @property
    def admin(self) -> Api:
        """An admin."""
        return self.app.admin

    async def instance(self, method: str = "GET", body: Any = None, *, api: Api | None = None, **query: str) -> Any:
        """The flow instance of a customer's connection, made if there is none."""
        where = {"flowKey": "sync", "integrationKey": "crm", "autoCreate": "true", **query}
        return await (api or self.acme).call(method, "/flow-instance", params=where, json=body)

    async def setup(self, instance: Any) -> Any:
        """An instance after it was set up again."""
        return await self.acme.post(f"/flow-instances/{instance['id']}/setup")

    async def subscriptions(self, **query: str) -> list[Any]:
        """Every subscription, oldest first."""
        return (await self.admin.get("/app-event-subscriptions", params=query))["items"][::-1]


def waiting(*events: str) -> dict[str, Any]:
    """Nodes that wait for events, each called as its type."""
    return {event: node("app-event-trigger", appEvent={"key": event}) for event in events or ("deal-won",)}


async def shop(app: App, request: Any = SUBSCRIBE, **flow: Any) -> Shop:
    """A shop, and the customer ``acme`` with a connection."""
    admin, acme = app.admin, app.customer("acme", fields={"plan": "big"})
    await admin.post("/integrations", {"key": "crm"})
    await admin.post("/app-event-types", {"key": "deal-won", "subscribeRequest": request})
    await acme.post("/connections", {"integrationKey": "crm"})
    await admin.post("/flows", {"key": "sync", "nodes": waiting(), **flow})
    return Shop(app, acme)


def subscriptions_of(instance: Any) -> list[str]:
    """The subscriptions that an instance depends on."""
    return [each["id"] for each in instance.get("dependencies", []) if each["type"] == "app-event-subscription"]


def targets(product: Target) -> list[str]:
    """Where the product was asked, in order."""
    return [asked.target for asked in product.asked]


def slow(product: Target, seconds: float = 0.2) -> None:
    """Let the product think before it answers."""

    async def think() -> None:
        await asyncio.sleep(seconds)

    product.before = think


# --- What an instance depends on


async def test_a_trigger_makes_the_customers_subscription_of_its_type(app: App) -> None:
    here = await shop(app, None)

    plain, keyed = await here.instance(), await here.instance(instanceKey="k")

    [first, second] = await here.subscriptions()
    assert plain["dependencies"] == [
        {
            "dependencyType": "CONFIGURATION",
            "type": "app-event-subscription",
            "id": first["id"],
            "data": {"appEventTypeKey": "deal-won"},
        }
    ]
    assert subscriptions_of(keyed) == [second["id"]]
    assert ["instanceKey" in first, second["instanceKey"]] == [False, "k"]
    assert {(each["user"]["internalId"], each["isSubscribed"]) for each in (first, second)} == {("acme", True)}
    assert plain["state"] == "READY"


async def test_triggers_and_instances_of_a_customer_share_a_subscription(app: App) -> None:
    here = await shop(app, None, nodes={**waiting(), "again": waiting()["deal-won"]})
    await here.admin.post("/flows", {"key": "other", "nodes": waiting()})
    theirs = app.customer("b")
    await theirs.post("/connections", {"integrationKey": "crm"})

    mine = [await here.instance(), await here.instance(flowKey="other")]
    foreign = await here.instance(api=theirs)

    assert len({id for each in mine for id in subscriptions_of(each)}) == 1
    assert subscriptions_of(foreign) != subscriptions_of(mine[0])
    assert [each["user"]["internalId"] for each in await here.subscriptions()] == ["acme", "b"]
    assert len((await theirs.get("/app-event-subscriptions"))["items"]) == 1


async def test_a_type_whose_name_no_store_can_keep_is_not_there(app: App) -> None:
    here = await shop(app, None, nodes={"start": node("app-event-trigger", appEvent={"key": "a\0b"})})

    failed = await here.instance()

    assert (failed["state"], len(failed["errors"])) == ("SETUP_FAILED", 1)


@pytest.mark.parametrize("is_archived", [False, True])
async def test_a_type_that_is_not_there_is_an_error_at_its_node(app: App, is_archived: bool) -> None:
    here = await shop(app, None, nodes=waiting("deal-lost"))
    if is_archived:
        await here.admin.post("/app-event-types", {"key": "deal-lost"})
        await here.admin.delete("/app-event-types/deal-lost")

    failed = await here.instance()
    await here.admin.post("/app-event-types", {"key": "deal-lost"})
    ready = await here.setup(failed)

    [error] = failed["errors"]
    assert (failed["state"], failed["nodes"]["deal-lost"]["state"], error["type"]) == (
        *("SETUP_FAILED", "SETUP_FAILED"),
        "flow_instance_setup",
    )
    assert error["data"] == {"nodeKey": "deal-lost", "path": "$.config.appEvent"}
    assert "no live app event type 'deal-lost'" in error["message"]
    assert "dependencies" not in failed
    assert (ready["state"], len(subscriptions_of(ready))) == ("READY", 1)


async def test_an_archived_subscription_is_an_error_until_it_is_restored(app: App) -> None:
    here = await shop(app, None)
    made = await here.instance()
    await here.acme.delete("/app-event-subscription?appEventTypeKey=deal-won")

    failed = await here.setup(made)
    await here.acme.post("/app-event-subscription/restore?appEventTypeKey=deal-won")
    ready = await here.setup(made)

    assert (failed["state"], failed["errors"][0]["data"]["nodeKey"]) == ("SETUP_FAILED", "deal-won")
    assert "archived" in failed["errors"][0]["message"]
    assert ready["state"] == "READY"


async def test_a_type_that_gets_a_request_later_is_asked_for_by_the_next_setup(tmp_path: Path, engine: str) -> None:
    async with with_product(tmp_path, engine, public_url=PUBLIC) as (app, product):
        here = await shop(app, None)
        made = await here.instance()
        await here.admin.patch("/app-event-types/deal-won", {"subscribeRequest": SUBSCRIBE})

        await here.setup(made)
        await here.setup(made)

    assert targets(product) == ["/api/subscribe/acme"]


# --- Asking the product


async def test_the_product_is_asked_by_the_call_that_makes_an_instance(tmp_path: Path, engine: str) -> None:
    async with with_product(tmp_path, engine, public_url=PUBLIC) as (app, product):
        product.answers(reply(201, {"id": 7}))
        here = await shop(app)

        made = await here.instance(instanceKey="k")

        [subscription] = await here.subscriptions()
    assert (targets(product), product.last.header("x-plan")) == (["/api/subscribe/acme"], "big")
    assert product.last.header("x-integration-app-token")
    assert msgspec.json.decode(product.last.body) == {
        "to": f"{PUBLIC}/webhooks/app-events/{subscription['webhookKey']}",
        "key": "k",
    }
    assert (made["state"], subscriptions_of(made)) == ("READY", [subscription["id"]])
    assert subscription["isSubscribed"] is True
    assert subscription["subscriptionResponse"] == {"status": 201, "data": {"id": 7}}


async def test_what_is_subscribed_is_not_asked_for_again(tmp_path: Path, engine: str) -> None:
    async with with_product(tmp_path, engine, public_url=PUBLIC) as (app, product):
        here = await shop(app)
        await here.admin.post("/flows", {"key": "other", "nodes": waiting()})
        made = await here.instance()

        await here.setup(made)
        await here.instance(flowKey="other")
        await here.instance("PATCH", {"nodes": {"deal-won": {"name": "Won"}}})
        await here.instance("DELETE")
        await here.instance("POST")

    assert len(product.asked) == 1


@pytest.mark.parametrize("way", ["POST", "PUT", "PATCH", "reset", "update", "flows", "connection", "flow", "ensure"])
async def test_every_call_that_sets_up_asks(tmp_path: Path, engine: str, way: str) -> None:
    async with with_product(tmp_path, engine, public_url=PUBLIC) as (app, product):
        automatic = way in ("connection", "ensure")
        here = await shop(app, nodes=waiting() if way != "PATCH" else {}, autoCreateInstances=automatic)
        if way in ("POST", "PUT"):
            await here.instance(way, {})
        elif way == "PATCH":
            await here.instance("PATCH", {"nodes": waiting()})
        elif way in ("reset", "update"):
            made = await here.instance("POST", {"enabled": False, "nodes": {"x": node("api-trigger")}})
            # What the instance follows again has a trigger of another type than what was set up before.
            await here.admin.post("/app-event-types", {"key": "late", "subscribeRequest": {"uri": "late"}})
            await here.acme.patch(
                f"/flow-instance?id={made['id']}", {"enabled": True, "nodes": {"deal-won": {"name": "W"}}}
            )
            await here.admin.patch("/flows/sync", {"nodes": waiting("late")})
            path = "reset" if way == "reset" else "update-to-latest-flow"
            await here.acme.post(f"/flow-instances/{made['id']}/{path}")
            assert targets(product) == ["/api/subscribe/acme", "/api/late"]
            return
        elif way == "flows":
            await here.acme.put("/connections/crm/flows/sync", {})
        else:
            await here.admin.post("/flows/sync/apply", {"integrationKeys": ["crm"]})
            if way == "flow":
                await here.admin.patch("/flows/sync", {"autoCreateInstances": True})
            elif way == "connection":
                await app.customer("b").post("/connections", {"integrationKey": "crm"})
            else:
                await app.customer("b").post("/connections/ensure", {"appUrl": "https://crm"})

    wanted = {"/api/subscribe/acme", "/api/subscribe/b"} if automatic else {"/api/subscribe/acme"}
    assert (len(product.asked), set(targets(product))) == (len(wanted), wanted)


async def test_nobody_is_asked_for_an_instance_that_is_off_until_it_is_on(tmp_path: Path, engine: str) -> None:
    async with with_product(tmp_path, engine, public_url=PUBLIC) as (app, product):
        here = await shop(app)

        off = await here.instance("POST", {"enabled": False})
        await here.setup(off)
        await here.instance("PATCH", {"name": "Off"})
        assert (product.asked, off["state"], len(subscriptions_of(off))) == ([], "READY", 1)

        await here.instance("PATCH", {"enabled": True})
        await here.instance("PATCH", {"enabled": True})

    assert len(product.asked) == 1


async def test_an_instance_that_is_restored_is_asked_for(tmp_path: Path, engine: str) -> None:
    async with with_product(tmp_path, engine, public_url=PUBLIC) as (app, product):
        here = await shop(app)
        off = await here.instance("POST", {"enabled": False})
        await here.acme.delete(f"/flow-instance?id={off['id']}")
        await here.acme.patch(f"/flow-instance?id={off['id']}", {"enabled": True}, status=400)
        await here.acme.post(f"/flow-instance/restore?id={off['id']}")
        assert product.asked == []

        await here.acme.patch(f"/flow-instance?id={off['id']}", {"enabled": True, "archivedAt": "2026-01-01T00:00:00Z"})
        assert product.asked == []
        await here.acme.post(f"/flow-instance/restore?id={off['id']}")

    assert len(product.asked) == 1


async def test_an_answer_with_too_many_levels_is_kept_as_text(tmp_path: Path, engine: str) -> None:
    deep = "[" * 5_000 + "]" * 5_000
    async with with_product(tmp_path, engine, public_url=PUBLIC) as (app, product):
        product.answers(reply(200, deep.encode(), content_type="application/json"))
        here = await shop(app)

        made = await here.instance()

        [subscription] = await here.subscriptions()
    assert (made["state"], subscription["isSubscribed"]) == ("READY", True)
    assert subscription["subscriptionResponse"] == {"status": 200, "data": deep}


# --- What fails


@pytest.mark.parametrize(
    ("case", "key", "said"),
    [
        ("500", "outgoing_failed", "with the status 500"),
        ("hanging", "outgoing_timeout", "takes longer than"),
        ("private", "outgoing_failed", "not a public address"),
        ("unknown", "bad_request", "DATALINKS_PUBLIC_URL"),
        ("formula", "bad_request", "has no uri"),
    ],
)
async def test_what_fails_is_said_at_the_node_and_mended_by_setup(
    tmp_path: Path, engine: str, case: str, key: str, said: str
) -> None:
    settings: dict[str, Any] = {"public_url": "" if case == "unknown" else PUBLIC}
    if case == "private":
        settings["outgoing_allow"] = ""
    if case == "hanging":
        settings["outgoing_timeout_seconds"] = 0.3
    async with with_product(tmp_path, engine, **settings) as (app, product):
        here = await shop(app, {"uri": {"$var": "$.none"}} if case == "formula" else SUBSCRIBE)
        if case == "500":
            product.answers(reply(500, {"canary": "secret"}))
        if case == "hanging":
            slow(product, 60)

        failed = await here.instance()
        again = await here.setup(failed)
        [subscription] = await here.subscriptions()
        assert (await here.instance())["errors"] == again["errors"]
        product.respond, product.before = (lambda _: reply(200, b"")), None
        await here.admin.patch(
            "/app-event-types/deal-won", {"subscribeRequest": {"uri": "other"} if case == "formula" else SUBSCRIBE}
        )
        mended = await here.setup(failed)

    for each in (failed, again):
        [error] = each["errors"]
        assert (each["state"], each["nodes"]["deal-won"]["state"]) == ("SETUP_FAILED", "SETUP_FAILED")
        assert each["nodes"]["deal-won"]["errors"] == each["errors"]
        assert (error["type"], error["key"]) == ("flow_instance_setup", key)
        assert said in error["message"]
        assert "set up again" in error["message"]
        assert "secret" not in str(each)
        assert error["data"] == {
            "nodeKey": "deal-won",
            "path": "$.config.appEvent",
            "appEventSubscriptionId": subscription["id"],
        }
    assert (subscription["isSubscribed"], subscription["state"]) == (False, "SETUP_FAILED")
    # Where the server stands, or where the product is, no call can mend.
    is_mended = case in ("500", "hanging", "formula")
    assert mended["state"] == ("READY" if is_mended else "SETUP_FAILED")


@pytest.mark.parametrize("way", ["setup", "subscribe"])
async def test_what_fails_is_told_to_every_instance_that_shares_it_and_so_is_its_end(
    tmp_path: Path, engine: str, way: str
) -> None:
    subscribe = "/app-event-subscription/subscribe?appEventTypeKey=deal-won"
    async with with_product(tmp_path, engine, public_url=PUBLIC) as (app, product):
        here = await shop(app)
        await here.admin.post("/flows", {"key": "other", "nodes": {**waiting(), "again": waiting()["deal-won"]}})
        await here.admin.post("/flows", {"key": "off", "nodes": waiting()})
        await here.instance("POST", {"enabled": False}, flowKey="off")
        await here.instance()
        product.answers(reply(500))

        # What somebody asks for by hand fails no flow: its events may arrive all the same.
        await here.acme.post(subscribe, status=502)
        assert (await here.instance())["state"] == "READY"

        second = await here.instance(flowKey="other")
        states = [(await here.instance(flowKey=key))["state"] for key in ("sync", "other", "off")]
        assert states == ["SETUP_FAILED", "SETUP_FAILED", "READY"]
        assert {each["data"]["nodeKey"] for each in second["errors"]} == {"deal-won", "again"}

        product.answers(reply(200))
        await (here.setup(second) if way == "setup" else here.acme.post(subscribe))
        states = [(await here.instance(flowKey=key))["state"] for key in ("sync", "other", "off")]

    assert states == ["READY", "READY", "READY"]


async def test_what_failed_launches_nothing_until_it_is_mended(tmp_path: Path, engine: str) -> None:
    async with with_product(tmp_path, engine, public_url=PUBLIC) as (app, product):
        product.answers(reply(500), reply(200))
        here = await shop(app)
        made = await here.instance()
        [subscription] = await here.subscriptions()
        path = subscription["webhookUri"].removeprefix(PUBLIC)

        await app.bearing(None).post(path, {"n": 1})
        await here.setup(made)
        await app.bearing(None).post(path, {"n": 2})

        runs = (await here.admin.get("/flow-runs"))["items"]
    assert [each["input"] for each in runs] == [[{"n": 2}]]


# --- Many at once, and ends in the middle


async def test_calls_at_once_ask_once_and_all_see_what_came_of_it(tmp_path: Path, engine: str) -> None:
    async with with_product(tmp_path, engine, public_url=PUBLIC) as (app, product):
        here = await shop(app)
        product.answers(reply(500), reply(403), reply(200))
        made = await here.instance()
        slow(product, 1.0)

        seen = await asyncio.gather(*(here.setup(made) for _ in range(10)))

    assert len(product.asked) == 2
    assert ["status 403" in each["errors"][0]["message"] for each in seen] == [True] * 10


async def test_instances_made_at_once_ask_once_and_all_see_what_came_of_it(tmp_path: Path, engine: str) -> None:
    async with with_product(tmp_path, engine, public_url=PUBLIC) as (app, product):
        here = await shop(app)
        for number in range(8):
            await here.admin.post("/flows", {"key": f"flow-{number}", "nodes": waiting()})
        slow(product, 1.0)
        product.answers(reply(500), reply(200))

        seen = await asyncio.gather(*(here.instance(flowKey=f"flow-{number}") for number in range(8)))

    assert {each["state"] for each in seen} == {"SETUP_FAILED"}
    assert len(product.asked) == 1


async def test_a_call_that_leaves_while_the_product_thinks_is_made_up_for(tmp_path: Path, engine: str) -> None:
    async with with_product(tmp_path, engine, public_url=PUBLIC) as (app, product):
        here = await shop(app)
        slow(product, 60)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await here.instance()
        product.before = None

        at_once = await app.services.subscribing.ask_due(Clock().now())
        later = await app.services.subscribing.ask_due(Clock().now() + DAY)

        assert (at_once, later, len(product.asked)) == (0, 1, 2)
        assert [each["isSubscribed"] for each in await here.subscriptions()] == [True]
        assert (await here.instance())["state"] == "READY"


async def test_a_call_under_an_idempotency_key_leaves_asking_to_a_worker(tmp_path: Path, engine: str) -> None:
    async with with_product(tmp_path, engine, public_url=PUBLIC) as (app, product):
        here = await shop(app)
        where = "/flow-instance?flowKey=sync&integrationKey=crm"

        made = await here.acme.post(where, headers={"idempotency-key": "k"})
        again = await here.acme.post(where, headers={"idempotency-key": "k"})
        assert (made, product.asked) == (again, [])

        async with open_worker(Settings(flow_poll_seconds=0.05), app.services, Clock()), asyncio.timeout(10.0):
            while not await here.subscriptions(isSubscribed="true"):  # noqa: ASYNC110 - a worker tells nobody
                await asyncio.sleep(0.02)

    assert len(product.asked) == 1


async def test_a_worker_asks_for_nobody_who_is_hidden_or_off_meanwhile(tmp_path: Path, engine: str) -> None:
    async with with_product(tmp_path, engine, public_url=PUBLIC) as (app, product):
        here = await shop(app)
        body, key = {"flowKey": "sync", "integrationKey": "crm"}, {"idempotency-key": "k"}
        made = await here.acme.post("/flow-instances", body, headers=key)
        await here.acme.request(
            "POST", "/flow-instances", json={**body, "instanceKey": "k"}, headers={"idempotency-key": "l"}
        )
        await here.admin.delete("/flows/sync")

        await app.services.subscribing.ask_due(Clock().now())
        assert (product.asked, await app.services.subscribing.ask_due(Clock().now() + DAY)) == ([], 0)

        await here.admin.post("/flows/sync/restore")
        await here.setup(made)

    assert len(product.asked) == 1


async def test_a_flow_that_makes_many_instances_asks_for_some_and_leaves_the_rest(tmp_path: Path, engine: str) -> None:
    count, at_once, most = 40, 0, 0

    async def think() -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.1)
        at_once -= 1

    async with with_product(tmp_path, engine, public_url=PUBLIC) as (app, product):
        product.before = think
        here = await shop(app)
        for number in range(count - 1):
            await app.customer(f"c{number}").post("/connections", {"integrationKey": "crm"})
        await here.admin.post("/flows/sync/apply", {"integrationKeys": ["crm"]})

        await here.admin.patch("/flows/sync", {"autoCreateInstances": True})
        by_the_call = len(product.asked)
        while await app.services.subscribing.ask_due(Clock().now()):
            pass

        done = await here.subscriptions(isSubscribed="true", limit="100")
    assert (by_the_call, most, len(done)) == (16, 16, count)
    assert len(targets(product)) == len(set(targets(product))) == count


async def test_one_product_that_hangs_keeps_no_other_waiting_for_long(tmp_path: Path, engine: str) -> None:
    async with with_product(tmp_path, engine, public_url=PUBLIC, outgoing_timeout_seconds=0.5) as (app, product):
        here = await shop(app)
        other = await app.services.workspaces.create("Other")
        await app.services.workspaces.configure(other.key, api_base_uri=f"{product.url}/other/")
        far = await shop(App(app.services, app.http, other.key, other.secret))
        slow(product, 60)
        for number in range(10):
            api = app.customer(f"c{number}")
            await api.post("/connections", {"integrationKey": "crm"})
            where = "/flow-instance?flowKey=sync&integrationKey=crm"
            await api.post(where, headers={"idempotency-key": "k"})
        await far.acme.post("/flow-instance?flowKey=sync&integrationKey=crm", headers={"idempotency-key": "k"})

        product.before, product.respond = None, _hangs_up_on_the_first
        await app.services.subscribing.ask_due(Clock().now())

        assert [each["isSubscribed"] for each in await far.subscriptions()] == [True]
        assert await here.subscriptions(isSubscribed="true") == []


def _hangs_up_on_the_first(asked: Asked) -> bytes:
    return reply(200) if asked.target.startswith("/other/") else reply(500)
