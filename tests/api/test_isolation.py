"""Nobody sees, changes or learns of what is somebody else's: the route table against every kind of stranger.

Each thing of a victim carries canaries, texts that stand nowhere else. A stranger names the victim's ids in every place a request
has for one; the answers must have no canary, must be the very answers that an id of nothing gets, and must change nothing.
"""

import random
import re
import secrets
import string
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import jwt
import msgspec
import pytest

from datalinks.api.endpoint import Endpoint
from datalinks.api.routes import routes
from support.app import Api, App
from support.server import Server, running_server

INSTANCE_FIELDS = ("dataLinkTableKey", "dataLinkTableId", "parentId", "parentKey")
FLOW_FIELDS = ("flowKey", "flowId", "parentId", "parentKey")
EVENT_FIELDS = ("appEventTypeKey", "appEventTypeId", "parentId", "parentKey")
# What of a victim a field of a query or a body may name; other fields name anything of it.
KINDS = {
    "userId": ("customer", "internal_id"),
    "tenantId": ("customer", "internal_id"),
    "connectionId": ("connection", "connection_key", "instance"),
    "connectionKey": ("connection_key",),
    "integrationId": ("integration", "integration_key"),
    "integrationKey": ("integration", "integration_key"),
    "integrationUuid": ("integration_uuid",),
    "integrationKeys": ("integration", "integration_key"),
    "dataLinkTableId": ("table", "table_key", "table_uuid", "instance"),
    "dataLinkTableKey": ("table_key",),
    "parentId": ("table", "instance", "flow", "flow_instance", "event_type", "subscription"),
    "parentKey": ("table_key", "flow_key", "event_type_key"),
    "flowId": ("flow", "flow_key", "flow_uuid", "own_flow", "flow_instance"),
    "flowKey": ("flow_key",),
    "universalFlowId": ("flow", "flow_key", "own_flow"),
    "appEventTypeId": ("event_type", "event_type_key", "event_type_uuid", "subscription"),
    "appEventTypeKey": ("event_type_key",),
    "appEventSubscriptionId": ("subscription", "event", "event_type"),
    "dataLinkTableInstanceId": ("instance", "table", "connection"),
    "instanceKey": ("instance_key",),
    "search": ("connection_key", "table_key", "internal_id"),
    "cursor": ("customer", "connection", "instance", "table", "integration", "flow", "flow_instance"),
    "appRecordId": ("app_record",),
    "externalRecordId": ("external_record",),
}
# What of a victim the path of a noun's routes may name.
PATH_KINDS = {
    "event_type": {"event_type", "event_type_key", "event_type_uuid", "subscription", "event"},
    "subscription": {"subscription", "event_type", "event", "customer", "connection"},
    "event": {"event", "subscription", "event_type"},
    "flow_instance": {"flow_instance", "flow", "connection", "instance"},
    "flow": {"flow", "flow_key", "flow_uuid", "own_flow", "flow_instance", "instance_key"},
    "instance": {"instance", "table", "connection", "link"},
    "table": {"table", "table_key", "table_uuid", "instance", "instance_key"},
    "link": {"link", "instance", "app_record"},
    "connection": {"connection", "connection_key", "integration", "integration_key", "integration_uuid", "customer"},
    "integration": {"integration", "integration_key", "integration_uuid", "connection"},
    "customer": {"customer", "internal_id", "connection"},
}
# What everyone of a workspace may know.
SHARED = {
    *("table", "table_key", "table_uuid", "integration", "integration_key", "integration_uuid"),
    *("flow", "flow_key", "flow_uuid", "own_flow"),
    *("event_type", "event_type_key", "event_type_uuid"),
}


def open_paths() -> set[str]:
    """The paths that ask for no token."""
    return {endpoint.path for endpoint in routes() if endpoint.is_open}


def canary(what: str) -> str:
    """A text that stands nowhere else."""
    return f"canary-{what}-{secrets.token_hex(8)}"


