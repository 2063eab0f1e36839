"""``schedule-trigger``: where runs begin that are launched again and again."""

from collections.abc import Iterable, Sequence

from datalinks.flows.definition import Definition, Node
from datalinks.flows.node import Done, NodeKind, Outcome, Problem, World
from datalinks.flows.progress import Step


class ScheduleTrigger(NodeKind):
    """Puts out the run's input, an empty object; ``intervalMinutes`` says how often a run begins."""

    type = "schedule-trigger"
    is_trigger = True

    def check(self, node: Node, definition: Definition) -> Iterable[Problem]:
        minutes = node.config.get("intervalMinutes")
        if isinstance(minutes, bool) or not isinstance(minutes, (int, float)) or not minutes >= 1:
            yield Problem("$.config.intervalMinutes", "The node needs intervalMinutes: a number, 1 or more.")

    async def compute(self, node: Node, steps: Sequence[Step], world: World) -> list[Outcome]:
        return [Done([step.input]) for step in steps]
