"""Flow instances as rows, each with its flow, connection, customer and integration."""

from dataclasses import dataclass

import msgspec

from datalinks.ids import new_id
from datalinks.model.connection import Connection
from datalinks.model.element import READY
from datalinks.model.error_data import ErrorData
from datalinks.model.flow import (
    CONFIGURATION_ERROR,
    SETUP_FAILED,
    Customized,
    Dependency,
    Flow,
    FlowInstance,
    shown_nodes,
)
from datalinks.model.keys import search_text
from datalinks.model.record import Json, JsonObject
from datalinks.model.references import FlowRef
from datalinks.store.connections import connection_reference, customer_reference, integration_reference
from datalinks.store.database import Reader, Row, Transaction
from datalinks.store.flows import to_errors
from datalinks.store.rows import from_json, hidden_by, life, like, to_json

# What hides an instance besides itself, the first that does is named.
_AROUND = ("flow", "connection", "customer", "integration")


@dataclass(frozen=True, slots=True)
class OwnParts:
    """What an instance has of its own.

    name, nodes: None while they follow the flow. base_nodes: the flow's that the own ones were made from.
    errors: what is wrong with the own nodes. setup_errors, dependencies: what came of setting it up when the flow had the
    revision ``flow_revision``. archived_at: microseconds since 1970.
    """

    name: str | None
    nodes: JsonObject | None
    base_nodes: JsonObject | None
    parameters: Json
    enabled: bool
    errors: list[ErrorData]
    setup_errors: list[ErrorData]
    dependencies: list[Dependency]
    flow_revision: str
    archived_at: int | None


@dataclass(frozen=True, slots=True)
class KeptFlowInstance:
    """An instance with what its record is made of.

    own: its own parts. nodes: those that run. flow_name, flow_nodes, flow_revision: the flow's as they are now.
    hidden_by: what makes it invisible (``flow``, ``connection``, ``customer``, ``integration`` or ``flow instance`` itself is
    archived), or None.
    """

    instance: FlowInstance
    own: OwnParts
    nodes: JsonObject
    flow_name: str
    flow_nodes: JsonObject
    flow_revision: str
    hidden_by: str | None


async def find_flow_instance_id(
    reader: Reader, root_flow_id: str, connection_id: str, instance_key: str | None
) -> str | None:
    """The id of the instance of a flow for a connection, or None. The caller has checked that both are visible."""
    row = await reader.fetch_one(
        "find_flow_instance_id",
        root_flow_id=root_flow_id,
        connection_id=connection_id,
        instance_key=instance_key or "",
    )
    return None if row is None else row["id"]


async def find_flow_instance(
    reader: Reader, workspace_id: str, id: str, customer_id: str | None
) -> KeptFlowInstance | None:
    """The instance with this id, hidden or not, or None; a customer id narrows it to that customer's."""
    found = await list_flow_instances(reader, workspace_id, limit=1, live=False, id=id, customer_id=customer_id)
    return found[0] if found else None


async def list_flow_instances(
    reader: Reader,
    workspace_id: str,
    *,
    limit: int,
    after: str | None = None,
    live: bool = True,
    id: str | None = None,
    flow_id: str | None = None,
    root_flow_id: str | None = None,
    flow_key: str | None = None,
    connection_id: str | None = None,
    connection_key: str | None = None,
    customer_id: str | None = None,
    integration_id: str | None = None,
    instance_key: str | None = None,
    enabled: bool | None = None,
    search: str | None = None,
) -> list[KeptFlowInstance]:
    """Up to ``limit`` instances, newest first, from behind the id ``after``; every filter given must match.

    live: only those that nothing hides.
    """
    rows = await reader.fetch(
        "list_flow_instances",
        workspace_id=workspace_id,
        id=id,
        flow_id=flow_id,
        root_flow_id=root_flow_id,
        flow_key=flow_key,
        connection_id=connection_id,
        connection_key=connection_key,
        customer_id=customer_id,
        integration_id=integration_id,
        instance_key=instance_key,
        enabled=enabled if enabled is None else int(enabled),
        live=live or None,
        search=like(search),
        after=after,
        limit=limit,
    )
    return [_kept(row) for row in rows]


async def put_flow_instance(
    tx: Transaction,
    workspace_id: str,
    flow: Flow,
    connection: Connection,
    instance_key: str | None,
    now: int,
    *,
    enabled: bool,
) -> tuple[str, bool]:
    """The id of the instance of a flow for a connection, made now if there is none, and whether it was.

    Many may ask at once, one row results.
    """
    id = new_id(now)
    made = await tx.execute(
        "insert_flow_instance",
        id=id,
        workspace_id=workspace_id,
        flow_id=flow.id,
        root_flow_id=flow.root_id,
        connection_id=connection.id,
        customer_id=connection.user_id,
        integration_id=connection.integration_id,
        instance_key=instance_key or "",
        enabled=int(enabled),
        flow_revision=flow.revision,
        revision=new_id(now),
        created_at=now,
        updated_at=now,
    )
    if made:
        return id, True
    known = await find_flow_instance_id(tx, flow.root_id, connection.id, instance_key)
    assert known is not None, "an instance is never deleted, so it is there after its insert"
    return known, False


