"""Flow instances: which one is meant, when they are made, what they follow and what is their own."""

import asyncio
from typing import Any

import pytest

from datalinks.errors import BadRequest, NotFound
from datalinks.services.caller import Caller
from datalinks.services.flow_instances import FlowInstanceSelector
from support.app import Api, App

KEEP = {"type": "transform-data", "config": {"output": {"a": 1}}}
NODES: dict[str, Any] = {"trigger": {"type": "api-trigger", "links": [{"key": "keep"}]}, "keep": KEEP}
LINKING = {
    "type": "create-data-link",
    "config": {
        "dataLinkTable": {"key": "contacts"},
        "direction": "import",
        "externalRecordId": "1",
        "appRecordId": {"$findAppRecordId": {"dataLinkTable": {"key": "people"}, "recordId": "1"}},
    },
}


async def connected(app: App, customer: str = "acme", **fields: Any) -> tuple[Api, Any]:
    """A customer with a connection to ``crm``, in a workspace with the universal flow ``sync``."""
    await app.admin.request("POST", "/integrations", json={"key": "crm"})
    await app.admin.request("POST", "/flows", json={"key": "sync", "name": "Sync", "nodes": NODES, **fields})
    api = app.customer(customer)
    return api, await api.post("/connections", {"integrationKey": "crm"})


def where(connection: Any, **more: str) -> str:
    query = {"flowKey": "sync", "connectionId": connection["id"], **more}
    return "/flow-instance?" + "&".join(f"{name}={value}" for name, value in query.items())


def written(nodes: Any) -> Any:
    """Nodes without what the server tells of each."""
    told = ("state", "errors", "isCustomized")
    return {key: {name: value for name, value in node.items() if name not in told} for key, node in nodes.items()}


# --- Which instance


async def test_an_instance_shows_everything_that_it_hangs_on(app: App) -> None:
    customer, connection = await connected(app, parametersSchema={"type": "object"})
    flow = await app.admin.get("/flows/sync")

    made = await customer.post(where(connection), status=201)

    assert (made["key"], made["name"], made["state"], made["enabled"]) == ("sync", "Sync", "READY", True)
    assert (made["flowId"], made["flowRevision"], made["flow"]["name"]) == (flow["id"], flow["revision"], "Sync")
    assert made["connectionId"] == made["connection"]["id"] == connection["id"]
    assert made["integration"]["key"] == "crm"
    assert made["userId"] == made["tenantId"] == made["user"]["id"]
    assert made["parametersSchema"] == {"type": "object"}
    assert (made["outdated"], made["isCustomized"]) == (False, False)
    assert written(made["nodes"]) == NODES
    assert list(made["nodes"]) == list(NODES)
    assert {node["state"] for node in made["nodes"].values()} == {"READY"}
    assert "customized" not in made
    assert "instanceKey" not in made


async def test_a_missing_instance_is_made_only_if_asked_for(app: App) -> None:
    customer, connection = await connected(app)

    await customer.get(where(connection), status=404)
    made = await customer.get(where(connection, autoCreate="true"))

    assert await customer.get(where(connection)) == made
    assert await customer.get(where(connection, autoCreate="true")) == made
    assert (await customer.post(where(connection)))["id"] == made["id"]


