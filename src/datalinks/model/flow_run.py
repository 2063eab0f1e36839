"""Flow runs: what happened, or is to happen, when a flow was launched for a connection."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from datalinks.model.error_data import ErrorData
from datalinks.model.record import Draft, Json, JsonObject, Record, Text
from datalinks.model.references import ConnectionRef, CustomerRef, IntegrationRef


class RunState(StrEnum):
    """Where a run is: queued, running, and then one of the others for good."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    STOPPED = "stopped"

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens."""
        return self in (RunState.COMPLETED, RunState.FAILED, RunState.STOPPED)


class NodeRunStatus(StrEnum):
    """What came of a node run; the last two only while it is under way."""

    COMPLETED = "completed"
    FAILED = "failed"
    SKIPPED = "skipped"
    STOPPED = "stopped"
    PENDING = "pending"
    RUNNING = "running"

    @property
    def is_over(self) -> bool:
        """Whether it is done."""
        return self not in (NodeRunStatus.PENDING, NodeRunStatus.RUNNING)


class LaunchedBy(Record, frozen=True, kw_only=True):
    """What launched a run. ids: of the events, if events did."""

    type: str
    ids: list[str] | None = None


class NodeCounts(Record, frozen=True, kw_only=True):
    """How a node of a run is doing."""

    state: str
    runs: int = 0
    errored_runs: int = 0
    outputs: int = 0


class FlowRun(Record, frozen=True, kw_only=True):
    """One run of a flow.

    connection_flow_id, integration_flow_id: other names of the instance's and the flow's ids.
    input: a list with one member for each time the first node runs. nodes: by key, those that have run.
    """

    id: str
    name: str | None = None
    flow_instance_id: str
    connection_flow_id: str
    flow_id: str
    integration_flow_id: str
    universal_flow_id: str | None = None
    connection_id: str
    connection: ConnectionRef | None = None
    integration_id: str
    integration: IntegrationRef | None = None
    user_id: str
    tenant_id: str
    user: CustomerRef | None = None
    start_node_key: str
    input: Json = None
    state: RunState
    start_time: datetime
    end_time: datetime | None = None
    errors: list[ErrorData] = msgspec.field(default_factory=list[ErrorData])
    nodes: dict[str, NodeCounts] = msgspec.field(default_factory=dict[str, NodeCounts])
    launched_by: LaunchedBy | None = None
    meta: JsonObject | None = None


class FlowRunDraft(Draft, frozen=True, kw_only=True):
    """What launches a run.

    node_key, start_node_key: which node runs first; without them the flow's only API trigger, or its only root.
    input: what it gets; one value, whatever it is.
    """

    flow_instance_id: Text
    node_key: Text | None = None
    start_node_key: Text | None = None
    input: Json | UnsetType = UNSET
    meta: JsonObject | None = None


class UpstreamRun(Record, frozen=True, kw_only=True):
    """Where a node run's input came from."""

    node_key: str
    run_id: str
    output_id: str


class DownstreamRun(Record, frozen=True, kw_only=True):
    """What an output led to."""

    node_key: str
    run_id: str


class NodeRunOutput(Record, frozen=True, kw_only=True):
    """An output of a node run, without its data."""

    id: str
    downstream_runs: list[DownstreamRun] = msgspec.field(default_factory=list[DownstreamRun])


class NodeRun(Record, frozen=True, kw_only=True):
    """One run of one node. id: its number in the flow run, as text."""

    id: str
    node_key: str
    status: NodeRunStatus
    upstream_runs: list[UpstreamRun] = msgspec.field(default_factory=list[UpstreamRun])
    input: Json = None
    outputs: list[NodeRunOutput] = msgspec.field(default_factory=list[NodeRunOutput])
    logs: list[Any] = msgspec.field(default_factory=list[Any])
    errors: list[ErrorData] = msgspec.field(default_factory=list[ErrorData])
    start_time: datetime | None = None
    end_time: datetime | None = None


class Output(Record, frozen=True, kw_only=True):
    """An output with its data, which is absent when the node gave nothing."""

    id: str
    node_key: str
    output_id: str
    data: Json | UnsetType = UNSET