@dataclass
class Tenant:
    """A customer with one thing of every kind. ids: by kind. canaries: every text that is its own. hidden: those for admins only."""

    admin: Api
    api: Api
    ids: dict[str, str]
    canaries: set[str]
    hidden: set[str]

    async def snapshot(self) -> Any:
        """Everything that is the tenant's, as an admin sees it."""
        ids = self.ids
        customer = await self.admin.get(f"/customers/{ids['customer']}?includeSecrets=true")
        return [
            customer,
            await self.admin.get(f"/connections?userId={ids['customer']}&includeArchived=true&includeSecrets=true"),
            await self.admin.get(f"/data-link-table-instances?userId={ids['customer']}&includeArchived=true"),
            await self.admin.get(f"/data-link-tables/{ids['table']}"),
            await self.admin.get(f"/integrations/{ids['integration']}"),
            await self.admin.get(f"/data-links?dataLinkTableInstanceId={ids['instance']}"),
            await self.admin.get(f"/flows/{ids['flow']}"),
            await self.admin.get(f"/integrations/{ids['integration']}/flows"),
            await self.admin.get(f"/flow-instances?userId={ids['customer']}&includeArchived=true"),
            await self.admin.get(f"/app-event-types/{ids['event_type']}"),
            await self.admin.get(f"/app-event-subscriptions?userId={ids['customer']}&includeArchived=true"),
            await self.admin.get(f"/app-events?userId={ids['customer']}"),
        ]


async def plant(
    admin: Api, customer_of: Callable[..., Api], shared: Tenant | None = None, internal_id: str = ""
) -> Tenant:
    """One thing of every kind, each with canaries; table and integration are another tenant's if it is of the same workspace."""
    word = {
        what: canary(what)
        for what in ("name", "key", "app", "external", "instance-key", "fields", "meta", "own", "event")
    }
    hidden = {what: canary(what) for what in ("credentials", "parameters", "own-credentials")}
    # An internal id that tells whose it is, in capitals so that a search must fold it.
    internal_id = internal_id or canary("Customer")
    api = customer_of(internal_id, name=word["name"], fields={"a": word["fields"]})
    me = await api.patch("/self", {"credentials": {"key": hidden["own-credentials"]}})
    if shared is None:
        table = await admin.post("/data-link-tables", {"key": canary("table"), "description": canary("description")})
        parameters = {"secret": hidden["parameters"]}
        integration = await admin.post("/integrations", {"key": canary("integration"), "parameters": parameters})
        flow = await admin.post("/flows", {"key": canary("flow"), "description": canary("description")})
        await admin.post(f"/flows/{flow['id']}/apply", {"integrationKeys": [integration["key"]]})
        own_flow = await admin.get(f"/integrations/{integration['id']}/flows/{flow['id']}")
        request = {"uri": hidden["parameters"]}
        event_type = await admin.post("/app-event-types", {"key": canary("event-type"), "subscribeRequest": request})
        hidden["webhook"] = event_type["webhookKey"]
        common: dict[str, str] = {
            "event_type": event_type["id"],
            "event_type_key": event_type["key"],
            "event_type_uuid": event_type["uuid"],
            "flow": flow["id"],
            "flow_key": flow["key"],
            "flow_uuid": flow["uuid"],
            "own_flow": own_flow["id"],
            "table": table["id"],
            "table_key": table["key"],
            "table_uuid": table["uuid"],
            "integration": integration["id"],
            "integration_key": integration["key"],
            "integration_uuid": integration["uuid"],
        }
    else:
        common = {kind: shared.ids[kind] for kind in SHARED}
    named = {"key": word["key"], "name": word["name"], "meta": {"a": word["meta"]}}
    secret = {"credentials": {"token": hidden["credentials"]}}
    connection = await api.post("/connections", {"integrationId": common["integration"], **named, **secret})
    instance = await api.post(
        f"/data-link-table-instance?dataLinkTableId={common['table']}&connectionId={connection['id']}"
        f"&instanceKey={word['instance-key']}"
    )
    body = {"appRecordId": word["app"], "externalRecordId": word["external"], "direction": "import"}
    link = await api.post(f"/data-link-table-instances/{instance['id']}/links", body)
    flow_instance = await api.post(
        f"/flow-instance?flowId={common['flow']}&connectionId={connection['id']}&instanceKey={word['instance-key']}",
        {"name": word["own"], "parameters": {"a": word["own"]}},
    )
    subscription = await api.post(f"/app-event-subscription?appEventTypeId={common['event_type']}")
    received = await api.post(subscription["webhookUri"], {"a": word["event"]})
    word["webhook"] = subscription["webhookUri"].rpartition("/")[2]
    ids = {
        **common,
        "subscription": subscription["id"],
        "event": received["ids"][0],
        "flow_instance": flow_instance["id"],
        "customer": me["id"],
        "internal_id": internal_id,
        "connection": connection["id"],
        "connection_key": word["key"],
        "instance": instance["id"],
        "instance_key": word["instance-key"],
        "link": link["id"],
        "app_record": word["app"],
        "external_record": word["external"],
    }
    return Tenant(admin, api, ids, {*word.values(), *hidden.values(), *ids.values()}, set(hidden.values()))