async def test_every_way_to_name_flow_and_connection_means_the_same_instance(app: App) -> None:
    customer, connection = await connected(app)
    await customer.patch(f"/connections/{connection['id']}", {"key": "mine"})
    flow = await app.admin.get("/flows/sync")
    id = (await customer.post(where(connection)))["id"]

    flows = (f"flowId={flow['id']}", "flowKey=sync", f"parentId={flow['id']}", "parentKey=sync")
    connections = (
        f"connectionId={connection['id']}",
        "connectionKey=mine",
        "integrationKey=crm",
        f"integrationId={connection['integrationId']}",
        "integrationKey=crm&userId=acme",
    )
    for named in flows:
        for through in connections:
            assert (await customer.get(f"/flow-instance?{named}&{through}"))["id"] == id
    for path in (
        f"/flow-instance?id={id}",
        f"/connections/{connection['id']}/flows/sync",
        f"/connections/mine/flows/{flow['id']}",
        f"/connections/crm/flows/{id}",
        f"/flows/sync?connectionId={connection['id']}",
        "/flow?key=sync&layer=connection&integrationKey=crm",
        f"/flows/{id}",
    ):
        assert (await customer.get(path))["id"] == id, path
    assert (await app.admin.get("/flow-instance?flowKey=sync&integrationKey=crm&userId=acme"))["id"] == id


async def test_what_is_not_there_or_not_clear_is_refused(app: App) -> None:
    customer, connection = await connected(app)
    await customer.post("/connections", {"integrationKey": "crm"})

    several = await customer.get("/flow-instance?flowKey=sync&integrationKey=crm&autoCreate=true", status=400)
    assert len(several["data"]["connectionIds"]) == 2
    await customer.get("/flow-instance?flowKey=sync", status=400)
    await customer.get(f"/flow-instance?connectionId={connection['id']}", status=400)
    await customer.get(where(connection).replace("sync", "no-such"), status=404)
    await customer.get(f"/flow-instance?id={'f' * 24}", status=404)
    await customer.get(f"/connections/{connection['id']}/flows/no-such?autoCreate=true", status=404)
    assert (await customer.get("/flow-instances"))["items"] == []


async def test_a_flow_of_another_integration_has_no_instance_for_a_connection(app: App) -> None:
    customer, connection = await connected(app)
    await app.admin.post("/integrations", {"key": "erp"})
    foreign = await app.admin.post("/integrations/erp/flows", {"key": "foreign"})

    await customer.get(
        f"/flow-instance?flowId={foreign['id']}&connectionId={connection['id']}&autoCreate=1", status=400
    )
    await customer.get(f"/flow-instance?flowKey=foreign&connectionId={connection['id']}&autoCreate=1", status=404)


async def test_an_instance_key_makes_instances_of_their_own(app: App) -> None:
    customer, connection = await connected(app)
    plain = await customer.post(where(connection))

    keyed = await customer.post(where(connection, instanceKey="Süd"))
    by_path = await customer.get("/connections/crm/flows/sync?instanceKey=Süd")

    assert keyed["id"] != plain["id"]
    assert keyed["instanceKey"] == "Süd"
    assert by_path["id"] == keyed["id"]
    assert (await customer.get(where(connection)))["id"] == plain["id"]


async def test_create_takes_its_selector_and_its_content_from_the_body(app: App) -> None:
    customer, connection = await connected(app)
    flow = await app.admin.get("/flows/sync")
    body = {"flowId": flow["id"], "connectionId": connection["id"], "parameters": {"a": None}, "enabled": False}

    made = await customer.post("/flow-instances", body, status=201)
    second = await customer.post("/flow-instances", {"flowKey": "sync", "integrationKey": "crm", "instanceKey": "b"})
    layered = await customer.post("/flows", {"key": "sync", "connectionId": connection["id"], "instanceKey": "c"})

    assert (made["parameters"], made["enabled"]) == ({"a": None}, False)
    assert second["instanceKey"] == "b"
    assert (layered["instanceKey"], layered["flowId"]) == ("c", flow["id"])


@pytest.mark.parametrize("path", ["/flow-instance?flowKey=sync&integrationKey=crm", "/connections/crm/flows/sync?"])
async def test_30_gets_with_auto_create_at_once_make_one_instance(app: App, path: str) -> None:
    customer, _ = await connected(app, nodes={**NODES, "link": LINKING})
    await app.admin.post("/data-link-tables", {"key": "contacts"})
    await app.admin.post("/data-link-tables", {"key": "people"})

    found = await asyncio.gather(*(customer.get(f"{path}&autoCreate=true") for _ in range(30)))

    assert len({each["id"] for each in found}) == 1
    assert [each["id"] for each in (await customer.get("/flow-instances"))["items"]] == [found[0]["id"]]
    assert len((await customer.get("/data-link-table-instances"))["items"]) == 2


