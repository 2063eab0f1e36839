"""Evaluation beyond what the reference's cases show: what is asked and how often, limits, places of errors."""

import asyncio
import copy
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from datalinks.errors import FormulaError
from datalinks.formulas.errors import CopyOfCopy, InvalidLocator, LimitReached, NotAnswered, NotAvailable, WrongArgument
from datalinks.formulas.evaluate import build_data, compile_formula, resolve, resolve_data, resolve_each
from datalinks.formulas.limits import Limits
from datalinks.formulas.questions import FindLink, LookUp, NoAnswer, RunJsonata
from datalinks.formulas.scope import Scope

VARIABLES = {"ids": [f"e{number}" for number in range(1_000)], "user": {"id": "u1"}, "list": list(range(100))}


def find(record_id: Any, operator: str = "$findAppRecordId", table: str = "users") -> Any:
    """A formula that finds a link."""
    return {operator: {"dataLinkTable": {"key": table}, "recordId": record_id}}


class Links:
    """Answers every find with its own id behind an arrow, and keeps what was asked."""

    def __init__(self) -> None:
        self.asked: list[list[FindLink]] = []

    async def answer(self, questions: Sequence[FindLink]) -> list[Any]:
        """Each record's own link."""
        self.asked.append(list(questions))
        return [f"{question.direction}->{question.record_id}" for question in questions]

    @property
    def scope(self) -> Scope:
        """A scope with these links."""
        return Scope(answerers={FindLink: self.answer})


async def test_finds_of_a_thousand_records_are_asked_once() -> None:
    links = Links()
    formula = {"$iterate": {"source": {"$var": "ids"}, "item": find({"$var": "item"})}}

    found = await resolve(formula, VARIABLES, links.scope)

    assert found[0] == "import->e0"
    assert len(found) == 1_000
    assert [len(questions) for questions in links.asked] == [1_000]


async def test_finds_in_every_kind_of_place_go_together() -> None:
    links = Links()
    formula = {
        "a": find("1"),
        "b": [find("2"), {"c": find("3", "$findExternalRecordId")}],
        "d": {"$concat": [find("4"), "-", find("5")]},
        "e": {"$firstNotEmpty": [find("6"), "x"]},
        "f": {"$eval": find("7"), "is": find("8")},
        "g": {"$tpl": {"template": "{x}{y}", "values": {"x": find("9"), "y": find("10")}}},
        "h": {"$map": {"value": "none", "mapping": [{"from": find("11"), "to": 1}, {"from": find("12"), "to": 2}]}},
        "i": {"$mergeObjects": [{"k": find("13")}, {"l": find("14")}]},
    }

    value = await resolve(formula, VARIABLES, links.scope)

    assert [len(questions) for questions in links.asked] == [14]
    assert value["d"] == "import->4-import->5"
    assert value["b"] == ["import->2", {"c": "export->3"}]


async def test_a_find_of_what_a_find_found_takes_one_more_round() -> None:
    links = Links()
    formula = {"$iterate": {"source": {"$var": "ids"}, "item": find(find({"$var": "item"}))}}

    found = await resolve(formula, VARIABLES, links.scope)

    assert found[1] == "import->import->e1"
    assert [len(questions) for questions in links.asked] == [1_000, 1_000]


async def test_the_same_find_is_asked_once() -> None:
    links = Links()

    await resolve([find("1"), find("1"), find(1), find(1)], {}, links.scope)

    assert [[question.record_id for question in questions] for questions in links.asked] == [["1", 1]]


async def test_a_branch_that_is_not_taken_asks_nothing() -> None:
    links = Links()
    formula = {"$case": {"cases": [{"filter": {"$var": "no"}, "value": find("1")}], "default": "d"}}

    assert await resolve(formula, {"no": False}, links.scope) == "d"
    assert links.asked == []


async def test_a_branch_that_hangs_on_a_find_asks_only_when_it_is_taken() -> None:
    links = Links()
    formula = {
        "$case": {"cases": [{"filter": {"$eval": find("1"), "is": "x"}, "value": find("2")}], "default": find("3")}
    }

    assert await resolve(formula, {}, links.scope) == "import->3"
    assert [[question.record_id for question in questions] for questions in links.asked] == [["1"], ["3"]]


