"""Endpoints of flow instances: those of all connections, and those of one."""

from msgspec.structs import replace

from datalinks.api.queries import ListQuery, OwnerQuery
from datalinks.model.flow import FlowInstance, FlowInstanceDraft, ResetDraft
from datalinks.model.page import Page
from datalinks.model.record import Draft, InternalId
from datalinks.services.caller import Caller
from datalinks.services.flow_instances import FlowInstanceFilter, FlowInstanceSelector
from datalinks.services.services import Services

# Which instance a body means where the query does not say it.
_SELECTING = (
    "flow_id",
    "flow_key",
    "connection_id",
    "integration_id",
    "integration_key",
    "instance_key",
    "user_id",
    "tenant_id",
)


class InstanceKeyQuery(Draft, frozen=True, kw_only=True):
    """Which of several instances of one flow and connection is meant.

    instance_key: without it, the one that has none. auto_create: make the instance if there is none.
    """

    instance_key: InternalId | None = None
    auto_create: bool = False


class ConnectionFlowsQuery(Draft, frozen=True, kw_only=True):
    """Which flow instances of a connection are listed; every filter given must match."""

    flow_id: str | None = None
    flow_key: str | None = None
    instance_key: str | None = None
    enabled: bool | None = None


async def list_flow_instances(
    services: Services, caller: Caller, page: ListQuery, wanted: FlowInstanceFilter
) -> Page[FlowInstance]:
    """List flow instances, newest first: those of a customer's connections, or of all under an admin token."""
    return await services.flow_instances.list_page(caller, page.listing, wanted)


async def create_flow_instance(
    services: Services, caller: Caller, wanted: FlowInstanceSelector, body: FlowInstanceDraft
) -> FlowInstance:
    """Create the instance of a flow and a connection, named by the query or the body.

    One that exists is answered, restored if it was archived, with what the body has.
    """
    return await services.flow_instances.create(caller, _completed(wanted, body), body)


async def get_flow_instance(services: Services, caller: Caller, wanted: FlowInstanceSelector) -> FlowInstance:
    """Get a flow instance by its id, or by flow and connection; ``autoCreate=true`` makes it if there is none."""
    return await services.flow_instances.get(caller, wanted)


async def put_flow_instance(
    services: Services, caller: Caller, wanted: FlowInstanceSelector, body: FlowInstanceDraft
) -> FlowInstance:
    """Replace what an instance has of its own; what is left out follows the flow again. An empty body changes nothing.

    Where there is none yet, it is made.
    """
    return await services.flow_instances.put(caller, _completed(wanted, body), body)


async def patch_flow_instance(
    services: Services, caller: Caller, wanted: FlowInstanceSelector, body: FlowInstanceDraft
) -> FlowInstance:
    """Change some of an instance's fields, enable or disable it; nodes by their members."""
    return await services.flow_instances.patch(caller, wanted, body)


async def archive_flow_instance(services: Services, caller: Caller, wanted: FlowInstanceSelector) -> FlowInstance:
    """Archive a flow instance: it is hidden and kept."""
    return await services.flow_instances.archive(caller, wanted)


async def restore_flow_instance(services: Services, caller: Caller, wanted: FlowInstanceSelector) -> FlowInstance:
    """Restore an archived flow instance."""
    return await services.flow_instances.restore(caller, wanted)


async def set_up_flow_instance(services: Services, caller: Caller, id: str) -> FlowInstance:
    """Check an instance's nodes again, make what they need, and ask your app for the events that they wait for.

    That is instances of data link tables and subscriptions of app events. What fails is told in ``errors``.
    """
    return await services.flow_instances.set_up(caller, FlowInstanceSelector(id=id))


async def reset_flow_instance(services: Services, caller: Caller, id: str, body: ResetDraft) -> FlowInstance:
    """Let an instance follow its flow again: in name, in some nodes, or with an empty body in everything."""
    return await services.flow_instances.reset(caller, FlowInstanceSelector(id=id), body)


