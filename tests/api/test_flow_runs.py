"""Flow runs over HTTP: launched in every way that clients do, worked off, looked into, stopped."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from datalinks.store.ambient import AmbientDatabase
from flows.gates import Gate, known
from flows.lab import Lab, node, open_lab
from support.app import Api, App

IN_TIME = 10.0
LINK = {"dataLinkTable": {"key": "contacts"}}
NODES = {
    "trigger": node("api-trigger", "link"),
    "link": node(
        "create-data-link",
        "done",
        **LINK,
        externalRecordId={"$var": "$.input.trigger.ext"},
        appRecordId={"$var": "$.input.trigger.app"},
    ),
    "done": node("transform-data", output={"app": {"$var": "$.input.link.appRecordId"}}),
}


class Flow:
    """A flow and its instance for a connection."""

    def __init__(self, lab: Lab, api: Api, instance: dict[str, Any]) -> None:
        self.lab = lab
        self.api = api
        self.instance = instance

    async def launch(self, **body: Any) -> Any:
        """The run, as it is answered."""
        return await self.api.post("/flow-runs", {"flowInstanceId": self.instance["id"], **body})

    async def work(self) -> None:
        """Work off whatever is due."""
        await self.lab.worker().work_off()

    async def run(self, **body: Any) -> Any:
        """A run at its end."""
        launched = await self.launch(**body)
        await self.work()
        return await self.api.get(f"/flow-runs/{launched['id']}")


async def make_flow(app: App, nodes: Any = NODES) -> Flow:
    """A flow of these nodes with an instance for a customer."""
    lab = await open_lab(app)
    await app.admin.post("/flows", {"key": "sync", "nodes": nodes})
    where = {"flowKey": "sync", "integrationKey": "crm", "autoCreate": "true"}
    instance = await lab.place.api.get("/flow-instance", params=where)
    return Flow(lab, lab.place.api, instance)


async def test_a_run_is_queued_at_once_and_completed_by_a_worker(app: App) -> None:
    flow = await make_flow(app)

    queued = await flow.launch(input={"ext": "e1", "app": "a1"}, meta={"why": "test"})
    await flow.work()
    done = await flow.api.get(f"/flow-runs/{queued['id']}")

    assert (queued["state"], queued["startNodeKey"], queued["input"]) == (
        "queued",
        "trigger",
        [{"ext": "e1", "app": "a1"}],
    )
    assert (done["state"], done["meta"], done["launchedBy"]) == ("completed", {"why": "test"}, {"type": "api-trigger"})
    assert done["nodes"]["link"] == {"state": "completed", "runs": 1, "outputs": 1}
    assert await flow.lab.links() == {("a1", "e1", "import"), ("a1", "e1", "export")}


async def test_its_output_is_that_of_its_last_nodes(app: App) -> None:
    flow = await make_flow(app)

    done = await flow.run(input=[{"ext": "e1", "app": "a1"}, {"ext": "e2", "app": "a2"}])
    output = await flow.api.get(f"/flow-runs/{done['id']}/output")
    of_link = await flow.api.get(f"/flow-runs/{done['id']}/output/link")

    assert [(each["nodeKey"], each["data"]) for each in output["items"]] == [
        ("done", {"app": "a1"}),
        ("done", {"app": "a2"}),
    ]
    assert [each["data"]["externalRecordId"] for each in of_link["items"]] == ["e1", "e2"]


async def test_node_runs_say_what_came_from_where(app: App) -> None:
    flow = await make_flow(app)
    done = await flow.run(input={"ext": "e1", "app": "a1"})
    path = f"/flow-runs/{done['id']}/nodes/link"

    listed = await flow.api.get(f"{path}/runs")
    [run] = listed["items"]
    outputs = await flow.api.get(f"{path}/outputs")

    assert run["upstreamRuns"] == [{"nodeKey": "trigger", "runId": "1", "outputId": "1-0"}]
    assert run["outputs"] == [{"id": "2-0", "downstreamRuns": [{"nodeKey": "done", "runId": "3"}]}]
    assert run["input"] == {"ext": "e1", "app": "a1", "trigger": {"ext": "e1", "app": "a1"}}
    for again in (f"{path}/runs/", f"{path}/runs/cursor=0"):
        assert (await flow.api.get(again)) == listed
    assert await flow.api.get(f"{path}/runs/2") == run
    for one in (f"{path}/output/2-0", f"{path}/outputs/2-0"):
        assert await flow.api.get(one) == outputs["items"][0]


async def test_lists_come_in_pages(app: App) -> None:
    flow = await make_flow(app)
    done = await flow.run(input=[{"ext": f"e{n}", "app": "a"} for n in range(5)])

    first = await flow.api.get(f"/flow-runs/{done['id']}/nodes/link/runs", params={"limit": 2})
    second = await flow.api.get(
        f"/flow-runs/{done['id']}/nodes/link/runs", params={"limit": 10, "cursor": first["cursor"]}
    )

    assert [len(first["items"]), len(second["items"]), "cursor" in second] == [2, 3, False]


@pytest.mark.parametrize("path", ["nodes/link/runs", "nodes/link/outputs", "output"])
async def test_lists_of_many_node_runs_ask_the_store_as_often_as_those_of_few(
    app: App, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    flow = await make_flow(app)
    few = await flow.run(input=[{"ext": f"e{n}", "app": "a"} for n in range(2)])
    many = await flow.run(input=[{"ext": f"e{n}", "app": "a"} for n in range(20)])
    asked: list[str] = []
    for name in ("fetch", "fetch_one", "fetch_each"):
        monkeypatch.setattr(AmbientDatabase, name, _recording(getattr(AmbientDatabase, name), asked))

    lengths: list[int] = []
    questions: list[list[str]] = []
    for run in (few, many):
        asked.clear()
        lengths.append(len((await flow.api.get(f"/flow-runs/{run['id']}/{path}?limit=100"))["items"]))
        questions.append(sorted(asked))

    assert lengths == [2, 20]
    assert questions[0] == questions[1] != []


def _recording(fetch: Callable[..., Any], asked: list[str]) -> Callable[..., Any]:
    def recorded(database: AmbientDatabase, name: str, *args: Any, **values: Any) -> Any:
        asked.append(name)
        return fetch(database, name, *args, **values)

    return recorded


async def test_a_run_is_repeated_with_the_input_it_has(app: App) -> None:
    flow = await make_flow(app)
    first = await flow.run(input={"ext": "e1", "app": "a1"})

    again = await flow.run(nodeKey=first["startNodeKey"], input=first["input"])

    assert (again["state"], again["input"]) == ("completed", first["input"])


async def test_a_run_may_begin_at_any_node(app: App) -> None:
    flow = await make_flow(app)

    done = await flow.run(startNodeKey="done", input={"link": {"appRecordId": "x"}})

    assert [each["data"] for each in (await flow.api.get(f"/flow-runs/{done['id']}/output"))["items"]] == [{"app": "x"}]


async def test_flows_are_run_by_connection_and_by_key(app: App) -> None:
    flow = await make_flow(app)
    body = {"input": {"ext": "e1", "app": "a1"}}

    runs = [
        await flow.api.post("/connections/crm/flows/sync/run", body),
        await flow.api.post("/flows/sync/run?integrationKey=crm", body),
        await flow.api.post(f"/flows/{flow.instance['id']}/run", body),
    ]

    assert {run["flowInstanceId"] for run in runs} == {flow.instance["id"]}


async def test_runs_are_listed_by_what_they_are_of(app: App) -> None:
    flow = await make_flow(app)
    first = await flow.run(input={"ext": "e1", "app": "a1"})
    second = await flow.launch()

    async def ids(**query: Any) -> list[str]:
        return [each["id"] for each in (await flow.api.get("/flow-runs", params=query))["items"]]

    assert await ids() == [second["id"], first["id"]]
    assert await ids(state="completed") == [first["id"]]
    assert await ids(flowInstanceId=flow.instance["id"], limit=1) == [second["id"]]
    assert await ids(flowInstanceId="0" * 24) == []
    for query in (
        {"startedAfter": "2100-01-01T00:00:00Z"},
        {"from": "2100-01-01T00:00:00Z"},
        {"to": "2000-01-01T00:00:00Z"},
    ):
        assert await ids(**query) == []


async def test_a_stopped_run_does_nothing_more(app: App) -> None:
    flow = await make_flow(app)
    run = await flow.launch(input={"ext": "e1", "app": "a1"})

    await flow.api.post(f"/flow-runs/{run['id']}/stop")
    await flow.api.post(f"/flow-runs/{run['id']}/stop")
    await flow.work()

    assert (await flow.api.get(f"/flow-runs/{run['id']}"))["state"] == "stopped"
    assert await flow.lab.links() == set()


async def test_a_worker_that_rests_begins_with_a_run_as_soon_as_it_is_launched(app: App) -> None:
    flow = await make_flow(app)
    worker = flow.lab.worker(poll_seconds=3_000)
    app.services.launches.listen(worker.wake)
    body = {"flowInstanceId": flow.instance["id"], "input": {"ext": "e1", "app": "a1"}}

    working = asyncio.create_task(worker.run())
    try:
        for headers in ({}, {"idempotency-key": "k"}):
            launched = (await flow.api.request("POST", "/flow-runs", json=body, headers=headers)).json()
            async with asyncio.timeout(IN_TIME):
                while (await flow.api.get(f"/flow-runs/{launched['id']}"))["state"] != "completed":  # noqa: ASYNC110 - the worker tells nobody
                    await asyncio.sleep(0.01)
    finally:
        worker.stop()
        await working


async def test_what_had_not_ended_when_a_run_was_stopped_is_shown_as_stopped(app: App) -> None:
    with known(gate := Gate()):
        nodes = {**NODES, "link": {**NODES["link"], "links": [{"key": "gate"}]}, "gate": node("test-gate", "done")}
        flow = await make_flow(app, nodes)
        run = await flow.launch(input={"ext": "e1", "app": "a1"})
        working = asyncio.create_task(flow.work())
        await asyncio.wait_for(gate.reached.wait(), IN_TIME)
        await flow.api.post(f"/flow-runs/{run['id']}/stop")
        gate.open()
        await working

    stopped = await flow.api.get(f"/flow-runs/{run['id']}")
    [of_gate] = (await flow.api.get(f"/flow-runs/{run['id']}/nodes/gate/runs"))["items"]
    [of_link] = (await flow.api.get(f"/flow-runs/{run['id']}/nodes/link/runs"))["items"]

    assert (of_link["status"], of_gate["status"]) == ("completed", "stopped")
    assert of_gate["endTime"] == stopped["endTime"]
    assert of_gate == await flow.api.get(f"/flow-runs/{run['id']}/nodes/gate/runs/{of_gate['id']}")
    assert {key: each["state"] for key, each in stopped["nodes"].items()} == {
        "trigger": "completed",
        "link": "completed",
        "gate": "stopped",
    }


async def test_a_flow_with_mistakes_is_not_run(app: App) -> None:
    flow = await make_flow(app, {"trigger": {"type": "nothing-known"}})

    refused = await flow.api.request("POST", "/flow-runs", json={"flowInstanceId": flow.instance["id"]})

    assert flow.instance["state"] == "CONFIGURATION_ERROR"
    assert (refused.status_code, "nothing-known" in refused.json()["message"]) == (400, True)


@pytest.mark.parametrize("body", [{"nodeKey": "nowhere"}, {"nodeKey": 5}, {"meta": []}])
async def test_a_wrong_launch_is_refused(app: App, body: Any) -> None:
    flow = await make_flow(app)

    refused = await flow.api.request("POST", "/flow-runs", json={"flowInstanceId": flow.instance["id"], **body})

    assert refused.status_code == 400


async def test_a_customer_sees_only_its_own_runs(app: App) -> None:
    flow = await make_flow(app)
    done = await flow.run(input={"ext": "e1", "app": "a1"})
    stranger = app.customer("globex")
    path = f"/flow-runs/{done['id']}"

    for method, where in [
        ("GET", path), ("POST", f"{path}/stop"), ("GET", f"{path}/output"), ("GET", f"{path}/output/link"),
        ("GET", f"{path}/nodes/link/runs"), ("GET", f"{path}/nodes/link/runs/2"), ("GET", f"{path}/nodes/link/outputs"),
        ("GET", f"{path}/nodes/link/outputs/2-0"),
    ]:  # fmt: skip
        assert (await stranger.request(method, where)).status_code == 404, where
    assert (
        await stranger.request("POST", "/flow-runs", json={"flowInstanceId": flow.instance["id"]})
    ).status_code == 404
    assert (await stranger.get("/flow-runs"))["items"] == []
    assert len((await app.admin.get("/flow-runs"))["items"]) == 1


@pytest.mark.parametrize("id", ["0", "x", "99", "2-9", "9" * 20, "-1", "²"])
async def test_what_is_no_node_run_is_not_found(app: App, id: str) -> None:
    flow = await make_flow(app)
    done = await flow.run(input={"ext": "e1", "app": "a1"})
    path = f"/flow-runs/{done['id']}/nodes/link"

    assert (await flow.api.request("GET", f"{path}/runs/{id}")).status_code == 404
    assert (await flow.api.request("GET", f"{path}/outputs/{id}")).status_code == 404
