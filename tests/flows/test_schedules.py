"""Schedules: a run each time, once, whichever worker looks; changes count at once. Time is given, nobody waits."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from datalinks.model.trigger import Time, planned
from datalinks.services.schedules import Schedules
from datalinks.store.ambient import AmbientDatabase
from flows.lab import Lab, node, open_lab
from support.app import App

MINUTE = 60_000_000
START = 1_000_000_000_000_000


@dataclass
class Wall:
    """A flow with a schedule, and time."""

    lab: Lab
    instance: dict[str, Any] = field(default_factory=dict[str, Any])
    now: int = START

    @property
    def app(self) -> App:
        """Where it is."""
        return self.lab.app

    async def at(self, minutes: float) -> int:
        """How many runs are launched when a worker looks, so many minutes from the beginning."""
        self.now = START + int(minutes * MINUTE)
        return await self.app.services.schedules.launch_due(self.now)

    async def put(self, **minutes: float) -> None:
        """The flow has these schedule nodes, by key, and no others."""
        nodes = {key: node("schedule-trigger", intervalMinutes=each) for key, each in minutes.items()}
        await self.app.admin.patch("/flows/clock", {"nodes": nodes})

    async def change(self, **fields: Any) -> None:
        """The instance has these fields."""
        await self.lab.place.api.patch(f"/flow-instance?id={self.instance['id']}", fields)

    async def runs(self) -> list[Any]:
        """Every run, oldest first."""
        return (await self.app.admin.get("/flow-runs"))["items"][::-1]


@pytest.fixture
async def wall(app: App) -> Wall:
    """An instance of a flow that runs every 10 minutes, seen at the beginning."""
    lab = await open_lab(app)
    nodes = {"tick": node("schedule-trigger", "out", intervalMinutes=10), "out": node("transform-data", output=1)}
    await app.admin.post("/flows", {"key": "clock", "nodes": nodes})
    where = {"flowKey": "clock", "integrationKey": "crm", "autoCreate": "true"}
    made = Wall(lab, await lab.place.api.get("/flow-instance", params=where))
    assert await made.at(0) == 0
    return made


async def test_a_run_is_launched_each_time(wall: Wall) -> None:
    launched = [await wall.at(minutes) for minutes in (5, 9.99, 10, 10.01, 19, 20, 25, 30)]
    await wall.lab.worker().work_off()

    assert launched == [0, 0, 1, 0, 0, 1, 0, 1]
    found = await wall.runs()
    assert [(each["state"], each["input"], each["startNodeKey"]) for each in found] == [("completed", [{}], "tick")] * 3
    assert {each["flowInstanceId"] for each in found} == {wall.instance["id"]}
    assert found[0]["launchedBy"] == {"type": "schedule-trigger"}


async def test_times_that_were_missed_are_not_made_up_for(wall: Wall) -> None:
    launched = [await wall.at(minutes) for minutes in (47, 49, 50, 59, 60)]

    assert launched == [1, 0, 1, 0, 1]


async def test_many_schedules_of_one_flow_run_by_themselves(wall: Wall) -> None:
    await wall.put(often=1, rarely=3)
    assert await wall.at(0) == 0

    assert [await wall.at(minutes) for minutes in (1, 2, 3)] == [1, 1, 2]
    assert sorted(each["startNodeKey"] for each in await wall.runs()) == ["often", "often", "often", "rarely"]


async def test_many_instances_are_all_looked_after(wall: Wall) -> None:
    api = wall.lab.place.api
    for number in range(205):
        await api.post(f"/flow-instance?flowKey=clock&integrationKey=crm&instanceKey={number}")
    assert await wall.at(1) == 0

    assert await wall.at(12) == 206
    assert await wall.at(13) == 0


async def test_another_interval_counts_from_when_it_is_seen(wall: Wall) -> None:
    await wall.put(tick=2)

    assert [await wall.at(minutes) for minutes in (1, 2.9, 3, 5)] == [0, 0, 1, 1]


async def test_a_change_that_leaves_the_interval_leaves_the_times(wall: Wall) -> None:
    await wall.at(5)
    await wall.app.admin.patch("/flows/clock", {"name": "Another"})
    await wall.change(name="My own")

    assert [await wall.at(minutes) for minutes in (6, 10)] == [0, 1]


async def test_a_node_of_the_instances_own_counts(wall: Wall) -> None:
    await wall.change(nodes={"tick": node("schedule-trigger", intervalMinutes=3)})

    assert [await wall.at(minutes) for minutes in (1, 4)] == [0, 1]

    await wall.change(nodes={"tick": node("api-trigger")})
    assert await wall.at(100) == 0


async def test_a_trigger_that_is_gone_launches_nothing(wall: Wall) -> None:
    await wall.app.admin.patch("/flows/clock", {"nodes": {"tick": node("api-trigger")}})

    assert await wall.at(10) == 0


# How a schedule comes to be away, and back.
AWAY: list[tuple[Any, Any]] = [
    (
        ("PATCH", "/flow-instance?id={instance}", {"enabled": False}),
        ("PATCH", "/flow-instance?id={instance}", {"enabled": True}),
    ),
    (("DELETE", "/flow-instance?id={instance}", {}), ("POST", "/flow-instance/restore?id={instance}", {})),
    (("DELETE", "/flows/clock", {}), ("POST", "/flows/clock/restore", {})),
    (("DELETE", "/connections/{connection}", {}), ("POST", "/connections/{connection}/restore", {})),
    (("DELETE", "/customers/acme", {}), ("POST", "/customers/acme/restore", {})),
    (("DELETE", "/integrations/crm", {}), ("POST", "/integrations/crm/restore", {})),
]


@pytest.mark.parametrize("is_seen", [True, False])
@pytest.mark.parametrize(("away", "back"), AWAY)
async def test_what_is_off_or_hidden_does_not_run_and_goes_on_when_it_is_back(
    wall: Wall, away: Any, back: Any, is_seen: bool
) -> None:
    async def ask(method: str, path: str, body: Any) -> None:
        path = path.format(instance=wall.instance["id"], connection=wall.lab.connection["id"])
        await wall.app.admin.call(method, path, json=body)

    await ask(*away)
    # Whether a worker has looked while nothing was due makes no difference.
    if is_seen:
        assert await wall.at(5) == 0
    assert await wall.at(10) == 0
    await ask(*back)

    assert [await wall.at(minutes) for minutes in (11, 19, 20)] == [0, 0, 1]


async def test_what_is_not_ready_does_not_run(wall: Wall) -> None:
    nodes = {"tick": node("schedule-trigger", intervalMinutes=10), "bad": node("no-such-type")}
    await wall.app.admin.patch("/flows/clock", {"nodes": nodes})

    assert await wall.at(10) == 0
    assert await wall.runs() == []


def some_workers(wall: Wall, count: int) -> list[Schedules]:
    """What so many workers look with."""
    database = wall.app.services.database
    assert isinstance(database, AmbientDatabase)
    return [Schedules(database, wall.app.services.flow_runs) for _ in range(count)]


async def test_of_many_workers_one_launches(wall: Wall) -> None:
    for turn in range(1, 6):
        wall.now = START + turn * 10 * MINUTE
        workers = some_workers(wall, 6)

        launched = await asyncio.gather(*[each.launch_due(wall.now) for each in workers])

        assert sum(launched) == 1
        assert len(await wall.runs()) == turn


async def test_of_many_workers_that_see_a_schedule_first_all_agree(wall: Wall) -> None:
    for number in range(10):
        await wall.lab.place.api.post(f"/flow-instance?flowKey=clock&integrationKey=crm&instanceKey={number}")
    workers = some_workers(wall, 4)

    first = await asyncio.gather(*[each.launch_due(START) for each in workers])
    then = await asyncio.gather(*[each.launch_due(START + 10 * MINUTE) for each in workers])

    assert (sum(first), sum(then)) == (0, 11)


async def test_a_full_queue_misses_a_time_and_no_more(wall: Wall) -> None:
    wall.app.services.flow_runs._queue_limit = 1  # pyright: ignore[reportPrivateUsage] - a setting, in the middle of a test

    assert [await wall.at(minutes) for minutes in (10, 20)] == [1, 0]
    await wall.lab.worker().work_off()
    assert await wall.at(30) == 1


@pytest.mark.parametrize(
    ("known", "now", "next_at", "is_due"),
    [
        (None, 100, 110, False),
        (Time(10, 105), 100, 105, False),
        (Time(10, 100), 100, 110, True),
        (Time(10, 91), 100, 101, True),
        (Time(10, 90), 100, 110, True),
        (Time(10, 5), 100, 105, True),
        (Time(7, 90), 100, 110, False),
    ],
)
def test_times_go_on_in_whole_intervals(known: Time | None, now: int, next_at: int, is_due: bool) -> None:
    times, due = planned({} if known is None else {"tick": known}, {"tick": 10}, now)

    assert times == {"tick": Time(10, next_at)}
    assert due == (["tick"] if is_due else [])


def test_a_node_that_is_gone_has_no_times() -> None:
    assert planned({"gone": Time(10, 5)}, {}, 100) == ({}, [])