# --- Layers


async def test_an_instance_follows_the_integrations_own_flow_where_there_is_one(app: App) -> None:
    customer, connection = await connected(app)
    flow = await app.admin.get("/flows/sync")
    before = await customer.post(where(connection))

    await app.admin.post("/flows/sync/apply", {"integrationKeys": ["crm"]})
    own = await app.admin.patch("/integrations/crm/flows/sync", {"name": "Own"})

    after = await customer.get(where(connection))
    assert before["flowId"] == flow["id"]
    assert (after["id"], after["name"]) == (before["id"], "Own")
    assert (after["flowId"], after["universalFlowId"]) == (own["id"], flow["id"])
    for id in (flow["id"], own["id"]):
        assert (await customer.get(f"/flow-instance?flowId={id}&integrationKey=crm"))["id"] == after["id"]
        listed = await customer.get(f"/flow-instances?flowId={id}")
        assert [each["id"] for each in listed["items"]] == [after["id"]]


async def test_an_instance_follows_what_it_has_not_customised(app: App) -> None:
    customer, connection = await connected(app)
    await customer.post(where(connection))
    await customer.patch(where(connection), {"parameters": {"a": 1}})

    flow = await app.admin.patch("/flows/sync", {"name": "Renamed", "nodes": {"keep": KEEP}})

    after = await customer.get(where(connection))
    assert (after["name"], written(after["nodes"]), after["parameters"]) == ("Renamed", {"keep": KEEP}, {"a": 1})
    assert (after["flowRevision"], after["outdated"]) == (flow["revision"], False)


async def test_customised_nodes_stay_and_make_the_instance_outdated_until_it_is_updated(app: App) -> None:
    customer, connection = await connected(app)
    made = await customer.post(where(connection))
    customised = await customer.patch(where(connection), {"name": "Mine", "nodes": {"keep": {"userConfig": {"x": 1}}}})
    assert customised["customized"] == {"name": True, "nodes": True}
    assert customised["nodes"]["keep"]["isCustomized"] is True
    assert "isCustomized" not in customised["nodes"]["trigger"]
    assert customised["outdated"] is False

    changed = {"type": "transform-data", "config": {"output": {"a": 2}}}
    await app.admin.patch("/flows/sync", {"name": "Renamed", "nodes": {**NODES, "keep": changed, "new": KEEP}})
    outdated = await customer.get(where(connection))
    assert (outdated["outdated"], outdated["name"]) == (True, "Mine")
    assert written(outdated["nodes"])["keep"] == {**KEEP, "userConfig": {"x": 1}}
    assert outdated["flowRevision"] == made["flowRevision"]

    updated = await customer.post(f"/flow-instances/{made['id']}/update-to-latest-flow")
    assert (updated["outdated"], updated["name"]) == (False, "Mine")
    assert written(updated["nodes"]) == {**NODES, "keep": {**changed, "userConfig": {"x": 1}}, "new": KEEP}
    assert updated["flowRevision"] == (await app.admin.get("/flows/sync"))["revision"]


async def test_auto_update_updates_an_outdated_instance_when_it_is_got(app: App) -> None:
    customer, connection = await connected(app)
    await customer.post(where(connection))
    await customer.patch(where(connection), {"nodes": {"keep": {"name": "Mine"}}})
    await app.admin.patch("/flows/sync", {"nodes": {**NODES, "new": KEEP}})

    got = await customer.get(where(connection, autoUpdate="true"))

    assert got["outdated"] is False
    assert written(got["nodes"]) == {**NODES, "keep": {**KEEP, "name": "Mine"}, "new": KEEP}


