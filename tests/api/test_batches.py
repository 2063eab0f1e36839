"""Batches: each operation is answered for itself, and together they do what they would do one by one."""

import asyncio
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.app import App
from support.bulk import Place, both, place
from support.cases import expand, promises

Operation = dict[str, Any]
MANY = 10_000


def create(app_id: Any, external_id: Any, **more: Any) -> Operation:
    """A create of a pair."""
    return {"op": "create", "appRecordId": app_id, "externalRecordId": external_id, **more}


def delete(app_id: Any, external_id: Any, **more: Any) -> Operation:
    """A delete of a pair."""
    return {"op": "delete", "appRecordId": app_id, "externalRecordId": external_id, **more}


def find(app_id: Any = None, external_id: Any = None, **more: Any) -> Operation:
    """A find of a record."""
    ids = {"appRecordId": app_id, "externalRecordId": external_id}
    return {"op": "find", **{name: value for name, value in ids.items() if value is not None}, **more}


def statuses(report: Any) -> list[str]:
    """What came of each operation."""
    return [each["status"] for each in report["results"]]


def externals(outcome: Any) -> list[str]:
    """The external records that an operation found."""
    return [link["externalRecordId"] for link in outcome["items"]]


async def test_operations_are_done_in_their_order_and_answered_in_it(app: App) -> None:
    here = await place(app)

    report = await here.batch(
        [
            find("a"),
            create("a", "1"),
            find("a", direction="export"),
            delete("a", "1", direction="export"),
            find("a", "1"),
            create("a", "1"),
            delete("b", "1"),
            delete("a", "1"),
            find(external_id="1"),
            create("b", "2", direction="import"),
        ]
    )

    assert (report["committed"], report["failed"]) == (True, 0)
    assert statuses(report) == [
        *("missing", "written", "found", "deleted", "found"),
        *("written", "missing", "deleted", "missing", "written"),
    ]
    written, gone = report["results"][1], report["results"][3]
    assert [link["direction"] for link in written["items"]] == ["import", "export"]
    assert (gone["deleted"], report["results"][6]["deleted"], report["results"][7]["deleted"]) == (1, 0, 2)
    assert [link["direction"] for link in report["results"][4]["items"]] == ["import"]
    assert await here.links() == {("b", "2", "import")}


async def test_what_was_there_is_replaced_and_keeps_its_id(app: App) -> None:
    here = await place(app)
    (first,) = (await here.batch([create("a", "1")]))["results"]

    (again,) = (await here.batch([create("a", "1")]))["results"]

    assert again["status"] == "replaced"
    assert [link["id"] for link in again["items"]] == [link["id"] for link in first["items"]]
    assert again["items"][0]["updatedAt"] > first["items"][0]["updatedAt"]


async def test_duplicates_are_reported_and_done_again(app: App) -> None:
    here = await place(app)

    report = await here.batch(
        [
            create("a", "1"),
            create("a", "2"),
            create("a", "1"),
            find("a", direction="export"),
            create("a", "1"),
            create("a", "1", direction="import"),
            delete("a", "2"),
            delete("a", "2"),
            create("a", "2"),
        ]
    )

    results = report["results"]
    assert statuses(report) == [
        *("written", "written", "duplicate", "found", "duplicate"),
        *("replaced", "deleted", "duplicate", "written"),
    ]
    assert [each.get("duplicateOf") for each in results] == [None, None, 0, None, 2, None, None, 6, None]
    assert externals(results[3]) == ["1", "2"], "what is written again is the newest"
    assert len(results[2]["items"]) == 2


@pytest.mark.parametrize("case", promises("wrong_operations"))
async def test_a_wrong_operation_is_told_what_is_wrong_and_the_others_are_done(app: App, case: Any) -> None:
    here = await place(app)
    wrong = json.loads(expand(json.dumps(case["operation"])))

    report = await here.batch([create("x", "1"), find("x"), delete("x", "2"), wrong, create("y", "1")])

    assert (report["committed"], report["failed"]) == (True, 1)
    assert statuses(report) == ["written", "found", "missing", "error", "written"]
    error = report["results"][3]["error"]
    assert error["key"] == "bad_request"
    assert error["data"] == {"path": case["path"]}
    assert case["message"] in error["message"]
    assert error["message"].count("$.operations[3]") == 1
    assert len(error["message"]) < 1_000


async def test_a_wrong_operation_keeps_an_atomic_batch_from_being_done(app: App) -> None:
    here = await place(app)

    report = await here.batch([create("a", "1"), find("a"), {"op": "create"}, find()], "atomic")

    assert (report["committed"], report["failed"]) == (False, 2)
    assert statuses(report) == ["undone", "undone", "error", "error"]
    assert await here.links() == set()


