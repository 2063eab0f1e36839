"""Flows and their instances.

A flow is a graph of nodes. The universal one is of the whole workspace; an integration's own follows it in all that is not
customised; an instance is one of them for one connection.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from datalinks.model.element import Element, ElementDraft, Moment
from datalinks.model.error_data import ErrorData
from datalinks.model.record import Draft, InternalId, Json, JsonObject, Name, Optional, Record, Text
from datalinks.model.references import ConnectionRef, CustomerRef, FlowRef, IntegrationRef

CONFIGURATION_ERROR = "CONFIGURATION_ERROR"
SETUP_FAILED = "SETUP_FAILED"

SETUP_ERROR = "flow_instance_setup"
# The types of what an instance depends on.
TABLE_INSTANCE = "data-link-table-instance"
EVENT_SUBSCRIPTION = "app-event-subscription"

NodeKey = Annotated[str, Meta(min_length=1, max_length=200)]


class FlowProblem(Record, frozen=True, kw_only=True):
    """What is wrong with a flow or, if there is a key, with one of its nodes. path: the place in the node."""

    node_key: str | None = None
    path: str
    message: str
    type: str = "configuration"


class NodeLink(Draft, frozen=True, kw_only=True):
    """Where a node leads to. key: the node behind it. filter: what its output must be for that."""

    key: Optional[Text] = UNSET
    name: Optional[Text] = UNSET
    filter: Json | UnsetType = UNSET


class FlowNode(Draft, frozen=True, kw_only=True):
    """One node as it is written. What is null counts as left out; what the server tells of a node cannot be written.

    config: what the node does, with formulas. user_config: what the customer adds to it. links: to the nodes behind it.
    on_error: whether the nodes behind it run although it failed. concurrency: how many of its runs go on at once.
    """

    type: Optional[Text] = UNSET
    version: Optional[float] = UNSET
    name: Optional[Text] = UNSET
    description: Optional[Text] = UNSET
    config: Json | UnsetType = UNSET
    user_config: Json | UnsetType = UNSET
    concurrency: Optional[int] = UNSET
    on_error: Optional[Literal["stop", "continue"]] = UNSET
    links: Optional[list[NodeLink]] = UNSET
    input_schema: Json | UnsetType = UNSET
    output_schema: Json | UnsetType = UNSET
    output_example: Json | UnsetType = UNSET
    test_input: Json | UnsetType = UNSET
    ui: Json | UnsetType = UNSET

    def as_json(self) -> JsonObject:
        """The node as it is kept; the order of keys inside of it stays."""
        node = _without_nulls(self)
        if isinstance(self.links, list):
            node["links"] = [_without_nulls(link) for link in self.links]
        return node


def _without_nulls(written: Draft) -> JsonObject:
    return {name: value for name, value in msgspec.to_builtins(written).items() if value is not None}


class AppliedFlow(Record, frozen=True, kw_only=True):
    """An integration that a universal flow is applied to, and its flow there."""

    element: FlowRef
    integration: IntegrationRef


class Customized(Record, frozen=True, kw_only=True):
    """What of a flow or an instance is no longer as the layer below it has it."""

    name: bool = False
    nodes: bool = False


class Flow(Element, frozen=True, kw_only=True):
    """A flow, universal or of one integration.

    integration_id: None for a universal one. universal_flow_id: the flow that an integration's follows, if any.
    universal_flow_revision: the universal flow's when this one last followed it.
    is_customized, customized: what of an integration's flow does not follow the universal one.
    applied_to_integrations: the integrations that have a flow of their own from this one, and those flows.
    auto_create_instances: every connection of an integration that has the flow has an instance of it.
    errors: why the state is ``CONFIGURATION_ERROR``.
    """

    integration_id: str | None = None
    integration: IntegrationRef | None = None
    universal_flow_id: str | None = None
    universal_flow_revision: str | None = None
    nodes: JsonObject
    parameters_schema: JsonObject | None = None
    auto_create_instances: bool
    errors: list[ErrorData] | None = None
    is_customized: bool | None = None
    customized: Customized | None = None
    applied_to_integrations: list[AppliedFlow] | None = None
    is_deployed: bool | None = None

    @property
    def root_id(self) -> str:
        """The id of the flow that all flows which follow it share with it."""
        return self.universal_flow_id or self.id


class FlowDraft(ElementDraft, frozen=True, kw_only=True):
    """What may be written of a flow, and which flow is meant when creating.

    nodes: by their keys, all of them. archived_at: a time archives, null restores, absent changes nothing.
    integration_id, integration_key, integration_uuid: for *create*, the integration whose flow it is.
    universal_flow_id, parent_id, parent_key: for *create*, the universal flow that it follows.
    connection_id, flow_id, instance_key, parameters, enabled: given to *create* with a connection, they ask for an instance
    of the flow instead.
    """

    nodes: Optional[dict[NodeKey, FlowNode]] = UNSET
    parameters_schema: Optional[JsonObject] = UNSET
    auto_create_instances: Optional[bool] = UNSET
    archived_at: Optional[Moment] = UNSET
    integration_id: Optional[Text] = UNSET
    integration_key: Optional[Text] = UNSET
    integration_uuid: Optional[Text] = UNSET
    universal_flow_id: Optional[Text] = UNSET
    parent_id: Optional[Text] = UNSET
    parent_key: Optional[Text] = UNSET
    connection_id: Optional[Text] = UNSET
    flow_id: Optional[Text] = UNSET
    instance_key: Optional[InternalId] = UNSET
    parameters: Json | UnsetType = UNSET
    enabled: Optional[bool] = UNSET


class ApplyDraft(Draft, frozen=True, kw_only=True):
    """Which integrations a universal flow is applied to, by their keys or ids."""

    integration_keys: Annotated[list[Text], Meta(min_length=1, max_length=1000)]


class Dependency(Record, frozen=True, kw_only=True):
    """What an instance needs to work.

    id: of the instance of a data link table, or of the subscription of app events.
    data: the key of the table, or of the type of events.
    """

    dependency_type: str
    type: str
    id: str
    data: JsonObject | None = None


class FlowInstance(Element, frozen=True, kw_only=True):
    """A flow for one connection, and possibly one ``instance_key``.

    user_id and tenant_id both name the customer whose connection it is.
    flow_id: the flow that it follows, its integration's or else the universal one. flow_revision: that flow's when the
    instance last followed it. outdated: the flow's nodes have changed and the instance's, being customised, have not.
    enabled: triggers launch runs. dependencies: what *setup* has made for it.
    """

    flow_id: str
    flow: FlowRef
    flow_revision: str
    universal_flow_id: str | None = None
    connection_id: str
    connection: ConnectionRef
    integration_id: str
    integration: IntegrationRef
    user_id: str
    tenant_id: str
    user: CustomerRef
    instance_key: str | None = None
    parameters: Json = None
    parameters_schema: JsonObject | None = None
    enabled: bool
    outdated: bool
    customized: Customized | None = None
    is_customized: bool
    nodes: JsonObject
    errors: list[ErrorData] | None = None
    dependencies: list[Dependency] | None = None


class CustomizedDraft(Draft, frozen=True, kw_only=True):
    """What of an instance is to follow its flow again: false lets go of the instance's own."""

    name: Optional[bool] = UNSET
    nodes: Optional[bool] = UNSET


