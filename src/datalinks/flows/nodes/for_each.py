"""``for-each-v2``: a sub flow for each item of a list."""

from collections.abc import Iterable, Sequence
from typing import Any

from datalinks.errors import BadRequest
from datalinks.flows.config import missing
from datalinks.flows.definition import Definition, Node
from datalinks.flows.node import Failed, Iterating, NodeKind, Outcome, Problem, World, failure
from datalinks.flows.progress import Step
from datalinks.formulas.values import is_array, is_nothing
from datalinks.model.error_data import ErrorData


class ForEach(NodeKind):
    """Runs the sub flow that begins at ``config.rootNodeKey`` for each of ``config.items``.

    Nodes inside see the item as ``$.input.<key of this node>.item``. The output has, by the keys of the inner nodes, lists
    of what they put out for all items.
    """

    type = "for-each-v2"
    aliases = ("for-each",)

    def check(self, node: Node, definition: Definition) -> Iterable[Problem]:
        yield from missing(node.config, "items", "rootNodeKey")
        root = node.config.get("rootNodeKey")
        if not is_nothing(root) and (not isinstance(root, str) or root not in definition.nodes):
            yield Problem(
                "$.config.rootNodeKey", f"The flow has no node {str(root)[:200]!r} where the sub flow begins."
            )

    async def compute(self, node: Node, steps: Sequence[Step], world: World) -> list[Outcome]:
        values = await world.resolve(node, node.config.get("items"), steps)
        return [_outcome(node, value, step) for value, step in zip(values, steps, strict=True)]


def _outcome(node: Node, items: Any, step: Step) -> Outcome:
    if isinstance(items, ErrorData):
        return Failed(items)
    if is_nothing(items):
        items = []
    if not is_array(items):
        message = f"The items of a for-each are a list, not {type(items).__name__}."
        return Failed(failure(BadRequest(message, {"path": "$.config.items"}), node, step))
    return Iterating(str(node.config["rootNodeKey"]), items)