async def test_an_atomic_batch_without_a_wrong_operation_is_done(app: App) -> None:
    here = await place(app)

    report = await here.batch([create("a", "1"), find("a"), find("b")], "atomic")

    assert statuses(report) == ["written", "found", "missing"]
    assert await here.links() == both(("a", "1"))


@pytest.mark.parametrize("direction", ["import", "export", "both"])
async def test_a_link_is_replaced_by_one_to_another_record_in_one_atomic_batch(app: App, direction: str) -> None:
    here = await place(app)
    await here.write("a", "1", direction)
    await here.write("b", "1")

    edit = [delete("a", "1", direction=direction), create("a", "2", direction=direction)]
    report = await here.batch(edit, mode="atomic")

    stored = ["import", "export"] if direction == "both" else [direction]
    assert statuses(report) == ["deleted", "written"]
    assert await here.links() == {("a", "2", each) for each in stored} | both(("b", "1"))


async def test_an_edit_that_cannot_be_made_leaves_the_old_link(app: App) -> None:
    here = await place(app)
    await here.write("a", "1", "import")

    report = await here.batch([delete("a", "1", direction="import"), create("a", "")], mode="atomic")

    assert (report["committed"], report["failed"]) == (False, 1)
    assert await here.links() == {("a", "1", "import")}


async def test_links_that_were_deleted_are_created_again_by_a_batch_as_new_ones(app: App) -> None:
    here = await place(app)
    await here.write("a", "1", "import")
    await here.write("b", "2")
    gone = await here.found()
    for link in gone:
        await here.api.delete(f"/data-links/{link['id']}")
    kept = ("appRecordId", "externalRecordId", "direction")

    # The oldest first, so that the links come in the order that they had.
    again = [create(*(link[name] for name in kept[:2]), direction=link["direction"]) for link in reversed(gone)]
    await here.batch(again, mode="atomic")

    found = await here.found()
    assert [[each[name] for name in kept] for each in found] == [[each[name] for name in kept] for each in gone]
    assert {each["id"] for each in found}.isdisjoint(each["id"] for each in gone)


async def test_a_batch_of_wrong_operations_only_is_answered(app: App) -> None:
    here = await place(app)

    for mode in ("each", "atomic"):
        report = await here.batch([1, {}], mode)

        assert statuses(report) == ["error", "error"]


@pytest.mark.parametrize("case", promises("wrong_batches"))
async def test_a_batch_that_is_wrong_as_a_whole_is_refused(app: App, case: Any) -> None:
    here = await place(app)

    answer = await here.api.request(
        "POST",
        f"{here.path}/batch",
        params=here.where,
        content=expand(case["body"]),
        headers={"content-type": "application/json"},
    )

    assert answer.status_code == 400
    assert case["message"] in answer.json()["message"]
    assert answer.json().get("data", {}).get("path") == case.get("path")


async def test_numbers_are_ids_as_their_decimal_text(app: App) -> None:
    here = await place(app)

    report = await here.batch([create(17, 1.5), create("0", 0), find("17"), find(external_id=0), create("17", "1.5")])

    assert statuses(report) == ["written", "written", "found", "found", "duplicate"]
    assert externals(report["results"][2]) == ["1.5", "1.5"]


async def test_ten_thousand_operations_are_one_batch(app: App) -> None:
    here = await place(app)
    pairs = [(f"u-{number % 7919:05}", f"{number}") for number in range(MANY)]

    written = await here.batch([create(*pair, direction="import") for pair in pairs])
    found = await here.batch([find(external_id=external_id) for _, external_id in reversed(pairs)])

    assert statuses(written) == ["written"] * MANY
    assert [each["items"][0]["appRecordId"] for each in found["results"]] == [app_id for app_id, _ in reversed(pairs)]


async def test_a_hub_is_found_newest_first_and_goes_on_by_its_cursor(app: App) -> None:
    here = await place(app)
    names = [f"e-{number * 37 % 150:03}" for number in range(150)]
    await here.batch([create("hub", name, direction="export") for name in names])
    await here.batch([create(name, "hub", direction="import") for name in names])
    newest_first = list(reversed(names))

    by_app, by_external, pair, few = (
        await here.batch([find("hub"), find(external_id="hub", limit=3), find("hub", names[0]), find("hub", limit=1)])
    )["results"]

    assert externals(by_app) == newest_first[:100]
    assert [link["appRecordId"] for link in by_external["items"]] == newest_first[:3]
    assert externals(pair) == [names[0]]
    assert "cursor" not in pair
    assert externals(few) == newest_first[:1]
    rest = await here.found(appRecordId="hub", limit="100", cursor=by_app["cursor"])
    assert [link["externalRecordId"] for link in rest] == newest_first[100:]


