"""Flows run in process: a store with a connection, runs inserted into it, and a worker to work them off."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from datalinks.flows.engine import Engine, EngineLimits
from datalinks.ids import Clock, new_id
from datalinks.model.flow_run import FlowRun
from datalinks.model.record import JsonObject
from datalinks.services.link_answers import LinkFinder
from datalinks.store import flow_runs
from datalinks.store.database import Database
from datalinks.store.flow_runs import KeptNodeRun, NewRun
from datalinks.wiring import outside_of
from datalinks.worker import Worker, WorkerLimits
from support.app import App
from support.bulk import Place, place

TRIGGER = "trigger"


@dataclass
class Lab:
    """A connection with a table, and a worker."""

    app: App
    place: Place
    connection: dict[str, Any]
    workspace_id: str
    clock: Clock = field(default_factory=Clock)

    async def launch(
        self, nodes: JsonObject, *inputs: Any, start: str | None = None, connection: dict[str, Any] | None = None
    ) -> str:
        """Insert a run of these nodes; its id."""
        [id] = await self.launch_many(nodes, [list(inputs) or [{}]], start=start, connection=connection)
        return id

    async def launch_many(
        self,
        nodes: JsonObject,
        inputs: Sequence[list[Any]],
        *,
        start: str | None = None,
        connection: dict[str, Any] | None = None,
    ) -> list[str]:
        """Insert many runs of these nodes; their ids."""
        runs = [self._new_run(nodes, each, start, connection or self.connection) for each in inputs]
        async with self.app.services.database.transaction() as tx:
            for run in runs:
                await flow_runs.insert_run(tx, run)
        return [run.id for run in runs]

    def _new_run(self, nodes: JsonObject, inputs: list[Any], start: str | None, connection: dict[str, Any]) -> NewRun:
        now = self.clock.now()
        return NewRun(
            id=new_id(now),
            workspace_id=self.workspace_id,
            customer_id=connection["userId"],
            connection_id=connection["id"],
            integration_id=connection["integrationId"],
            flow_instance_id=new_id(now),
            flow_id=new_id(now),
            universal_flow_id=None,
            name="Test",
            start_node_key=start or next(iter(nodes)),
            input=inputs,
            nodes=nodes,
            variables={"flowInstance": {}, "connection": {"id": connection["id"]}, "user": {"internalId": "acme"}},
            launched_by=None,
            meta=None,
            created_at=now,
            due_at=now,
        )

    def worker(self, database: Database | None = None, clock: Clock | None = None, **limits: Any) -> Worker:
        """A worker of its own; on another view of the store, or by another clock, if these are given."""
        services = self.app.services
        database, clock = database or services.database, clock or self.clock
        return Worker(
            database,
            Engine(database, clock, EngineLimits()),
            services.formulas.engines,
            LinkFinder(services.database, services.instances, services.activity),
            services.instances,
            clock,
            WorkerLimits(**limits),
            outside=outside_of(services, clock),
        )

    def later(self, seconds: float) -> Clock:
        """A clock that is so far ahead."""
        return Clock(lambda: time.time_ns() // 1000 + int(seconds * 1_000_000))

    async def run(self, nodes: JsonObject, *inputs: Any, start: str | None = None) -> "Ran":
        """A run of these nodes, worked off."""
        id = await self.launch(nodes, *inputs, start=start)
        await self.worker().work_off()
        return await self.ran(id)

    async def ran(self, id: str) -> "Ran":
        """What is kept of a run."""
        database = self.app.services.database
        run = await flow_runs.find_run(database, self.workspace_id, id, customer_id=None)
        assert run is not None
        return Ran(run, await flow_runs.list_node_runs(database, id, limit=10_000))

    async def links(self) -> set[tuple[str, str, str]]:
        """Every link of the connection."""
        return await self.place.links()


@dataclass
class Ran:
    """A run and its node runs."""

    run: FlowRun
    nodes: list[KeptNodeRun]

    def outputs(self, key: str) -> list[Any]:
        """What a node put out, "nothing" for an output without data."""
        kept = [output for each in self.nodes if each.node_key == key for output in each.outputs]
        return [output[0] if output else "nothing" for output in kept]

    def inputs(self, key: str) -> list[Any]:
        """What a node got."""
        return [each.input for each in self.nodes if each.node_key == key]

    def statuses(self, key: str) -> list[str]:
        """What came of the runs of a node."""
        return [each.status for each in self.nodes if each.node_key == key]


async def open_lab(app: App) -> Lab:
    """A lab in an application."""
    here = await place(app)
    connection = await only_connection(app)
    workspace = await app.services.workspaces.get_only(None)
    return Lab(app, here, connection, workspace.id)


async def only_connection(app: App, customer: str = "acme") -> dict[str, Any]:
    """The connection of a customer who has one."""
    [connection] = (await app.customer(customer).get("/connections"))["items"]
    return connection


def node(kind: str, *links: str, **config: Any) -> JsonObject:
    """A node with a configuration, leading to others."""
    return {"type": kind, "config": config, "links": [{"key": link} for link in links]}
