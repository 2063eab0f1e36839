"""Flow instances: a flow for one connection, which comes into being when it is asked for or, if the flow says so, with the connection."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from datalinks.errors import BadRequest, NotFound
from datalinks.ids import Clock, is_id
from datalinks.model.connection import Connection
from datalinks.model.flow import (
    CONFIGURATION_ERROR,
    EVENT_SUBSCRIPTION,
    Flow,
    FlowInstance,
    FlowInstanceDraft,
    ResetDraft,
    errors_of,
)
from datalinks.model.page import Listing, Page, after_id, page_of
from datalinks.model.record import InternalId
from datalinks.model.references import CustomerRef, IntegrationRef
from datalinks.services.caller import Caller
from datalinks.services.connection_finder import ConnectionFinder, ConnectionSelector
from datalinks.services.flow_instance_parts import check_moment, has_content, patched, replaced, up_to_date, without_own
from datalinks.services.flow_layers import is_same
from datalinks.services.flow_setup import FlowSetup
from datalinks.services.flows import Check, Flows
from datalinks.services.integrations import Integrations
from datalinks.services.subscribing import Subscribing
from datalinks.store import flow_instances
from datalinks.store.connections import list_connections
from datalinks.store.database import Database, Reader, Transaction
from datalinks.store.flow_instances import KeptFlowInstance, OwnParts
from datalinks.store.workspaces import changing

# What makes of an instance's own parts others; given with all that is kept of the instance.
Change = Callable[[KeptFlowInstance], OwnParts]


class FlowInstanceSelector(ConnectionSelector, frozen=True, kw_only=True):
    """Which flow instance is meant: by its id, or by flow and connection.

    id: the instance; nothing else is needed then.
    flow_id, flow_key: the flow, universal or of the connection's integration. parent_id, parent_key: other names of these.
    instance_key: which of several instances of one flow and connection; without it, the one that has none.
    auto_create: make the instance if there is none. auto_update: let it follow the flow as it is now.
    """

    id: str | None = None
    flow_id: str | None = None
    flow_key: str | None = None
    parent_id: str | None = None
    parent_key: str | None = None
    instance_key: InternalId | None = None
    auto_create: bool = False
    auto_update: bool = False

    @property
    def flow(self) -> str | None:
        """The selector of the flow, or None."""
        return self.flow_id or self.flow_key or self.parent_id or self.parent_key


class FlowInstanceFilter(ConnectionSelector, frozen=True, kw_only=True):
    """Which flow instances a list shows; every filter given must match.

    flow_id: the flow that they follow, or the universal one above it. universal_flow_id: the same for a universal one.
    """

    id: str | None = None
    flow_id: str | None = None
    flow_key: str | None = None
    universal_flow_id: str | None = None
    instance_key: str | None = None
    enabled: bool | None = None


@dataclass(frozen=True, slots=True)
class RunnableFlow:
    """A flow instance that can run, with all that running it needs. flow_instance: its nodes are those that run."""

    flow_instance: FlowInstance
    connection: Connection
    integration: IntegrationRef
    customer: CustomerRef
    instance_key: str | None


class FlowInstances:
    """The flow instances of the connections that a caller may see.

    Whatever sets an instance up ends with asking the product for the events that it waits for; what fails there is told in
    the instance, and fails nothing else.
    """

    def __init__(
        self,
        database: Database,
        flows: Flows,
        integrations: Integrations,
        finder: ConnectionFinder,
        setup: FlowSetup,
        subscribing: Subscribing,
        check: Check,
        clock: Clock,
    ) -> None:
        self._database = database
        self._flows = flows
        self._integrations = integrations
        self._finder = finder
        self._setup = setup
        self._subscribing = subscribing
        self._check = check
        self._clock = clock

    async def list_page(self, caller: Caller, listing: Listing, wanted: FlowInstanceFilter) -> Page[FlowInstance]:
        """A page of flow instances, newest first.

        Raises:
            NotFound: there is no such customer. BadRequest: an unknown cursor.
        """
        after = after_id(listing.cursor)
        customer_id = await self._finder.owner_scope(caller, wanted.user_id or wanted.tenant_id)
        integration_id = await self._integration_id(caller, wanted)
        found = await flow_instances.list_flow_instances(
            self._database,
            caller.workspace_id,
            limit=listing.limit + 1,
            after=after,
            live=not listing.include_archived,
            search=listing.search,
            id=wanted.id,
            connection_id=wanted.connection_id,
            connection_key=wanted.connection_key,
            customer_id=customer_id,
            integration_id=integration_id,
            instance_key=wanted.instance_key,
            enabled=wanted.enabled,
            flow_key=wanted.flow_key,
            **await self._of_flow(caller, wanted),
        )
        page = page_of(found, listing.limit, lambda kept: kept.instance.id)
        return Page([kept.instance for kept in page.items], page.cursor)

    async def list_of_connection(
        self, caller: Caller, listing: Listing, connection: str, owner: str | None, wanted: FlowInstanceFilter
    ) -> Page[FlowInstance]:
        """A page of the flow instances of the connection that a path names, newest first.

        Raises:
            NotFound: there is no such connection or customer. BadRequest: several match, or an unknown cursor.
        """
        after_id(listing.cursor)
        found = await self._finder.get(self._database, caller, connection, owner)
        return await self.list_page(caller, listing, msgspec.structs.replace(wanted, connection_id=found.id))

    async def of_connection(
        self, caller: Caller, connection: str, owner: str | None, wanted: FlowInstanceSelector
    ) -> FlowInstanceSelector:
        """What a path of a connection means: the connection's instance with the id that is named as the flow's, or of the flow.

        Raises:
            NotFound: there is no such connection or customer. BadRequest: several match.
        """
        found = await self._finder.get(self._database, caller, connection, owner)
        instance = await self.find(caller, wanted.flow or "")
        if instance is not None and instance.connection_id == found.id:
            return FlowInstanceSelector(id=instance.id)
        return msgspec.structs.replace(wanted, connection_id=found.id)

    async def find(self, caller: Caller, id: str) -> FlowInstance | None:
        """The instance with this id, archived or not, or None."""
        # Asked for every flow that a path names, mostly by key.
        if not is_id(id):
            return None
        kept = await self._find_kept(self._database, caller, id)
        return kept and kept.instance

    async def get(self, caller: Caller, wanted: FlowInstanceSelector) -> FlowInstance:
        """The instance that is meant, archived or not; made now if there is none and ``auto_create`` says so.

        Raises:
            NotFound: flow, connection or instance are not there. BadRequest: the selector is incomplete or not clear.
        """
        return (await self._get(caller, wanted)).instance

    async def create(self, caller: Caller, wanted: FlowInstanceSelector, draft: FlowInstanceDraft) -> FlowInstance:
        """The instance that is meant, made now if there is none, restored if it was archived, changed as the draft says.

        Raises:
            NotFound: flow or connection are not there. BadRequest: the selector is incomplete or not clear.
        """
        check_moment(draft)
        kept = await self._made(caller, wanted, draft)
        if kept.own.archived_at is not None:
            kept = await self._change(caller, kept.instance.id, lambda kept: replace(kept.own, archived_at=None))
        if has_content(draft):
            kept = await self._change(caller, kept.instance.id, lambda kept: patched(kept, draft))
        return (await self._settled(caller, kept)).instance

    async def put(self, caller: Caller, wanted: FlowInstanceSelector, draft: FlowInstanceDraft) -> FlowInstance:
        """The instance with what the draft has, and everything else as at its beginning; made now if there is none.

        A draft without content only makes it.

        Raises:
            NotFound: flow, connection or, by its id, instance are not there. BadRequest: the selector is incomplete or not
                clear, or the instance is archived.
        """
        check_moment(draft)
        kept = await self._made(caller, wanted, draft)
        if has_content(draft):
            kept = await self._change(caller, kept.instance.id, lambda kept: replaced(kept, draft), draft)
        return (await self._settled(caller, kept)).instance

    async def patch(self, caller: Caller, wanted: FlowInstanceSelector, draft: FlowInstanceDraft) -> FlowInstance:
        """Change what the draft has.

        Raises:
            NotFound: there is none. BadRequest: the selector is incomplete or not clear, or the instance is archived.
        """
        check_moment(draft)
        kept = await self._get(caller, wanted, enabled=draft.enabled is not False)
        kept = await self._change(caller, kept.instance.id, lambda kept: patched(kept, draft), draft)
        return (await self._settled(caller, kept)).instance

    async def archive(self, caller: Caller, wanted: FlowInstanceSelector) -> FlowInstance:
        """Hide an instance; one that is archived already stays as it is.

        Raises:
            NotFound: there is none. BadRequest: the selector is incomplete or not clear.
        """
        kept = await self._get(caller, wanted)
        if kept.own.archived_at is None:
            now = self._clock.now()
            kept = await self._change(caller, kept.instance.id, lambda kept: replace(kept.own, archived_at=now))
        return kept.instance

    async def restore(self, caller: Caller, wanted: FlowInstanceSelector) -> FlowInstance:
        """Bring an instance back; a live one stays as it is.

        Raises:
            NotFound: there is none. BadRequest: the selector is incomplete or not clear.
        """
        kept = await self._get(caller, wanted)
        if kept.own.archived_at is not None:
            kept = await self._change(caller, kept.instance.id, lambda kept: replace(kept.own, archived_at=None))
        return (await self._settled(caller, kept)).instance

    async def set_up(self, caller: Caller, wanted: FlowInstanceSelector) -> FlowInstance:
        """Check the nodes again, and make what the instance depends on.

        Raises:
            NotFound: there is none. BadRequest: the selector is incomplete or not clear, or something hides the instance.
        """
        return await self._renew(caller, wanted, lambda kept: kept.own)

    async def update_to_latest(self, caller: Caller, wanted: FlowInstanceSelector) -> FlowInstance:
        """Make of the flow as it is now what the instance has made of the flow as it was.

        Raises:
            NotFound: there is none. BadRequest: the selector is incomplete or not clear, or something hides the instance.
        """
        return await self._renew(caller, wanted, up_to_date)

    async def reset(self, caller: Caller, wanted: FlowInstanceSelector, draft: ResetDraft) -> FlowInstance:
        """Let what the draft names follow the flow again, or everything.

        Raises:
            NotFound: there is none. BadRequest: the selector is incomplete or not clear, or something hides the instance.
        """
        return await self._renew(caller, wanted, lambda kept: without_own(kept, draft))

    async def runnable(self, caller: Caller, wanted: FlowInstanceSelector) -> RunnableFlow:
        """The visible instance that is meant, ready to run; whether it is enabled is not asked.

        Raises:
            NotFound: flow, connection or instance are not there, or something the instance hangs on is archived.
            BadRequest: the selector is incomplete or not clear, or the flow's configuration is wrong, with the first problem.
        """
        kept = await self._get(caller, wanted)
        instance = kept.instance
        if kept.hidden_by is not None:
            raise NotFound(f"The flow instance is hidden, as its {kept.hidden_by} is archived: restore it first.")
        if instance.state == CONFIGURATION_ERROR and instance.errors:
            first = instance.errors[0]
            raise BadRequest(f"The flow cannot run: {first.message}", first.data)
        connection = await self._connection(self._database, caller, kept)
        return RunnableFlow(
            # Without what is told of each node, as it is written.
            flow_instance=msgspec.structs.replace(instance, nodes=kept.nodes),
            connection=connection,
            integration=instance.integration,
            customer=instance.user,
            instance_key=instance.instance_key,
        )

    async def _get(self, caller: Caller, wanted: FlowInstanceSelector, *, enabled: bool = True) -> KeptFlowInstance:
        kept = await self._selected(caller, wanted, enabled=enabled)
        if wanted.auto_update and kept.instance.outdated and kept.hidden_by is None:
            kept = await self._settled(caller, await self._change(caller, kept.instance.id, up_to_date))
        return kept

    async def _selected(self, caller: Caller, wanted: FlowInstanceSelector, *, enabled: bool) -> KeptFlowInstance:
        if wanted.id is not None:
            return await self._kept(self._database, caller, wanted.id)
        flow, connection = await self._pair(caller, wanted)
        id = await self._find_id(flow, connection, wanted)
        if id is not None:
            return await self._kept(self._database, caller, id)
        if not wanted.auto_create:
            raise NotFound(
                f"The flow {flow.key!r} has no instance for the connection {connection.id} yet: "
                "create it, or send autoCreate=true."
            )
        made = await self._make(caller, flow, connection, wanted, enabled=enabled)
        return await self._settled(caller, made)

    async def _made(self, caller: Caller, wanted: FlowInstanceSelector, draft: FlowInstanceDraft) -> KeptFlowInstance:
        """The instance that is meant, made now if there is none; whoever asks for it changes it and lets it settle."""
        if wanted.id is not None:
            return await self._kept(self._database, caller, wanted.id)
        flow, connection = await self._pair(caller, wanted)
        id = await self._find_id(flow, connection, wanted)
        if id is not None:
            return await self._kept(self._database, caller, id)
        return await self._make(caller, flow, connection, wanted, enabled=draft.enabled is not False)

    async def _find_id(self, flow: Flow, connection: Connection, wanted: FlowInstanceSelector) -> str | None:
        return await flow_instances.find_flow_instance_id(
            self._database, flow.root_id, connection.id, wanted.instance_key
        )

    async def _make(
        self, caller: Caller, flow: Flow, connection: Connection, wanted: FlowInstanceSelector, *, enabled: bool
    ) -> KeptFlowInstance:
        async with self._database.transaction() as tx:
            id = await self._setup.put(tx, caller.workspace_id, flow, connection, wanted.instance_key, enabled=enabled)
        return await self._kept(self._database, caller, id)

    async def _settled(self, caller: Caller, kept: KeptFlowInstance) -> KeptFlowInstance:
        """The instance after the product was asked for the events that it waits for, if it is to be. Not in a transaction."""
        ids = [each.id for each in kept.own.dependencies if each.type == EVENT_SUBSCRIPTION]
        if ids and await self._subscribing.settle(caller.workspace_id, ids):
            return await self._kept(self._database, caller, kept.instance.id)
        return kept

    async def _pair(self, caller: Caller, wanted: FlowInstanceSelector) -> tuple[Flow, Connection]:
        if wanted.flow is None:
            raise BadRequest("Say which flow: give flowKey or flowId.")
        connection = await self._finder.select(caller, wanted)
        return await self._flows.for_integration(caller, wanted.flow, connection.integration_id), connection

    async def _renew(self, caller: Caller, wanted: FlowInstanceSelector, change: Change) -> FlowInstance:
        kept = await self._get(caller, wanted)
        if kept.hidden_by is not None:
            raise BadRequest(f"The flow instance is hidden, as its {kept.hidden_by} is archived: restore it first.")
        changed = await self._change(caller, kept.instance.id, change, sets_up=True)
        return (await self._settled(caller, changed)).instance

    async def _change(
        self,
        caller: Caller,
        id: str,
        change: Change,
        draft: FlowInstanceDraft | None = None,
        *,
        sets_up: bool = False,
    ) -> KeptFlowInstance:
        """Change an instance, and check and set up its nodes if they are others then, or if it is on from now on.

        A draft is not for archived ones. Whoever asks for this lets the instance settle.
        """
        async with changing(self._database, caller.workspace_id) as tx:
            kept = await self._kept(tx, caller, id)
            if draft is not None and kept.own.archived_at is not None and "archived_at" not in draft.given():
                raise BadRequest("The flow instance is archived: restore it first.")
            own = change(kept)
            if sets_up or not is_same(own.nodes, kept.own.nodes) or (_is_on(own) and not _is_on(kept.own)):
                own = await self._renewed(tx, caller, kept, own)
            await flow_instances.update_flow_instance(tx, caller.workspace_id, kept, own, self._clock.now())
            return await self._kept(tx, caller, id)

    async def _renewed(self, tx: Transaction, caller: Caller, kept: KeptFlowInstance, own: OwnParts) -> OwnParts:
        """The own parts with what is wrong with the nodes, and with what they depend on made."""
        nodes = kept.flow_nodes if own.nodes is None else own.nodes
        connection = await self._connection(tx, caller, kept)
        done = await self._setup.set_up(
            tx, caller.workspace_id, nodes, connection, kept.instance.instance_key, is_on=_is_on(own)
        )
        return replace(
            own,
            errors=[] if own.nodes is None else errors_of(self._check(own.nodes)),
            setup_errors=done.errors,
            dependencies=done.dependencies,
            flow_revision=kept.flow_revision if own.nodes is None else own.flow_revision,
        )

    async def _of_flow(self, caller: Caller, wanted: FlowInstanceFilter) -> dict[str, Any]:
        """The filter for a flow's id: instances of a universal flow may follow an integration's."""
        if wanted.flow_id is None:
            return {"root_flow_id": wanted.universal_flow_id}
        flow = await self._flows.find(caller, wanted.flow_id)
        if flow is not None and flow.universal_flow_id is None and wanted.universal_flow_id in (None, flow.id):
            return {"root_flow_id": flow.id}
        return {"flow_id": wanted.flow_id if flow is None else flow.id, "root_flow_id": wanted.universal_flow_id}

    async def _integration_id(self, caller: Caller, wanted: FlowInstanceFilter) -> str | None:
        if wanted.integration_id is not None or wanted.integration_key is None:
            return wanted.integration_id
        found = await self._integrations.elements.find(self._database, caller, wanted.integration_key)
        # An id that nothing has: nothing is listed of an integration that is not there.
        return "" if found is None else found.id

    async def _connection(self, reader: Reader, caller: Caller, kept: KeptFlowInstance) -> Connection:
        (found,) = await list_connections(
            reader, caller.workspace_id, limit=1, live=False, id=kept.instance.connection_id
        )
        return found

    async def _find_kept(self, reader: Reader, caller: Caller, id: str) -> KeptFlowInstance | None:
        return await flow_instances.find_flow_instance(reader, caller.workspace_id, id, caller.customer_scope)

    async def _kept(self, reader: Reader, caller: Caller, id: str) -> KeptFlowInstance:
        kept = await self._find_kept(reader, caller, id)
        if kept is None:
            raise NotFound(f"There is no flow instance with the id {id[:200]!r}.")
        return kept


def _is_on(own: OwnParts) -> bool:
    return own.enabled and own.archived_at is None
