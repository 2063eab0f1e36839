"""Makes flow instances and what they depend on, inside the transactions of those who need them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from datalinks.formulas.values import is_array, is_object
from datalinks.ids import Clock, is_id
from datalinks.model.connection import Connection
from datalinks.model.error_data import ErrorData
from datalinks.model.flow import EVENT_SUBSCRIPTION, SETUP_ERROR, TABLE_INSTANCE, Dependency, Flow
from datalinks.model.page import MAX_LIMIT
from datalinks.model.record import JsonObject
from datalinks.model.table import DataLinkTable
from datalinks.model.trigger import EventTrigger, event_triggers
from datalinks.services.app_event_types import new_webhook_key
from datalinks.store import app_event_subscriptions, flow_instances, instances, tables
from datalinks.store.app_event_types import find_app_event_type
from datalinks.store.connections import list_connections
from datalinks.store.customers import hold_customer
from datalinks.store.database import Reader, Transaction
from datalinks.store.flows import list_flows
from datalinks.store.workspaces import hold

_TABLE = "dataLinkTable"


@dataclass(frozen=True, slots=True)
class Setup:
    """What came of setting an instance up. dependencies: what is there for it now. errors: what could not be made."""

    dependencies: list[Dependency]
    errors: list[ErrorData]


@dataclass(frozen=True, slots=True)
class _NamedTable:
    """A table that a node names by id or key. path: the place in the node."""

    selector: str
    node_key: str
    path: str


@dataclass(frozen=True, slots=True)
class _NotLive:
    """A type of events whose subscription cannot be used. reason: why, and what to do, up to "then"."""

    event_key: str
    reason: str


class FlowSetup:
    """Makes instances of flows for connections.

    That the product must be asked for events is planned here, and done by ``Subscribing`` after the commit.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def put(
        self,
        tx: Transaction,
        workspace_id: str,
        flow: Flow,
        connection: Connection,
        instance_key: str | None,
        *,
        enabled: bool = True,
    ) -> str:
        """The id of the instance of a flow for a connection, made and set up now if there is none."""
        id, is_new = await flow_instances.put_flow_instance(
            tx, workspace_id, flow, connection, instance_key, self._clock.now(), enabled=enabled
        )
        if is_new:
            done = await self.set_up(tx, workspace_id, flow.nodes, connection, instance_key, is_on=enabled)
            if done.dependencies or done.errors:
                await flow_instances.set_setup(tx, workspace_id, id, done.dependencies, done.errors)
        return id

    async def put_for_all(self, tx: Transaction, workspace_id: str, flow: Flow) -> None:
        """An instance of an integration's flow for each of its connections, if the flow asks for that.

        Hidden connections have theirs too, for when they are restored.
        """
        after = None
        while flow.auto_create_instances and flow.integration_id is not None:
            found = await list_connections(
                tx, workspace_id, limit=MAX_LIMIT, after=after, live=False, integration_id=flow.integration_id
            )
            for connection in found:
                await self.put(tx, workspace_id, flow, connection, None)
            if len(found) < MAX_LIMIT:
                return
            after = found[-1].id

    async def put_for_connection(self, tx: Transaction, workspace_id: str, connection: Connection) -> None:
        """The instances that a new connection has from the beginning, in the transaction that makes it."""
        # A flow that changes meanwhile either sees the connection or is seen here.
        await hold(tx, workspace_id)
        flows = await list_flows(
            tx, workspace_id, limit=MAX_LIMIT, integration_id=connection.integration_id, is_automatic=True
        )
        for flow in flows:
            await self.put(tx, workspace_id, flow, connection, None)

    async def set_up(
        self,
        tx: Transaction,
        workspace_id: str,
        nodes: JsonObject,
        connection: Connection,
        instance_key: str | None,
        *,
        is_on: bool,
    ) -> Setup:
        """Make what nodes depend on, under the same instance key.

        That is an instance of each data link table that they name, and a subscription of each type of events that launches
        them. is_on: the product is to be asked for the events.
        """
        of_tables = await self._set_up_tables(tx, workspace_id, nodes, connection, instance_key)
        triggers = list(event_triggers(nodes))
        if not triggers:
            return of_tables
        # The rows of a customer are locked by one at a time, as several flows may have them in several orders.
        await hold_customer(tx, workspace_id, connection.user_id)
        of_events = [
            await self._subscription(tx, workspace_id, event_key, connection, instance_key, is_on=is_on)
            for event_key in sorted({trigger.event_key for trigger in triggers})
        ]
        dependencies = [each for each in of_events if isinstance(each, Dependency)]
        errors = [
            _not_live(trigger, each)
            for each in of_events
            if isinstance(each, _NotLive)
            for trigger in triggers
            if trigger.event_key == each.event_key
        ]
        return Setup([*of_tables.dependencies, *dependencies], [*of_tables.errors, *errors])

    async def _subscription(
        self,
        tx: Transaction,
        workspace_id: str,
        event_key: str,
        connection: Connection,
        instance_key: str | None,
        *,
        is_on: bool,
    ) -> Dependency | _NotLive:
        """The subscription of a type of events for a connection's customer, made now if there is none."""
        # No key has a NUL, which PostgreSQL refuses in every text.
        type = None if "\0" in event_key else await find_app_event_type(tx, workspace_id, key=event_key)
        if type is None or type.archived_at is not None:
            return _NotLive(event_key, f"There is no live app event type {event_key[:200]!r}: create or restore it")
        now, is_free = self._clock.now(), type.subscribe_request is None
        made = await app_event_subscriptions.put_subscription(
            tx,
            workspace_id,
            type.id,
            connection.user_id,
            instance_key,
            webhook_key=new_webhook_key(),
            now=now,
            is_subscribed=is_free,
            ask_at=now if is_on and not is_free else None,
        )
        if made.is_archived:
            return _NotLive(event_key, f"The subscription of {event_key[:200]!r} is archived: restore it")
        if is_on and not is_free and not made.is_new:
            await app_event_subscriptions.plan_asking(tx, workspace_id, made.id, now)
        elif is_free and not made.is_subscribed:
            await app_event_subscriptions.set_subscribed(
                tx, workspace_id, made.id, now, request=None, response=None, errors=[]
            )
        return Dependency(
            dependency_type="CONFIGURATION",
            type=EVENT_SUBSCRIPTION,
            id=made.id,
            data={"appEventTypeKey": type.key},
        )

    async def _set_up_tables(
        self,
        tx: Transaction,
        workspace_id: str,
        nodes: JsonObject,
        connection: Connection,
        instance_key: str | None,
    ) -> Setup:
        found: dict[str, DataLinkTable] = {}
        errors: list[ErrorData] = []
        for named in _named_tables(nodes):
            table = await _find_live_table(tx, workspace_id, named.selector)
            if table is None:
                errors.append(_missing(named))
            else:
                found[table.id] = table
        dependencies: list[Dependency] = []
        # In one order, so that two that are set up at once do not wait for each other.
        for _, table in sorted(found.items()):
            made = await instances.put_instance(tx, workspace_id, table, connection, instance_key, self._clock.now())
            dependencies.append(_dependency(table, made.id))
        return Setup(dependencies, errors)


