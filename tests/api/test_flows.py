"""Flows on their two layers: universal ones, and those of integrations that follow them in what is not their own."""

import asyncio
from typing import Any

import msgspec
import pytest

from support.app import App

TRIGGER = {"type": "api-trigger", "links": [{"key": "keep"}]}
KEEP = {"type": "transform-data", "config": {"output": {"a": 1, "b": {"$var": "$.input.x"}}}}
NODES: dict[str, Any] = {"trigger": TRIGGER, "keep": KEEP}


async def universal(app: App, **fields: Any) -> Any:
    """A universal flow of two nodes."""
    return await app.admin.post("/flows", {"key": "sync", "name": "Sync", "nodes": NODES, **fields})


async def applied(app: App, **fields: Any) -> tuple[Any, Any]:
    """A universal flow, and the flow that the integration ``crm`` has from it."""
    await app.admin.post("/integrations", {"key": "crm"})
    flow = await universal(app, **fields)
    await app.admin.post("/flows/sync/apply", {"integrationKeys": ["crm"]})
    return flow, await app.admin.get("/integrations/crm/flows/sync")


# --- One layer


async def test_a_flow_is_kept_as_it_is_written(app: App) -> None:
    made = await app.admin.post(
        "/flows",
        {"key": "sync", "nodes": NODES, "parametersSchema": {"type": "object"}, "autoCreateInstances": True},
        status=201,
    )

    assert made["nodes"] == NODES
    assert made["parametersSchema"] == {"type": "object"}
    assert made["autoCreateInstances"] is True
    assert made["state"] == "READY"
    assert "errors" not in made
    assert "integrationId" not in made
    for path in ("/flows/sync", f"/flows/{made['id']}", "/flow?key=sync", f"/flow?uuid={made['uuid']}"):
        assert await app.admin.get(path) == made


async def test_the_order_of_keys_is_kept_everywhere(app: App) -> None:
    config = {"z": 1, "a": {"$eval": {"$var": "$.x"}, "is": 1}, "10": 2, "2": 3}
    nodes = {"z": {"type": "transform-data", "config": config}, "a": TRIGGER, "10": KEEP, "2": KEEP}
    await app.admin.post("/flows", {"key": "sync", "nodes": nodes})

    answer = await app.admin.request("GET", "/flows/sync")

    kept = msgspec.json.decode(answer.content)["nodes"]
    assert list(kept) == ["z", "a", "10", "2"]
    assert list(kept["z"]["config"]) == ["z", "a", "10", "2"]
    assert list(kept["z"]["config"]["a"]) == ["$eval", "is"]


async def test_a_flow_whose_nodes_cannot_run_is_saved_and_says_why(app: App) -> None:
    made = await app.admin.post("/flows", {"key": "sync", "nodes": {"a": {"type": "no-such-type"}}}, status=201)

    assert made["state"] == "CONFIGURATION_ERROR"
    assert made["errors"][0]["type"] == "configuration"
    assert made["errors"][0]["data"] == {"nodeKey": "a", "path": "$.type"}
    mended = await app.admin.patch("/flows/sync", {"nodes": NODES})
    assert mended["state"] == "READY"
    assert "errors" not in mended


async def test_nodes_that_lead_in_a_circle_are_a_configuration_error(app: App) -> None:
    nodes = {"a": {**KEEP, "links": [{"key": "b"}]}, "b": {**KEEP, "links": [{"key": "a"}]}}

    made = await app.admin.post("/flows", {"key": "sync", "nodes": nodes})

    assert made["state"] == "CONFIGURATION_ERROR"
    assert made["errors"][-1]["data"] == {"path": "$.nodes"}


@pytest.mark.parametrize(
    ("nodes", "path"),
    [
        ([], "$.nodes"),
        ({"a": []}, "$.nodes[...]"),
        ({"a": "x"}, "$.nodes[...]"),
        ({"a": None}, "$.nodes[...]"),
        ({"a": {"type": 5}}, "$.nodes[...].type"),
        ({"a": {"links": {}}}, "$.nodes[...].links"),
        ({"a": {"links": ["b"]}}, "$.nodes[...].links[0]"),
        ({"a": {"onError": "explode"}}, "$.nodes[...].onError"),
    ],
)
async def test_nodes_that_are_none_are_refused_with_their_place(app: App, nodes: Any, path: str) -> None:
    refused = await app.admin.post("/flows", {"key": "sync", "nodes": nodes}, status=400)

    assert refused["data"]["path"] == path
    assert await app.admin.get("/flows") == {"items": []}


