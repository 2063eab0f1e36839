"""Flows as rows, each with its integration and with what of it does not follow its universal flow."""

from collections.abc import Sequence
from typing import Any

import msgspec

from datalinks.model.element import READY
from datalinks.model.error_data import ErrorData
from datalinks.model.flow import CONFIGURATION_ERROR, AppliedFlow, Customized, Flow
from datalinks.model.references import FlowRef, IntegrationRef
from datalinks.store.connections import integration_reference
from datalinks.store.database import Reader, Row, Transaction
from datalinks.store.rows import element_columns, element_fields, from_json, like, to_json

# What an integration's flow takes from its universal one, as long as it is not customised.
FOLLOWED = ("name", "description", "meta", "nodes", "parameters_schema", "auto_create_instances")


async def find_flow(
    reader: Reader,
    workspace_id: str,
    *,
    id: str | None = None,
    key: str | None = None,
    uuid: str | None = None,
    integration_id: str | None = None,
    universal_flow_id: str | None = None,
    is_universal: bool = False,
) -> Flow | None:
    """The flow that every filter given fits, or None; of several the live one, else the newest."""
    wanted: dict[str, Any] = {
        "id": id,
        "key": key,
        "uuid": uuid,
        "integration_id": integration_id,
        "universal_flow_id": universal_flow_id,
        "is_universal": is_universal,
    }
    for live in (True, False):
        if found := await list_flows(reader, workspace_id, limit=1, live=live, **wanted):
            return found[0]
    return None


async def list_flows(
    reader: Reader,
    workspace_id: str,
    *,
    limit: int,
    after: str | None = None,
    live: bool = True,
    search: str | None = None,
    id: str | None = None,
    key: str | None = None,
    uuid: str | None = None,
    integration_id: str | None = None,
    universal_flow_id: str | None = None,
    is_universal: bool = False,
    is_integration_level: bool = False,
    is_automatic: bool = False,
) -> list[Flow]:
    """Up to ``limit`` flows, newest first, from behind the id ``after``; every filter given must match.

    live: only those that are not archived, nor their universal flow or integration. is_automatic: only those whose
    instances are made by themselves.
    """
    rows = await reader.fetch(
        "list_flows",
        workspace_id=workspace_id,
        id=id,
        key=key,
        uuid=uuid,
        integration_id=integration_id,
        universal_flow_id=universal_flow_id,
        is_universal=is_universal or None,
        is_integration_level=is_integration_level or None,
        is_automatic=is_automatic or None,
        live=live or None,
        search=like(search),
        after=after,
        limit=limit,
    )
    return [_flow(row) for row in rows]


async def list_applied(reader: Reader, universal_flow_ids: Sequence[str]) -> list[list[AppliedFlow]]:
    """For each universal flow the integrations that have a live flow from it, oldest first."""
    sets = [{"universal_flow_id": id} for id in universal_flow_ids]
    found = await reader.fetch_each("list_applied_flows", sets)
    return [[_applied(row) for row in rows] for rows in found]


async def insert_flow(tx: Transaction, workspace_id: str, flow: Flow) -> None:
    """Add a flow.

    Raises:
        UniqueViolation: a live one of its layer has its key, or its uuid, or follows the same flow.
    """
    whose = {"integration_id": flow.integration_id, "universal_flow_id": flow.universal_flow_id}
    await tx.execute("insert_flow", workspace_id=workspace_id, **whose, **_columns(flow))


async def update_flow(tx: Transaction, workspace_id: str, flow: Flow) -> None:
    """Keep a flow's fields; whose it is never changes.

    Raises:
        UniqueViolation: as ``insert_flow``.
    """
    await tx.execute("update_flow", workspace_id=workspace_id, **_columns(flow))


def to_errors(text: str | None) -> list[ErrorData]:
    """The errors in a JSON column; NULL is none."""
    return [] if text is None else msgspec.json.decode(text, type=list[ErrorData])


def _flow(row: Row) -> Flow:
    errors = to_errors(row["errors"])
    own = {name for name in FOLLOWED if row[name] != row[f"universal_{name}"]}
    follows = row["universal_flow_id"] is not None
    fields: dict[str, Any] = {**element_fields(row), "state": CONFIGURATION_ERROR if errors else READY}
    return Flow(
        **fields,
        integration_id=row["integration_id"],
        integration=_integration(row),
        universal_flow_id=row["universal_flow_id"],
        universal_flow_revision=row["universal_flow_revision"],
        nodes=from_json(row["nodes"]),
        parameters_schema=from_json(row["parameters_schema"]),
        auto_create_instances=bool(row["auto_create_instances"]),
        errors=errors or None,
        is_customized=bool(own) if follows else None,
        customized=Customized(name="name" in own, nodes="nodes" in own) if follows and own else None,
        is_deployed=row["archived_at"] is None,
    )


def _integration(row: Row) -> IntegrationRef | None:
    return None if row["integration_id"] is None else integration_reference(row)


def _applied(row: Row) -> AppliedFlow:
    element = FlowRef(
        id=row["id"],
        key=row["key"],
        name=row["name"],
        integration_id=row["integration_id"],
        universal_flow_id=row["universal_flow_id"],
        revision=row["revision"],
    )
    return AppliedFlow(element=element, integration=integration_reference(row))


def _columns(flow: Flow) -> dict[str, Any]:
    return {
        **element_columns(flow),
        "universal_flow_revision": flow.universal_flow_revision,
        "nodes": to_json(flow.nodes),
        "parameters_schema": to_json(flow.parameters_schema),
        "auto_create_instances": int(flow.auto_create_instances),
        "errors": to_json(flow.errors),
    }