def _named_tables(nodes: JsonObject) -> Iterator[_NamedTable]:
    """The tables that the configurations of nodes name, in formulas too; what is computed is not known yet."""
    for key, node in nodes.items():
        waiting: list[tuple[str, Any]] = [("$.config", node.get("config"))]
        while waiting:
            path, value = waiting.pop()
            if is_object(value):
                selector = _selector(value.get(_TABLE))
                if selector is not None:
                    yield _NamedTable(selector, key, f"{path}.{_TABLE}")
                waiting += [(f"{path}.{name}", member) for name, member in reversed(value.items())]
            elif is_array(value):
                waiting += [(f"{path}[{index}]", member) for index, member in enumerate(value)]


def _selector(table: Any) -> str | None:
    if is_object(table):
        table = table.get("key") or table.get("id")
    return table if isinstance(table, str) and table and "\0" not in table else None


async def _find_live_table(reader: Reader, workspace_id: str, selector: str) -> DataLinkTable | None:
    found = await tables.find_table(reader, workspace_id, id=selector) if is_id(selector) else None
    found = found or await tables.find_table(reader, workspace_id, key=selector)
    return None if found is None or found.archived_at is not None else found


def _dependency(table: DataLinkTable, instance_id: str) -> Dependency:
    return Dependency(
        dependency_type="CONFIGURATION",
        type=TABLE_INSTANCE,
        id=instance_id,
        data={"dataLinkTableKey": table.key},
    )


def _missing(named: _NamedTable) -> ErrorData:
    return ErrorData(
        type=SETUP_ERROR,
        message=f"There is no live data link table {named.selector[:200]!r}: create or restore it, then set up again.",
        data={"nodeKey": named.node_key, "path": named.path},
    )


def _not_live(trigger: EventTrigger, what: _NotLive) -> ErrorData:
    return ErrorData(
        type=SETUP_ERROR,
        message=f"{what.reason}, then set up again.",
        data={"nodeKey": trigger.node_key, "path": trigger.path},
    )