async def test_null_counts_as_left_out_in_a_node(app: App) -> None:
    node = {"type": "api-trigger", "name": None, "onError": None, "links": [{"key": "b", "name": None}]}

    made = await app.admin.post("/flows", {"key": "sync", "nodes": {"a": node, "b": KEEP}})

    assert made["nodes"]["a"] == {"type": "api-trigger", "links": [{"key": "b"}]}


async def test_put_empties_what_it_leaves_out_and_patch_leaves_it(app: App) -> None:
    await universal(app, description="D", parametersSchema={"type": "object"}, autoCreateInstances=True)

    patched = await app.admin.patch("/flows/sync", {"name": "Other"})
    put = await app.admin.put("/flows/sync", {"name": "Third"})

    assert (patched["name"], patched["nodes"], patched["description"]) == ("Other", NODES, "D")
    assert (put["name"], put["key"], put["nodes"], put["autoCreateInstances"]) == ("Third", "sync", {}, False)
    assert "description" not in put
    assert "parametersSchema" not in put


async def test_archiving_hides_and_keeps_and_restoring_brings_back(app: App) -> None:
    made = await universal(app)

    await app.admin.delete("/flow?key=sync")
    assert await app.admin.get("/flows") == {"items": []}
    assert "archivedAt" in await app.admin.get(f"/flows/{made['id']}")
    await app.admin.patch("/flows/sync", {"name": "no"}, status=400)
    restored = await app.admin.post("/flow/restore?key=sync")

    assert "archivedAt" not in restored
    assert [each["id"] for each in (await app.admin.get("/flows"))["items"]] == [made["id"]]


async def test_keys_are_unique_among_live_flows_of_one_layer(app: App) -> None:
    await app.admin.post("/integrations", {"key": "crm"})
    await app.admin.post("/integrations", {"key": "erp"})
    first = await universal(app)

    await app.admin.post("/flows", {"key": "sync"}, status=409)
    await app.admin.post("/flows", {"key": "sync", "integrationKey": "crm"}, status=201)
    await app.admin.post("/flows", {"key": "sync", "integrationKey": "crm"}, status=409)
    await app.admin.post("/integrations/erp/flows", {"key": "sync"}, status=201)
    await app.admin.delete("/flows/sync")
    await app.admin.post("/flows", {"key": "sync"}, status=201)

    await app.admin.post(f"/flows/{first['id']}/restore", status=409)


async def test_customers_read_flows_and_do_not_write_them(app: App) -> None:
    flow, own = await applied(app)
    customer = app.customer("acme")

    assert (await customer.get("/flows/sync"))["id"] == flow["id"]
    assert (await customer.get("/integrations/crm/flows/sync"))["id"] == own["id"]
    assert len((await customer.get("/flows"))["items"]) == 1
    for method, path, body in (
        ("POST", "/flows", {"key": "x"}),
        ("PUT", "/flows/sync", {}),
        ("PATCH", "/flow?key=sync", {"name": "x"}),
        ("DELETE", "/flows/sync", None),
        ("POST", "/flows/sync/restore", None),
        ("POST", "/flows/sync/apply", {"integrationKeys": ["crm"]}),
        ("POST", "/flow/reset?key=sync", None),
        ("POST", "/integrations/crm/flows", {"key": "x"}),
        ("PUT", "/integrations/crm/flows/sync", {}),
        ("PATCH", "/integrations/crm/flows/sync", {}),
        ("DELETE", "/integrations/crm/flows/sync", None),
        ("POST", "/integrations/crm/flows/sync/reset", None),
    ):
        answer = await customer.request(method, path, **({} if body is None else {"json": body}))
        assert answer.status_code == 403, (method, path, answer.text)
    assert await app.admin.get("/flows/sync") == await customer.get("/flows/sync")


