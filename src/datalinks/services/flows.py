"""Flows: written by admins on two layers, read by everyone of a workspace.

An integration's flow follows its universal one in all that was not changed on it. It is kept as it is after following, so
reading needs no layers: whoever changes the universal flow carries the change over to those that follow it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import UNSET

from datalinks.errors import AlreadyExists, BadRequest, NotFound
from datalinks.ids import Clock, as_datetime, is_id, new_id
from datalinks.model.element import READY, ElementDraft, Moment
from datalinks.model.flow import CONFIGURATION_ERROR, ApplyDraft, Flow, FlowDraft, FlowNode, FlowProblem, errors_of
from datalinks.model.integration import Integration
from datalinks.model.page import MAX_LIMIT, Listing, Page, after_id, page_of
from datalinks.model.record import JsonObject, Optional
from datalinks.services.caller import Caller
from datalinks.services.elements import Elements, Kind
from datalinks.services.flow_layers import followed, following, is_same
from datalinks.services.flow_setup import FlowSetup
from datalinks.services.integrations import Integrations
from datalinks.services.subscribing import Subscribing
from datalinks.store import flow_instances, flows
from datalinks.store.database import Database, Reader, Transaction, UniqueViolation
from datalinks.store.workspaces import begin_change

Check = Callable[[JsonObject], Sequence[FlowProblem]]
_WRITING = "Changing flows"


@dataclass(frozen=True, slots=True)
class FlowFilter:
    """Which flows a list shows; every filter given must match.

    integration: id or key. universal_flow_id: the flow that they follow. is_universal: None means both layers.
    """

    integration: str | None = None
    universal_flow_id: str | None = None
    is_universal: bool | None = None


class _FlowFields(ElementDraft, frozen=True, kw_only=True):
    """What a draft says of a flow's content."""

    nodes: Optional[JsonObject] = UNSET
    parameters_schema: Optional[JsonObject] = UNSET
    auto_create_instances: Optional[bool] = UNSET
    archived_at: Optional[Moment] = UNSET


