"""What is wrong with a flow as it is written, told on the flow and not when it runs."""

from collections.abc import Iterable, Sequence
from typing import Any

from datalinks.flows.definition import Definition, Node, read_nodes
from datalinks.flows.kinds import UNAVAILABLE, kinds
from datalinks.formulas.values import is_array, is_nothing, is_object
from datalinks.model.flow import FlowProblem
from datalinks.model.flow_graph import has_cycles
from datalinks.model.record import JsonObject


def check_nodes(nodes: JsonObject) -> Sequence[FlowProblem]:
    """Everything that keeps the nodes of a flow from running, in their order; nothing when it can run."""
    definition = read_nodes(nodes)
    problems = [problem for key, node in nodes.items() for problem in _check(key, node, definition)]
    if has_cycles(nodes):
        message = "The nodes go round in a circle: a flow must come to an end."
        problems.append(FlowProblem(path="$.nodes", message=message))
    return problems


def _check(key: str, written: Any, definition: Definition) -> Iterable[FlowProblem]:
    node = definition.nodes.get(key)
    if node is None:
        return [_problem(key, "$", "A node is an object.")]
    return [*_check_envelope(key, written), *_check_kind(node, definition)]


def _check_envelope(key: str, written: JsonObject) -> Iterable[FlowProblem]:
    config, links = written.get("config"), written.get("links")
    if not is_nothing(config) and not is_object(config):
        yield _problem(key, "$.config", "The configuration of a node is an object.")
    if not is_nothing(links) and not is_array(links):
        yield _problem(key, "$.links", "The links of a node are a list.")
    for index, link in enumerate(links if is_array(links) else []):
        if not is_object(link) or not isinstance(link.get("key"), str):
            yield _problem(key, f"$.links[{index}]", 'A link names the node it leads to: {"key": ...}.')


def _check_kind(node: Node, definition: Definition) -> Iterable[FlowProblem]:
    kind = kinds().get(node.type)
    if kind is not None:
        return [_problem(node.key, problem.path, problem.message) for problem in kind.check(node, definition)]
    message = UNAVAILABLE.get(node.type) or f"There is no type of node {node.type[:200]!r}."
    return [_problem(node.key, "$.type", message)]


def _problem(key: str, path: str, message: str) -> FlowProblem:
    return FlowProblem(node_key=key, path=path, message=message)
