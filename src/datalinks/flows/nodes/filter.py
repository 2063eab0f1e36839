"""``filter``: what goes on, and what does not."""

from collections.abc import Iterable, Sequence
from typing import Any

from datalinks.errors import FormulaError
from datalinks.flows.config import missing
from datalinks.flows.definition import Definition, Node
from datalinks.flows.node import Done, Failed, NodeKind, Outcome, Problem, Skipped, World, failure
from datalinks.flows.progress import Step
from datalinks.formulas.filters import matches
from datalinks.formulas.javascript.coercion import is_true
from datalinks.formulas.values import is_array, is_nothing
from datalinks.model.error_data import ErrorData


class Filter(NodeKind):
    """Puts out its input if ``config.filter`` holds, a list of conditions or a formula; else the node run is skipped."""

    type = "filter"

    def check(self, node: Node, definition: Definition) -> Iterable[Problem]:
        return missing(node.config, "filter")

    async def compute(self, node: Node, steps: Sequence[Step], world: World) -> list[Outcome]:
        filter = node.config.get("filter")
        if is_array(filter):
            return [_by_conditions(node, filter, step, world) for step in steps]
        values = await world.resolve(node, filter, steps)
        return [_by_value(value, step) for value, step in zip(values, steps, strict=True)]


def _by_conditions(node: Node, filter: list[Any], step: Step, world: World) -> Outcome:
    try:
        return Done([step.input]) if matches(world.variables(step), filter) else Skipped()
    except FormulaError as error:
        return Failed(failure(error, node, step))


def _by_value(value: Any, step: Step) -> Outcome:
    if isinstance(value, ErrorData):
        return Failed(value)
    return Done([step.input]) if is_nothing(value) or is_true(value) else Skipped()
