"""Runs of flows: what runs after what, with which input, and what comes of it."""

from typing import Any

import pytest

from flows.lab import Lab, node, open_lab
from support.app import App


@pytest.fixture
async def lab(app: App) -> Lab:
    return await open_lab(app)


def var(locator: str) -> Any:
    return {"$var": locator}


LINK = {"dataLinkTable": {"key": "contacts"}}


async def test_nodes_run_one_after_the_other_and_see_all_outputs_before_them(lab: Lab) -> None:
    ran = await lab.run(
        {
            "trigger": node("api-trigger", "first"),
            "first": node("transform-data", "second", output={"n": var("$.input.trigger.n")}),
            "second": node(
                "transform-data", output=[var("$.input.first.n"), var("$.input.n"), var("$.user.internalId")]
            ),
        },
        {"n": 5},
    )

    assert ran.run.state == "completed"
    assert ran.outputs("second") == [[5, 5, "acme"]]
    assert ran.inputs("second") == [{"n": 5, "trigger": {"n": 5}, "first": {"n": 5}}]
    assert {key: each.state for key, each in ran.run.nodes.items()} == dict.fromkeys(
        ["trigger", "first", "second"], "completed"
    )


async def test_each_input_runs_by_itself(lab: Lab) -> None:
    ran = await lab.run(
        {"trigger": node("api-trigger", "n"), "n": node("transform-data", output=var("$.input.n"))}, {"n": 1}, {"n": 2}
    )

    assert ran.outputs("n") == [1, 2]
    assert ran.run.nodes["n"].runs == 2


async def test_an_input_finds_what_the_one_before_it_made(lab: Lab) -> None:
    find = node("find-data-link", **LINK, recordId=var("$.input.ext"))
    find["links"] = [{"key": "create", "filter": {"$eval": var("$.output"), "isEmpty": None}}]
    create = node("create-data-link", **LINK, externalRecordId=var("$.input.ext"), appRecordId=var("$.input.app"))

    ran = await lab.run(
        {"trigger": node("api-trigger", "find"), "find": find, "create": create},
        {"ext": "e1", "app": "a1"},
        {"ext": "e1", "app": "a2"},
    )

    assert ran.outputs("find") == ["nothing", "a1"]
    assert await lab.links() == {("a1", "e1", "import"), ("a1", "e1", "export")}


async def test_links_lead_on_where_their_filters_hold(lab: Lab) -> None:
    conditions = [{"field": "output.n", "operator": "more_than", "value": 1}]
    formula = {"$eval": var("$.output.n"), "is": 1}
    trigger = {
        "type": "api-trigger",
        "links": [{"key": "more", "filter": conditions}, {"key": "one", "filter": formula}, {"key": "gone"}],
    }
    nodes = {
        "trigger": trigger,
        "more": node("transform-data", output="more"),
        "one": node("transform-data", output="one"),
    }

    ran = await lab.run(nodes, {"n": 1}, {"n": 2})

    assert (ran.outputs("one"), ran.outputs("more")) == (["one"], ["more"])


@pytest.mark.parametrize(
    "filter", [[{"field": "input.n", "operator": "is", "value": 1}], {"$eval": var("$.input.n"), "is": 1}]
)
async def test_what_a_filter_holds_back_is_skipped(lab: Lab, filter: Any) -> None:
    nodes = {
        "trigger": node("api-trigger", "f"),
        "f": node("filter", "after", filter=filter),
        "after": node("transform-data", output=1),
    }

    ran = await lab.run(nodes, {"n": 1}, {"n": 2})

    assert ran.statuses("f") == ["completed", "skipped"]
    assert ran.outputs("after") == [1]
    assert ran.run.state == "completed"


async def test_links_are_created_found_and_deleted(lab: Lab) -> None:
    ids = {"externalRecordId": var("$.input.ext"), "appRecordId": var("$.input.app")}
    nodes = {
        "trigger": node("api-trigger", "create"),
        "create": node("create-data-link", "find", **LINK, **ids, direction="both"),
        "find": node("find-data-link", "delete", **LINK, direction="import", recordId=var("$.input.ext")),
        "delete": node("delete-data-link", "again", **LINK, **ids, direction="export"),
        "again": node("find-data-link", **LINK, direction="export", recordId=var("$.input.app")),
    }

    ran = await lab.run(nodes, {"ext": "e1", "app": "a1"}, {"ext": 2, "app": "a2"})

    assert ran.run.state == "completed", ran.run.errors
    assert ran.outputs("find") == ["a1", "a2"]
    assert ran.outputs("again") == ["nothing", "nothing"]
    assert ran.outputs("create")[0]["externalRecordId"] == "e1"
    assert await lab.links() == {("a1", "e1", "import"), ("a2", "2", "import")}


