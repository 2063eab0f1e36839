"""Endpoints of flow runs, as both reference SDKs and the vendor's API call them."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import replace

from datalinks.api.flow_instances import InstanceKeyQuery, named_by_path
from datalinks.api.queries import OwnerQuery
from datalinks.model.flow_run import FlowRun, FlowRunDraft, NodeRun, Output
from datalinks.model.page import Page
from datalinks.model.record import Draft, Json, JsonObject, Text
from datalinks.services.caller import Caller
from datalinks.services.flow_instances import FlowInstanceSelector
from datalinks.services.run_filters import FlowRunQuery
from datalinks.services.services import Services

_MAX_RUNS = 100


class NodePage(Draft, frozen=True, kw_only=True):
    """Which page of a node's runs or outputs. limit: how many node runs it is of."""

    cursor: str = ""
    limit: Annotated[int, Meta(ge=1, le=_MAX_RUNS)] = _MAX_RUNS


class RunDraft(Draft, frozen=True, kw_only=True):
    """What launches a run of a flow that the path names; see ``FlowRunDraft``."""

    node_key: Text | None = None
    start_node_key: Text | None = None
    input: Json | UnsetType = UNSET
    meta: JsonObject | None = None


async def list_flow_runs(services: Services, caller: Caller, query: FlowRunQuery) -> Page[FlowRun]:
    """List flow runs, newest first."""
    return await services.flow_runs.list_page(caller, query)


async def create_flow_run(services: Services, caller: Caller, body: FlowRunDraft) -> FlowRun:
    """Launch a run of a flow instance; it is queued, and this answers at once.

    ``input`` is what the first node gets: a list has one input for each of its runs, anything else is one input.
    """
    return await services.flow_runs.launch(
        caller,
        FlowInstanceSelector(id=body.flow_instance_id),
        node_key=body.node_key or body.start_node_key,
        input=body.input,
        meta=body.meta,
    )


async def run_flow(
    services: Services, caller: Caller, selector: str, instance: FlowInstanceSelector, body: RunDraft
) -> FlowRun:
    """Launch a run of a flow's instance for the connection that the query names, or of the instance with this id."""
    found = await services.flow_instances.find(caller, selector)
    wanted = FlowInstanceSelector(id=found.id) if found else replace(instance, flow_id=selector)
    return await _launch(services, caller, wanted, body)


async def run_connection_flow(
    services: Services,
    caller: Caller,
    connection: str,
    selector: str,
    owner: OwnerQuery,
    instance: InstanceKeyQuery,
    body: RunDraft,
) -> FlowRun:
    """Launch a run of a flow for a connection; see ``POST /flow-runs``."""
    wanted = await named_by_path(services, caller, connection, selector, owner, instance)
    return await _launch(services, caller, wanted, body)


async def _launch(services: Services, caller: Caller, wanted: FlowInstanceSelector, body: RunDraft) -> FlowRun:
    return await services.flow_runs.launch(
        caller, wanted, node_key=body.node_key or body.start_node_key, input=body.input, meta=body.meta
    )


async def get_flow_run(services: Services, caller: Caller, id: str) -> FlowRun:
    """Get a flow run; ask again until its state is ``completed``, ``failed`` or ``stopped``."""
    return await services.flow_runs.get(caller, id)


async def stop_flow_run(services: Services, caller: Caller, id: str) -> None:
    """Stop a flow run: nothing more of it begins. One that has ended stays as it is."""
    await services.flow_runs.stop(caller, id)


async def get_flow_run_output(services: Services, caller: Caller, id: str, page: NodePage) -> Page[Output]:
    """What a run gave: the outputs of the nodes at its ends."""
    return await services.flow_runs.run_output(caller, id, None, page.cursor, page.limit)


async def get_output_of_node(
    services: Services, caller: Caller, id: str, node_key: str, page: NodePage
) -> Page[Output]:
    """What one node of a run gave."""
    return await services.flow_runs.run_output(caller, id, node_key, page.cursor, page.limit)


async def list_node_runs(services: Services, caller: Caller, id: str, node_key: str, page: NodePage) -> Page[NodeRun]:
    """List the runs of a node, in the order in which they came to be."""
    return await services.flow_runs.list_node_runs(caller, id, node_key, page.cursor, page.limit)


async def list_first_node_runs(services: Services, caller: Caller, id: str, node_key: str) -> Page[NodeRun]:
    """As the list without the slash, its first page: the reference SDKs put the list's query behind one, if there is any."""
    return await services.flow_runs.list_node_runs(caller, id, node_key, "", _MAX_RUNS)


async def get_node_run(
    services: Services, caller: Caller, id: str, node_key: str, node_run_id: str
) -> NodeRun | Page[NodeRun]:
    """Get one run of a node. The reference SDKs put the query of the list into this part of the path: then the list."""
    if node_run_id.startswith("cursor="):
        return await services.flow_runs.list_node_runs(caller, id, node_key, node_run_id, _MAX_RUNS)
    return await services.flow_runs.get_node_run(caller, id, node_key, node_run_id)


async def list_node_outputs(services: Services, caller: Caller, id: str, node_key: str, page: NodePage) -> Page[Output]:
    """List what a node gave, by its runs."""
    return await services.flow_runs.list_outputs(caller, id, node_key, page.cursor, page.limit)


async def get_node_output(services: Services, caller: Caller, id: str, node_key: str, output_id: str) -> Output:
    """Get one output of a node."""
    return await services.flow_runs.get_output(caller, id, node_key, output_id)