async def set_setup(
    tx: Transaction, workspace_id: str, id: str, dependencies: list[Dependency], errors: list[ErrorData]
) -> None:
    """Keep what came of setting up an instance that was made in this transaction."""
    await tx.execute(
        "set_setup",
        workspace_id=workspace_id,
        id=id,
        dependencies=to_json(dependencies or None),
        setup_errors=to_json(errors or None),
    )


async def update_flow_instance(
    tx: Transaction, workspace_id: str, kept: KeptFlowInstance, own: OwnParts, now: int
) -> None:
    """Keep an instance's own parts."""
    await tx.execute(
        "update_flow_instance",
        workspace_id=workspace_id,
        id=kept.instance.id,
        name=own.name,
        nodes=to_json(own.nodes),
        base_nodes=to_json(own.base_nodes),
        parameters=to_json(own.parameters),
        enabled=int(own.enabled),
        errors=to_json(own.errors or None),
        setup_errors=to_json(own.setup_errors or None),
        dependencies=to_json(own.dependencies or None),
        flow_revision=own.flow_revision,
        search_text=None if own.name is None else search_text(own.name, kept.instance.key),
        revision=new_id(now),
        updated_at=now,
        archived_at=own.archived_at,
    )


async def move_flow_instances(tx: Transaction, workspace_id: str, flow: Flow) -> None:
    """Let the instances of a universal flow for an integration's connections follow the integration's own flow."""
    await tx.execute(
        "move_flow_instances",
        workspace_id=workspace_id,
        flow_id=flow.id,
        root_flow_id=flow.root_id,
        integration_id=flow.integration_id,
    )


def _kept(row: Row) -> KeptFlowInstance:
    own, flow_nodes = _own_parts(row), from_json(row["flow_nodes"])
    nodes: JsonObject = flow_nodes if own.nodes is None else own.nodes
    return KeptFlowInstance(
        _instance(row, own, nodes, flow_nodes),
        own,
        nodes,
        row["flow_name"],
        flow_nodes,
        row["latest_flow_revision"],
        hidden_by(row, "flow instance", _AROUND),
    )


def _own_parts(row: Row) -> OwnParts:
    dependencies = row["dependencies"]
    return OwnParts(
        name=row["name"],
        nodes=from_json(row["nodes"]),
        base_nodes=from_json(row["base_nodes"]),
        parameters=from_json(row["parameters"]),
        enabled=bool(row["enabled"]),
        errors=to_errors(row["errors"]),
        setup_errors=to_errors(row["setup_errors"]),
        dependencies=[] if dependencies is None else msgspec.json.decode(dependencies, type=list[Dependency]),
        flow_revision=row["flow_revision"],
        archived_at=row["archived_at"],
    )


def _instance(row: Row, own: OwnParts, nodes: JsonObject, flow_nodes: JsonObject) -> FlowInstance:
    is_customized = own.name is not None or own.nodes is not None
    state, errors = _state(row, own)
    return FlowInstance(
        id=row["id"],
        name=row["flow_name"] if own.name is None else own.name,
        key=row["flow_key"],
        state=state,
        revision=row["revision"],
        flow_id=row["flow_id"],
        flow=FlowRef(
            id=row["flow_id"],
            key=row["flow_key"],
            name=row["flow_name"],
            integration_id=row["flow_integration_id"],
            universal_flow_id=row["flow_universal_flow_id"],
            revision=row["latest_flow_revision"],
        ),
        flow_revision=row["latest_flow_revision"] if own.nodes is None else own.flow_revision,
        universal_flow_id=row["flow_universal_flow_id"],
        connection_id=row["connection_id"],
        connection=connection_reference(row),
        integration_id=row["integration_id"],
        integration=integration_reference(row),
        user_id=row["customer_id"],
        tenant_id=row["customer_id"],
        user=customer_reference(row),
        instance_key=row["instance_key"] or None,
        parameters=own.parameters,
        parameters_schema=from_json(row["flow_parameters_schema"]),
        enabled=own.enabled,
        outdated=own.nodes is not None and row["base_nodes"] != row["flow_nodes"],
        is_customized=is_customized,
        customized=Customized(name=own.name is not None, nodes=own.nodes is not None) if is_customized else None,
        nodes=shown_nodes(nodes, flow_nodes, errors),
        errors=errors or None,
        dependencies=own.dependencies or None,
        **life(row),
    )


def _state(row: Row, own: OwnParts) -> tuple[str, list[ErrorData]]:
    """The state of an instance and why. What was set up for other nodes than the flow's present ones says nothing."""
    wrong = to_errors(row["flow_errors"]) if own.nodes is None else own.errors
    if wrong:
        return CONFIGURATION_ERROR, wrong
    is_set_up = own.nodes is not None or own.flow_revision == row["latest_flow_revision"]
    if is_set_up and own.setup_errors:
        return SETUP_FAILED, own.setup_errors
    return READY, []
