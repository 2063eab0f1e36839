"""What formulas say of app events: whose they are, and whether they launch a flow."""

from asyncio import get_running_loop
from collections.abc import Sequence
from typing import Any, TypeAlias

from datalinks.errors import FormulaError
from datalinks.formulas.errors import LimitReached
from datalinks.formulas.evaluate import Program, compile_formula
from datalinks.formulas.filters import matches
from datalinks.formulas.javascript.coercion import is_true
from datalinks.formulas.values import is_array, is_nothing
from datalinks.model.record import JsonObject
from datalinks.services.formula_engines import FormulaEngines

# An error stands in the place of what cannot be computed.
Computed: TypeAlias = Any | FormulaError


class EventFormulas:
    """Computes formulas for events, without links: an event is of a customer, not of a connection."""

    def __init__(self, engines: FormulaEngines) -> None:
        self._engines = engines

    async def values(self, formula: Any, events: Sequence[JsonObject]) -> list[Computed]:
        """What a formula gives for each event, whose members are the variables."""
        try:
            program = compile_formula(formula, self._engines.limits)
        except FormulaError as error:
            return [error] * len(events)
        try:
            return await self._engines.resolve_each(program, events, {})
        except FormulaError as error:
            return [error] if len(events) == 1 else await self._each(program, events)

    async def passing(self, filter: Any, events: Sequence[JsonObject]) -> list[bool | FormulaError]:
        """Whether each event passes the filter of a trigger: a list of conditions, a formula, or None, which all pass."""
        if is_nothing(filter):
            return [True] * len(events)
        seen = [{**event, "event": event, "input": event} for event in events]
        if is_array(filter):
            return [_matching(variables, filter) for variables in seen]
        values = await self.values(filter, seen)
        # As with the filters of links: a formula that gives nothing holds nothing up.
        return [value if isinstance(value, FormulaError) else is_nothing(value) or is_true(value) for value in values]

    async def _each(self, program: Program, events: Sequence[JsonObject]) -> list[Computed]:
        """One of the events cannot be computed: each by itself, to know which, but not longer than all may take."""
        ends_at = get_running_loop().time() + self._engines.timeout_seconds
        computed: list[Computed] = []
        for event in events:
            if get_running_loop().time() > ends_at:
                computed.append(LimitReached("The formula takes too long for all events together.", {"path": "$"}))
                continue
            try:
                computed += await self._engines.resolve_each(program, [event], {})
            except FormulaError as error:
                computed.append(error)
        return computed


def _matching(variables: JsonObject, conditions: list[Any]) -> bool | FormulaError:
    try:
        return matches(variables, conditions)
    except FormulaError as error:
        return error