async def test_reset_lets_name_and_nodes_follow_again_all_or_some(app: App) -> None:
    customer, connection = await connected(app)
    id = (await customer.post(where(connection)))["id"]
    own = {"name": "Mine", "nodes": {"keep": {"name": "K"}, "trigger": {"name": "T"}}}

    await customer.patch(where(connection), own)
    some = await customer.post(f"/flow-instances/{id}/reset", {"nodes": {"keep": True, "trigger": False}})
    assert some["name"] == "Mine"
    assert written(some["nodes"]) == {**NODES, "trigger": {**NODES["trigger"], "name": "T"}}
    name = await customer.post(f"/flow-instances/{id}/reset", {"name": True})
    assert (name["name"], name["customized"]) == ("Sync", {"nodes": True})
    nodes = await customer.post(f"/flow-instances/{id}/reset", {"allNodes": True})
    assert nodes["isCustomized"] is False
    await customer.patch(where(connection), own)
    everything = await customer.post("/connections/crm/flows/sync/reset")

    assert (everything["name"], written(everything["nodes"]), everything["isCustomized"]) == ("Sync", NODES, False)


async def test_patch_changes_members_of_nodes_and_null_lets_a_node_follow(app: App) -> None:
    customer, connection = await connected(app)
    await customer.post(where(connection))

    await customer.patch(where(connection), {"nodes": {"keep": {"config": {"output": 2}}, "extra": KEEP}})
    await customer.patch(where(connection), {"nodes": {"keep": {"name": "K"}}})
    kept = await customer.get(where(connection))
    assert written(kept["nodes"]) == {
        **NODES,
        "keep": {"type": "transform-data", "config": {"output": 2}, "name": "K"},
        "extra": KEEP,
    }
    back = await customer.patch(where(connection), {"nodes": {"keep": None, "extra": None}})

    assert written(back["nodes"]) == NODES
    assert back["isCustomized"] is False


async def test_put_has_all_the_nodes_and_an_empty_put_changes_nothing(app: App) -> None:
    customer, connection = await connected(app)
    made = await customer.put("/connections/crm/flows/sync")
    await customer.patch(where(connection), {"name": "Mine", "parameters": [1], "enabled": False})

    empty = await customer.put("/connections/crm/flows/sync")
    assert (empty["id"], empty["name"], empty["enabled"]) == (made["id"], "Mine", False)
    whole = await customer.put(where(connection), await customer.get(where(connection)))
    assert (whole["name"], whole["parameters"], whole["enabled"], whole["customized"]) == (
        *("Mine", [1], False),
        {"name": True},
    )
    part = await customer.put(where(connection), {"nodes": {"keep": {"config": {"output": 5}}}})

    assert written(part["nodes"]) == {"keep": {"type": "transform-data", "config": {"output": 5}}}
    assert (part["name"], part["enabled"]) == ("Sync", True)
    assert "parameters" not in part


async def test_customized_false_lets_go_of_the_instances_own(app: App) -> None:
    customer, connection = await connected(app)
    await customer.post(where(connection))
    await customer.patch(where(connection), {"name": "Mine", "nodes": {"keep": {"name": "K"}}})

    nodes = await customer.patch(where(connection), {"customized": {"nodes": False}})
    name = await customer.patch(where(connection), {"customized": {"name": False}})

    assert (nodes["customized"], name["isCustomized"]) == ({"name": True}, False)


# --- States


async def test_own_nodes_that_cannot_run_are_a_configuration_error_of_the_instance_alone(app: App) -> None:
    customer, connection = await connected(app)
    await customer.post(where(connection))

    wrong = await customer.patch(where(connection), {"nodes": {"keep": {"type": "no-such-type"}}})
    assert wrong["state"] == "CONFIGURATION_ERROR"
    assert wrong["errors"][0]["data"]["nodeKey"] == "keep"
    assert wrong["nodes"]["keep"]["state"] == "SETUP_FAILED"
    assert wrong["nodes"]["keep"]["errors"] == wrong["errors"]
    assert (await app.admin.get("/flows/sync"))["state"] == "READY"

    assert (await customer.patch(where(connection), {"nodes": None}))["state"] == "READY"