# --- Layers


async def test_apply_gives_each_integration_a_flow_that_follows(app: App) -> None:
    await app.admin.post("/integrations", {"key": "crm"})
    await app.admin.post("/integrations", {"key": "erp"})
    flow = await universal(app)

    answer = await app.admin.post("/flows/sync/apply", {"integrationKeys": ["crm", "erp"]})

    assert answer["id"] == flow["id"]
    assert [each["integration"]["key"] for each in answer["appliedToIntegrations"]] == ["crm", "erp"]
    own = await app.admin.get("/integrations/crm/flows/sync")
    assert own["id"] == answer["appliedToIntegrations"][0]["element"]["id"]
    assert (own["key"], own["name"], own["nodes"]) == ("sync", "Sync", NODES)
    assert (own["universalFlowId"], own["universalFlowRevision"]) == (flow["id"], flow["revision"])
    assert own["integration"]["key"] == "crm"
    assert own["isCustomized"] is False
    assert "customized" not in own


async def test_apply_twice_keeps_the_flow_and_brings_an_archived_one_back(app: App) -> None:
    _, own = await applied(app)
    await app.admin.patch("/integrations/crm/flows/sync", {"name": "Own"})

    await app.admin.post("/flow/apply?key=sync", {"integrationKeys": ["crm"]})
    assert (await app.admin.get("/integrations/crm/flows/sync"))["name"] == "Own"
    await app.admin.delete("/integrations/crm/flows/sync")
    assert (await app.admin.get("/integrations/crm/flows"))["items"] == []
    await app.admin.post("/flows/sync/apply", {"integrationKeys": ["crm"]})

    (again,) = (await app.admin.get("/integrations/crm/flows"))["items"]
    assert (again["id"], again["name"]) == (own["id"], "Own")


async def test_20_applies_at_once_give_an_integration_one_flow(app: App) -> None:
    await app.admin.post("/integrations", {"key": "crm"})
    await universal(app)

    await asyncio.gather(*(app.admin.post("/flows/sync/apply", {"integrationKeys": ["crm"]}) for _ in range(20)))

    assert len((await app.admin.get("/integrations/crm/flows?includeArchived=true"))["items"]) == 1


async def test_changes_of_both_layers_at_once_lose_neither(app: App) -> None:
    await applied(app)

    await asyncio.gather(
        app.admin.patch("/flows/sync", {"name": "Renamed"}),
        app.admin.patch("/integrations/crm/flows/sync", {"description": "Own"}),
        app.admin.patch("/flows/sync", {"meta": {"a": 1}}),
        app.admin.patch("/integrations/crm/flows/sync", {"nodes": {"keep": KEEP}}),
    )

    own = await app.admin.get("/integrations/crm/flows/sync")
    assert (own["name"], own["description"], own["meta"]) == ("Renamed", "Own", {"a": 1})
    assert (own["nodes"], own["customized"]) == ({"keep": KEEP}, {"nodes": True})


async def test_apply_needs_a_universal_flow_and_integrations_that_are_there(app: App) -> None:
    _, own = await applied(app)

    await app.admin.post("/flows/no-such/apply", {"integrationKeys": ["crm"]}, status=404)
    await app.admin.post("/flows/sync/apply", {"integrationKeys": ["no-such"]}, status=404)
    await app.admin.post("/flows/sync/apply", {"integrationKeys": []}, status=400)
    await app.admin.post("/flows/sync/apply", {}, status=400)
    await app.admin.post(f"/flows/{own['id']}/apply", {"integrationKeys": ["crm"]}, status=400)


async def test_changes_of_the_universal_flow_flow_down_to_what_is_not_customised(app: App) -> None:
    await applied(app)
    await app.admin.patch("/integrations/crm/flows/sync", {"nodes": {**NODES, "keep": {**KEEP, "name": "Ours"}}})

    changed = await app.admin.patch(
        "/flows/sync",
        {
            "name": "Renamed",
            "nodes": {
                "trigger": TRIGGER,
                "keep": {"type": "transform-data", "config": {"output": {"a": 2}}},
                "new": KEEP,
            },
        },
    )

    own = await app.admin.get("/integrations/crm/flows/sync")
    assert own["name"] == "Renamed"
    assert own["nodes"]["keep"] == {"type": "transform-data", "name": "Ours", "config": {"output": {"a": 2}}}
    assert own["nodes"]["new"] == KEEP
    assert own["universalFlowRevision"] == changed["revision"]
    assert own["isCustomized"] is True
    assert own["customized"] == {"nodes": True}


