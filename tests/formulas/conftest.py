"""Fixtures of formulas: JSONata as it is run, in the sandbox."""

import json
from collections.abc import AsyncGenerator, Sequence
from typing import Any

import pytest

from datalinks.formulas.questions import Answerer, RunJsonata
from datalinks.formulas.values import UNDEFINED
from datalinks.sandbox.errors import SandboxError
from datalinks.sandbox.jsonata import Jsonata, Status
from datalinks.sandbox.limits import Limits


@pytest.fixture
async def jsonata() -> AsyncGenerator[Answerer]:
    """Who answers ``$jsonata``; a process is started when the first question comes."""
    engine = Jsonata(Limits(deadline_seconds=30))

    async def answer(questions: Sequence[RunJsonata]) -> list[Any]:
        answers = await engine.evaluate_many([(asked.expression, asked.variables) for asked in questions])
        return [read(answer) for answer in answers]

    yield answer
    await engine.close()


def read(answer: Any) -> Any:
    """The value, or UNDEFINED for a failure."""
    assert not isinstance(answer, SandboxError)
    return json.loads(answer.text) if answer.status is Status.VALUE else UNDEFINED
