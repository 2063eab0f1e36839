"""Endpoints of flows. A flow's instances are the same resource on the layer ``connection``."""

from enum import StrEnum

from datalinks.api.queries import ListQuery
from datalinks.model.flow import ApplyDraft, Flow, FlowDraft, FlowInstance, FlowInstanceDraft, ResetDraft
from datalinks.model.page import Page
from datalinks.model.record import Draft
from datalinks.services.caller import Caller
from datalinks.services.flow_instances import FlowInstanceFilter, FlowInstanceSelector
from datalinks.services.flows import FlowFilter
from datalinks.services.services import Services

# What the reference SDKs send for a field that is to be empty.
_NULL = "null"


class FlowLayer(StrEnum):
    """Whose flow is meant: the workspace's own, an integration's, or its instance for one connection."""

    UNIVERSAL = "universal"
    INTEGRATION = "integration"
    CONNECTION = "connection"


class FlowLayerQuery(FlowInstanceFilter, frozen=True, kw_only=True):
    """Which layer is meant, and which integration or connection on it.

    layer: without it, connection if anything else names a connection or an instance, else integration if an integration is
    named, else universal.
    integration_id, universal_flow_id: in a list, ``null`` asks for universal flows.
    is_universal: in a list, only universal flows, or only those of integrations.
    """

    layer: FlowLayer | None = None
    is_universal: bool | None = None

    @property
    def lists_instances(self) -> bool:
        """Whether a list is one of instances: the layer says so, or a filter that only instances have."""
        if self.layer is not None:
            return self.layer is FlowLayer.CONNECTION
        return any((self.connection_id, self.connection_key, self.flow_id, self.instance_key))

    @property
    def means_instance(self) -> bool:
        """Whether an element is an instance: the layer says so, or a connection is named."""
        if self.layer is not None:
            return self.layer is FlowLayer.CONNECTION
        return any((self.connection_id, self.connection_key, self.instance_key))

    @property
    def integration(self) -> str | None:
        """The integration whose flow is meant, or None for a universal one."""
        return None if self.layer is FlowLayer.UNIVERSAL else self.integration_id or self.integration_key

    @property
    def flows(self) -> FlowFilter:
        """The flows that a list shows."""
        is_universal = self.is_universal
        if self.layer is not None:
            is_universal = self.layer is FlowLayer.UNIVERSAL
        integration, universal = self.integration_id or self.integration_key, self.universal_flow_id
        if _NULL in (integration, universal):
            is_universal = True
        # Whoever says nothing means universal flows, as the vendor's command line does before it writes.
        if is_universal is None and integration is None and universal is None and self.layer is None:
            is_universal = True
        return FlowFilter(
            None if integration == _NULL else integration, None if universal == _NULL else universal, is_universal
        )


class UniversalFlowQuery(Draft, frozen=True, kw_only=True):
    """universal_flow_id: only the flows that follow this one."""

    universal_flow_id: str | None = None


async def list_flows(
    services: Services, caller: Caller, page: ListQuery, layer: FlowLayerQuery
) -> Page[Flow] | Page[FlowInstance]:
    """List the workspace's flows, newest first; on the layer ``connection`` their instances."""
    if layer.lists_instances:
        return await services.flow_instances.list_page(caller, page.listing, layer)
    return await services.flows.list_page(caller, page.listing, layer.flows)


async def create_flow(services: Services, caller: Caller, body: FlowDraft) -> Flow | FlowInstance:
    """Create a flow from a name, a key or both: universal, or with an integration one of it. Admins only.

    With ``connectionId`` and the flow's ``flowId`` (or ``key``) it creates the flow's instance instead.
    """
    if body.connection_id:
        wanted = FlowInstanceSelector(
            flow_id=body.flow_id or None,
            flow_key=body.key or None,
            connection_id=body.connection_id,
            instance_key=body.instance_key or None,
        )
        content = FlowInstanceDraft(enabled=body.enabled, parameters=body.parameters)
        return await services.flow_instances.create(caller, wanted, content)
    return await services.flows.create(caller, body)


async def get_flow(services: Services, caller: Caller, selector: str, layer: FlowLayerQuery) -> Flow | FlowInstance:
    """Get a flow by id, key or uuid; with a connection, its instance, made if there is none."""
    instance = await _find_instance(services, caller, selector, layer)
    return instance or await services.flows.get(caller, selector, layer.integration)


async def put_flow(
    services: Services, caller: Caller, selector: str, layer: FlowLayerQuery, body: FlowDraft
) -> Flow | FlowInstance:
    """Replace a flow; what is left out is emptied, but key, name and uuid stay. Admins only, but for instances.

    On an integration's flow, what is left out follows the universal flow again.
    """
    if (instance := await _find_instance(services, caller, selector, layer)) is not None:
        return await services.flow_instances.put(caller, _by_id(instance), _content(body))
    return await services.flows.put(caller, selector, body, layer.integration)