async def update_flow_instance_to_latest_flow(services: Services, caller: Caller, id: str) -> FlowInstance:
    """Carry an instance's own changes over to the nodes that its flow has now."""
    return await services.flow_instances.update_to_latest(caller, FlowInstanceSelector(id=id))


# --- Flows of one connection


async def list_connection_flows(
    services: Services,
    caller: Caller,
    connection: str,
    page: ListQuery,
    owner: OwnerQuery,
    wanted: ConnectionFlowsQuery,
) -> Page[FlowInstance]:
    """List the flow instances of a connection, newest first."""
    filters = FlowInstanceFilter(
        flow_id=wanted.flow_id,
        flow_key=wanted.flow_key,
        instance_key=wanted.instance_key,
        enabled=wanted.enabled,
    )
    return await services.flow_instances.list_of_connection(caller, page.listing, connection, owner.owner, filters)


async def get_connection_flow(
    services: Services, caller: Caller, connection: str, selector: str, owner: OwnerQuery, wanted: InstanceKeyQuery
) -> FlowInstance:
    """Get the instance of a flow for a connection; ``autoCreate=true`` makes it if there is none."""
    return await services.flow_instances.get(
        caller, await named_by_path(services, caller, connection, selector, owner, wanted)
    )


async def put_connection_flow(
    services: Services,
    caller: Caller,
    connection: str,
    selector: str,
    owner: OwnerQuery,
    wanted: InstanceKeyQuery,
    body: FlowInstanceDraft,
) -> FlowInstance:
    """Make the instance of a flow for a connection, or replace what it has of its own; an empty body changes nothing."""
    selected = await named_by_path(services, caller, connection, selector, owner, wanted)
    return await services.flow_instances.put(caller, selected, body)


async def patch_connection_flow(
    services: Services,
    caller: Caller,
    connection: str,
    selector: str,
    owner: OwnerQuery,
    wanted: InstanceKeyQuery,
    body: FlowInstanceDraft,
) -> FlowInstance:
    """Change some fields of the instance of a flow for a connection, enable or disable it."""
    selected = await named_by_path(services, caller, connection, selector, owner, wanted)
    return await services.flow_instances.patch(caller, selected, body)


async def archive_connection_flow(
    services: Services, caller: Caller, connection: str, selector: str, owner: OwnerQuery, wanted: InstanceKeyQuery
) -> FlowInstance:
    """Archive the instance of a flow for a connection."""
    selected = await named_by_path(services, caller, connection, selector, owner, wanted)
    return await services.flow_instances.archive(caller, selected)


async def set_up_connection_flow(
    services: Services, caller: Caller, connection: str, selector: str, owner: OwnerQuery, wanted: InstanceKeyQuery
) -> FlowInstance:
    """Set the instance of a flow for a connection up again."""
    selected = await named_by_path(services, caller, connection, selector, owner, wanted)
    return await services.flow_instances.set_up(caller, selected)


async def reset_connection_flow(
    services: Services,
    caller: Caller,
    connection: str,
    selector: str,
    owner: OwnerQuery,
    wanted: InstanceKeyQuery,
    body: ResetDraft,
) -> FlowInstance:
    """Let the instance of a flow for a connection follow the flow again."""
    selected = await named_by_path(services, caller, connection, selector, owner, wanted)
    return await services.flow_instances.reset(caller, selected, body)


async def named_by_path(
    services: Services, caller: Caller, connection: str, selector: str, owner: OwnerQuery, wanted: InstanceKeyQuery
) -> FlowInstanceSelector:
    """What a path of a connection means."""
    selected = FlowInstanceSelector(flow_id=selector, instance_key=wanted.instance_key, auto_create=wanted.auto_create)
    return await services.flow_instances.of_connection(caller, connection, owner.owner, selected)


def _completed(wanted: FlowInstanceSelector, body: FlowInstanceDraft) -> FlowInstanceSelector:
    """The selector with what the body says and the query does not."""
    given = {name: value for name, value in body.given().items() if name in _SELECTING and value}
    missing = {name: value for name, value in given.items() if getattr(wanted, name) is None}
    return wanted if wanted.id is not None else replace(wanted, **missing)
