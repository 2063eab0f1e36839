"""The overview: what there is and what happens, for admins of the whole workspace, for customers of their own things."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from support.app import App
from support.bulk import TABLE, Place, place


async def test_it_counts_what_is_live(app: App) -> None:
    here, _ = await place(app), await place(app, "globex", "erp")
    await here.write("a", "1")
    await here.write("b", "2", "import")
    await app.admin.post("/data-link-tables", {"key": "gone"})
    await app.admin.delete("/data-link-tables/gone")

    counts = (await app.admin.get("/overview"))["counts"]

    assert counts == {
        "customers": 2,
        "integrations": 2,
        "connections": 2,
        "dataLinkTables": 1,
        "dataLinkTableInstances": 1,
        "links": 3,
        "linksExact": True,
    }


async def test_a_customer_sees_its_own_things_only(app: App) -> None:
    here, other = await place(app), await place(app, "globex", "erp")
    await here.write("a", "1")
    await other.write("b", "2")
    await other.write("c", "3")

    seen = await here.api.get("/overview")

    counts = seen["counts"]
    assert (counts["customers"], counts["connections"], counts["dataLinkTableInstances"], counts["links"]) == (
        *(1, 1, 1, 2),
    )
    assert [(each["integration"]["key"], each["links"]) for each in seen["edges"]] == [("crm", 2)]


async def test_another_workspace_counts_nothing_of_this_one(app: App) -> None:
    await (await place(app)).write("a", "1")
    stranger = await app.other_workspace("Other")

    seen = await stranger.get("/overview")

    assert set(seen["counts"].values()) == {0, True}
    assert (seen["edges"], seen["edgesLeftOff"]) == ([], 0)


async def test_edges_say_which_tables_link_which_integrations_with_most_links_first(app: App) -> None:
    here, other = await place(app), await place(app, "globex", "erp")
    second = Place(here.api, {**here.where, "instanceKey": "second"})
    await here.write("a", "1", "import")
    await other.write("a", "1")
    await other.write("b", "2")
    await second.write("a", "1", "import")

    seen = await app.admin.get("/overview")

    table = (await app.admin.get(f"/data-link-tables/{TABLE}"))["id"]
    crm = (await app.admin.get("/integrations/crm"))["id"]
    assert [(each["integration"]["key"], each["links"]) for each in seen["edges"]] == [("erp", 4), ("crm", 2)]
    assert seen["edges"][1] == {
        "dataLinkTable": {"id": table, "key": TABLE, "name": TABLE},
        "integration": {"id": crm, "key": "crm", "name": "crm", "logoUri": ""},
        "instances": 2,
        "connections": 1,
        "links": 2,
    }
    assert seen["edgesLeftOff"] == 0


@pytest.mark.parametrize("path", ["/connections", "/customers/acme", "/integrations/crm", f"/data-link-tables/{TABLE}"])
async def test_edges_and_counts_leave_out_what_is_archived(app: App, path: str) -> None:
    here = await place(app)
    await here.write("a", "1")
    if path == "/connections":
        path = f"/connections/{(await here.api.get(path))['items'][0]['id']}"

    await app.admin.delete(path)

    seen = await app.admin.get("/overview")
    assert (seen["edges"], seen["counts"]["links"], seen["counts"]["dataLinkTableInstances"]) == ([], 0, 0)


@pytest.mark.parametrize("hours", [1, 24, 168])
async def test_there_are_as_many_hours_as_were_asked_for_with_the_one_under_way_last(app: App, hours: int) -> None:
    before = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)

    seen = (await app.admin.get("/overview", params={"hours": hours}))["hours"]

    times = [datetime.fromisoformat(each["hour"]) for each in seen]
    assert len(times) == hours
    assert before <= times[-1] <= datetime.now(UTC)
    assert {later - earlier for earlier, later in pairwise(times)} <= {timedelta(hours=1)}


@pytest.mark.parametrize("hours", ["0", "169", "1.5", "many"])
async def test_other_numbers_of_hours_are_refused(app: App, hours: str) -> None:
    answer = await app.admin.get("/overview", params={"hours": hours}, status=400)

    assert answer["data"]["path"] == "$.hours"