class Flows:
    """The flows of the caller's workspace. ``integration`` is the selector of one whose own flow is meant."""

    def __init__(
        self,
        database: Database,
        integrations: Integrations,
        setup: FlowSetup,
        subscribing: Subscribing,
        check: Check,
        clock: Clock,
    ) -> None:
        self._database = database
        self._integrations = integrations
        self._subscribing = subscribing
        self._life = _Life(database, setup, check, clock)

    async def list_page(self, caller: Caller, listing: Listing, wanted: FlowFilter) -> Page[Flow]:
        """A page of flows, newest first, universal ones with the integrations that they are applied to.

        Raises:
            NotFound: there is no such integration. BadRequest: an unknown cursor.
        """
        after = after_id(listing.cursor)
        integration = wanted.integration and await self._integrations.elements.get(caller, wanted.integration)
        found = await flows.list_flows(
            self._database,
            caller.workspace_id,
            limit=listing.limit + 1,
            after=after,
            live=not listing.include_archived,
            search=listing.search,
            integration_id=integration.id if integration else None,
            universal_flow_id=wanted.universal_flow_id,
            is_universal=wanted.is_universal is True,
            is_integration_level=wanted.is_universal is False,
        )
        page = page_of(found, listing.limit, lambda flow: flow.id)
        return Page(await self._with_applied(page.items), page.cursor)

    async def find(self, caller: Caller, selector: str, integration: str | None = None) -> Flow | None:
        """The flow with this id, key or uuid, archived or not, or None.

        Without an integration a key is a universal flow's, or ``<integration key>.<key>``. With one, the flow may also be named
        by the universal one that it follows.

        Raises:
            NotFound: there is no such integration.
        """
        if integration is not None:
            of = await self._integrations.elements.get(caller, integration)
            return await self._find_of(caller, selector, of)
        found = await self._find_by(caller, selector, is_universal=True)
        if found is None and "." in selector:
            before, _, key = selector.partition(".")
            of = await self._integrations.elements.find(self._database, caller, before)
            found = of and await flows.find_flow(self._database, caller.workspace_id, key=key, integration_id=of.id)
        return found

    async def get(self, caller: Caller, selector: str, integration: str | None = None) -> Flow:
        """As ``find``.

        Raises:
            NotFound: there is none.
        """
        found = await self.find(caller, selector, integration)
        if found is None:
            raise self._life.not_found(selector)
        return (await self._with_applied([found]))[0]

    async def for_integration(self, caller: Caller, selector: str, integration_id: str) -> Flow:
        """The live flow that instances for an integration's connections follow: the integration's own, else the universal one.

        Raises:
            NotFound: there is none, or it is archived. BadRequest: it is another integration's.
        """
        found = await self._find_by(caller, selector, integration_id=integration_id)
        if found is None or found.archived_at is not None:
            found = await self._find_by(caller, selector, is_universal=True) or found
        if found is None:
            raise self._life.not_found(selector)
        if found.integration_id is None:
            found = await self._own_of(self._database, caller, found, integration_id, live=True) or found
        elif found.integration_id != integration_id:
            raise BadRequest(f"The flow {selector[:200]!r} is another integration's than the connection.")
        visible = await flows.list_flows(self._database, caller.workspace_id, limit=1, id=found.id)
        if not visible:
            raise NotFound(f"The flow {selector[:200]!r} is archived, or what it hangs on is: restore it first.")
        return visible[0]

    async def create(self, caller: Caller, draft: FlowDraft, integration: str | None = None) -> Flow:
        """A new flow: universal, or of an integration, perhaps following a universal one.

        Raises:
            AccessDenied: the caller is a customer. NotFound: there is no such integration or universal flow.
            BadRequest: neither name nor key, or a universal flow without an integration.
            AlreadyExists: a live flow of the layer has the key, or the integration has one from this universal flow.
        """
        caller.require_admin(_WRITING)
        integration = integration or draft.integration_id or draft.integration_key or draft.integration_uuid or None
        universal = draft.universal_flow_id or draft.parent_id or draft.parent_key or None
        beneath: dict[str, Any] = {}
        if integration is not None:
            beneath["integration_id"] = (await self._integrations.elements.get_live(caller, integration)).id
        if universal is not None:
            if integration is None:
                raise BadRequest(
                    "Only an integration's flow follows a universal one: give integrationKey.",
                    {"path": "$.integrationKey"},
                )
            beneath |= _beneath(await self._universal(caller, universal))
        given = {name: value for name, value in _fields(draft).given().items() if value is not None}
        made = await self._life.create(caller, _FlowFields(**given), beneath)
        return await self._settled(caller, made.id)

    async def put(self, caller: Caller, selector: str, draft: FlowDraft, integration: str | None = None) -> Flow:
        """Replace what may be written; what the draft leaves out is emptied or follows the universal flow again.

        Key, name and uuid stay. An integration that has no flow from a universal one yet has it then.

        Raises:
            AccessDenied: the caller is a customer. NotFound: there is none. BadRequest: it is archived.
            AlreadyExists: another live one has the key or uuid.
        """
        caller.require_admin(_WRITING)
        found = await self.find(caller, selector, integration)
        if found is None and integration is not None:
            of = await self._integrations.elements.get_live(caller, integration)
            found = await self._apply(caller, await self._universal(caller, selector), of)
        if found is None:
            raise self._life.not_found(selector)
        await self._life.put(caller, found.id, _fields(draft))
        return await self._settled(caller, found.id)

    async def patch(self, caller: Caller, selector: str, draft: FlowDraft, integration: str | None = None) -> Flow:
        """Change the fields that the draft has; null lets one follow the universal flow again.

        Raises:
            AccessDenied: the caller is a customer. NotFound: there is none. BadRequest: it is archived.
            AlreadyExists: another live one has the key or uuid.
        """
        caller.require_admin(_WRITING)
        found = await self._existing(caller, selector, integration)
        await self._life.patch(caller, found.id, _fields(draft))
        return await self._settled(caller, found.id)

    async def archive(self, caller: Caller, selector: str, integration: str | None = None) -> Flow:
        """Hide a flow with the flows that follow it and all their instances.

        Raises:
            AccessDenied: the caller is a customer. NotFound: there is none.
        """
        caller.require_admin(_WRITING)
        found = await self._existing(caller, selector, integration)
        await self._life.archive(caller, found.id)
        return await self.get(caller, found.id)

    async def restore(self, caller: Caller, selector: str, integration: str | None = None) -> Flow:
        """Bring a flow back with what follows it.

        Raises:
            AccessDenied: the caller is a customer. NotFound: there is none. AlreadyExists: a live one has taken its key.
        """
        caller.require_admin(_WRITING)
        found = await self._existing(caller, selector, integration)
        await self._life.restore(caller, found.id)
        return await self._settled(caller, found.id)

    async def reset(self, caller: Caller, selector: str, integration: str | None = None) -> Flow:
        """Let an integration's flow follow the universal one in everything; a flow that follows none stays as it is.

        Raises:
            AccessDenied: the caller is a customer. NotFound: there is none. BadRequest: it is archived.
        """
        caller.require_admin(_WRITING)
        found = await self._existing(caller, selector, integration)
        if found.universal_flow_id is not None:
            await self._life.reset(caller, found.id)
        return await self._settled(caller, found.id)

    async def apply(self, caller: Caller, selector: str, draft: ApplyDraft) -> Flow:
        """Give each of the integrations a flow of its own that follows a universal one; one that has it keeps it.

        Raises:
            AccessDenied: the caller is a customer. NotFound: there is no such flow or integration, or it is archived.
            BadRequest: the flow is not universal. AlreadyExists: an integration has another live flow with the key.
        """
        caller.require_admin(_WRITING)
        universal = await self._universal(caller, selector)
        wanted = [await self._integrations.elements.get_live(caller, each) for each in draft.integration_keys]
        for integration in wanted:
            await self._apply(caller, universal, integration)
        return await self._settled(caller, universal.id)

    async def _settled(self, caller: Caller, id: str) -> Flow:
        """The flow, after the product was asked for events that instances wait for which it has made, or for some of them."""
        await self._subscribing.settle_due(caller.workspace_id)
        return await self.get(caller, id)

    async def _apply(self, caller: Caller, universal: Flow, integration: Integration) -> Flow:
        own = await self._own_of(self._database, caller, universal, integration.id, live=False)
        if own is not None:
            return await self._life.restore(caller, own.id)
        beneath = {**_beneath(universal), "integration_id": integration.id}
        try:
            return await self._life.create(caller, ElementDraft(), beneath)
        except AlreadyExists:
            # Another call may have made it in the same moment.
            own = await self._own_of(self._database, caller, universal, integration.id, live=True)
            if own is None:
                raise
            return own

    async def _existing(self, caller: Caller, selector: str, integration: str | None) -> Flow:
        found = await self.find(caller, selector, integration)
        if found is None:
            raise self._life.not_found(selector)
        return found

    async def _universal(self, caller: Caller, selector: str) -> Flow:
        """The live universal flow with this id, key or uuid."""
        found = await self._find_by(caller, selector, is_universal=True)
        if found is None:
            raise self._life.not_found(selector)
        if found.integration_id is not None:
            raise BadRequest(
                f"The flow {selector[:200]!r} is an integration's own: only a universal flow can be applied."
            )
        if found.archived_at is not None:
            raise NotFound(f"The flow {selector[:200]!r} is archived: restore it first.")
        return found

    async def _find_by(self, caller: Caller, selector: str, **where: Any) -> Flow | None:
        """By id, whatever the layer; or by key within a layer; or by uuid."""
        scope = self._database, caller.workspace_id
        if is_id(selector) and (found := await flows.find_flow(*scope, id=selector)):
            return found
        return await flows.find_flow(*scope, key=selector, **where) or await flows.find_flow(*scope, uuid=selector)

    async def _find_of(self, caller: Caller, selector: str, integration: Integration) -> Flow | None:
        found = await self._find_by(caller, selector, integration_id=integration.id)
        found = found or await self._find_by(caller, selector, is_universal=True)
        if found is not None and found.integration_id is None:
            found = await self._own_of(self._database, caller, found, integration.id, live=False)
        return found if found is not None and found.integration_id == integration.id else None

    async def _own_of(
        self, reader: Reader, caller: Caller, universal: Flow, integration_id: str, *, live: bool
    ) -> Flow | None:
        own = await flows.find_flow(
            reader, caller.workspace_id, universal_flow_id=universal.id, integration_id=integration_id
        )
        return None if own is None or (live and own.archived_at is not None) else own

    async def _with_applied(self, found: list[Flow]) -> list[Flow]:
        universal = [flow.id for flow in found if flow.integration_id is None]
        if not universal:
            return found
        applied = dict(zip(universal, await flows.list_applied(self._database, universal), strict=True))
        return [msgspec.structs.replace(flow, applied_to_integrations=applied.get(flow.id)) for flow in found]