async def test_a_flow_that_cannot_run_makes_its_instances_say_so(app: App) -> None:
    customer, connection = await connected(app)
    await customer.post(where(connection))

    flow = await app.admin.patch("/flows/sync", {"nodes": {"a": {"type": "no-such-type"}}})

    instance = await customer.get(where(connection))
    assert instance["state"] == flow["state"] == "CONFIGURATION_ERROR"
    assert instance["errors"] == flow["errors"]


async def test_setup_makes_the_data_link_table_instances_that_nodes_name(app: App) -> None:
    customer, connection = await connected(app, nodes={"link": LINKING})
    await app.admin.post("/data-link-tables", {"key": "contacts"})

    failed = await customer.post(where(connection, instanceKey="k"))
    assert failed["state"] == "SETUP_FAILED"
    assert [each["type"] for each in failed["errors"]] == ["flow_instance_setup"]
    assert failed["errors"][0]["data"] == {
        "nodeKey": "link",
        "path": "$.config.appRecordId.$findAppRecordId.dataLinkTable",
    }
    await app.admin.post("/data-link-tables", {"key": "people"})
    for path in (f"/flow-instances/{failed['id']}/setup", "/connections/crm/flows/sync/setup?instanceKey=k"):
        ready = await customer.post(path)

    assert ready["state"] == "READY"
    assert "errors" not in ready
    tables = {each["id"]: each for each in (await customer.get("/data-link-table-instances"))["items"]}
    assert {each["instanceKey"] for each in tables.values()} == {"k"}
    assert {(each["type"], each["dependencyType"], each["id"]) for each in ready["dependencies"]} == {
        ("data-link-table-instance", "CONFIGURATION", id) for id in tables
    }


async def test_what_could_not_be_set_up_is_forgotten_when_the_flow_changes(app: App) -> None:
    customer, connection = await connected(app, nodes={"link": LINKING})
    assert (await customer.post(where(connection)))["state"] == "SETUP_FAILED"

    await app.admin.patch("/flows/sync", {"nodes": NODES})

    assert (await customer.get(where(connection)))["state"] == "READY"


# --- Life


async def test_an_instance_is_disabled_and_enabled(app: App) -> None:
    customer, connection = await connected(app)
    made = await customer.post(where(connection))

    disabled = await customer.patch(where(connection), {"enabled": False})
    listed = [await customer.get(f"/flow-instances?enabled={flag}") for flag in ("true", "false")]
    enabled = await customer.patch("/connections/crm/flows/sync", {"enabled": True})

    assert [disabled["enabled"], enabled["enabled"]] == [False, True]
    assert [len(each["items"]) for each in listed] == [0, 1]
    assert len({made["revision"], disabled["revision"], enabled["revision"]}) == 3


async def test_archiving_hides_and_keeps_and_restoring_brings_back(app: App) -> None:
    customer, connection = await connected(app)
    made = await customer.post(where(connection))
    await customer.patch(where(connection), {"name": "Mine"})

    await customer.delete(f"/flow-instance?id={made['id']}")
    assert (await customer.get("/flow-instances"))["items"] == []
    assert len((await customer.get("/flow-instances?includeArchived=true"))["items"]) == 1
    archived = await customer.get(where(connection, autoCreate="true"))
    assert archived["isDeactivated"] is True
    await customer.patch(where(connection), {"name": "No"}, status=400)
    await customer.post(f"/flow-instances/{made['id']}/setup", status=400)

    restored = await customer.post(f"/flow-instance/restore?id={made['id']}")
    assert (restored["name"], restored["id"]) == ("Mine", made["id"])
    await customer.delete("/connections/crm/flows/sync")
    created = await customer.post(where(connection))
    assert (created["id"], "archivedAt" in created) == (made["id"], False)
    by_body = await customer.patch(where(connection), {"archivedAt": "2026-01-01T00:00:00Z"})
    assert by_body["archivedAt"] == "2026-01-01T00:00:00Z"
    assert "archivedAt" not in await customer.patch(where(connection), {"archivedAt": None})


