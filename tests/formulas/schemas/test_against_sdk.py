"""The helpers compute what the reference's SDK computes, for calls by chance."""

import json
import subprocess
from pathlib import Path
from typing import Any

from datalinks.errors import FormulaError
from datalinks.formulas.javascript.json_text import write_json
from datalinks.formulas.values import UNDEFINED
from formulas.schema_functions import SCHEMA_FUNCTIONS
from formulas.schemas.random_calls import Calls
from sdk.process import node_command

SEED = 1
COUNT = 3_000
# JavaScript's own errors: the SDK did not expect what it was given. What we do then is up to us, but for crashing.
UNEXPECTED = ("TypeError", "RangeError", "ReferenceError")


def compute_with_sdk(calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the SDK makes of each call: ``{"json": text or missing}`` or ``{"error", "message"}``."""
    program = Path(__file__).with_name("schema_sdk.mjs")
    lines = "".join(f"{json.dumps(call)}\n" for call in calls)
    run = subprocess.run(
        node_command(str(program)),
        input=lines,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    )
    return [json.loads(line) for line in run.stdout.splitlines()]


def compute(call: dict[str, Any]) -> dict[str, Any]:
    """What we make of a call, said in the same way."""
    arguments = call.get("formula", UNDEFINED), call.get("variables", UNDEFINED)
    try:
        result = SCHEMA_FUNCTIONS[call["fn"]](*arguments)
    except FormulaError as error:
        return {"message": error.message}
    return {} if result is UNDEFINED else {"json": write_json(result)}


def difference(call: dict[str, Any], theirs: dict[str, Any]) -> str | None:
    before = json.dumps(call)
    ours = compute(call)
    if json.dumps(call) != before:
        return f"changed its arguments: {before}"
    if theirs.pop("error", None) in UNEXPECTED:
        return None
    if "json" in theirs:
        # Numbers are printed alike; the order of members stays theirs.
        theirs["json"] = write_json(json.loads(theirs["json"]))
    return None if ours == theirs else f"{before}\n  theirs {theirs}\n  ours   {ours}"


def find_differences(seed: int, count: int, oddness: float = 0.02) -> list[str]:
    source = Calls(seed, oddness)
    # Through JSON, so that no two members are the same object.
    calls = [json.loads(json.dumps(source.next())) for _ in range(count)]
    answers = compute_with_sdk(calls)
    assert len(answers) == count
    return [found for call, theirs in zip(calls, answers, strict=True) if (found := difference(call, theirs))]


def test_helpers_compute_what_the_sdk_computes() -> None:
    differences = find_differences(SEED, COUNT)

    assert not differences, "\n".join(differences[:10])