class _Life(Elements[Flow]):
    """The life of flows by their ids: every write checks the nodes, and carries over to what follows."""

    def __init__(self, database: Database, setup: FlowSetup, check: Check, clock: Clock) -> None:
        kind = Kind(
            noun="flow",
            record=Flow,
            find=flows.find_flow,
            list_page=flows.list_flows,
            insert=self._insert,
            update=flows.update_flow,
        )
        super().__init__(kind, database, clock)
        self._setup = setup
        self._check = check

    async def reset(self, caller: Caller, id: str) -> Flow:
        """Let a flow follow its universal one in everything."""
        return await self._change(caller, id, dict.fromkeys(flows.FOLLOWED))

    def _new(self, values: Mapping[str, Any]) -> Flow:
        return self._checked(super()._new(_with_defaults({"nodes": None, "auto_create_instances": None, **values})))

    async def _insert(self, tx: Transaction, workspace_id: str, flow: Flow) -> None:
        await flows.insert_flow(tx, workspace_id, flow)
        # Nobody connects or changes anything while it finds out whose instances it has.
        await begin_change(tx, workspace_id)
        await self._adopt(tx, workspace_id, flow)

    async def _update(self, tx: Transaction, caller: Caller, current: Flow, values: Mapping[str, Any]) -> Flow:
        universal = await self._followed_by(tx, caller, current)
        if universal is not None:
            values = {name: _or_followed(name, value, universal) for name, value in values.items()}
            values["universal_flow_revision"] = universal.revision
        changed = await super()._update(tx, caller, self._checked(current, values), {})
        if changed.integration_id is None:
            await self._carry_over(tx, caller, current, changed)
        elif changed.archived_at is None:
            was_automatic = current.auto_create_instances and current.archived_at is None
            await self._adopt(tx, caller.workspace_id, changed, is_settled=was_automatic)
        return changed

    async def _followed_by(self, tx: Transaction, caller: Caller, flow: Flow) -> Flow | None:
        if flow.universal_flow_id is None:
            return None
        return await flows.find_flow(tx, caller.workspace_id, id=flow.universal_flow_id)

    async def _carry_over(self, tx: Transaction, caller: Caller, before: Flow, after: Flow) -> None:
        """Let every flow that follows a universal one have what has changed of it."""
        position = None
        while True:
            found = await flows.list_flows(
                tx, caller.workspace_id, limit=MAX_LIMIT, after=position, live=False, universal_flow_id=after.id
            )
            for flow in found:
                await self._follow(tx, caller, flow, before, after)
            if len(found) < MAX_LIMIT:
                return
            position = found[-1].id

    async def _follow(self, tx: Transaction, caller: Caller, flow: Flow, before: Flow, after: Flow) -> None:
        values = following(flow, before, after)
        changed = self._checked(flow, {**values, "universal_flow_revision": after.revision})
        if any(not is_same(value, getattr(flow, name)) for name, value in values.items()):
            now = self._clock.now()
            changed = msgspec.structs.replace(changed, updated_at=as_datetime(now), revision=new_id(now))
        try:
            await flows.update_flow(tx, caller.workspace_id, changed)
        except UniqueViolation as error:
            raise self._taken(changed) from error
        if changed.archived_at is None:
            await self._adopt(tx, caller.workspace_id, changed, is_settled=flow.auto_create_instances)

    async def _adopt(self, tx: Transaction, workspace_id: str, flow: Flow, *, is_settled: bool = False) -> None:
        """Let an integration's flow have the instances that are its own now, and those that it makes by itself.

        is_settled: it has had them before.
        """
        if is_settled:
            return
        if flow.universal_flow_id is not None:
            await flow_instances.move_flow_instances(tx, workspace_id, flow)
        await self._setup.put_for_all(tx, workspace_id, flow)

    def _checked(self, flow: Flow, values: Mapping[str, Any] | None = None) -> Flow:
        """The flow with these values, and with what is wrong with its nodes."""
        flow = msgspec.structs.replace(flow, **_with_defaults(values or {}))
        errors = errors_of(self._check(flow.nodes))
        return msgspec.structs.replace(flow, errors=errors or None, state=CONFIGURATION_ERROR if errors else READY)


def _beneath(universal: Flow) -> dict[str, Any]:
    """What a new flow has from the universal one that it follows."""
    return {
        **followed(universal),
        "key": universal.key,
        "universal_flow_id": universal.id,
        "universal_flow_revision": universal.revision,
    }


def _fields(draft: FlowDraft) -> _FlowFields:
    given = {name: value for name, value in draft.given().items() if name in _FlowFields.__struct_fields__}
    if given.get("nodes") is not None:
        written: dict[str, FlowNode] = given["nodes"]
        given["nodes"] = {key: node.as_json() for key, node in written.items()}
    return _FlowFields(**given)


def _or_followed(name: str, value: Any, universal: Flow) -> Any:
    return getattr(universal, name) if value is None and name in flows.FOLLOWED else value


def _with_defaults(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values in which those that a flow must have are not None."""
    defaults: dict[str, Any] = {"nodes": {}, "auto_create_instances": False}
    return {name: defaults.get(name) if value is None else value for name, value in values.items()}