@pytest.mark.parametrize(
    "hider", ["/flows/sync", "/integrations/crm", "/connections/crm?userId=acme", "/customers/acme"]
)
async def test_whatever_an_instance_hangs_on_hides_it(app: App, hider: str) -> None:
    customer, connection = await connected(app)
    made = await customer.post(where(connection))
    path, _, query = hider.partition("?")

    await app.admin.delete(hider)
    assert (await app.admin.get("/flow-instances"))["items"] == []
    await app.admin.post(f"/flow-instances/{made['id']}/setup", status=400)
    await app.admin.post(f"{path}/restore?{query}")

    assert len((await app.admin.get("/flow-instances"))["items"]) == 1


async def test_lists_are_filtered(app: App) -> None:
    customer, connection = await connected(app)
    other, theirs = await connected(app, "other")
    await app.admin.post("/flows", {"key": "second"})
    first = await customer.post(where(connection))
    keyed = await customer.post(where(connection, instanceKey="k"))
    second = await customer.post(f"/flow-instance?flowKey=second&connectionId={connection['id']}")
    foreign = await other.post(where(theirs))

    async def found(path: str, api: Api = customer) -> list[str]:
        return [each["id"] for each in (await api.get(path))["items"]]

    mine = [second["id"], keyed["id"], first["id"]]
    assert await found("/flow-instances") == mine
    assert await found("/flow-instances", app.admin) == [foreign["id"], *mine]
    assert await found("/flow-instances?userId=other", app.admin) == [foreign["id"]]
    assert await found("/flow-instances?flowKey=second") == [second["id"]]
    assert await found("/flow-instances?instanceKey=k") == [keyed["id"]]
    assert await found(f"/flow-instances?connectionId={connection['id']}") == mine
    assert await found(f"/flow-instances?connectionId={theirs['id']}") == []
    assert await found("/flow-instances?integrationKey=crm") == mine
    assert await found("/flow-instances?integrationKey=no-such") == []
    assert await found(f"/flow-instances?flowId={first['flowId']}") == [keyed["id"], first["id"]]
    assert await found(f"/flow-instances?flowId={'f' * 24}") == []
    assert await found("/flow-instances?search=SECOND") == [second["id"]]
    assert await found("/connections/crm/flows") == mine
    assert await found("/connections/crm/flows?flowKey=sync&instanceKey=k") == [keyed["id"]]
    assert await found("/flows?layer=connection") == mine
    assert await found(f"/flows?connectionId={connection['id']}&flowId={second['flowId']}") == [second["id"]]
    pages = [await customer.get("/flow-instances?limit=2&cursor=0")]
    pages.append(await customer.get(f"/flow-instances?limit=2&cursor={pages[0]['cursor']}"))
    assert [each["id"] for page in pages for each in page["items"]] == mine


# --- Instances that make themselves


async def test_a_flow_may_make_instances_for_existing_and_new_connections(app: App) -> None:
    customer, connection = await connected(app)
    hidden = await customer.post("/connections", {"integrationKey": "crm"})
    await app.admin.delete(f"/connections/{hidden['id']}")
    await app.admin.post("/flows/sync/apply", {"integrationKeys": ["crm"]})
    assert (await app.admin.get("/flow-instances"))["items"] == []

    await app.admin.patch("/flows/sync", {"autoCreateInstances": True})
    assert [each["connectionId"] for each in (await app.admin.get("/flow-instances"))["items"]] == [connection["id"]]
    other, new = await connected(app, "other")
    (made,) = (await other.get("/flow-instances"))["items"]
    assert made["connectionId"] == new["id"]
    ensured = await app.admin.post("/connections/ensure?userId=other", {"appUrl": "https://crm"})
    assert ensured["id"] == new["id"]
    await app.admin.post(f"/connections/{hidden['id']}/restore")

    assert len((await app.admin.get("/flow-instances"))["items"]) == 3