async def test_what_an_integration_has_changed_in_a_node_stays_its_own(app: App) -> None:
    await applied(app)
    output = {"a": 5, "b": {"$var": "$.input.y"}}
    keep = {"type": "transform-data", "config": {"output": output}}
    await app.admin.patch("/integrations/crm/flows/sync", {"nodes": {"trigger": TRIGGER, "keep": keep}})

    keep = {"type": "transform-data", "config": {"output": {"a": 2, "b": {"$var": "$.input.z"}, "c": 3}}}
    await app.admin.patch("/flows/sync", {"nodes": {"trigger": {"type": "api-trigger"}, "keep": keep}})

    own = await app.admin.get("/integrations/crm/flows/sync")
    assert own["nodes"]["trigger"] == {"type": "api-trigger"}
    assert own["nodes"]["keep"]["config"]["output"] == {**output, "c": 3}


async def test_a_node_that_an_integration_has_removed_stays_away(app: App) -> None:
    await applied(app)
    await app.admin.patch("/integrations/crm/flows/sync", {"nodes": {"keep": KEEP}})

    await app.admin.patch("/flows/sync", {"name": "Renamed"})

    own = await app.admin.get("/integrations/crm/flows/sync")
    assert (own["name"], own["nodes"]) == ("Renamed", {"keep": KEEP})


async def test_a_key_that_changes_changes_on_the_flows_that_follow(app: App) -> None:
    await applied(app)
    await app.admin.post("/flows", {"key": "taken", "integrationKey": "crm"})

    await app.admin.patch("/flows/sync", {"key": "taken"}, status=409)
    await app.admin.patch("/flows/sync", {"key": "other"})

    assert (await app.admin.get("/integrations/crm/flows/other"))["key"] == "other"


async def test_reset_drops_what_is_customised(app: App) -> None:
    for path in ("/integrations/crm/flows/sync/reset", "/flow/reset?key=sync&integrationKey=crm"):
        if path.startswith("/integrations"):
            await applied(app)
        await app.admin.patch("/integrations/crm/flows/sync", {"name": "Own", "nodes": {}, "description": "D"})

        own = await app.admin.post(path)

        assert (own["name"], own["nodes"], own["isCustomized"]) == ("Sync", NODES, False)
        assert "description" not in own


async def test_null_and_a_put_that_leaves_something_out_let_it_follow_again(app: App) -> None:
    await applied(app, description="D")
    path = "/integrations/crm/flows/sync"
    await app.admin.patch(path, {"description": "Own", "nodes": {}})

    patched = await app.admin.patch(path, {"nodes": None})
    assert (patched["nodes"], patched["description"]) == (NODES, "Own")
    put = await app.admin.put(path, {"nodes": {"keep": KEEP}})

    assert (put["nodes"], put["description"]) == ({"keep": KEEP}, "D")


async def test_a_whole_fetched_flow_can_be_put_back(app: App) -> None:
    _, own = await applied(app)

    put = await app.admin.put("/integrations/crm/flows/sync", own)

    assert put["isCustomized"] is False
    assert (put["nodes"], put["key"]) == (own["nodes"], own["key"])


async def test_put_applies_a_universal_flow_that_an_integration_has_not_yet(app: App) -> None:
    await app.admin.post("/integrations", {"key": "crm"})
    flow = await universal(app)
    await app.admin.patch("/integrations/crm/flows/sync", {"name": "Own"}, status=404)

    own = await app.admin.put("/integrations/crm/flows/sync", {"name": "Own"})

    assert (own["name"], own["nodes"], own["universalFlowId"]) == ("Own", NODES, flow["id"])