async def patch_flow(
    services: Services, caller: Caller, selector: str, layer: FlowLayerQuery, body: FlowDraft
) -> Flow | FlowInstance:
    """Change some of a flow's fields. Admins only, but for instances.

    On an integration's flow, null lets a field follow the universal flow again.
    """
    if (instance := await _find_instance(services, caller, selector, layer)) is not None:
        return await services.flow_instances.patch(caller, _by_id(instance), _content(body))
    return await services.flows.patch(caller, selector, body, layer.integration)


async def archive_flow(services: Services, caller: Caller, selector: str, layer: FlowLayerQuery) -> Flow | FlowInstance:
    """Archive a flow: the flows that follow it and all their instances are hidden and kept. Admins only, but for instances."""
    if (instance := await _find_instance(services, caller, selector, layer)) is not None:
        return await services.flow_instances.archive(caller, _by_id(instance))
    return await services.flows.archive(caller, selector, layer.integration)


async def restore_flow(services: Services, caller: Caller, selector: str, layer: FlowLayerQuery) -> Flow | FlowInstance:
    """Restore an archived flow with what follows it. Admins only, but for instances."""
    if (instance := await _find_instance(services, caller, selector, layer)) is not None:
        return await services.flow_instances.restore(caller, _by_id(instance))
    return await services.flows.restore(caller, selector, layer.integration)


async def apply_flow(services: Services, caller: Caller, selector: str, body: ApplyDraft) -> Flow:
    """Give integrations flows of their own that follow this universal one. Admins only."""
    return await services.flows.apply(caller, selector, body)


async def reset_flow(services: Services, caller: Caller, selector: str, layer: FlowLayerQuery) -> Flow | FlowInstance:
    """Let an integration's flow, or an instance, follow in everything again. Admins only, but for instances."""
    if (instance := await _find_instance(services, caller, selector, layer)) is not None:
        return await services.flow_instances.reset(caller, _by_id(instance), ResetDraft())
    return await services.flows.reset(caller, selector, layer.integration)


# --- Flows of one integration


async def list_integration_flows(
    services: Services, caller: Caller, integration: str, page: ListQuery, layer: UniversalFlowQuery
) -> Page[Flow]:
    """List an integration's own flows, newest first."""
    universal = None if layer.universal_flow_id == _NULL else layer.universal_flow_id
    return await services.flows.list_page(caller, page.listing, FlowFilter(integration, universal))


async def create_integration_flow(services: Services, caller: Caller, integration: str, body: FlowDraft) -> Flow:
    """Create a flow of an integration; with ``universalFlowId`` it follows that flow. Admins only."""
    return await services.flows.create(caller, body, integration)


async def get_integration_flow(services: Services, caller: Caller, integration: str, selector: str) -> Flow:
    """Get an integration's own flow by id, key or uuid, its own or those of the universal flow that it follows."""
    return await services.flows.get(caller, selector, integration)


async def put_integration_flow(
    services: Services, caller: Caller, integration: str, selector: str, body: FlowDraft
) -> Flow:
    """Replace an integration's flow; what is left out follows the universal flow again. Admins only.

    Where the integration has none yet, the universal flow is applied to it first.
    """
    return await services.flows.put(caller, selector, body, integration)


async def patch_integration_flow(
    services: Services, caller: Caller, integration: str, selector: str, body: FlowDraft
) -> Flow:
    """Change some fields of an integration's flow; null lets one follow the universal flow again. Admins only."""
    return await services.flows.patch(caller, selector, body, integration)


async def archive_integration_flow(services: Services, caller: Caller, integration: str, selector: str) -> Flow:
    """Archive an integration's flow: its instances are hidden and kept. Admins only."""
    return await services.flows.archive(caller, selector, integration)


async def reset_integration_flow(services: Services, caller: Caller, integration: str, selector: str) -> Flow:
    """Let an integration's flow follow the universal one in everything. Admins only."""
    return await services.flows.reset(caller, selector, integration)


async def _find_instance(
    services: Services, caller: Caller, selector: str, layer: FlowLayerQuery
) -> FlowInstance | None:
    if layer.means_instance:
        return await services.flow_instances.get(caller, _instance_of(selector, layer))
    return await services.flow_instances.find(caller, selector)


def _instance_of(flow: str, layer: FlowLayerQuery) -> FlowInstanceSelector:
    """The instance of a flow that a query's connection means; the connection's mention creates it."""
    return FlowInstanceSelector(flow_id=flow, instance_key=layer.instance_key, auto_create=True, **layer.connection)


def _by_id(instance: FlowInstance) -> FlowInstanceSelector:
    return FlowInstanceSelector(id=instance.id)


def _content(body: FlowDraft) -> FlowInstanceDraft:
    """What of a flow's draft an instance takes."""
    names = ("name", "enabled", "parameters", "nodes", "archived_at")
    return FlowInstanceDraft(**{name: value for name, value in body.given().items() if name in names})
