"""JSONata in the sandbox, as data: ``cases/jsonata.json`` and ``cases/hostile.json``.

A case has an ``expression`` and the name of its ``document``, and what the reference, jsonata 1.8.9, makes of it: an
``expected`` value, or none if that is undefined or an error. A difference is a case where the reference has another
answer, which is documented. A hostile expression (in the notation of ``support.cases.expand``) costs only itself.
"""

import asyncio
import json
import resource
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from datalinks.sandbox.errors import EvaluationDied, SandboxError
from datalinks.sandbox.jsonata import Answer, Answered, Jsonata, Status
from datalinks.sandbox.limits import Limits
from support.cases import expand

_FOLDER = Path(__file__).parent / "cases"
_CASES = json.loads((_FOLDER / "jsonata.json").read_text("utf-8"))
_HOSTILE = json.loads((_FOLDER / "hostile.json").read_text("utf-8"))


@pytest.fixture
async def jsonata() -> AsyncGenerator[Jsonata]:
    # However busy the machine is: these tests are not about time.
    opened = Jsonata(Limits(deadline_seconds=20))
    yield opened
    await opened.close()


@pytest.fixture
async def hurried() -> AsyncGenerator[Jsonata]:
    opened = Jsonata(Limits(deadline_seconds=0.5))
    yield opened
    await opened.close()


def _as_case(answer: Answered) -> dict[str, Any]:
    """An answer in the notation of cases."""
    assert isinstance(answer, Answer)
    return {"expected": json.loads(answer.text)} if answer.status is Status.VALUE else {}


def _document(case: Any) -> str:
    return json.dumps(_CASES["documents"][case["document"]])


@pytest.mark.parametrize("kind", ["cases", "differences"])
async def test_every_case_is_answered_as_it_says(jsonata: Jsonata, kind: str) -> None:
    cases = _CASES[kind]

    answers = await jsonata.evaluate_many([(case["expression"], _document(case)) for case in cases])

    wrong = [
        (case, answer)
        for case, answer in zip(cases, answers, strict=True)
        if json.dumps(_as_case(answer)) != json.dumps({key: case[key] for key in case.keys() & {"expected"}})
    ]
    assert not wrong


@pytest.mark.parametrize("case", [pytest.param(case, id=case["promise"]) for case in _HOSTILE])
async def test_hostile_costs_only_itself(hurried: Jsonata, case: Any) -> None:
    expression, document = expand(case["expression"]).decode(), expand(case.get("document", "{}"))

    [[hostile], neighbour] = await asyncio.gather(
        hurried.evaluate_many([(expression, document)]), hurried.evaluate("1 + 1", "{}")
    )

    assert isinstance(hostile, SandboxError) or hostile.status is Status.FAILED
    assert neighbour == Answer(Status.VALUE, "2")
    assert await hurried.evaluate("1 + 2", "{}") == Answer(Status.VALUE, "3")


async def test_undefined_is_not_null(jsonata: Jsonata) -> None:
    assert await jsonata.evaluate("a", '{"a": null}') == Answer(Status.VALUE, "null")
    assert await jsonata.evaluate("b", '{"a": null}') == Answer(Status.UNDEFINED, "")


async def test_a_mistake_in_an_expression_is_an_answer_that_says_what_is_wrong(jsonata: Jsonata) -> None:
    answer = await jsonata.evaluate("$error('no such customer')", "{}")

    assert answer.status is Status.FAILED
    assert "no such customer" in answer.text


async def test_an_expression_or_document_that_is_no_text_fails(jsonata: Jsonata) -> None:
    answers = await jsonata.evaluate_many([("\ud83d", "{}"), ("a", b'{"a": "\xff"}'), ("a", ""), ("a", '{"a": NaN}')])

    assert [isinstance(answer, Answer) and answer.status for answer in answers] == [Status.FAILED] * 4


async def test_what_one_expression_binds_the_next_does_not_see(jsonata: Jsonata) -> None:
    [_, second] = await jsonata.evaluate_many([("($x := 1; $sum := 2)", "{}"), ("[$x, $sum([3])]", "{}")])

    assert second == Answer(Status.VALUE, "[3]")


async def test_documents_of_some_megabytes_are_evaluated(jsonata: Jsonata) -> None:
    document = json.dumps({"items": [{"id": number, "name": f"name {number}"} for number in range(100_000)]})

    answer = await jsonata.evaluate("$sum(items.id)", document)

    assert answer == Answer(Status.VALUE, "4999950000")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no /proc to look into a process")
async def test_the_engine_maps_so_little_that_a_limit_of_memory_is_one(jsonata: Jsonata) -> None:
    await jsonata.evaluate("1", "{}")

    pages = (Path("/proc") / str(jsonata.pool.pids[0]) / "statm").read_text().split()[0]

    assert int(pages) * resource.getpagesize() < 200_000_000


async def test_evaluate_raises_where_the_batch_has_an_error(jsonata: Jsonata) -> None:
    with pytest.raises(EvaluationDied):
        await jsonata.evaluate("[[1..10000000], [1..10000000], [1..10000000]]", "{}")


async def test_in_a_batch_only_the_hostile_ones_fail(jsonata: Jsonata) -> None:
    bomb = "[[1..10000000], [1..10000000], [1..10000000]]"
    asks = [(bomb if number % 150 == 100 else "n + 1", f'{{"n": {number}}}') for number in range(300)]

    answers = await jsonata.evaluate_many(asks)

    expected = [None if number % 150 == 100 else str(number + 1) for number in range(300)]
    assert [None if isinstance(answer, SandboxError) else answer.text for answer in answers] == expected
