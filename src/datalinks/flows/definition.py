"""A flow as it runs: its nodes, read once from their JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from datalinks.errors import BadRequest
from datalinks.formulas.values import is_array, is_object
from datalinks.model.flow_graph import root_node_keys
from datalinks.model.record import JsonObject

API_TRIGGER = "api-trigger"


@dataclass(frozen=True, slots=True)
class Link:
    """Where an output goes on to. filter: what must hold, a list of conditions or a formula; None always does."""

    key: str
    filter: Any = None


@dataclass(frozen=True, slots=True)
class Node:
    """One node. config: as it is written, formulas included. on_error: what a failure means for what comes behind it."""

    key: str
    type: str
    config: JsonObject = field(default_factory=dict[str, Any])
    links: tuple[Link, ...] = ()
    on_error: Literal["stop", "continue"] = "stop"
    concurrency: int = 1


@dataclass(frozen=True, slots=True)
class Definition:
    """The nodes of a flow by their keys."""

    nodes: Mapping[str, Node]
    roots: tuple[str, ...]

    def start(self, wanted: str | None) -> str:
        """The node that runs first: the one that is wanted, else the only API trigger, else the only root.

        Raises:
            BadRequest: there is none, or several to choose from.
        """
        if wanted is not None:
            if wanted not in self.nodes:
                raise BadRequest(
                    f"The flow has no node {wanted[:200]!r}: {_options(self.nodes)}", {"path": "$.nodeKey"}
                )
            return wanted
        triggers = [key for key in self.nodes if self.nodes[key].type == API_TRIGGER]
        options = triggers or list(self.roots)
        if len(options) != 1:
            raise BadRequest(f"Say by nodeKey which node runs first: {_options(options)}", {"path": "$.nodeKey"})
        return options[0]


def _options(keys: Any) -> str:
    return f"it may be {', '.join(list(keys)[:20])}." if keys else "the flow has none."


def read_nodes(nodes: Any) -> Definition:
    """The definition that a flow's nodes make; links to nodes that are not there lead nowhere."""
    members: JsonObject = nodes if is_object(nodes) else {}
    found = {key: _node(key, node, members) for key, node in members.items() if is_object(node)}
    return Definition(found, tuple(root_node_keys(members)))


def _node(key: str, node: JsonObject, nodes: JsonObject) -> Node:
    config = node.get("config")
    concurrency = node.get("concurrency")
    return Node(
        key=key,
        type=_type(node),
        config=config if is_object(config) else {},
        links=tuple(_links(node.get("links"), nodes)),
        on_error="continue" if node.get("onError") == "continue" else "stop",
        concurrency=concurrency if isinstance(concurrency, int) and concurrency > 0 else 1,
    )


def _type(node: JsonObject) -> str:
    # The second version of for-each has a name of its own.
    kind = str(node.get("type"))
    return "for-each-v2" if kind == "for-each" and node.get("version") in (2, "2") else kind


def _links(links: Any, nodes: JsonObject) -> list[Link]:
    if not is_array(links):
        return []
    known = [link for link in links if is_object(link) and isinstance(link.get("key"), str)]
    return [Link(link["key"], link.get("filter")) for link in known if link["key"] in nodes]