async def test_many_variables_are_computed_with_one_round_of_questions() -> None:
    links = Links()
    program = compile_formula({"owner": find({"$var": "id"}), "n": {"$var": "n"}})

    values = await resolve_each(program, [{"id": f"r{n}", "n": n} for n in range(500)], links.scope)

    assert values[7] == {"owner": "import->r7", "n": 7}
    assert len(links.asked) == 1


async def test_kinds_of_questions_are_asked_at_the_same_time() -> None:
    meeting = asyncio.Barrier(2)

    async def answer(questions: Sequence[Any]) -> list[Any]:
        await meeting.wait()
        return ["found"] * len(questions)

    scope = Scope(answerers={FindLink: answer, LookUp: answer})

    assert await resolve([find("1"), {"$lookup": {"a": 1}}], {}, scope) == ["found", "found"]


async def test_an_answerer_that_fails_fails_the_evaluation() -> None:
    async def fail(questions: Sequence[Any]) -> list[Any]:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await resolve(find("1"), {}, Scope(answerers={FindLink: fail}))


async def test_neither_formula_nor_variables_change() -> None:
    formula = {
        "a": {"$formula": {"x": [{"$var": "missing"}, {"$var": "user.id"}]}},
        "b": {"$copy": "c"},
        "c": {"$var": "user"},
        "d": {"$copy": "c"},
    }
    variables = copy.deepcopy(VARIABLES)
    before = copy.deepcopy(formula)

    value = await build_data(formula, variables)

    assert value["b"] == value["d"] == {"id": "u1"}
    assert formula == before
    assert variables == VARIABLES


async def test_members_that_move_up_are_not_taken_for_copies() -> None:
    formula = {"a": 1, "b": [{"$copy": "nope"}, {"$copy": "a"}, 3, "$copy"]}

    assert await build_data(formula, {}) == {"a": 1, "b": [{"$copy": "a"}, 3, "$copy"]}


@pytest.mark.parametrize("number", [2**53 + 1, -(2**53) - 1, 10**300, 5])
async def test_large_whole_numbers_are_equal_to_their_text(number: int) -> None:
    comparisons = [{"$eval": number, operator: str(number)} for operator in ("is", "lte", "gte")]
    mapped = {"$map": {"value": number, "mapping": [{"from": str(number), "to": True}]}}

    assert await resolve([*comparisons, mapped], {}) == [True] * 4


async def test_formula_inside_iterate_is_computed_for_each_member() -> None:
    formula = {"$iterate": {"source": [1, 2], "item": {"$formula": {"n": {"$var": "item"}}}}}

    assert await resolve(formula, {}) == [{"n": 1}, {"n": 2}]


async def test_conditions_of_a_case_hold_when_resolving_as_when_building() -> None:
    case = [{"filter": [{"field": "user.id", "operator": "is", "value": "u2"}], "value": 1}, {"value": 2}]

    assert await resolve({"$case": case}, VARIABLES) == await build_data({"$case": case}, VARIABLES) == 2


async def test_an_evaluation_in_threads_gives_the_same() -> None:
    links = Links()
    formula = {"a": {"$copy": "b"}, "b": {"$iterate": {"source": {"$var": "ids"}, "item": find({"$var": "item"})}}}

    with ThreadPoolExecutor(1) as executor:
        scope = Scope(answerers={FindLink: links.answer}, executor=executor)
        value = await resolve_data(formula, VARIABLES, scope)

    assert value["a"] == value["b"] == [f"import->e{number}" for number in range(1_000)]


async def test_without_an_answerer_jsonata_is_not_available() -> None:
    with pytest.raises(NotAvailable) as failure:
        await resolve({"a": {"$jsonata": "1"}}, {})

    assert failure.value.data["path"] == "$.a.$jsonata"


PLACES = [
    ({"items": [1, {"$map": {"value": 1, "mapping": [None]}}]}, WrongArgument, "$.items[1].$map.mapping[0]"),
    ({"a": {"$case": [{"filter": [{"operator": "is"}]}]}}, InvalidLocator, "$.a.$case[0].filter[0]"),
    ([{"$var": ["x"]}], InvalidLocator, "$[0].$var"),
    ({"a": {"$copy": "b"}, "b": {"$copy": "c"}, "c": 1}, CopyOfCopy, "$.a"),
    ({"x.y": {"$concat": [{"$map": {"mapping": [None]}}]}}, WrongArgument, "$.x\\.y.$concat[0].$map.mapping[0]"),
    ({"a": {"$iterate": {"source": [1], "item": {"$map": {"mapping": [None]}}}}}, WrongArgument, "$.a.$iterate.item.$map.mapping[0]"),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "kind", "path"), PLACES, ids=[path for _, _, path in PLACES])