@dataclass
class World:
    """A victim, another customer of its workspace, and a tenant of another workspace."""

    app: App
    victim: Tenant
    neighbour: Tenant
    foreigner: Tenant


@pytest.fixture
async def world(app: App) -> World:
    """Everyone with one thing of every kind."""
    other = await app.services.workspaces.create("Other")
    far = App(app.services, app.http, other.key, other.secret)
    victim = await plant(app.admin, app.customer)
    return World(app, victim, await plant(app.admin, app.customer, victim), await plant(far.admin, far.customer))


# --- No token, no answer


def strangers(app: App) -> dict[str, str | None]:
    """Tokens that speak for nobody."""
    past = int(time.time()) - 1
    return {
        "no token": None,
        "an empty one": "",
        "rubbish": "x.y.z",
        "an expired one": jwt.encode({"iss": app.key, "isAdmin": True, "exp": past}, app.secret, "HS512"),
        "one signed by nobody": jwt.encode({"iss": app.key, "isAdmin": True}, "x" * 64, "HS512"),
        "one that names nobody": jwt.encode({"iss": app.key}, app.secret, "HS512"),
        "one of no workspace": jwt.encode({"isAdmin": True}, app.secret, "HS512"),
    }


async def test_every_route_but_the_open_ones_asks_for_a_token(world: World) -> None:
    before = await world.victim.snapshot()
    for endpoint in routes():
        for token in strangers(world.app).values():
            for value in (world.victim.ids["table"], world.victim.ids["connection"], "nothing"):
                path = re.sub(r"{\w+}", lambda _, value=value: value, endpoint.path)
                answer = await world.app.bearing(token).request(endpoint.method, path, json={})
                if "delivery" in endpoint.parameters:
                    # A webhook asks for a key in its path instead, and says nothing to those who have none.
                    assert answer.status_code == 404
                elif endpoint.is_sign_in:
                    # Only the console may ask, which says who it is.
                    assert answer.status_code == 403
                elif endpoint.is_open:
                    assert answer.is_success
                else:
                    assert answer.status_code == 401, (endpoint, answer.text)
                    assert answer.json()["key"] == "not_authenticated"
                assert not leaks(answer, world.victim, path)
    assert await world.victim.snapshot() == before


def test_only_signs_of_life_webhooks_and_the_door_of_the_console_are_open() -> None:
    assert open_paths() == {"/health", "/ready", "/webhooks/app-events/{webhook_key}", "/console/session"}


# --- Strangers with a token


@dataclass(frozen=True)
class Attack:
    """One request that names something of a victim."""

    endpoint: Endpoint
    path: str
    query: tuple[tuple[str, str], ...]
    body: dict[str, Any] | None
    named: str

    async def run(self, api: Api, named: str) -> httpx2.Response:
        """The request with another thing in the place of the named one."""

        def swap(value: Any) -> Any:
            if value == [self.named]:
                return [named]
            return named if value == self.named else value

        path = "/".join(swap(part) for part in self.path.split("/"))
        body = self.body and {name: swap(value) for name, value in self.body.items()}
        query = {name: swap(value) for name, value in self.query}
        return await api.request(self.endpoint.method, path, params=query, **({} if body is None else {"json": body}))


def text_fields(endpoint: Endpoint) -> list[str]:
    """The names of every text in an endpoint's query."""
    names = ["id", "key", "uuid", "internalId"] if endpoint.selects_by_query else []
    for kind in endpoint.query_parameters.values():
        names += [each.encode_name for each in msgspec.structs.fields(kind) if "str" in str(each.type)]
    return [name for name in dict.fromkeys(names) if name != "direction"]


def noun(endpoint: Endpoint, parameter: str = "selector") -> str:
    """What an endpoint's path is about, or a part of it."""
    if endpoint.path.startswith("/data-links/"):
        return "link"
    if parameter in ("connection", "integration"):
        return parameter
    if "event" in endpoint.path:
        return next((noun for noun in ("subscription", "type") if noun in endpoint.path), "event").replace(
            "type", "event_type"
        )
    if "/flow" in endpoint.path:
        return "flow_instance" if "/flow-instance" in endpoint.path else "flow"
    return next((noun for noun in PATH_KINDS if noun in endpoint.path), "customer")