class FlowInstanceDraft(Draft, frozen=True, kw_only=True):
    """What may be written of a flow instance, and which one is meant when creating.

    nodes: by their keys. *patch* changes the members of nodes that it has, and null lets a node follow the flow again; *put*
    has all the nodes of the instance, and none lets all of them follow.
    archived_at: a time archives, null restores, absent changes nothing.
    flow_id, flow_key, connection_id, integration_id, integration_key, instance_key, user_id, tenant_id: for *create*, as in a
    query.
    """

    name: Optional[Name] = UNSET
    enabled: Optional[bool] = UNSET
    parameters: Json | UnsetType = UNSET
    nodes: Optional[dict[NodeKey, FlowNode | None]] = UNSET
    customized: Optional[CustomizedDraft] = UNSET
    archived_at: Optional[Moment] = UNSET
    flow_id: Optional[Text] = UNSET
    flow_key: Optional[Text] = UNSET
    connection_id: Optional[Text] = UNSET
    integration_id: Optional[Text] = UNSET
    integration_key: Optional[Text] = UNSET
    instance_key: Optional[InternalId] = UNSET
    user_id: Optional[Text] = UNSET
    tenant_id: Optional[Text] = UNSET


class ResetDraft(Draft, frozen=True, kw_only=True):
    """What of an instance follows its flow again; all of it if nothing is named.

    nodes: by key, which nodes. all_nodes: every node.
    """

    name: Optional[bool] = UNSET
    nodes: Optional[dict[str, bool]] = UNSET
    all_nodes: Optional[bool] = UNSET


def errors_of(problems: Sequence[FlowProblem]) -> list[ErrorData]:
    """Problems as elements show them."""
    return [
        ErrorData(
            type=each.type,
            message=each.message,
            data={**({} if each.node_key is None else {"nodeKey": each.node_key}), "path": each.path},
        )
        for each in problems
    ]


def shown_nodes(nodes: JsonObject, below: JsonObject, errors: list[ErrorData]) -> JsonObject:
    """The nodes of an instance with what the server tells of each: its state, its errors, whether it is customised."""
    return {key: _shown(key, node, below.get(key), errors) for key, node in nodes.items()}


def _shown(key: str, node: Any, below: Any, errors: list[ErrorData]) -> Any:
    own = [msgspec.to_builtins(each) for each in errors if (each.data or {}).get("nodeKey") == key]
    told: JsonObject = {"state": SETUP_FAILED, "errors": own} if own else {"state": "READY"}
    return {**node, "isCustomized": True, **told} if node != below else {**node, **told}
