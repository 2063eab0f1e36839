"""Formulas over HTTP: computed with the caller's own links, within limits, and nothing is changed."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from datalinks.store.ambient import AmbientDatabase
from support.app import Api, App, open_app
from support.bulk import TABLE, place, rows
from support.engines import ENGINES

PATH = "/formulas/evaluate"


def find(record_id: Any, operator: str = "$findAppRecordId", table: Any = TABLE) -> Any:
    """A formula that finds a link."""
    return {operator: {"dataLinkTable": {"key": table}, "recordId": record_id}}


async def evaluate(api: Api, formula: Any, status: int = 200, **body: Any) -> Any:
    """The answer to an evaluation."""
    return await api.call("POST", PATH, status=status, json={"formula": formula, **body})


async def test_a_formula_is_computed_with_its_variables(app: App) -> None:
    formula = {
        "name": {"$concat": [{"$var": "first"}, " ", {"$var": "last"}]},
        "gone": {"$var": "missing"},
        "nil": None,
    }

    answer = await evaluate(app.admin, formula, variables={"first": "Ann", "last": "Lee"})

    assert answer == {"value": {"name": "Ann Lee", "nil": None}}


@pytest.mark.parametrize(
    ("formula", "answer"), [(None, {"value": None}), ({"$var": "missing"}, {}), ([], {"value": []})]
)
async def test_nothing_is_another_thing_than_null(app: App, formula: Any, answer: Any) -> None:
    assert await evaluate(app.admin, formula) == answer


async def test_links_of_the_connection_are_found_from_either_side(app: App) -> None:
    here = await place(app)
    await here.write("u1", "9001")
    await here.write("u2", "9002", "import")
    connection = (await here.api.get("/connections"))["items"][0]["id"]
    formula = {
        "app": find("9001"),
        "number": find(9002),
        "external": find("u1", "$findExternalRecordId"),
        "not exported": find("u2", "$findExternalRecordId"),
        "nothing": find("9009"),
        "no id": find({"a": 1}),
        "no table": find("9001", table="nowhere"),
        "or": {"$firstNotEmpty": [find("9009"), "none"]},
    }
    expected = {"app": "u1", "number": "u2", "external": "9001", "or": "none"}

    wheres: list[Any] = [{"integrationKey": "crm"}, {"connectionId": connection}]
    for where in wheres:
        assert await evaluate(here.api, formula, **where) == {"value": expected}
    assert await evaluate(app.admin, formula, connectionId=connection) == {"value": expected}
    assert await evaluate(app.admin, formula, integrationKey="crm", userId="acme") == {"value": expected}


async def test_the_newest_link_of_a_record_is_found(app: App) -> None:
    here = await place(app)
    for app_id in ("u1", "u2", "u3", "u2"):
        await here.write(app_id, "9001")

    assert await evaluate(here.api, find("9001"), integrationKey="crm") == {"value": "u2"}


async def test_instances_of_other_keys_are_others(app: App) -> None:
    here = await place(app)
    here.where = {**here.where, "instanceKey": "eu"}
    await here.write("u1", "9001")

    assert await evaluate(here.api, find("9001"), integrationKey="crm", instanceKey="eu") == {"value": "u1"}
    assert await evaluate(here.api, find("9001"), integrationKey="crm") == {}


async def test_finding_makes_no_instance(app: App) -> None:
    here = await place(app)

    assert await evaluate(here.api, find("9001"), integrationKey="crm") == {}
    assert (await app.admin.get("/data-link-table-instances"))["items"] == []


async def test_a_thousand_records_find_their_links(app: App) -> None:
    here = await place(app)
    await here.load(rows(*[(f"u{number}", f"e{number}") for number in range(1_000)]))
    formula = {"$iterate": {"source": {"$var": "ids"}, "item": find({"$var": "item"})}}

    answer = await evaluate(
        here.api, formula, variables={"ids": [f"e{number}" for number in range(1_000)]}, integrationKey="crm"
    )

    assert answer["value"] == [f"u{number}" for number in range(1_000)]


async def test_finds_of_a_thousand_records_are_one_look_up_of_the_store(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = await place(app)
    await here.load(rows(("u1", "e1")))
    asked: list[tuple[str, int]] = []
    fetch_each = AmbientDatabase.fetch_each

    async def counting(database: AmbientDatabase, name: str, sets: Sequence[Any]) -> Any:
        asked.append((name, len(sets)))
        return await fetch_each(database, name, sets)

    monkeypatch.setattr(AmbientDatabase, "fetch_each", counting)
    formula = {"$iterate": {"source": {"$var": "ids"}, "item": find({"$var": "item"})}}
    variables = {"ids": [f"e{number}" for number in range(1_000)]}

    assert await evaluate(here.api, formula, variables=variables, integrationKey="crm") == {"value": ["u1"]}
    assert asked == [("links_of_external_record", 1_000)]


async def test_without_a_connection_and_when_building_finds_stay(app: App) -> None:
    here = await place(app)
    await here.write("u1", "9001")
    formula = {"a": find({"$var": "id"})}
    built = {"value": {"a": find("9001")}}

    assert await evaluate(here.api, formula, variables={"id": "9001"}) == built
    assert await evaluate(here.api, formula, variables={"id": "9001"}, integrationKey="crm", mode="build") == built


async def test_a_customer_finds_only_its_own_links(app: App) -> None:
    own, other = await place(app, "acme"), await place(app, "globex", "crm2")
    await own.write("u1", "9001")
    await other.write("u2", "9001")
    connection = (await other.api.get("/connections"))["items"][0]["id"]
    stranger = await app.other_workspace("Other")

    assert await evaluate(own.api, find("9001"), integrationKey="crm") == {"value": "u1"}
    assert (await evaluate(own.api, find("9001"), 404, connectionId=connection))["key"] == "not_found"
    hidden = await evaluate(own.api, find("9001"), 404, integrationKey="crm2", userId="globex")
    assert hidden["key"] == "not_found"
    assert (await evaluate(stranger, find("9001"), 404, connectionId=connection))["key"] == "not_found"


async def test_hidden_links_are_not_found(app: App) -> None:
    here = await place(app)
    await here.write("u1", "9001")

    await app.admin.delete(f"/data-link-tables/{TABLE}")
    hidden = await evaluate(here.api, find("9001"), integrationKey="crm")
    await app.admin.post(f"/data-link-tables/{TABLE}/restore")

    assert hidden == {}
    assert await evaluate(here.api, find("9001"), integrationKey="crm") == {"value": "u1"}


async def test_jsonata_runs_beside_everything_else(app: App) -> None:
    here = await place(app)
    await here.write("u1", "9001")
    formula = {
        "sum": {"$jsonata": "$sum(items.qty)"},
        "wrong": {"$jsonata": "((("},
        "each": {"$iterate": {"source": {"$var": "items"}, "item": {"$jsonata": "item.qty * 2"}}},
        "found": find({"$jsonata": "'90' & '01'"}),
    }

    answer = await evaluate(here.api, formula, variables={"items": [{"qty": 2}, {"qty": 3}]}, integrationKey="crm")

    assert answer == {"value": {"sum": 5, "each": [4, 6], "found": "u1"}}


WRONG = [
    ({"a": [{"$map": {"value": 1, "mapping": [None]}}]}, "$.a[0].$map.mapping[0]", "must be"),
    ({"a": {"$case": [{"filter": [{"field": "a[x]", "operator": "is"}]}]}}, "$.a.$case[0].filter[0]", "Invalid index"),
    ({"a": {"$copy": "b"}, "b": {"$copy": "c"}}, "$.a", "contains a copy"),
]


@pytest.mark.parametrize(("formula", "path", "message"), WRONG)
async def test_an_error_says_where_and_what(app: App, formula: Any, path: str, message: str) -> None:
    answer = await evaluate(app.admin, formula, 400)

    assert (answer["type"], answer["key"], answer["data"]) == ("bad_request", "formula_error", {"path": path})
    assert message in answer["message"]


BODIES: list[Any] = [
    {},
    {"formula": 1, "variables": []},
    {"formula": 1, "mode": "guess"},
    {"formula": 1, "variable": {}},
    {"formula": 1, "instanceKey": ""},
    [],
]


@pytest.mark.parametrize("body", BODIES)
async def test_a_wrong_body_is_refused(app: App, body: Any) -> None:
    answer = await app.admin.call("POST", PATH, status=400, json=body)

    assert answer["type"] == "bad_request"


async def test_an_ambiguous_or_missing_connection_is_refused(app: App) -> None:
    here = await place(app)
    await here.api.post("/connections", {"integrationKey": "crm", "name": "second"})

    assert (await evaluate(here.api, find("1"), 404, integrationKey="none"))["key"] == "not_found"
    await evaluate(here.api, find("1"), 400, integrationKey="crm")


@pytest.mark.parametrize("text", ["a\0", " ", "x" * 20_000, "é", "../x", "'; --"])
@pytest.mark.parametrize("field", ["connectionId", "connectionKey", "integrationId", "integrationKey", "userId"])
async def test_a_connection_of_any_name_is_missing_and_no_mistake_of_ours(app: App, field: str, text: str) -> None:
    body = {"formula": find("1"), "integrationKey": "none", field: text}

    answer = await app.admin.request("POST", PATH, json=body)

    assert answer.status_code in (400, 404)


@pytest.mark.parametrize("text", ["a\0", "", "x" * 20_000, "\ud800"])
async def test_ids_and_tables_that_no_link_has_find_nothing(app: App, text: str) -> None:
    here = await place(app)
    formula = [find(text), find({"$concat": [text]}), find("1", table=text), find("1", table={"a": text}), 1]
    body = json.dumps({"formula": formula, "integrationKey": "crm"})

    answer = await here.api.request("POST", PATH, content=body, headers={"content-type": "application/json"})

    assert (answer.status_code, answer.json().get("value")) in ((200, [1]), (400, None))


async def test_without_a_token_nothing_is_evaluated(app: App) -> None:
    assert (await evaluate(app.bearing(None), 1, 401))["key"] == "not_authenticated"


async def test_an_idempotency_key_is_taken_no_notice_of(app: App) -> None:
    headers = {"idempotency-key": "k"}

    first = await app.admin.call("POST", PATH, json={"formula": 1}, headers=headers)
    second = await app.admin.call("POST", PATH, json={"formula": 2}, headers=headers)

    assert (first, second) == ({"value": 1}, {"value": 2})


@pytest.mark.parametrize("engine", ENGINES[:1])
async def test_limits_are_settings(tmp_path: Path, engine: str) -> None:
    limits = {"formula_steps": 100, "formula_depth": 10, "formula_size": 50, "formula_result_size": 200}
    async with open_app(tmp_path, engine, **limits) as app:
        each = {"$iterate": {"source": {"$var": "list"}, "item": {"$var": "item"}}}
        variables = {"list": [1] * 200, "text": "x" * 300}
        deep: Any = 1
        for _ in range(20):
            deep = [deep]
        wrong = [each, deep, [1] * 100, {"$var": "text"}]

        answers = [await evaluate(app.admin, formula, 400, variables=variables) for formula in wrong]

        assert [answer["key"] for answer in answers] == ["formula_error"] * 4
        assert await evaluate(app.admin, [1, 2]) == {"value": [1, 2]}


@pytest.mark.parametrize("engine", ENGINES[:1])
async def test_a_hostile_expression_costs_its_caller_an_error_and_others_nothing(tmp_path: Path, engine: str) -> None:
    async with open_app(tmp_path, engine, jsonata_timeout_seconds=0.5) as app:
        bomb = {"a": {"$jsonata": "$sum($map([1..9999999], function($n) { $sum([1..9999999]) }))"}}

        hostile, *others = await asyncio.gather(
            evaluate(app.admin, bomb, 400),
            *[evaluate(app.admin, {"b": {"$jsonata": "n + 1"}}, variables={"n": n}) for n in range(20)],
        )

        assert (hostile["key"], hostile["data"]) == ("formula_error", {"path": "$.a.$jsonata"})
        assert others == [{"value": {"b": n + 1}} for n in range(20)]


@pytest.mark.parametrize("engine", ENGINES[:1])
async def test_many_slow_expressions_take_no_longer_than_one_formula_may(tmp_path: Path, engine: str) -> None:
    async with open_app(tmp_path, engine, jsonata_timeout_seconds=5, formula_timeout_seconds=0.5) as app:
        slow = {
            "$iterate": {
                "source": [1, 2, 3, 4],
                "item": {"$jsonata": "($f := function($n) { $n > 0 ? $f($n - 1) : 0 }; $f(1000000000))"},
            }
        }

        answer = await evaluate(app.admin, slow, 400)

        assert "longer than 0.5 s" in answer["message"]
        assert await evaluate(app.admin, {"$jsonata": "1 + 1"}) == {"value": 2}
