"""What is wrong with a flow is told on it, with the node and the place."""

from typing import Any

import pytest

from datalinks.flows.checking import check_nodes
from flows.lab import node

LINK = {"dataLinkTable": {"key": "contacts"}}
IDS = {"externalRecordId": "e", "appRecordId": "a"}
WRONG: list[tuple[str, Any, str]] = [
    ("no such type", {"type": "nothing"}, "$.type"),
    ("no type", {}, "$.type"),
    ("a data node", {"type": "list-data-records"}, "$.type"),
    ("no table", node("create-data-link", **IDS), "$.config.dataLinkTable"),
    ("a table without a key", node("create-data-link", dataLinkTable={"id": 1}, **IDS), "$.config.dataLinkTable"),
    ("a direction", node("create-data-link", **LINK, **IDS, direction="up"), "$.config.direction"),
    ("no record", node("create-data-link", **LINK, appRecordId="a"), "$.config.externalRecordId"),
    ("both directions to find", node("find-data-link", **LINK, recordId="e", direction="both"), "$.config.direction"),
    ("nothing to find", node("find-data-link", **LINK), "$.config.recordId"),
    ("no output", node("transform-data"), "$.config.output"),
    ("no filter", node("filter"), "$.config.filter"),
    ("no items", node("for-each-v2", rootNodeKey="x"), "$.config.items"),
    ("no sub flow", node("for-each-v2", items=[], rootNodeKey="nowhere"), "$.config.rootNodeKey"),
    ("no interval", node("schedule-trigger"), "$.config.intervalMinutes"),
    ("an interval of no time", node("schedule-trigger", intervalMinutes=0), "$.config.intervalMinutes"),
    ("no event", node("app-event-trigger"), "$.config.appEvent"),
    ("no request", node("custom-http-request"), "$.config.request"),
    ("no code", node("run-javascript"), "$.config.code"),
    ("code that is no text", node("run-javascript", code=5), "$.config.code"),
    ("a configuration that is no object", {"type": "transform-data", "config": 5}, "$.config"),
    ("links that are no list", {"type": "api-trigger", "links": {}}, "$.links"),
    ("a link to nothing", {"type": "api-trigger", "links": [{}]}, "$.links[0]"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "path"), [each[1:] for each in WRONG], ids=[each[0] for each in WRONG])
def test_a_mistake_is_told_where_it_is(written: Any, path: str) -> None:
    problems = check_nodes({"trigger": node("api-trigger", "wrong"), "wrong": written})

    assert path in {problem.path for problem in problems}
    assert {problem.node_key for problem in problems} == {"wrong"}


def test_a_circle_is_told() -> None:
    nodes = {
        "trigger": node("api-trigger", "a"),
        "a": node("filter", "b", filter=[]),
        "b": node("filter", "a", filter=[]),
    }

    assert [problem.path for problem in check_nodes(nodes)] == ["$.nodes"]


def test_formulas_are_not_mistakes() -> None:
    config = {
        "dataLinkTable": {"key": {"$var": "x"}},
        "direction": {"$var": "d"},
        "externalRecordId": {"$var": "e"},
        "appRecordId": {"$var": "a"},
    }

    assert check_nodes({"link": {"type": "create-data-link", "config": config}}) == []
    assert (
        check_nodes({"link": {"type": "create-data-link", "config": {**config, "dataLinkTable": {"$var": "x"}}}}) == []
    )