def own_path(endpoint: Endpoint, own: Tenant) -> str:
    """An endpoint's path with the attacker's own things in it."""
    return filled(endpoint, own, {})


def filled(endpoint: Endpoint, own: Tenant, others: dict[str, str]) -> str:
    """An endpoint's path with something else for some of its parameters."""
    return re.sub(r"{(\w+)}", lambda part: others.get(part[1], own.ids[noun(endpoint, part[1])]), endpoint.path)


def own_query(endpoint: Endpoint, own: Tenant, attacked: str) -> dict[str, str]:
    """The rest of a query, so that only the attacked field can be the reason for a refusal."""
    fields, query = text_fields(endpoint), dict[str, str]()
    if "dataLinkTableKey" in fields and attacked not in INSTANCE_FIELDS and attacked != "id":
        query["dataLinkTableId"] = own.ids["table"]
    if "flowKey" in fields and attacked not in FLOW_FIELDS and attacked != "id":
        query["flowId"] = own.ids["flow"]
    if "appEventTypeKey" in fields and attacked != "id":
        if attacked not in EVENT_FIELDS:
            query["appEventTypeId"] = own.ids["event_type"]
        if attacked not in ("userId", "tenantId"):
            query["userId"] = own.ids["customer"]
    about_connection = ("connectionId", "connectionKey", "integrationId", "integrationKey", "id")
    if "connectionId" in fields and attacked in ("userId", "tenantId"):
        query["integrationId"] = own.ids["integration"]
    elif "connectionId" in fields and attacked not in about_connection:
        query["connectionId"] = own.ids["connection"]
    if "dataLinkTableInstanceId" in fields:
        query["dataLinkTableInstanceId"] = own.ids["instance"]
    if endpoint.selects_by_query and attacked not in ("id", "key", "uuid", "internalId"):
        query["id"] = own.ids[noun(endpoint)]
    return query


def own_body(endpoint: Endpoint, own: Tenant) -> dict[str, Any] | None:
    """A body that an endpoint accepts."""
    if "body" not in endpoint.parameters:
        return None
    name = endpoint.parameters["body"].__name__
    if name == "DataLinkDraft":
        return {"appRecordId": "1", "externalRecordId": "2"}
    if name == "ConnectionDraft":
        return {"integrationId": own.ids["integration"]}
    if name == "ApplyDraft":
        return {"integrationKeys": [own.ids["integration_key"]]}
    if name == "FlowInstanceDraft":
        return {"enabled": True}
    return {"appUrl": "nothing.example"} if name == "EnsureConnectionDraft" else {"description": "x"}


def attacks(own: Tenant, victim: Tenant, private: set[str]) -> Iterator[Attack]:
    """Every request of the route table that names something private of the victim, in each place it can stand."""
    handlers: set[tuple[Any, str]] = set()
    for endpoint in routes():
        if endpoint.is_open:
            continue
        query, body = own_query(endpoint, own, ""), own_body(endpoint, own)
        for parameter in endpoint.path_parameters:
            for kind in sorted(private & PATH_KINDS[noun(endpoint, parameter)]):
                path = filled(endpoint, own, {parameter: victim.ids[kind]})
                yield Attack(endpoint, path, tuple(query.items()), body, victim.ids[kind])
        path = own_path(endpoint, own)
        for field in text_fields(endpoint):
            # Two paths of one handler read the same query.
            if (endpoint.handler, field) in handlers:
                continue
            handlers.add((endpoint.handler, field))
            for kind in sorted(private & set(KINDS.get(field, PATH_KINDS[noun(endpoint)]))):
                given = {**own_query(endpoint, own, field), field: victim.ids[kind]}
                yield Attack(endpoint, path, tuple(given.items()), body, victim.ids[kind])
        yield from body_attacks(endpoint, own, victim, private)


