"""``app-event-trigger``: where runs begin that an event of the product launches."""

from collections.abc import Iterable, Sequence

from datalinks.flows.config import table_key
from datalinks.flows.definition import Definition, Node
from datalinks.flows.node import Done, NodeKind, Outcome, Problem, World
from datalinks.flows.progress import Step


class AppEventTrigger(NodeKind):
    """Puts out the event's body. config: ``appEvent: {key}``, ``filter``: which events launch a run."""

    type = "app-event-trigger"
    is_trigger = True

    def check(self, node: Node, definition: Definition) -> Iterable[Problem]:
        if table_key(node.config.get("appEvent") or node.config.get("appEventKey")) is None:
            yield Problem("$.config.appEvent", 'The node needs an event type: {"appEvent": {"key": ...}}.')

    async def compute(self, node: Node, steps: Sequence[Step], world: World) -> list[Outcome]:
        return [Done([step.input]) for step in steps]
