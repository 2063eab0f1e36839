"""What a look for due runs costs does not depend on how many wait."""

# pyright: reportPrivateUsage=false

import json
from typing import Any

import pytest

from datalinks.store.queries import load_queries
from flows.lab import Lab, node, open_lab
from support.app import App

QUEUED = 10_000
# Goes through the queue: what a look must not do.
NAIVE = """
SELECT r.id FROM flow_runs AS r
WHERE r.ended_at IS NULL AND r.place IS NULL AND r.connection_id > '' AND r.due_at <= :now
ORDER BY r.due_at DESC
LIMIT :limit
"""


@pytest.fixture
async def lab(app: App) -> Lab:
    return await open_lab(app)


async def cost(lab: Lab, query: str | None = None) -> int:
    """What a look reads: steps of SQLite's machine, pages of PostgreSQL's."""
    # The first one after many rows are gone also passes what is left of them in the index, and marks it.
    await _cost(lab, query)
    return await _cost(lab, query)


async def _cost(lab: Lab, query: str | None) -> int:
    database: Any = lab.app.services.database._database
    values = {"now": lab.clock.now(), "after": "", "places": "[0]", "count": 1, "limit": 16}
    if not hasattr(database, "_pool"):
        return _steps(database._reader.raw, query or load_queries()["list_first_runs"].text("sqlite", values), values)
    if query is None:
        text, arguments = database._statements.of(load_queries()["list_first_runs"], values)
    else:
        text, arguments = query.replace(":now", "$1").replace(":limit", "$2"), [values["now"], values["limit"]]
    async with database._pool.acquire() as connection:
        await connection.execute("ANALYZE flow_runs")
        [[plan]] = await connection.fetch(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {text}", *arguments)
    found = json.loads(plan)[0]["Plan"]
    return found["Shared Hit Blocks"] + found["Shared Read Blocks"]


def _steps(connection: Any, text: str, values: dict[str, Any]) -> int:
    count = 0

    def step() -> bool:
        nonlocal count
        count += 1
        return False

    connection.set_progress_handler(step, 10)
    rows = connection.execute(text, values).fetchall()
    connection.set_progress_handler(None)
    assert rows
    return count


async def queue(lab: Lab, count: int) -> None:
    for _ in range(0, count, 1_000):
        await lab.launch_many({"trigger": node("api-trigger")}, [list[Any]([{}])] * min(count, 1_000))


async def test_a_look_for_due_runs_costs_as_much_whether_few_wait_or_many(lab: Lab) -> None:
    await queue(lab, 10)
    before = await cost(lab)
    await queue(lab, QUEUED)

    assert await cost(lab) <= 3 * before + 200


async def test_control_a_look_through_the_whole_queue_is_noticed(lab: Lab) -> None:
    await queue(lab, QUEUED)

    assert await cost(lab, NAIVE) > 3 * await cost(lab)