async def test_an_error_names_its_place(formula: Any, kind: type[FormulaError], path: str) -> None:
    with pytest.raises(kind) as failure:
        await resolve_data(formula, {})

    assert failure.value.data["path"] == path


async def test_a_question_that_cannot_be_answered_fails_at_its_place() -> None:
    async def refuse(questions: Sequence[RunJsonata]) -> list[Any]:
        return [NoAnswer("It took too long.") for _ in questions]

    with pytest.raises(NotAnswered, match="It took too long") as failure:
        await resolve({"a": [{"$jsonata": "x"}]}, {}, Scope(answerers={RunJsonata: refuse}))

    assert failure.value.data["path"] == "$.a[0].$jsonata"


def nested(depth: int, inner: Any = 1) -> Any:
    """A formula inside formulas."""
    value = inner
    for _ in range(depth):
        value = {"$firstNotEmpty": [value]}
    return value


def iterating(depth: int, item: Any, source: str = "list") -> Any:
    """Iterations inside iterations."""
    value = item
    for level in range(depth):
        value = {"$iterate": {"source": {"$var": "parent." * (depth - level - 1) + source}, "item": value}}
    return value


DOUBLING = {"$tpl": {"template": "{a0}", "values": {f"a{n}": f"{{a{n + 1}}}{{a{n + 1}}}" for n in range(60)}}}
WIDE_COPIES = {"a": {"$var": "list"}, **{f"c{n}": {"$copy": "a"} for n in range(2_000)}}
# Each copies what the one before made, twice.
DOUBLING_COPIES = {
    "a0": [1],
    **{f"a{n}": {"x": {"$copy": f"a{n - 1}"}, "y": {"$copy": f"a{n - 1}"}} for n in range(1, 60)},
}
HOSTILE = {
    "deep": nested(10_000),
    "large": [1] * 200_000,
    "iterations in iterations": iterating(5, "x"),
    "the same variables again and again": iterating(3, {"$var": "$"}),
    "texts that double": DOUBLING,
    "copies of a wide value": WIDE_COPIES,
    "copies that double": DOUBLING_COPIES,
    "long texts of long lists": {"$concat": [{"$var": "wide"}] * 5_000},
    "comparisons of long lists": {"$map": {"value": {"$var": "wide"}, "mapping": [{"from": {"$var": "wide2"}}] * 5_000}},
    "a template with many holes": {"$tpl": {"template": "{a}" * 10_000, "values": {"a": "x" * 100_000}}},
    "replacements of replacements": {"$tpl": {"template": "{a}" * 10_000, "values": {"a": "$`" * 10_000}}},
    "merges of wide objects": {"$mergeObjects": [{"$var": "object"}] * 90_000},
    "formulas as text": {"$iterate": {"source": {"$var": "wide"}, "item": {"$formula": {"a": [{"$var": "x"}] * 1_000}}}},
}  # fmt: skip
HOSTILE_VARIABLES = {
    **VARIABLES,
    "wide": list(range(10_000)),
    "wide2": [*range(9_999), -1],
    "object": {str(number): number for number in range(1_000)},
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_formula_ends_with_an_error(name: str) -> None:
    limits = Limits(result_size=1_000_000, steps=200_000)

    with pytest.raises(LimitReached) as failure:
        await resolve_data(HOSTILE[name], HOSTILE_VARIABLES, Scope(limits=limits))

    assert failure.value.data["path"].startswith("$")


async def test_chains_of_finds_have_an_end() -> None:
    async def answer(questions: Sequence[FindLink]) -> list[Any]:
        return [f"{question.record_id}x" for question in questions]

    formula: Any = "a"
    for _ in range(20):
        formula = find(formula)

    with pytest.raises(LimitReached, match="more than 10 times"):
        await resolve(formula, {}, Scope(answerers={FindLink: answer}, limits=Limits(rounds=10)))
