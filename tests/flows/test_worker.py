"""Workers: who has a run, for how long, and that nobody else keeps anything of it meanwhile.

Where a promise is kept by one line of the program, a test breaks that line and sees that it would have been noticed.
"""

# pyright: reportPrivateUsage=false

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from datalinks.flows import keeping as keeping_module
from datalinks.ids import new_id
from datalinks.store import flow_runs
from datalinks.store.database import Transaction
from datalinks.store.flow_runs import Claim, ClaimedRun
from datalinks.worker import Worker
from flows.failing import FailingDatabase
from flows.gates import Crowd, Gate, known
from flows.lab import Lab, Ran, node, only_connection, open_lab
from support.app import App

ROUNDS = 30
# Longer than the lease of a worker that says nothing of it.
LATER = 60.0
IN_TIME = 20.0
LINK = {"dataLinkTable": {"key": "contacts"}}
NODES = {
    "trigger": node("api-trigger", "gate"),
    "gate": node("test-gate", "link"),
    "link": node(
        "create-data-link",
        "after",
        **LINK,
        externalRecordId={"$var": "$.input.trigger.id"},
        appRecordId="a",
        direction="import",
    ),
    "after": node("transform-data", output={"$var": "$.input.link.appRecordId"}),
}
INPUT = {"id": "e1"}


@pytest.fixture
async def lab(app: App) -> Lab:
    return await open_lab(app)


@asynccontextmanager
async def working(worker: Worker) -> AsyncGenerator[None]:
    """A worker at work, stopped at the end."""
    task = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        worker.stop()
        await task


async def soon(event: asyncio.Event) -> None:
    await asyncio.wait_for(event.wait(), IN_TIME)


async def ended(lab: Lab, id: str) -> Ran:
    """A run once it has ended."""
    async with asyncio.timeout(IN_TIME):
        while not (ran := await lab.ran(id)).run.state.is_over:  # noqa: ASYNC110 - the store tells nobody
            await asyncio.sleep(0.01)
        return ran


async def check_ran_once(lab: Lab, id: str) -> None:
    """The run is complete, and whoever else was at it has left no trace, not even a second write of the link."""
    ran = await lab.ran(id)
    assert ran.run.state == "completed", ran.run.errors
    assert [(each.no, each.node_key, each.status) for each in ran.nodes] == [
        (no, key, "completed") for no, key in enumerate(NODES, 1)
    ]
    [link] = await lab.place.found()
    assert link["id"] == ran.outputs("link")[0]["id"]
    assert link["updatedAt"] == link["createdAt"], "the link was written twice"


async def hold_anyway(_: Transaction, runs: Sequence[ClaimedRun]) -> set[str]:
    """The mutant of ``hold_runs``: it does not mind whose the runs are."""
    return {run.id for run in runs}