def body_attacks(endpoint: Endpoint, own: Tenant, victim: Tenant, private: set[str]) -> Iterator[Attack]:
    """Every request to an endpoint whose body names something private of the victim."""
    path, query = own_path(endpoint, own), tuple(own_query(endpoint, own, "").items())
    body = own_body(endpoint, own) or {}
    for field in _references(endpoint):
        for kind in sorted(private & set(KINDS[field])):
            named = [victim.ids[kind]] if isinstance(body.get(field), list) else victim.ids[kind]
            given: dict[str, Any] = {**body, field: named}
            if endpoint.path.startswith("/flow-instance"):
                # The query goes before the body, so there is none.
                yield Attack(endpoint, path, (), own_instance(own, field) | given, victim.ids[kind])
                continue
            if field.startswith("integration"):
                given = {field: named}
            if field in ("dataLinkTableId", "flowId"):
                given["connectionId"] = own.ids["connection"]
            yield Attack(endpoint, path, query, given, victim.ids[kind])


def own_instance(own: Tenant, attacked: str) -> dict[str, Any]:
    """What names a flow instance in a body beside the field that is attacked."""
    flow = {} if attacked == "flowKey" else {"flowId": own.ids["flow"]}
    return flow | ({} if attacked.startswith("integration") else {"connectionId": own.ids["connection"]})


def _references(endpoint: Endpoint) -> list[str]:
    """The fields of an endpoint's body that name other things."""
    if "body" not in endpoint.parameters:
        return []
    return [
        each.encode_name for each in msgspec.structs.fields(endpoint.parameters["body"]) if each.encode_name in KINDS
    ]


def nothing_like(value: str) -> str:
    """A text of the same form that names nothing."""
    chosen = random.Random(value)  # The same for the same value, so that a failure can be repeated.
    letters = {"0": string.digits, "a": "abcdef"}
    return "".join(chosen.choice(letters["0" if each.isdigit() else "a"]) if each.isalnum() else each for each in value)


def leaks(answer: httpx2.Response, victim: Tenant, *sent: str) -> set[str]:
    """The victim's canaries in an answer that the request did not bring along itself."""
    text = f"{answer.text}\n{answer.headers}".casefold()
    known = "\n".join(sent).casefold()
    return {each for each in victim.canaries if each.casefold() in text and each.casefold() not in known}


def shape(answer: httpx2.Response, named: str) -> Any:
    """An answer without what differs from one request to the next."""
    if answer.is_success:
        # A success shows things of the attacker itself, some of them made just now.
        return answer.status_code
    return answer.status_code, answer.text.replace(named, "NAMED")


async def attacked(api: Api, own: Tenant, victim: Tenant, private: set[str]) -> int:
    """Run every attack and compare with the same request about nothing; how many there were."""
    count = 0
    for attack in attacks(own, victim, private):
        count += 1
        other = nothing_like(attack.named)
        named, unnamed = await attack.run(api, attack.named), await attack.run(api, other)
        described = (
            attack.endpoint.method,
            attack.path,
            attack.query,
            attack.body,
            named.text[:300],
            unnamed.text[:300],
        )
        shared = [own.ids[kind] for kind in SHARED] + [victim.ids[kind] for kind in SHARED - private]
        assert not leaks(named, victim, attack.named, *shared), described
        assert shape(named, attack.named) == shape(unnamed, other), described
        assert named.status_code < 500, described
        if attack.endpoint.method == "DELETE" and named.is_success:
            await restore(own)
    return count


async def restore(own: Tenant) -> None:
    """Bring the attacker's own things back after it archived them."""
    for path in (
        "data-link-tables/{table}",
        "integrations/{integration}",
        "customers/{customer}",
        "connections/{connection}",
        "flows/{flow}",
        "flows/{own_flow}",
        "app-event-types/{event_type}",
    ):
        await own.admin.post(f"/{path.format(**own.ids)}/restore")
    await own.admin.post(f"/data-link-table-instance/restore?id={own.ids['instance']}")
    await own.admin.post(f"/flow-instance/restore?id={own.ids['flow_instance']}")
    await own.admin.post(f"/app-event-subscription/restore?id={own.ids['subscription']}")


async def test_another_workspaces_admin_meets_nothing(world: World) -> None:
    before = await world.victim.snapshot()

    count = await attacked(world.foreigner.admin, world.foreigner, world.victim, set(world.victim.ids))

    assert count > 500
    assert await world.victim.snapshot() == before


async def test_another_workspaces_customer_meets_nothing(world: World) -> None:
    before = await world.victim.snapshot()

    count = await attacked(world.foreigner.api, world.foreigner, world.victim, set(world.victim.ids))

    assert count > 500
    assert await world.victim.snapshot() == before


