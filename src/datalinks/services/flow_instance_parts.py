"""What an instance of a flow has of its own after a draft, a reset or an update: pure rules."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC
from typing import Any

from datalinks.errors import BadRequest
from datalinks.ids import as_microseconds
from datalinks.model.flow import FlowInstanceDraft, FlowNode, ResetDraft
from datalinks.model.record import JsonObject
from datalinks.services.flow_layers import is_same, rebased
from datalinks.store.flow_instances import KeptFlowInstance, OwnParts

_CONTENT = ("name", "enabled", "parameters", "nodes", "customized", "archived_at")


def has_content(draft: FlowInstanceDraft) -> bool:
    """Whether a draft says anything but which instance is meant."""
    return any(name in draft.given() for name in _CONTENT)


def check_moment(draft: FlowInstanceDraft) -> None:
    """Refuse a draft whose time cannot be kept, before anything is looked for.

    Raises:
        BadRequest: it lies outside of all years.
    """
    _moment(draft.given().get("archived_at"))


def patched(kept: KeptFlowInstance, draft: FlowInstanceDraft) -> OwnParts:
    """The own parts with what a draft has."""
    given = draft.given()
    own = _with_values(kept, kept.own, given)
    if "nodes" in given:
        written = given["nodes"]
        own = _with_nodes(kept, own, None if written is None else _patched_nodes(kept, written))
    return _following_again(own, draft)


def replaced(kept: KeptFlowInstance, draft: FlowInstanceDraft) -> OwnParts:
    """The own parts that a draft has, and all else as at the instance's beginning."""
    given = draft.given()
    own = _with_values(kept, replace(kept.own, name=None, parameters=None, enabled=True), given)
    written = given.get("nodes")
    own = _with_nodes(kept, own, None if written is None else _put_nodes(kept, written))
    return _following_again(own, draft)


def up_to_date(kept: KeptFlowInstance) -> OwnParts:
    """The own parts with the own changes of the nodes made of the flow's nodes as they are now."""
    own = kept.own
    if own.nodes is None:
        return own
    nodes = rebased(own.base_nodes, own.nodes, kept.flow_nodes)
    return _with_nodes(kept, replace(own, nodes=None), nodes)


def without_own(kept: KeptFlowInstance, draft: ResetDraft) -> OwnParts:
    """The own parts without those that a draft names, or without any if it names none."""
    is_everything = not (draft.name or draft.nodes or draft.all_nodes)
    own = kept.own
    if is_everything or draft.name:
        own = replace(own, name=None)
    if is_everything or draft.all_nodes:
        return _with_nodes(kept, own, None)
    named = [key for key, is_meant in (draft.nodes or {}).items() if is_meant]
    return _with_nodes(kept, own, _as_in_flow(kept, named)) if named else own


def _with_values(kept: KeptFlowInstance, own: OwnParts, given: dict[str, Any]) -> OwnParts:
    if "name" in given:
        own = replace(own, name=None if given["name"] == kept.flow_name else given["name"])
    if given.get("enabled") is not None:
        own = replace(own, enabled=given["enabled"])
    if "parameters" in given:
        own = replace(own, parameters=given["parameters"])
    if "archived_at" in given:
        own = replace(own, archived_at=_moment(given["archived_at"]))
    return own


def _moment(archived_at: Any) -> int | None:
    if archived_at is None:
        return None
    try:
        return as_microseconds(archived_at.astimezone(UTC))
    except OverflowError as error:
        raise BadRequest("The time lies outside the years 1 to 9999 in UTC.", {"path": "$.archivedAt"}) from error


def _with_nodes(kept: KeptFlowInstance, own: OwnParts, nodes: JsonObject | None) -> OwnParts:
    """The own parts with these nodes, which are no own ones if they are the flow's."""
    if nodes is None or is_same(nodes, kept.flow_nodes):
        return replace(own, nodes=None, base_nodes=None)
    if own.nodes is not None:
        return replace(own, nodes=nodes)
    return replace(own, nodes=nodes, base_nodes=kept.flow_nodes, flow_revision=kept.flow_revision)


def _following_again(own: OwnParts, draft: FlowInstanceDraft) -> OwnParts:
    if not draft.customized:
        return own
    if draft.customized.name is False:
        own = replace(own, name=None)
    return replace(own, nodes=None, base_nodes=None) if draft.customized.nodes is False else own


def _patched_nodes(kept: KeptFlowInstance, written: dict[str, FlowNode | None]) -> JsonObject:
    """The nodes with the members that are written, each as a whole."""
    follow = [key for key, node in written.items() if node is None]
    nodes = _as_in_flow(kept, follow)
    changed = {key: {**nodes.get(key, {}), **node.as_json()} for key, node in written.items() if node is not None}
    return {**nodes, **changed}


def _put_nodes(kept: KeptFlowInstance, written: dict[str, FlowNode | None]) -> JsonObject:
    """The nodes that are written; one of the reference SDKs leaves members out, and those are as in the flow."""
    return {
        key: {**kept.flow_nodes.get(key, {}), **(node.as_json() if node is not None else {})}
        for key, node in written.items()
        if node is not None or key in kept.flow_nodes
    }


def _as_in_flow(kept: KeptFlowInstance, keys: Sequence[str]) -> JsonObject:
    """The nodes that run, some of them as the flow has them; those that it has not are gone."""
    names = {**kept.nodes, **dict.fromkeys(keys)}
    source = {key: kept.flow_nodes if key in keys else kept.nodes for key in names}
    return {key: nodes[key] for key, nodes in source.items() if key in nodes}
