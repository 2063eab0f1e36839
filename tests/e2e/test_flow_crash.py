"""Every run of a flow ends as if nothing had happened when workers are killed, whenever that is."""

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from datalinks.store import flow_runs
from datalinks.store.flow_runs import KeptNodeRun
from flows.lab import Lab, node, only_connection, open_lab
from support.app import open_app_on
from support.engines import as_variables, settings_of
from support.workers import WorkerProcess, check_links

ROUNDS = 30
CONTROL_ROUNDS = 10
CONNECTIONS = 8
# So many are launched just before a worker is killed, more than it ends by then.
BACKLOG = 80
ITEMS = 3
# Two at once where two processes may write at once.
WORKERS = {"sqlite": 1, "postgres": 2, "citus": 2}
DRAIN_SECONDS = 120
SETTINGS = {
    # Killing so often is the tests' doing: no run is to be given up for it, however slow the machine is.
    "DATALINKS_FLOW_CLAIMS": "1000",
    "DATALINKS_FLOW_LEASE_SECONDS": "1",
    "DATALINKS_FLOW_POLL_SECONDS": "0.05",
    "DATALINKS_LOG_LEVEL": "warning",
}


def _link(*then: str, external: str) -> Any:
    item = "$.input.each.item"
    return node(
        "create-data-link",
        *then,
        dataLinkTable={"key": "contacts"},
        appRecordId={"$var": f"{item}.app"},
        externalRecordId={"$concat": [external, {"$var": f"{item}.id"}]},
        direction="import",
    )


NODES = {
    "trigger": node("api-trigger", "each"),
    "each": node("for-each-v2", "after", items={"$var": "$.input.items"}, rootNodeKey="first"),
    "first": _link("second", external="e"),
    "second": _link(external="f"),
    "after": node("transform-data", output={"$var": "$.input.each.first"}),
}
EXPECTED = [("trigger", 1), ("each", 1), ("first", ITEMS), ("second", ITEMS), ("after", 1)]


@dataclass
class Field:
    """A store with connections and a backlog of runs."""

    lab: Lab
    connections: list[dict[str, Any]]
    ids: list[str] = field(default_factory=list[str])

    async def fill(self) -> None:
        """Launch runs, as many for each connection."""
        for connection in self.connections:
            inputs = [self._input(f"{len(self.ids)}-{number}") for number in range(BACKLOG // CONNECTIONS)]
            self.ids += await self.lab.launch_many(NODES, inputs, connection=connection)

    def _input(self, name: str) -> list[Any]:
        return [{"items": [{"id": f"{name}-{each}", "app": f"a{name}-{each}"} for each in range(ITEMS)]}]

    async def drain(self) -> None:
        """Wait until every run has ended."""
        database = self.lab.app.services.database
        async with asyncio.timeout(DRAIN_SECONDS):
            for connection in self.connections:
                while await flow_runs.count_unended_runs(database, connection["id"]):  # noqa: ASYNC110 - others end them
                    await asyncio.sleep(0.05)

    async def check(self) -> None:
        """Every run is complete, no node run is there twice, and links and nodes agree."""
        outputs: list[Any] = []
        for id in self.ids:
            ran = await self.lab.ran(id)
            assert ran.run.state == "completed", ran.run.errors
            _check_nodes(ran.nodes)
            outputs += [*ran.outputs("first"), *ran.outputs("second")]
        check_links(await self._links(), outputs)

    async def _links(self) -> dict[tuple[str, str, str], Any]:
        found: dict[tuple[str, str, str], Any] = {}
        for connection in self.connections:
            where = {"dataLinkTableKey": "contacts", "connectionId": connection["id"], "limit": "1000"}
            cursor: str | None = "0"
            while cursor is not None:
                page = await self.lab.app.admin.get(
                    "/data-link-table-instance/links", params={**where, "cursor": cursor}
                )
                for link in page["items"]:
                    found[link["appRecordId"], link["externalRecordId"], link["direction"]] = link
                cursor = page.get("cursor")
        return found


def _check_nodes(nodes: list[KeptNodeRun]) -> None:
    assert [each.no for each in nodes] == list(range(1, len(nodes) + 1)), "numbers are missing or there twice"
    assert {each.status for each in nodes} == {"completed"}
    keys = [each.node_key for each in nodes]
    assert [(key, keys.count(key)) for key, _ in EXPECTED] == EXPECTED


@asynccontextmanager
async def opened(engine: str, folder: Path) -> AsyncGenerator[tuple[Field, dict[str, str]]]:
    with settings_of(engine, folder) as settings:
        async with open_app_on(settings) as app:
            lab = await open_lab(app)
            connections = [lab.connection]
            for number in range(1, CONNECTIONS):
                await app.customer(f"c{number}").post("/connections", {"integrationKey": "crm"})
                connections.append(await only_connection(app, f"c{number}"))
            yield Field(lab, connections), {**as_variables(settings), **SETTINGS}


async def kill_again_and_again(
    field: Field, engine: str, folder: Path, variables: dict[str, str], rounds: int, *module: str
) -> None:
    """Kill one worker after the other at random moments; those that follow work everything off."""
    dice = random.Random(30)
    at_work = [WorkerProcess(folder, variables, *module) for _ in range(WORKERS[engine])]
    following = WorkerProcess(folder, variables, *module)
    try:
        for worker in at_work:
            await worker.wait()
        for number in range(rounds):
            await following.wait()
            await field.fill()
            await asyncio.sleep(dice.random() / 5)
            at_work.pop(0).kill()
            at_work.append(following)
            if number < rounds - 1:
                following = WorkerProcess(folder, variables, *module)
        await field.drain()
    finally:
        for worker in {*at_work, following}:
            worker.kill()


@pytest.mark.timeout(600)
async def test_no_run_is_lost_and_no_link_is_written_twice_in_thirty_kills(tmp_path: Path, engine: str) -> None:
    async with opened(engine, tmp_path) as (field, variables):
        await kill_again_and_again(field, engine, tmp_path, variables, ROUNDS)

        assert len(field.ids) == ROUNDS * BACKLOG
        await field.check()


@pytest.mark.timeout(600)
async def test_control_links_that_are_not_kept_with_their_nodes_are_noticed(tmp_path: Path, engine: str) -> None:
    async with opened(engine, tmp_path) as (field, variables):
        variables["PYTHONPATH"] = str(Path(__file__).parents[1])
        await kill_again_and_again(field, engine, tmp_path, variables, CONTROL_ROUNDS, "support.careless_worker")

        with pytest.raises(AssertionError, match=r"written twice|not the one"):
            await field.check()
