"""What a formula is computed with."""

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any

from datalinks.formulas.limits import DEFAULT_LIMITS, Limits
from datalinks.formulas.questions import Answerer, Question
from datalinks.formulas.values import UNDEFINED


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Everything around one evaluation but the variables.

    answerers: who answers which kind of question; a formula that needs another kind stays in place, or is undefined.
    schema: the JSON schema of the result, for ``$lookup``; UNDEFINED when there is none.
    limits: how much it may cost.
    executor: where it computes, so that nobody else waits for a long evaluation; None: in the event loop.
    """

    answerers: Mapping[type[Question], Answerer] = field(default_factory=dict[type[Question], Answerer])
    schema: Any = UNDEFINED
    limits: Limits = DEFAULT_LIMITS
    executor: Executor | None = None


# Nobody to ask, no schema, the usual limits.
NOTHING_AROUND = Scope()