@pytest.mark.parametrize("first", ["flow", "apply", "restore"])
async def test_a_flow_that_makes_instances_does_so_however_it_comes_to_an_integration(app: App, first: str) -> None:
    customer, _ = await connected(app, autoCreateInstances=True)
    if first == "flow":
        await app.admin.post("/integrations/crm/flows", {"key": "own", "autoCreateInstances": True})
    else:
        await app.admin.post("/flows/sync/apply", {"integrationKeys": ["crm"]})
    if first == "restore":
        await app.admin.delete("/integrations/crm/flows/sync")
        await customer.post("/connections", {"integrationKey": "crm"})
        await app.admin.post("/flows/sync/apply", {"integrationKeys": ["crm"]})

    found = (await app.admin.get("/flow-instances"))["items"]

    assert len(found) == (2 if first == "restore" else 1)


async def test_connections_and_an_automatic_flow_that_come_at_once_meet(app: App) -> None:
    await connected(app)
    await app.admin.post("/flows/sync/apply", {"integrationKeys": ["crm"]})

    await asyncio.gather(
        *(app.customer(f"c{number}").post("/connections", {"integrationKey": "crm"}) for number in range(5)),
        app.admin.patch("/flows/sync", {"autoCreateInstances": True}),
        app.admin.post("/integrations/crm/flows", {"key": "own", "autoCreateInstances": True}),
        *(app.customer(f"d{number}").post("/connections", {"integrationKey": "crm"}) for number in range(5)),
    )

    for key in ("sync", "own"):
        assert len((await app.admin.get(f"/flow-instances?flowKey={key}"))["items"]) == 11


# --- What runs


async def caller_of(app: App, api: Api) -> Caller:
    return await app.services.identity.authenticate(api.headers["authorization"].removeprefix("Bearer "))


async def test_a_runnable_flow_has_all_that_a_run_needs(app: App) -> None:
    customer, connection = await connected(app)
    made = await customer.post(where(connection, instanceKey="k"))
    await customer.patch(where(connection, instanceKey="k"), {"enabled": False, "nodes": {"keep": {"name": "K"}}})

    wanted = FlowInstanceSelector(flow_key="sync", integration_key="crm", instance_key="k")
    found = await app.services.flow_instances.runnable(await caller_of(app, customer), wanted)

    assert found.flow_instance.id == made["id"]
    assert found.flow_instance.nodes == {**NODES, "keep": {**KEEP, "name": "K"}}
    assert found.connection.id == connection["id"]
    assert (found.integration.key, found.customer.internal_id, found.instance_key) == ("crm", "acme", "k")


async def test_what_cannot_run_is_refused_with_the_first_problem(app: App) -> None:
    customer, connection = await connected(app)
    caller = await caller_of(app, customer)
    made = await customer.post(where(connection))
    wanted = FlowInstanceSelector(id=made["id"])

    await app.admin.patch("/flows/sync", {"nodes": {"a": {"type": "no-such-type"}}})
    with pytest.raises(BadRequest) as refused:
        await app.services.flow_instances.runnable(caller, wanted)
    await app.admin.delete("/flows/sync")
    with pytest.raises(NotFound, match="flow is archived"):
        await app.services.flow_instances.runnable(caller, wanted)
    stranger = await caller_of(app, app.customer("stranger"))
    with pytest.raises(NotFound):
        await app.services.flow_instances.runnable(stranger, wanted)

    assert refused.value.data == {"nodeKey": "a", "path": "$.type"}