async def test_a_flow_of_an_integration_may_be_created_from_a_universal_one_or_on_its_own(app: App) -> None:
    await app.admin.post("/integrations", {"key": "crm"})
    flow = await universal(app)

    lone = await app.admin.post("/integrations/crm/flows", {"key": "lone", "nodes": NODES})
    own = await app.admin.post(
        "/flows", {"integrationKey": "crm", "universalFlowId": flow["id"], "name": "Own"}, status=201
    )

    assert "universalFlowId" not in lone
    assert "isCustomized" not in lone
    assert (own["key"], own["name"], own["nodes"]) == ("sync", "Own", NODES)
    assert own["customized"] == {"name": True}
    await app.admin.post("/flows", {"universalFlowId": flow["id"], "key": "x"}, status=400)
    body = {"integrationKey": "crm", "universalFlowId": flow["id"], "key": "again"}
    await app.admin.post("/flows", body, status=409)


async def test_an_archived_universal_flow_hides_what_follows_it(app: App) -> None:
    flow, own = await applied(app)

    await app.admin.delete("/flows/sync")
    assert (await app.admin.get("/flows"))["items"] == []
    await app.admin.post("/flows/sync/restore")

    assert [each["id"] for each in (await app.admin.get("/flows"))["items"]] == [flow["id"]]
    assert [each["id"] for each in (await app.admin.get("/flows?layer=integration"))["items"]] == [own["id"]]


async def test_lists_are_filtered_by_layer_integration_and_universal_flow(app: App) -> None:
    flow, own = await applied(app)
    lone = await app.admin.post("/integrations/crm/flows", {"key": "lone"})
    crm = own["integrationId"]

    async def found(path: str) -> list[str]:
        return [each["id"] for each in (await app.admin.get(path))["items"]]

    everything = [lone["id"], own["id"], flow["id"]]
    assert await found("/flows") == [flow["id"]]
    assert await found("/flows?isUniversal=false") == everything[:2]
    assert await found("/flows?layer=universal") == [flow["id"]]
    assert await found("/flows?integrationId=null") == [flow["id"]]
    assert await found("/flows?isUniversal=true") == [flow["id"]]
    assert await found("/flows?layer=integration") == everything[:2]
    assert await found(f"/flows?integrationId={crm}") == everything[:2]
    assert await found("/flows?integrationKey=crm") == everything[:2]
    assert await found(f"/flows?universalFlowId={flow['id']}") == [own["id"]]
    assert await found(f"/integrations/crm/flows?universalFlowId={flow['id']}") == [own["id"]]
    assert await found("/integrations/crm/flows?search=lo") == [lone["id"]]
    assert await found("/flows?layer=connection") == []
    await app.admin.get("/integrations/no-such/flows", status=404)


async def test_a_flow_of_an_integration_is_named_in_many_ways(app: App) -> None:
    flow, own = await applied(app)

    for path in (
        "/integrations/crm/flows/sync",
        f"/integrations/crm/flows/{own['id']}",
        f"/integrations/crm/flows/{own['uuid']}",
        f"/integrations/crm/flows/{flow['id']}",
        f"/integrations/{own['integrationId']}/flows/sync",
        "/flows/crm.sync",
        "/flows/sync?integrationKey=crm",
        f"/flows/sync?integrationId={own['integrationId']}&layer=integration",
        f"/flow?id={own['id']}",
        "/flow?key=sync&integrationKey=crm",
    ):
        assert (await app.admin.get(path))["id"] == own["id"], path
    for path in ("/integrations/crm/flows/no-such", "/flows/crm.no-such", "/flows/no-such.sync", "/flow?key=a.b.c"):
        await app.admin.get(path, status=404)


async def test_pages_are_full_and_end_without_a_cursor(app: App) -> None:
    made = [(await app.admin.post("/flows", {"key": f"k{number}"}))["id"] for number in range(3)]

    first = await app.admin.get("/flows?limit=2&cursor=0")
    last = await app.admin.get(f"/flows?limit=2&cursor={first['cursor']}")

    assert [each["id"] for each in [*first["items"], *last["items"]]] == made[::-1]
    assert "cursor" not in last