async def test_another_customer_of_the_workspace_meets_nothing_private(world: World) -> None:
    before = await world.victim.snapshot()

    count = await attacked(world.neighbour.api, world.neighbour, world.victim, set(world.victim.ids) - SHARED)

    assert count > 300
    assert await world.victim.snapshot() == before


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
async def test_somebody_elses_connection_is_not_there_rather_than_forbidden(world: World, method: str) -> None:
    victim = world.victim.ids
    for api in (world.neighbour.api, world.foreigner.api, world.foreigner.admin):
        for path in (f"/connections/{victim['connection']}", f"/connection?id={victim['connection']}"):
            answer = await api.request(method, path, json={})
            assert (answer.status_code, answer.json()["key"]) == (404, "not_found")


async def test_somebody_elses_instance_and_links_are_not_there_rather_than_forbidden(world: World) -> None:
    victim, body = world.victim.ids, {"appRecordId": "1", "externalRecordId": "2"}
    for api in (world.neighbour.api, world.foreigner.api, world.foreigner.admin):
        for method, path in (
            ("GET", f"/data-link-table-instances/{victim['instance']}/links"),
            ("POST", f"/data-link-table-instances/{victim['instance']}/links"),
            ("DELETE", f"/data-link-table-instances/{victim['instance']}/links"),
            ("POST", f"/data-link-table-instance/links?id={victim['instance']}"),
            (
                "POST",
                f"/data-link-table-instance/links?dataLinkTableId={victim['table']}&connectionId={victim['connection']}",
            ),
            ("POST", f"/data-link-tables/{victim['table']}/links?connectionId={victim['connection']}"),
            ("POST", f"/data-link-tables/{victim['instance']}/links"),
            ("GET", f"/data-links?dataLinkTableInstanceId={victim['instance']}"),
            ("GET", f"/data-links/{victim['link']}"),
            ("DELETE", f"/data-links/{victim['link']}"),
            ("GET", f"/data-link-table-instance?id={victim['instance']}"),
            ("DELETE", f"/data-link-table-instance?id={victim['instance']}"),
            ("POST", f"/data-link-table-instance/restore?id={victim['instance']}"),
            ("GET", f"/data-link-tables/{victim['instance']}"),
        ):
            answer = await api.request(method, path, json=body)
            assert (answer.status_code, answer.json()["key"]) == (404, "not_found"), (method, path, answer.text)


async def test_somebody_elses_flow_instance_is_not_there_rather_than_forbidden(world: World) -> None:
    victim = world.victim.ids
    id, connection, flow = victim["flow_instance"], victim["connection"], victim["flow"]
    for api in (world.neighbour.api, world.foreigner.api, world.foreigner.admin):
        for method, path in (
            ("GET", f"/flow-instance?id={id}"),
            ("PUT", f"/flow-instance?id={id}"),
            ("PATCH", f"/flow-instance?id={id}"),
            ("DELETE", f"/flow-instance?id={id}"),
            ("POST", f"/flow-instance?id={id}"),
            ("POST", f"/flow-instance/restore?id={id}"),
            ("POST", f"/flow-instances/{id}/setup"),
            ("POST", f"/flow-instances/{id}/reset"),
            ("POST", f"/flow-instances/{id}/update-to-latest-flow"),
            ("GET", f"/flow-instance?flowId={flow}&connectionId={connection}&autoCreate=true"),
            ("POST", f"/flow-instances?flowId={flow}&connectionId={connection}"),
            ("GET", f"/flows/{flow}?connectionId={connection}"),
            ("GET", f"/connections/{connection}/flows"),
            ("GET", f"/connections/{connection}/flows/{flow}?autoCreate=true"),
            ("PUT", f"/connections/{connection}/flows/{flow}"),
            ("PATCH", f"/connections/{connection}/flows/{id}"),
            ("DELETE", f"/connections/{connection}/flows/{id}"),
        ):
            answer = await api.request(method, path, json={})
            assert (answer.status_code, answer.json()["key"]) == (404, "not_found"), (method, path, answer.text)