@pytest.fixture
def careless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody minds whose a run is."""

    class Careless:
        hold_runs = staticmethod(hold_anyway)

        def __getattr__(self, name: str) -> Any:
            return getattr(flow_runs, name)

    monkeypatch.setattr(keeping_module, "flow_runs", Careless())


async def claim_and_die(lab: Lab, seconds: float = 0.0) -> None:
    """Be a worker that claims what is due, so much later, and is never heard of again."""
    now = lab.later(seconds).now()
    claim = Claim(now=now, until=now + 30_000_000, lease=new_id(now), places=1)
    claimed = await flow_runs.claim_runs(lab.app.services.database, claim, after="", limit=16)
    assert claimed.runs


async def test_a_run_whose_worker_is_gone_goes_on_when_its_lease_is_over_and_no_sooner(lab: Lab) -> None:
    id = await lab.launch({"trigger": node("api-trigger")})
    await claim_and_die(lab)

    assert await lab.worker().work_off() == 0
    assert await lab.worker(clock=lab.later(LATER)).work_off() == 1
    assert (await lab.ran(id)).run.state == "completed"


async def lose_a_lease(lab: Lab) -> str:
    """A worker stops at a gate for too long; another takes the run to its end; the first goes on."""
    with known(gate := Gate()):
        id = await lab.launch(NODES, INPUT)
        async with working(lab.worker()):
            await soon(gate.reached)
            await lab.worker(clock=lab.later(LATER)).work_off()
            gate.open()
    return id


async def test_a_worker_that_lost_a_run_keeps_nothing_of_it(lab: Lab) -> None:
    await check_ran_once(lab, await lose_a_lease(lab))


@pytest.mark.usefixtures("careless")
async def test_control_a_worker_that_keeps_what_it_lost_is_noticed(lab: Lab) -> None:
    id = await lose_a_lease(lab)

    with pytest.raises(AssertionError, match="written twice"):
        await check_ran_once(lab, id)


async def stop_at_the_gate(lab: Lab) -> str:
    """A run is stopped while a worker is at it."""
    with known(gate := Gate()):
        id = await lab.launch(NODES, INPUT)
        async with working(lab.worker()):
            await soon(gate.reached)
            async with lab.app.services.database.transaction() as tx:
                assert await flow_runs.stop_run(tx, id, lab.clock.now())
            gate.open()
    return id


async def check_nothing_came(lab: Lab, id: str) -> None:
    assert (await lab.ran(id)).run.state == "stopped"
    assert await lab.links() == set(), "a stopped run wrote a link"


async def test_stop_wins(lab: Lab) -> None:
    await check_nothing_came(lab, await stop_at_the_gate(lab))


@pytest.mark.usefixtures("careless")
async def test_control_a_stop_that_does_not_win_is_noticed(lab: Lab) -> None:
    id = await stop_at_the_gate(lab)

    with pytest.raises(AssertionError, match="a stopped run wrote a link"):
        await check_nothing_came(lab, id)


async def race(lab: Lab, places: int, seconds: float = 0.001) -> int:
    """Four workers work off six runs of one connection; how many went on at a time."""
    with known(crowd := Crowd(seconds)):
        ids = await lab.launch_many({"crowd": node("test-crowd")}, [list[Any]([{}])] * 6)
        workers = [lab.worker(places=places, poll_seconds=0.005) for _ in range(4)]
        tasks = [asyncio.create_task(worker.run()) for worker in workers]
        for id in ids:
            assert (await ended(lab, id)).run.state == "completed"
        for worker in workers:
            worker.stop()
        await asyncio.gather(*tasks)
    return crowd.most


@pytest.mark.parametrize("places", [1, 2])
async def test_no_more_runs_of_a_connection_go_on_than_it_has_places(lab: Lab, places: int) -> None:
    assert {await race(lab, places) for _ in range(ROUNDS // 2)} <= set(range(1, places + 1))


async def test_control_more_places_than_there_should_be_are_noticed(lab: Lab) -> None:
    assert await race(lab, 6, seconds=0.5) > 2


async def test_a_place_is_given_away_once_even_to_another_run(lab: Lab) -> None:
    [first, second] = await lab.launch_many({"trigger": node("api-trigger")}, [list[Any]([{}]), list[Any]([{}])])
    database, now = lab.app.services.database, lab.clock.now()
    values = {"place": 0, "now": now, "until": now + 1_000_000, "lease": "x"}

    taken = await asyncio.gather(
        *(database.write_one("claim_run", id=id, **values) for id in (first, second)), return_exceptions=True
    )

    assert [isinstance(each, Exception) for each in taken] == [False, True]


async def test_a_connection_with_a_long_queue_keeps_nobody_else_waiting(lab: Lab, app: App) -> None:
    await lab.launch_many({"trigger": node("api-trigger")}, [list[Any]([{}])] * 200)
    await app.customer("late").post("/connections", {"integrationKey": "crm"})
    late = await only_connection(app, "late")
    id = await lab.launch({"trigger": node("api-trigger")}, connection=late)
    worker = lab.worker(runs=2)

    await worker._claim()
    await asyncio.gather(*worker._held)

    assert (await lab.ran(id)).run.state == "completed"


async def test_each_connection_has_its_turn(lab: Lab, app: App) -> None:
    connections = [lab.connection]
    for name in ("b", "c"):
        await app.customer(name).post("/connections", {"integrationKey": "crm"})
        connections.append(await only_connection(app, name))
    for connection in connections:
        await lab.launch_many({"trigger": node("api-trigger")}, [list[Any]([{}])] * 3, connection=connection)
    worker, seen = lab.worker(runs=1), list[str]()

    for _ in range(6):
        await worker._claim()
        seen += [held.run.connection_id for held in worker._held.values()]
        await asyncio.gather(*worker._held)

    assert sorted(seen[:3]) == sorted(seen[3:]) == sorted(each["id"] for each in connections)


@pytest.mark.parametrize("how", ["before", "after"])
async def test_a_run_goes_on_soon_after_the_store_was_away(lab: Lab, how: str) -> None:
    database: Any = FailingDatabase(lab.app.services.database)
    with known(Gate(0)):
        id = await lab.launch(NODES, INPUT)
        setattr(database, how, 2)
        async with working(lab.worker(database)):
            await ended(lab, id)

    await check_ran_once(lab, id)


async def test_control_a_run_that_begins_anew_after_the_store_was_away_is_noticed(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    database: Any = FailingDatabase(lab.app.services.database)
    worker = lab.worker(database)
    advance = worker._engine.advance

    async def forgetful(world: Any, *, is_begun: bool) -> Any:
        return await advance(world, is_begun=False)

    monkeypatch.setattr(worker._engine, "advance", forgetful)
    with known(Gate(0)):
        id = await lab.launch(NODES, INPUT)
        database.after = 1
        async with working(worker):
            await ended(lab, id)

    with pytest.raises(AssertionError):
        await check_ran_once(lab, id)


async def test_work_ends_with_the_lease_if_the_store_does_not_answer(lab: Lab) -> None:
    database: Any = FailingDatabase(lab.app.services.database)
    database.refused = {"renew_lease"}
    with known(gate := Gate()):
        id = await lab.launch(NODES, INPUT)
        async with working(lab.worker(database, lease_seconds=0.3)):
            await soon(gate.reached)
            await soon(gate.ended)
            await ended(lab, id)

    # It was given up, claimed anew, and passed the gate, which was never opened.
    await check_ran_once(lab, id)


async def test_a_lease_that_is_renewed_goes_on(lab: Lab) -> None:
    with known(gate := Gate()):
        id = await lab.launch(NODES, INPUT)
        async with working(lab.worker(lease_seconds=0.3)):
            await soon(gate.reached)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(gate.ended.wait(), 1.0)
            gate.open()
            await ended(lab, id)

    await check_ran_once(lab, id)


async def test_a_worker_that_is_stopped_gives_back_what_does_not_end(lab: Lab) -> None:
    with known(gate := Gate()):
        id = await lab.launch(NODES, INPUT)
        async with working(lab.worker(stop_seconds=0.01)):
            await soon(gate.reached)

        # At once, by the same clock.
        assert await lab.worker().work_off() == 1

    await check_ran_once(lab, id)


async def test_a_worker_that_is_stopped_ends_what_it_can(lab: Lab) -> None:
    with known(gate := Gate()):
        id = await lab.launch(NODES, INPUT)
        async with working(worker := lab.worker()):
            await soon(gate.reached)
            worker.stop()
            gate.open()

    await check_ran_once(lab, id)


async def test_a_run_that_takes_too_long_fails(lab: Lab) -> None:
    with known(Gate(1_000)):
        id = await lab.launch(NODES, INPUT)
        await lab.worker(run_seconds=0.05).work_off()

    ran = await lab.ran(id)
    assert ran.run.state == "failed"
    assert [(each.type, each.message) for each in ran.run.errors] == [
        ("flow_run", "The run took longer than 0.05 seconds.")
    ]
    assert await lab.worker(clock=lab.later(LATER)).work_off() == 0


async def test_a_run_that_ends_its_workers_is_given_up(lab: Lab) -> None:
    id = await lab.launch({"trigger": node("api-trigger")})
    for time in range(3):
        await claim_and_die(lab, time * LATER)

    await lab.worker(clock=lab.later(3 * LATER), claims=3).work_off()

    ran = await lab.ran(id)
    assert (ran.run.state, ran.nodes) == ("failed", [])
    assert ran.run.errors[0].type == "flow_run"


async def test_a_mistake_inside_fails_the_run(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = lab.worker()

    async def mistaken(*_: Any, **__: Any) -> Any:
        raise KeyError("x")

    monkeypatch.setattr(worker._engine, "advance", mistaken)
    id = await lab.launch({"trigger": node("api-trigger")})
    await worker.work_off()

    assert [each.type for each in (await lab.ran(id)).run.errors] == ["internal"]


async def test_a_launch_wakes_a_worker_that_rests(lab: Lab) -> None:
    first = await lab.launch({"trigger": node("api-trigger")})
    async with working(worker := lab.worker(poll_seconds=3_000)):
        await ended(lab, first)
        id = await lab.launch({"trigger": node("api-trigger")})
        worker.wake()
        assert (await ended(lab, id)).run.state == "completed"


async def test_old_runs_are_deleted_with_what_their_nodes_put_out(lab: Lab) -> None:
    nodes = {"trigger": node("api-trigger", "more"), "more": node("transform-data", output=1)}
    old = await lab.launch(nodes, *[{}] * 1_100)
    await lab.worker().work_off()
    waiting = await lab.launch(nodes)
    now = lab.later(15 * 86_400).now()
    database = lab.app.services.database

    deleted = 0
    while rows := await flow_runs.delete_old_runs(
        database, before=now - 14 * 86_400_000_000, runs=100, node_runs=1_000
    ):
        assert rows <= 1_100
        deleted += rows

    assert deleted == 2_201
    assert await flow_runs.find_run(database, lab.workspace_id, old, customer_id=None) is None
    assert await flow_runs.list_node_runs(database, old, limit=10) == []
    assert (await lab.ran(waiting)).run.state == "queued"


async def test_what_ended_lately_is_kept(lab: Lab) -> None:
    id = await lab.launch({"trigger": node("api-trigger")})
    await lab.worker().work_off()

    before = lab.clock.now() - 3_600_000_000

    assert await flow_runs.delete_old_runs(lab.app.services.database, before=before, runs=10, node_runs=10) == 0
    assert len((await lab.ran(id)).nodes) == 1
