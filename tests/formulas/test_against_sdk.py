"""Formulas by chance, computed by the reference's SDK and by us: the results are the same.

What only JavaScript raises is left out: type errors on nonsense, and regular expressions that are none.
"""

import json
import os
import subprocess
from typing import Any

import pytest

from datalinks.formulas.values import is_object
from formulas.encoding import comparable, decode
from formulas.generating import VARIABLES, Generator
from formulas.test_cases import compute
from sdk.process import FOLDER, node_command

COUNT = 1_000
JAVASCRIPT_ONLY = {"TypeError", "SyntaxError", "RangeError"}
SCHEMA: Any = {
    "type": "object",
    "properties": {
        "user": {
            "type": "object",
            "properties": {
                "id": {"type": "string", "title": "Id"},
                "tags": {"type": "array", "items": {"type": "string"}},
            },
        },
        "list": {"type": "array", "items": {"type": "number"}},
    },
}
SUBSTITUTES: Any = {
    "user": {"id": {"$var": "$.x.y"}, "name": "const", "tags": [{"$var": "q"}, 1]},
    "list": {"$var": "other"},
    "input": {"$concat": ["a"]},
}
EVALUATIONS = ("buildValue", "buildData", "resolve", "resolveLinks")


def make_case(generator: Generator, function: str) -> dict[str, Any]:
    """A call of one function of the SDK."""
    # The SDK takes every list of conditions in a case for a match when it resolves; here conditions are conditions.
    generator.has_lists_of_conditions = not function.startswith("resolve")
    if function == "filter":
        return {"fn": function, "formula": generator.conditions(), "variables": VARIABLES}
    if function == "mergeWithFormulas":
        layers = {"a": generator.value(3), "b": generator.value(3)}
        return {"fn": function, "formula": layers, "variables": None}
    variables = {"transformVars": SUBSTITUTES, "formulaSchema": SCHEMA}.get(function, VARIABLES)
    return {"fn": function, "formula": generator.value(generator.choose([2, 3, 4])), "variables": variables}


def ask_sdk(cases: list[dict[str, Any]]) -> list[Any]:
    """What the SDK makes of each case."""
    run = subprocess.run(
        node_command(str(FOLDER / "formulas.mjs")),
        env={**os.environ, "TZ": "UTC"},
        input="".join(f"{json.dumps(case)}\n" for case in cases),
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=120,
    )
    return [json.loads(line) for line in run.stdout.splitlines()]


def is_javascript_only(answer: Any) -> bool:
    """Whether an answer is an error that other languages do not have."""
    return is_object(answer) and answer.get("$error", {}).get("class") in JAVASCRIPT_ONLY


FUNCTIONS = (*EVALUATIONS, "filter", "getVariableLocators", "hasFormulas", "transformVars", "mergeWithFormulas", "formulaSchema")  # fmt: skip


@pytest.mark.parametrize("function", FUNCTIONS)
async def test_the_sdk_computes_the_same(function: str, jsonata: Any) -> None:
    generator = Generator(FUNCTIONS.index(function))
    cases = [make_case(generator, function) for _ in range(COUNT)]

    answers = ask_sdk(cases)

    compared = [(case, answer) for case, answer in zip(cases, answers, strict=True) if not is_javascript_only(answer)]
    assert len(compared) > COUNT * 0.9
    for case, answer in compared:
        assert comparable(await compute(case, jsonata)) == comparable(decode(answer)), json.dumps(case)
