"""JavaScript in the sandbox, as data: ``cases/javascript.json``.

A case has ``code`` and ``variables``, and what comes of it: an ``expected`` value, or an ``error`` and its ``line``, or
neither, which is undefined; and ``logs``, if it is about them. A hostile code (in the notation of
``support.cases.expand``) costs only itself.
"""

import asyncio
import json
import resource
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from datalinks.sandbox.answers import Answer, Log, Status
from datalinks.sandbox.errors import EvaluationDied, EvaluationTooLarge, EvaluationTooSlow, SandboxError
from datalinks.sandbox.frames import join_parts
from datalinks.sandbox.javascript import JavaScript
from datalinks.sandbox.limits import Limits
from support.cases import expand

_CASES = json.loads((Path(__file__).parent / "cases" / "javascript.json").read_text("utf-8"))
# A child that stops itself does so at its deadline, the parent kills it a little later.
_DEADLINE_SECONDS = 0.2


@pytest.fixture
async def javascript() -> AsyncGenerator[JavaScript]:
    # However busy the machine is: these tests are not about time.
    opened = JavaScript(Limits(deadline_seconds=20))
    yield opened
    await opened.close()


@pytest.fixture
async def hurried() -> AsyncGenerator[JavaScript]:
    opened = JavaScript(Limits(deadline_seconds=_DEADLINE_SECONDS))
    yield opened
    await opened.close()


def _as_case(answer: Answer) -> dict[str, Any]:
    """An answer in the notation of cases."""
    match answer.status:
        case Status.VALUE:
            return {"expected": json.loads(answer.text)}
        case Status.UNDEFINED:
            return {}
        case Status.FAILED:
            return {"error": answer.text} | ({} if answer.line is None else {"line": answer.line})


def _logs(answer: Answer) -> list[list[str]]:
    return [[log.level, log.text] for log in answer.logs]


async def test_every_case_is_answered_as_it_says(javascript: JavaScript) -> None:
    wrong: list[object] = []

    for case in _CASES["cases"]:
        answer = await javascript.run(case["code"], json.dumps(case.get("variables", {})))
        expected = {key: case[key] for key in case.keys() & {"expected", "error", "line"}}
        # As texts, for true is not 1 and the order of keys is part of an answer.
        is_same = all(json.dumps(_as_case(answer).get(key)) == json.dumps(value) for key, value in expected.items())
        if (
            not is_same
            or _as_case(answer).keys() != expected.keys()
            or _logs(answer) != case.get("logs", _logs(answer))
        ):
            wrong.append((case, answer))

    assert not wrong


@pytest.mark.parametrize("case", [pytest.param(case, id=case["promise"]) for case in _CASES["hostile"]])
async def test_hostile_costs_only_itself(hurried: JavaScript, case: Any) -> None:
    # Both children are ready: what is measured is not their start.
    await asyncio.gather(_run(hurried, b"1"), _run(hurried, b"1"))
    started = time.perf_counter()

    (hostile, seconds), (neighbour, _) = await asyncio.gather(
        _run(hurried, expand(case["code"])), _run(hurried, b"1 + 1")
    )

    assert isinstance(hostile, SandboxError) or hostile.status is Status.FAILED
    assert seconds - started < _DEADLINE_SECONDS + 0.5
    assert neighbour == Answer(Status.VALUE, "2")
    assert await hurried.run("[typeof a, ({}).toJSON === undefined]", "{}") == Answer(
        Status.VALUE, '["undefined",true]'
    )


async def _run(javascript: JavaScript, code: bytes) -> tuple[Answer | SandboxError, float]:
    """What comes of code that may be no text, and when."""
    try:
        answer: Answer | SandboxError = await javascript.run(code.decode(errors="surrogateescape"), "{}")
    except SandboxError as error:
        answer = error
    return answer, time.perf_counter()


@pytest.mark.parametrize("code", ["for (;;);", "new Array(2 ** 32 - 1).join('')"])
async def test_what_takes_too_long_raises(hurried: JavaScript, code: str) -> None:
    with pytest.raises(EvaluationTooSlow):
        await hurried.run(code, "{}")


