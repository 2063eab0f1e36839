"""``transform-data``: data made of other data."""

from collections.abc import Iterable, Sequence

from datalinks.flows.config import missing
from datalinks.flows.definition import Definition, Node
from datalinks.flows.node import Done, Failed, NodeKind, Outcome, Problem, World
from datalinks.flows.progress import Step
from datalinks.model.error_data import ErrorData


class TransformData(NodeKind):
    """Puts out what ``config.output`` gives."""

    type = "transform-data"

    def check(self, node: Node, definition: Definition) -> Iterable[Problem]:
        return missing(node.config, "output")

    async def compute(self, node: Node, steps: Sequence[Step], world: World) -> list[Outcome]:
        values = await world.resolve(node, node.config.get("output"), steps)
        return [Failed(value) if isinstance(value, ErrorData) else Done([value]) for value in values]