async def test_what_only_admins_may_do_is_forbidden_to_customers(world: World) -> None:
    victim = world.victim.ids
    for method, path in (
        ("POST", "/data-link-tables"),
        ("PUT", f"/data-link-tables/{victim['table']}"),
        ("PATCH", f"/data-link-tables/{victim['table']}"),
        ("DELETE", f"/data-link-tables/{victim['table']}"),
        ("POST", f"/data-link-tables/{victim['table']}/restore"),
        ("POST", "/app-event-types"),
        ("PUT", f"/app-event-types/{victim['event_type']}"),
        ("PATCH", f"/app-event-types/{victim['event_type']}"),
        ("DELETE", f"/app-event-types/{victim['event_type']}"),
        ("POST", f"/app-event-types/{victim['event_type']}/restore"),
        ("POST", "/integrations"),
        ("PUT", f"/integrations/{victim['integration']}"),
        ("PATCH", f"/integrations/{victim['integration']}"),
        ("DELETE", f"/integrations/{victim['integration']}"),
        ("POST", f"/integrations/{victim['integration']}/restore"),
        ("GET", "/customers"),
        ("POST", "/customers"),
        ("GET", f"/customers/{victim['customer']}"),
        ("PUT", f"/customers/{victim['customer']}"),
        ("PATCH", f"/customers/{victim['customer']}"),
        ("DELETE", f"/customers/{victim['customer']}"),
        ("POST", f"/customers/{victim['customer']}/restore"),
    ):
        answer = await world.victim.api.request(method, path, json={"name": "x"})
        assert (answer.status_code, answer.json()["key"]) == (403, "access_denied"), (method, path)


async def test_one_customers_id_in_two_workspaces_is_two_customers(app: App) -> None:
    other = await app.services.workspaces.create("Other")
    far = App(app.services, app.http, other.key, other.secret)
    first = await plant(app.admin, app.customer, internal_id="acme")
    second = await plant(far.admin, far.customer, internal_id="acme")

    here, there = await first.snapshot(), await second.snapshot()

    assert here[0]["internalId"] == there[0]["internalId"] == "acme"
    assert here[0]["id"] != there[0]["id"]
    assert {each for each in first.canaries if each in str(there)} == {"acme"}
    assert {each for each in second.canaries if each in str(here)} == {"acme"}


async def test_a_customer_named_like_anothers_id_is_not_taken_for_it(world: World) -> None:
    victim = world.victim.ids
    for name in (victim["customer"], victim["connection"], victim["instance"]):
        twin = world.app.customer(name)
        assert (await twin.get("/self"))["internalId"] == name
        assert await twin.get("/connections") == {"items": []}
        await twin.get(f"/connections/{victim['connection']}", status=404)
        answer = await twin.request(
            "POST", f"/connections?userId={name}", json={"integrationId": victim["integration"]}
        )
        assert answer.status_code in (201, 404), answer.text
        assert len((await world.victim.api.get("/connections"))["items"]) == 1


# --- Secrets


def readable(own: Tenant) -> Iterator[str]:
    """Every GET with the tenant's own things in its path."""
    for endpoint in routes():
        if endpoint.method == "GET":
            query = own_query(endpoint, own, "")
            yield f"{own_path(endpoint, own)}?{'&'.join(f'{name}={value}' for name, value in query.items())}"


async def test_secrets_are_in_no_ordinary_answer(world: World) -> None:
    victim = world.victim
    # Admins may see what is theirs to write, and the webhook.
    secret = {each for each in victim.hidden if each.startswith("canary-") and "parameters" not in each}
    for api, hidden in ((victim.api, victim.hidden), (victim.admin, secret), (world.neighbour.api, victim.hidden)):
        for path in readable(victim):
            answer = await api.request("GET", path)
            assert not {each for each in hidden if each in answer.text}, path


async def test_secrets_are_not_in_the_answers_to_those_who_write_them(world: World) -> None:
    own, secret = world.victim, canary("written")
    bodies = {"credentials": {"a": secret}, "connectorParameters": [secret], "input": secret}
    for api in (own.api, own.admin):
        for answer in (
            await api.request("PATCH", f"/connections/{own.ids['connection']}", json=bodies),
            await api.request("PUT", f"/connections/{own.ids['connection']}", json=bodies),
            await api.request(
                "POST",
                f"/connections?userId={own.ids['customer']}",
                json={"integrationId": own.ids["integration"], **bodies},
            ),
            await own.api.request("PATCH", "/self", json={"credentials": secret}),
            await own.admin.request("PATCH", f"/customers/{own.ids['customer']}", json={"credentials": secret}),
            await own.admin.request("PUT", f"/customers/{own.ids['customer']}", json={"credentials": secret}),
            await own.admin.request("POST", "/customers", json={"name": "x", "credentials": secret}),
        ):
            assert answer.is_success, answer.text
            assert secret not in answer.text


