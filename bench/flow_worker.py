"""Our side of the flow measurement: ``python -m bench.flow_worker fill|drain RUNS``.

The database is that of the settings, and has a workspace, a table and an integration. ``fill`` queues the runs for a
hundred connections; ``drain`` works them off as ``datalinks worker`` does, and prints how long it took.
"""

import asyncio
import json
import os
import resource
import sys
import time
from typing import Any

import uvloop

from datalinks.cli.logs import set_up_logs
from datalinks.ids import Clock, new_id
from datalinks.model.connection import ConnectionDraft
from datalinks.model.customer import CustomerDraft
from datalinks.services.services import Services
from datalinks.settings import load_settings
from datalinks.store import flow_runs
from datalinks.store.flow_runs import NewRun
from datalinks.wiring import open_services, open_worker

_CONNECTIONS = 100
_TOGETHER = 500
_LOOK_SECONDS = 0.1
_TABLE = {"key": "users-to-contacts"}
_EXTERNAL = {"$var": "$.input.external"}
_NODES: dict[str, Any] = {
    "trigger": {"type": "api-trigger", "links": [{"key": "find"}]},
    "find": {
        "type": "find-data-link",
        "config": {"dataLinkTable": _TABLE, "direction": "import", "recordId": _EXTERNAL},
        "links": [{"key": "transform"}],
    },
    "transform": {
        "type": "transform-data",
        "config": {"output": {"app": {"$concat": ["a", _EXTERNAL]}}},
        "links": [{"key": "link"}],
    },
    "link": {
        "type": "create-data-link",
        "config": {
            "dataLinkTable": _TABLE,
            "direction": "import",
            "externalRecordId": _EXTERNAL,
            "appRecordId": {"$var": "$.input.transform.app"},
        },
        "links": [{"key": "keep"}],
    },
    "keep": {
        "type": "filter",
        "config": {"filter": [{"field": "input.external", "operator": "is_not", "value": "x"}]},
    },
}


async def _fill(runs: int) -> None:
    clock = Clock()
    async with open_services(load_settings(os.environ), clock) as services:
        connections = await _connections(services)
        for start in range(0, runs, _TOGETHER):
            async with services.database.transaction() as tx:
                for number in range(start, min(start + _TOGETHER, runs)):
                    await flow_runs.insert_run(tx, _run(number, connections[number % _CONNECTIONS], clock.now()))


async def _connections(services: Services) -> list[Any]:
    workspace = await services.workspaces.get_only(None)
    admin = services.workspaces.operator(workspace)
    made: list[Any] = []
    for number in range(_CONNECTIONS):
        customer = f"c{number}-{new_id(Clock().now())}"
        await services.customers.create(admin, CustomerDraft(internal_id=customer))
        draft = ConnectionDraft(integration_key="salesforce", user_id=customer)
        made.append((workspace.id, await services.connections.create(admin, draft)))
    return made


def _run(number: int, place: tuple[str, Any], now: int) -> NewRun:
    workspace_id, connection = place
    return NewRun(
        id=new_id(now),
        workspace_id=workspace_id,
        customer_id=connection.user_id,
        connection_id=connection.id,
        integration_id=connection.integration_id,
        flow_instance_id=new_id(now),
        flow_id=new_id(now),
        universal_flow_id=None,
        name="Bench",
        start_node_key="trigger",
        input=[{"external": f"e{number}"}],
        nodes=_NODES,
        variables={"flowInstance": {}, "connection": {"id": connection.id}, "user": {"internalId": "c"}},
        launched_by=None,
        meta=None,
        created_at=now,
        due_at=now,
    )


async def _drain(_runs: int) -> None:
    clock, settings = Clock(), load_settings(os.environ)
    async with open_services(settings, clock) as services:
        start = time.perf_counter()
        # Leaving it waits for what is under way.
        async with open_worker(settings, services, clock):
            while await flow_runs.count_queued_runs(services.database):  # noqa: ASYNC110 - other processes may tell nobody
                await asyncio.sleep(_LOOK_SECONDS)
        seconds = time.perf_counter() - start
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sys.stdout.write(json.dumps({"seconds": seconds, "highest_bytes": kilobytes * 1024}))


if __name__ == "__main__":
    set_up_logs(load_settings(os.environ))
    uvloop.run({"fill": _fill, "drain": _drain}[sys.argv[1]](int(sys.argv[2])))