@pytest.mark.parametrize("code", ["const a = []; for (;;) a.push(new Uint8Array(1e6))", "return 'x'.repeat(11e6)"])
async def test_what_is_too_large_raises(javascript: JavaScript, code: str) -> None:
    with pytest.raises(EvaluationTooLarge):
        await javascript.run(code, "{}")


async def test_an_engine_that_stops_itself_leaves_its_child(javascript: JavaScript) -> None:
    await javascript.run("1", "{}")
    before = javascript.pool.pids

    with pytest.raises(EvaluationTooLarge):
        await javascript.run("const a = []; for (;;) a.push(new Uint8Array(1e6))", "{}")
    await javascript.run("const f = () => f() + 1; return f()", "{}")

    assert javascript.pool.pids == before


async def test_what_code_leaves_behind_the_next_does_not_see() -> None:
    javascript = JavaScript(Limits(deadline_seconds=20), size=1)
    spoil = """
        globalThis.secret = input; var leaked = 1; hidden = 2;
        Object.prototype.polluted = Array.prototype.polluted = 1;
        Array.prototype.map = String.prototype.slice = Promise.prototype.then = null;
        JSON.stringify = JSON.parse = Math.random = Date.now = eval = console.log = null;
        console.info("seen"); Symbol.for("shared").description;
        Promise.resolve().then(() => { globalThis.later = 1 });
    """
    look = """
        return [typeof secret, typeof leaked, typeof hidden, typeof later, typeof input, {}.polluted ?? null,
            [1].map(String), "abc".slice(1), typeof JSON.parse, typeof Math.random(), typeof eval]
    """

    await javascript.run(spoil, '{"input": 1}')
    answer = await javascript.run(look, "{}")

    expected = ["undefined"] * 5 + [None, ["1"], "bc", "function", "number", "function"]
    assert (json.loads(answer.text), answer.logs) == (expected, ())
    assert len(javascript.pool.pids) == 1
    await javascript.close()


async def test_much_that_is_written_is_cut(javascript: JavaScript) -> None:
    lines = await javascript.run("for (let i = 0; i < 1e5; i++) console.log(i)", "{}")
    text = await javascript.run("console.log('a'); console.log('x'.repeat(1e6)); console.log('b')", "{}")

    cut = Log("warn", "The rest of what was written is cut.")
    assert (len(lines.logs), lines.logs[999], lines.logs[1000]) == (1001, Log("log", "999"), cut)
    assert [len(log.text) for log in text.logs] == [1, 99_999, len(cut.text)]
    assert text.logs[-1] == cut


async def test_messages_are_cut(javascript: JavaScript) -> None:
    answer = await javascript.run("throw new Error('x'.repeat(1e6))", "{}")

    assert len(answer.text) == 1000


@pytest.mark.parametrize("variables", ["", "nope", "[1", b'{"a": "\xff"}', '{"a": "\ud83d"}'])
async def test_variables_that_are_no_json_fail(javascript: JavaScript, variables: str | bytes) -> None:
    answer = await javascript.run("throw 1", variables)

    assert answer.status is Status.FAILED
    assert answer.text.startswith(("the variables cannot be read: SyntaxError", "no UTF-8"))


async def test_variables_of_some_megabytes_are_handed_over(javascript: JavaScript) -> None:
    items = [{"id": number, "name": f"name {number}"} for number in range(50_000)]

    answer = await javascript.run("({items}) => items.map((item) => ({...item, x: 1}))", json.dumps({"items": items}))

    assert json.loads(answer.text) == [item | {"x": 1} for item in items]


async def test_an_answer_that_cannot_be_read_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    javascript = JavaScript(Limits())

    async def run(_: object) -> list[bytes]:
        return [b"v" + join_parts(b"1", b"{}")]

    monkeypatch.setattr(javascript.pool, "run", run)

    with pytest.raises(EvaluationDied):
        await javascript.run("1", "{}")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no /proc to look into a process")
async def test_engines_are_given_up_and_not_collected(javascript: JavaScript) -> None:
    for _ in range(4):
        await javascript.run("const a = []; for (let i = 0; i < 1e5; i++) a.push({i}); a.self = a; throw a", "{}")

    pages = (Path("/proc") / str(javascript.pool.pids[0]) / "statm").read_text().split()[0]

    assert int(pages) * resource.getpagesize() < 100_000_000
