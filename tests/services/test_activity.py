"""What is done with links is counted where it is done, and kept hour by hour for everybody who looks."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from datalinks.errors import Unavailable
from datalinks.ids import Clock
from datalinks.services.activity import LinkActivity
from datalinks.store.activity import list_activity
from flows.lab import node, open_lab
from support.app import App
from support.bulk import Place, place, rows

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
NUMBERS = ("linksWritten", "linksDeleted", "findsHit", "findsMissed")


async def latest(api: Any) -> tuple[int, ...]:
    """What was done so far, as somebody sees it; the hour may have changed since it began."""
    hours = (await api.get("/overview", params={"hours": 2}))["hours"]
    return tuple(sum(hour[name] for hour in hours) for name in NUMBERS)


async def test_single_calls_are_counted(app: App) -> None:
    here = await place(app)
    await here.write("a", "1")
    await here.write("b", "2", "import")
    await here.found(appRecordId="a")
    await here.found(externalRecordId="nothing")
    await here.found()
    pair = {"appRecordId": "a", "externalRecordId": "1"}
    await here.api.call("DELETE", here.path, params=here.where, json=pair)
    await here.api.call("DELETE", here.path, params=here.where, json=pair)
    await here.api.delete(f"/data-links/{(await here.found())[0]['id']}")

    assert await latest(app.admin) == (3, 3, 1, 1)


async def test_a_record_is_found_once_however_many_pages_it_has(app: App) -> None:
    here = await place(app)
    for number in range(3):
        await here.write("hub", str(number), "import")
    where = {**here.where, "appRecordId": "hub", "limit": "2"}

    first = await here.api.get(here.path, params=where)
    await here.api.get(here.path, params={**where, "cursor": first["cursor"]})

    assert await latest(app.admin) == (3, 0, 1, 0)


async def test_batches_and_imports_are_counted_by_what_they_did(app: App) -> None:
    here = await place(app)
    await here.batch(
        [
            {"op": "create", "appRecordId": "a", "externalRecordId": "1"},
            {"op": "create", "appRecordId": "a", "externalRecordId": "1"},
            {"op": "find", "appRecordId": "a"},
            {"op": "find", "appRecordId": "b"},
            {"op": "delete", "appRecordId": "a", "externalRecordId": "1", "direction": "import"},
            {"op": "delete", "appRecordId": "a", "externalRecordId": "1", "direction": "import"},
            {"op": "find"},
        ]
    )
    await here.load(rows(("a", "1"), ("c", "3"), ("d", "4")), direction="export")

    assert await latest(app.admin) == (4 + 2, 1, 1, 1)


async def test_finds_of_formulas_are_counted(app: App) -> None:
    here = await place(app)
    await here.write("a", "1")
    connection = (await here.api.get("/connections"))["items"][0]["id"]
    formula = [{"$findExternalRecordId": {"dataLinkTable": {"key": "contacts"}, "recordId": id}} for id in ("a", "b")]

    await here.api.post("/formulas/evaluate", {"formula": formula, "connectionId": connection})

    assert (await latest(app.admin))[2:] == (1, 1)


async def test_links_that_nodes_write_find_and_delete_are_counted(app: App) -> None:
    lab = await open_lab(app)
    table = {"dataLinkTable": {"key": "contacts"}}
    pair = {**table, "appRecordId": "a", "externalRecordId": "1"}
    nodes = {
        "trigger": node("api-trigger", "create"),
        "create": node("create-data-link", "find", **pair),
        "find": node("transform-data", "delete", output={"$findExternalRecordId": {**table, "recordId": "a"}}),
        "delete": node("delete-data-link", **pair, direction="import"),
    }

    await lab.run(nodes)

    assert await latest(app.admin) == (2, 1, 1, 0)


async def test_a_customer_sees_what_was_done_with_its_own_links(app: App) -> None:
    here, other = await place(app), await place(app, "globex", "erp")
    await here.write("a", "1")
    await Place(app.admin, {**other.where, "userId": "globex"}).write("b", "2", "import")

    assert await latest(here.api) == (2, 0, 0, 0)
    assert await latest(other.api) == (1, 0, 0, 0)
    assert await latest(app.admin) == (3, 0, 0, 0)
    assert await latest(await app.other_workspace("Other")) == (0, 0, 0, 0)


class Hands(Clock):
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.moment = NOON
        super().__init__(lambda: int(self.moment.timestamp() * 1_000_000))


async def instance_of(app: App) -> tuple[str, int]:
    """A workspace's id and the number of an instance in it."""
    here = await place(app)
    id = (await here.api.post("/data-link-table-instance?dataLinkTableKey=contacts&integrationKey=crm"))["id"]
    (workspace,) = await app.services.workspaces.list_all()
    found = await app.services.database.fetch("find_count", id=id)
    return workspace.id, found[0]["no"]


async def test_processes_add_up_hour_by_hour_for_eight_days(app: App) -> None:
    workspace, no = await instance_of(app)
    database, clock = app.services.database, Hands()
    one, other = LinkActivity(database, clock), LinkActivity(database, clock)

    async def hours(count: int) -> list[int]:
        return [each.finds_hit for each in await list_activity(database, workspace, None, count, clock.now())]

    for activity in (one, other):
        activity.found(no, is_hit=True)
    await asyncio.gather(one.flush(), other.flush())
    clock.moment += timedelta(hours=1)
    one.found(no, is_hit=True)
    await one.flush()
    assert await hours(3) == [0, 2, 1]

    clock.moment += timedelta(days=8)
    one.written(no, 1)
    await one.flush()
    assert await hours(24 * 9) == [0] * 22 + [0, 1] + [0] * 192


class _Broken:
    """A store that is out of reach until it is told otherwise."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self.is_broken = True

    def transaction(self) -> Any:
        if self.is_broken:
            raise Unavailable("The database is out of reach.")
        return self._database.transaction()


async def test_what_cannot_be_kept_stays_counted_and_disturbs_nobody(app: App) -> None:
    workspace, no = await instance_of(app)
    broken, clock = _Broken(app.services.database), Hands()
    activity: LinkActivity = LinkActivity(broken, clock)  # pyright: ignore[reportArgumentType] - only transactions are used
    activity.found(no, is_hit=False)

    await activity.flush()
    activity.deleted(no, 2)
    broken.is_broken = False
    async with activity.kept(every_seconds=60):
        pass

    (hour,) = await list_activity(app.services.database, workspace, None, 1, clock.now())
    assert (hour.finds_missed, hour.links_deleted) == (1, 2)