async def test_a_hub_hides_no_other_record_of_its_batch(app: App) -> None:
    here = await place(app)
    await here.batch([create("hub", f"e-{number}") for number in range(400)])
    await here.batch([create(f"a-{number}", "hub") for number in range(400)])
    await here.batch([create("other", "1"), create("2", "z")])

    report = await here.batch([find("hub"), find("other"), find(external_id="hub"), find(external_id="z")])

    assert [len(each["items"]) for each in report["results"]] == [100, 2, 100, 2]


async def test_a_customer_reaches_its_own_links_only(app: App) -> None:
    here = await place(app)
    other = await place(app, "globex", "erp")
    await here.batch([create("a", "1")])

    (missing,) = (await other.batch([find("a")]))["results"]
    connections = await here.api.get("/connections")
    stranger = Place(other.api, {"connectionId": connections["items"][0]["id"]})

    assert missing["status"] == "missing"
    await stranger.batch([find("a")], status=404)
    await stranger.batch([delete("a", "1")], status=404)
    assert await here.links() == both(("a", "1"))


async def test_a_hidden_instance_is_not_there(app: App) -> None:
    here = await place(app)
    await here.batch([create("a", "1")])
    await here.api.delete(
        f"/data-link-table-instance?dataLinkTableKey=contacts&{'&'.join(map('='.join, here.where.items()))}"
    )

    for operation in (find("a"), create("b", "1"), None):
        await here.batch([operation], "atomic", status=404)


async def test_batches_in_opposite_orders_at_once_lose_nothing(app: App) -> None:
    here = await place(app)
    pairs = [(f"u-{number:03}", "1") for number in range(200)]
    forth = [create(*pair) for pair in pairs] + [delete("u-000", "1")] + [create(*pair) for pair in pairs]

    async def run(operations: list[Operation]) -> None:
        # A store may call one of two that wait for each other off, and asks to try again.
        for _ in range(20):
            answer = await here.api.request(
                "POST", f"{here.path}/batch", params=here.where, json={"operations": operations}
            )
            if answer.status_code != 503:
                assert answer.status_code == 200, answer.text
                return
        raise AssertionError("the store is never free")

    await asyncio.gather(run(forth), run(forth[::-1]), run(forth), run(forth[::-1]))

    assert await here.links() == both(*pairs)


records = st.sampled_from(["a", "b", "c"])
ways = st.sampled_from(["import", "export", "both"])
pairs = st.fixed_dictionaries({"appRecordId": records, "externalRecordId": records}, optional={"direction": ways})
operations: st.SearchStrategy[Operation] = st.one_of(
    pairs.map(lambda pair: {"op": "create", **pair}),
    pairs.map(lambda pair: {"op": "delete", **pair}),
    st.fixed_dictionaries(
        {"op": st.just("find"), "appRecordId": records, "limit": st.integers(1, 4)}, optional={"direction": ways}
    ),
    records.map(lambda external_id: find(external_id=external_id)),
    st.tuples(records, records).map(lambda pair: find(*pair)),
)


@pytest.fixture
async def here(app: App) -> Place:
    """An instance."""
    return await place(app)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batch=st.lists(operations, min_size=1, max_size=20))
async def test_a_batch_does_what_its_operations_do_one_by_one(here: Place, batch: list[Operation]) -> None:
    together, alone = await instance(here, "x"), await instance(here, "y")

    report = await together.batch(batch)
    answers = [await one_by_one(alone, each) for each in batch]

    for operation, outcome, answer in zip(batch, report["results"], answers, strict=True):
        if operation["op"] != "delete":
            assert (plain(outcome["items"]), "cursor" in outcome) == (plain(answer["items"]), "cursor" in answer)
    assert plain(await together.found()) == plain(await alone.found())


async def instance(here: Place, key: str) -> Place:
    """Another instance of a place, without links."""
    found = Place(here.api, {**here.where, "instanceKey": key})
    await found.batch([delete(app_id, external_id) for app_id in "abc" for external_id in "abc"])
    return found


async def one_by_one(here: Place, operation: Operation) -> Any:
    """What a request of its own answers to an operation."""
    path, fields = "/data-link-table-instance/links", {**operation}
    where = {**here.where, "dataLinkTableKey": "contacts"}
    match fields.pop("op"):
        case "find":
            return await here.api.get(path, params={**where, **fields})
        case "create":
            return await here.api.call("POST", path, params=where, json=fields)
        case _:
            return await here.api.call("DELETE", path, params=where, json=fields)


def plain(links: list[Any]) -> list[Any]:
    """Links in their order, without what differs from one instance to another."""
    return [(each["appRecordId"], each["externalRecordId"], each["direction"]) for each in links]
