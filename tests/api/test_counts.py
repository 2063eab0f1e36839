"""Counts: exact where there are few links, and never older than they say where there are many."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from datalinks.ids import Clock
from datalinks.services.counts import Counts
from support.app import App
from support.bulk import TABLE, Place, place, served_by

MANY = 20_001
NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


class SetClock(Clock):
    """A clock that is set by hand and else moves on by single microseconds."""

    def __init__(self) -> None:
        self.moment = NOON
        super().__init__(lambda: int(self.moment.timestamp() * 1_000_000))


@pytest.fixture
def clock() -> SetClock:
    """The time of the counts."""
    return SetClock()


@pytest.fixture
async def counting(app: App, clock: SetClock) -> AsyncGenerator[App]:
    """The application, with a clock that is set by hand."""
    services = app.services
    async with served_by(app, counts=Counts(services.database, services.instances, services.tables, clock)) as served:
        yield served


def links(count: Any) -> tuple[int, int, int]:
    """All links, those of imports and those of exports."""
    return count["links"], count["importLinks"], count["exportLinks"]


async def test_few_links_are_counted_at_every_call(app: App) -> None:
    here = await place(app)
    assert links(await here.count()) == (0, 0, 0)
    await here.write("a", "1")
    await here.write("b", "2", "import")

    count = await here.count()

    assert links(count) == (3, 2, 1)
    assert (count["exact"], count["instances"], count["uncounted"]) == (True, 1, 0)
    assert list(count) == ["links", "importLinks", "exportLinks", "exact", "countedAt", "instances", "uncounted"]


async def test_many_links_are_counted_again_when_the_count_has_aged(counting: App, clock: SetClock) -> None:
    here = await place(counting)
    lines = "".join(f"u-{number},1\n" for number in range(MANY))
    await here.load(f"appRecordId,externalRecordId\n{lines}".encode(), direction="import")
    first = await here.count()
    await here.write("new", "1")

    clock.moment += timedelta(seconds=MANY / 15_000 - 0.1)
    kept = await here.count()
    clock.moment += timedelta(seconds=0.2)
    anew = await here.count()

    assert (links(first), first["exact"]) == ((MANY, MANY, 0), True)
    assert {**kept, "exact": True} == first
    assert kept["exact"] is False
    assert (links(anew), anew["exact"]) == ((MANY + 2, MANY + 1, 1), True)
    assert datetime.fromisoformat(anew["countedAt"]) > datetime.fromisoformat(first["countedAt"])


async def test_a_table_counts_all_live_instances_that_the_caller_may_see(app: App) -> None:
    here, other = await place(app), await place(app, "globex", "erp")
    await here.write("a", "1")
    await Place(here.api, {**here.where, "instanceKey": "second"}).write("a", "1", "export")
    await other.write("a", "1")

    mine, everything = await Place(here.api, {}).count(), await Place(app.admin, {}).count()

    assert (links(mine), mine["instances"]) == ((3, 1, 2), 2)
    assert (links(everything), everything["instances"]) == ((5, 2, 3), 3)


async def test_one_instance_is_counted_where_the_query_names_it(app: App) -> None:
    here, other = await place(app), await place(app, "globex", "erp")
    second = Place(here.api, {**here.where, "instanceKey": "second"})
    await here.write("a", "1")
    await second.write("a", "1", "export")
    await other.write("a", "1", "import")

    instance = (await other.api.get("/data-link-table-instances"))["items"][0]["id"]
    by_id = await Place(app.admin, {"id": instance}).count()
    by_path = await app.admin.get(f"/data-link-tables/{instance}/links/count")

    assert (links(await here.count()), links(await second.count())) == ((2, 1, 1), (1, 0, 1))
    assert links(by_id) == links(by_path) == (1, 1, 0)


@pytest.mark.parametrize("query", [{"userId": "globex"}, {"tenantId": "globex"}, {"instanceKey": "second"}])
async def test_half_a_selector_does_not_count_the_whole_table(app: App, query: dict[str, str]) -> None:
    await place(app)
    await place(app, "globex", "erp")

    await Place(app.admin, query).count(status=400)


@pytest.mark.parametrize("archived", ["instance", "connection", "customer", "integration"])
async def test_what_is_archived_is_not_counted(app: App, archived: str) -> None:
    here, other = await place(app), await place(app, "globex", "erp")
    await here.write("a", "1")
    await other.write("a", "1")
    await Place(app.admin, {}).count()
    connection = (await here.api.get("/connections"))["items"][0]
    paths = {
        "instance": f"/data-link-table-instance?dataLinkTableKey={TABLE}&connectionId={connection['id']}",
        "connection": f"/connections/{connection['id']}",
        "customer": "/customers/acme",
        "integration": "/integrations/crm",
    }

    await app.admin.delete(paths[archived])

    count = await Place(app.admin, {}).count()
    assert (links(count), count["instances"], count["exact"]) == ((2, 1, 1), 1, True)
    await Place(app.admin, {"connectionId": connection["id"]}).count(status=404)


async def test_a_table_that_is_archived_or_not_there_has_no_count(app: App) -> None:
    here = await place(app)
    await here.write("a", "1")
    await app.admin.delete(f"/data-link-tables/{TABLE}")

    await Place(app.admin, {}).count(status=404)
    await here.count(status=404)
    await app.admin.get("/data-link-tables/nothing/links/count", status=404)


async def test_a_table_without_instances_has_no_links(app: App) -> None:
    await app.admin.post("/data-link-tables", {"key": TABLE})

    count = await Place(app.admin, {}).count()

    assert (links(count), count["instances"], count["exact"]) == ((0, 0, 0), 0, True)


async def test_a_call_counts_fifty_instances_and_those_first_that_waited_longest(app: App) -> None:
    here = await place(app)
    for number in range(52):
        await Place(here.api, {**here.where, "instanceKey": f"{number}"}).write("a", "1", "import")
    everything = Place(app.admin, {})

    first, second = await everything.count(), await everything.count()

    assert (first["links"], first["instances"], first["uncounted"], first["exact"]) == (50, 50, 2, False)
    assert (second["links"], second["instances"], second["uncounted"], second["exact"]) == (52, 52, 0, False)


async def test_a_customer_counts_its_own_links_only(app: App) -> None:
    here, other = await place(app), await place(app, "globex", "erp")
    await here.write("a", "1")
    connection = (await here.api.get("/connections"))["items"][0]["id"]

    assert links(await Place(other.api, {}).count()) == (0, 0, 0)
    await Place(other.api, {"connectionId": connection}).count(status=404)


async def test_lists_of_instances_say_how_many_links_each_has_when_asked(app: App) -> None:
    here, other = await place(app), await place(app, "globex", "erp")
    await here.write("a", "1")
    await other.write("a", "1", "import")
    asked = {"includeCounts": "true"}

    plain = (await app.admin.get("/data-link-table-instances"))["items"]
    counted = (await app.admin.get("/data-link-table-instances", params=asked))["items"]
    by_layer = (await app.admin.get("/data-link-tables", params={**asked, "layer": "connection"}))["items"]
    mine = (await here.api.get("/data-link-table-instances", params=asked))["items"]

    assert all("links" not in each for each in plain)
    assert [(each["integration"]["key"], each["links"]) for each in counted] == [("erp", 1), ("crm", 2)]
    assert [{**each, "links": None} for each in counted] == [{**each, "links": None} for each in plain]
    assert by_layer == counted
    assert mine == counted[1:]


async def test_lists_of_tables_say_how_many_links_and_instances_each_has_when_asked(app: App) -> None:
    here, other = await place(app), await place(app, "globex", "erp")
    await app.admin.post("/data-link-tables", {"key": "empty"})
    await here.write("a", "1")
    await other.write("a", "1", "import")
    asked = {"includeCounts": "true"}

    plain = (await app.admin.get("/data-link-tables"))["items"]
    counted = (await app.admin.get("/data-link-tables", params=asked))["items"]
    mine = (await here.api.get("/data-link-tables", params=asked))["items"]

    assert all("links" not in each and "instances" not in each for each in plain)
    assert [(each["key"], each["links"], each["instances"]) for each in counted] == [("empty", 0, 0), (TABLE, 3, 2)]
    assert [(each["key"], each["links"], each["instances"]) for each in mine] == [("empty", 0, 0), (TABLE, 2, 1)]


async def test_a_list_counts_fifty_instances_and_says_of_which_nothing_is_known_yet(app: App) -> None:
    here = await place(app)
    for number in range(51):
        await Place(here.api, {**here.where, "instanceKey": f"{number}"}).write("a", "1", "import")
    asked = {"includeCounts": "true"}

    first = [each["links"] for each in (await here.api.get("/data-link-table-instances", params=asked))["items"]]
    second = [each["links"] for each in (await here.api.get("/data-link-table-instances", params=asked))["items"]]

    assert sorted(map(str, first)) == ["1"] * 50 + ["None"]
    assert second == [1] * 51


@pytest.mark.parametrize(
    "query", ["userId=acme", "integrationKey=crm", "connectionId={connection}", "integrationId={crm}"]
)
async def test_lists_of_instances_are_filtered_by_what_instances_hang_on(app: App, query: str) -> None:
    here, other = await place(app), await place(app, "globex", "erp")
    await here.write("a", "1")
    await other.write("a", "1")
    connection = (await here.api.get("/connections"))["items"][0]
    query = query.format(connection=connection["id"], crm=connection["integrationId"])
    table = (await app.admin.get(f"/data-link-tables/{TABLE}"))["id"]

    found = (await app.admin.get(f"/data-link-table-instances?{query}&dataLinkTableId={table}&includeCounts=true"))[
        "items"
    ]

    assert [(each["user"]["internalId"], each["links"]) for each in found] == [("acme", 2)]
    assert {
        each[part]["name"] for each in found for part in ("dataLinkTable", "connection", "user", "integration")
    } == {
        *(TABLE, connection["name"], "acme", "crm"),
    }