async def test_a_find_without_a_link_goes_on_without_its_output(lab: Lab) -> None:
    find = {
        **node("find-data-link", **LINK, recordId="e9"),
        "links": [{"key": "missing", "filter": {"$eval": var("$.output"), "isEmpty": None}}],
    }
    nodes = {
        "trigger": node("api-trigger", "find"),
        "find": find,
        "missing": node("transform-data", output={"$firstNotEmpty": [var("$.input.find"), "none"]}),
    }

    ran = await lab.run(nodes)

    assert ran.outputs("missing") == ["none"]


FOR_EACH = {
    "trigger": node("api-trigger", "each"),
    "each": node("for-each-v2", "after", items=var("$.input.items"), rootNodeKey="link"),
    "link": node(
        "create-data-link",
        "name",
        **LINK,
        externalRecordId=var("$.input.each.item.id"),
        appRecordId=var("$.input.each.item.app"),
    ),
    "name": node("transform-data", output={"$concat": ["n", var("$.input.each.item.id")]}),
    "after": node("transform-data", output=var("$.input.each.name")),
}


async def test_a_sub_flow_runs_for_each_item(lab: Lab) -> None:
    items = [{"id": f"e{n}", "app": f"a{n}"} for n in range(1_000)]

    ran = await lab.run(FOR_EACH, {"items": items})

    assert ran.run.state == "completed", ran.run.errors[:3]
    assert ran.outputs("after") == [[f"ne{n}" for n in range(1_000)]]
    assert len(await lab.links()) == 2_000
    assert ran.run.nodes["link"].runs == 1_000


@pytest.mark.parametrize("items", [[], None])
async def test_no_items_are_no_runs(lab: Lab, items: Any) -> None:
    ran = await lab.run(FOR_EACH, {"items": items})

    assert ran.outputs("each") == [{}]
    assert ran.statuses("after") == ["completed"]


async def test_items_in_items(lab: Lab) -> None:
    nodes = {
        "trigger": node("api-trigger", "outer"),
        "outer": node("for-each-v2", "done", items=var("$.input.rows"), rootNodeKey="inner"),
        "inner": node("for-each-v2", "sum", items=var("$.input.outer.item"), rootNodeKey="cell"),
        "cell": node("transform-data", output=[var("$.input.inner.item")]),
        "sum": node("transform-data", output=var("$.input.inner.cell")),
        "done": node("transform-data", output=var("$.input.outer")),
    }

    ran = await lab.run(nodes, {"rows": [[1, 2], [], [3]]})

    assert ran.outputs("done") == [{"inner": [{"cell": [[1], [2]]}, {}, {"cell": [[3]]}], "sum": [[[1], [2]], [[3]]]}]


async def test_a_failure_fails_the_run_and_nothing_else(lab: Lab) -> None:
    nodes = {
        "trigger": node("api-trigger", "create"),
        "create": node("create-data-link", "after", **LINK, externalRecordId=var("$.input.ext"), appRecordId="a"),
        "after": node("transform-data", output=1),
    }

    ran = await lab.run(nodes, {"ext": "e1"}, {}, {"ext": "e3"})

    assert ran.run.state == "failed"
    assert ran.statuses("create") == ["completed", "failed", "completed"]
    assert ran.outputs("after") == [1, 1]
    [error] = ran.run.errors
    assert error.data == {"nodeKey": "create", "runId": "6", "path": "$.config.externalRecordId"}


async def test_a_tolerated_failure_goes_on_and_filters_see_it(lab: Lab) -> None:
    create = {
        **node(
            "create-data-link", **{**LINK, "dataLinkTable": {"key": "nowhere"}}, externalRecordId="e", appRecordId="a"
        ),
        "onError": "continue",
        "links": [
            {"key": "failed", "filter": {"$eval": var("$.error"), "isNotEmpty": None}},
            {"key": "fine", "filter": {"$eval": var("$.error"), "isEmpty": None}},
        ],
    }
    nodes = {
        "trigger": node("api-trigger", "create"),
        "create": create,
        "failed": node("transform-data", output=1),
        "fine": node("transform-data", output=2),
    }

    ran = await lab.run(nodes)

    assert ran.run.state == "completed"
    assert (ran.outputs("failed"), ran.outputs("fine")) == ([1], [])
    assert ran.run.nodes["create"].errored_runs == 1


async def test_a_node_of_no_known_type_fails_where_it_is(lab: Lab) -> None:
    ran = await lab.run(
        {
            "trigger": node("api-trigger", "x", "y"),
            "x": node("list-data-records"),
            "y": node("transform-data", output=1),
        }
    )

    assert ran.run.state == "failed"
    assert "no data source is available" in ran.run.errors[0].message
    assert ran.outputs("y") == [1]


async def test_a_formula_that_fails_names_its_place(lab: Lab) -> None:
    ran = await lab.run(
        {"trigger": node("api-trigger", "x"), "x": node("transform-data", output={"a": {"$map": {"mapping": [None]}}})}
    )

    assert ran.run.errors[0].data == {"nodeKey": "x", "runId": "2", "path": "$.config.a.$map.mapping[0]"}