async def test_only_an_admin_who_asks_for_secrets_sees_them(world: World) -> None:
    victim = world.victim
    own = f"/connections/{victim.ids['connection']}?includeSecrets=true"

    assert "canary-credentials" in (await victim.admin.get(own))["credentials"]["token"]
    assert (
        "canary-own"
        in (await victim.admin.get(f"/customers/{victim.ids['customer']}?includeSecrets=true"))["credentials"]["key"]
    )
    assert "canary-credentials" in str(await victim.admin.get("/connections?includeSecrets=true"))
    await victim.api.get(own, status=403)
    await victim.api.get("/connections?includeSecrets=true", status=403)
    await victim.api.get("/connections?includeSecrets=true&isTest=true", status=403)
    await victim.api.get(f"/customers/{victim.ids['customer']}?includeSecrets=true", status=403)
    for api in (world.neighbour.api, world.foreigner.api, world.foreigner.admin):
        answer = await api.request("GET", own)
        assert answer.status_code in (403, 404)
        assert not leaks(answer, victim, own)


async def test_an_admin_that_acts_for_a_customer_is_still_an_admin_of_one_workspace(world: World) -> None:
    acting = world.app.customer(world.neighbour.ids["internal_id"], isAdmin=True)

    assert (await acting.get(f"/connections/{world.victim.ids['connection']}"))["id"] == world.victim.ids["connection"]
    await acting.get(f"/connections/{world.foreigner.ids['connection']}", status=404)


async def test_pages_for_everyone_say_nothing_of_anyone(world: World) -> None:
    for path in ("/metrics", "/openapi.json", "/docs", "/health", "/ready"):
        answer = await world.app.bearing(None).request("GET", path)
        assert answer.status_code == 200
        for tenant in (world.victim, world.neighbour, world.foreigner):
            assert not leaks(answer, tenant)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Server]:
    """A server whose log says everything it can say."""
    with running_server(tmp_path, DATALINKS_LOG_LEVEL="debug") as server:
        yield server


def test_secrets_are_readable_in_no_file_and_ids_in_no_log(served: Server) -> None:
    secret, name, record, asked = canary("secret"), canary("name"), canary("record"), canary("asked")
    admin, customer = served.token(), served.token("acme")

    def call(token: str, method: str, path: str, body: Any = None) -> httpx2.Response:
        with httpx2.Client(base_url=served.url, headers={"authorization": f"Bearer {token}"}) as client:
            return client.request(method, path, json=body)

    call(admin, "POST", "/data-link-tables", {"key": "contacts"})
    call(admin, "POST", "/integrations", {"key": "crm"})
    call(customer, "PATCH", "/self", {"credentials": {"key": secret}})
    made = call(
        customer,
        "POST",
        "/connections",
        {"integrationKey": "crm", "name": name, "credentials": [secret], "input": secret},
    )
    assert made.status_code == 201
    where = "/data-link-table-instance/links?dataLinkTableKey=contacts&integrationKey=crm"
    assert call(customer, "POST", where, {"appRecordId": record, "externalRecordId": "2"}).status_code == 201
    assert call(customer, "GET", f"{where}&appRecordId={asked}").status_code == 200
    refusals = [
        call(customer, "POST", where, {"appRecordId": record, "externalRecordId": 5, "direction": asked}),
        call(customer, "PATCH", "/self", {"credentials": secret, "x": [[asked]], "name": 5}),
        call(customer, "GET", f"/connections/{asked}"),
        call(f"{admin}x", "GET", "/self"),
    ]
    assert [answer.status_code for answer in refusals] == [400, 200, 404, 401]

    served.stop()

    files = {path.name: path.read_bytes() for path in served.folder.iterdir() if path.is_file()}
    kept = b"".join(content for file, content in files.items() if not file.endswith(".log"))
    assert name.encode() in kept
    assert record.encode() in kept
    for hidden in (secret, served.secret, admin, customer):
        assert not [file for file, content in files.items() if hidden.encode() in content]
    for private in (record, asked, name, "acme"):
        assert private.encode() not in files["server.log"]
    assert files["server.log"].count(b"request") > 8
