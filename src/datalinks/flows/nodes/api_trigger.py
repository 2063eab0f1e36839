"""``api-trigger``: where runs begin that the API launches."""

from collections.abc import Sequence

from datalinks.flows.definition import Node
from datalinks.flows.node import Done, NodeKind, Outcome, World
from datalinks.flows.progress import Step


class ApiTrigger(NodeKind):
    """Puts out the run's input as it is."""

    type = "api-trigger"
    is_trigger = True

    async def compute(self, node: Node, steps: Sequence[Step], world: World) -> list[Outcome]:
        return [Done([step.input]) for step in steps]
