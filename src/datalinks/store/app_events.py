"""The log of app events as rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from datalinks.ids import as_datetime
from datalinks.model.app_event import AppEvent
from datalinks.model.record import JsonObject
from datalinks.store.connections import customer_reference
from datalinks.store.database import Reader, Row, Transaction
from datalinks.store.rows import from_json


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """An event that was accepted. received_at: microseconds since 1970."""

    id: str
    workspace_id: str
    type_id: str
    subscription_id: str
    customer_id: str
    event: JsonObject
    launched_flow_run_ids: Sequence[str]
    received_at: int


async def find_customers(reader: Reader, workspace_id: str, internal_ids: Sequence[str]) -> dict[str, tuple[str, bool]]:
    """The customers with these internal ids, by them: the id, and whether it is archived. Ids must not differ only in NUL."""
    sets = [{"workspace_id": workspace_id, "internal_id": each} for each in dict.fromkeys(internal_ids)]
    if not sets:
        return {}
    rows = [row for found in await reader.fetch_each("find_customer_of_event", sets) for row in found]
    return {row["internal_id"]: (row["id"], row["archived_at"] is not None) for row in rows}


async def insert_event(tx: Transaction, event: NewEvent) -> None:
    """Add an event to the log."""
    await tx.execute(
        "insert_app_event",
        id=event.id,
        workspace_id=event.workspace_id,
        app_event_type_id=event.type_id,
        app_event_subscription_id=event.subscription_id,
        customer_id=event.customer_id,
        event=_text(event.event),
        launched_flow_run_ids=_text(list(event.launched_flow_run_ids)),
        received_at=event.received_at,
    )


async def list_events(
    reader: Reader, workspace_id: str, *, limit: int, after: str | None = None, filters: Mapping[str, Any]
) -> list[AppEvent]:
    """Up to ``limit`` events, newest first, from behind the id ``after``; every filter that is not None must match.

    since, until: the first id, and the one behind the last.
    """
    rows = await reader.fetch("list_app_events", workspace_id=workspace_id, limit=limit, after=after, **filters)
    return [_event(row) for row in rows]


async def delete_expired_events(tx: Transaction, before: int) -> int:
    """Forget some of the events that were received before a time, the oldest first; how many."""
    return await tx.execute("delete_expired_app_events", before=before)


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _event(row: Row) -> AppEvent:
    return AppEvent(
        id=row["id"],
        name=row["type_name"],
        app_event_type_id=row["app_event_type_id"],
        app_event_subscription_id=row["app_event_subscription_id"],
        user_id=row["customer_id"],
        tenant_id=row["customer_id"],
        user=customer_reference(row),
        event=from_json(row["event"]),
        datetime=as_datetime(row["received_at"]),
        launched_flow_run_ids=from_json(row["launched_flow_run_ids"]),
    )
