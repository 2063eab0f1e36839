"""Customers as rows."""

from datetime import timedelta
from typing import Any

from datalinks.ids import as_datetime, as_microseconds
from datalinks.model.customer import Customer
from datalinks.model.keys import search_text
from datalinks.store.database import Reader, Row, Transaction
from datalinks.store.rows import from_json, from_time, life, life_columns, like, to_json, to_time

# The reference product does not say when a customer counts as active; a month is what its own counters use.
ACTIVE_WITHIN = timedelta(days=30)


async def find_customer(
    reader: Reader, workspace_id: str, now: int, *, id: str | None = None, internal_id: str | None = None
) -> Customer | None:
    """The customer with this id or internal id, archived or not, or None."""
    row = await reader.fetch_one("find_customer", workspace_id=workspace_id, id=id, internal_id=internal_id)
    return None if row is None else customer_from_row(row, now)


async def list_customers(
    reader: Reader,
    workspace_id: str,
    now: int,
    *,
    limit: int,
    after: str | None,
    live: bool,
    search: str | None = None,
    is_test: bool | None = None,
    is_active: bool | None = None,
) -> list[Customer]:
    """Up to ``limit`` customers, newest first, from behind the id ``after``."""
    since = _active_since(now)
    rows = await reader.fetch(
        "list_customers",
        workspace_id=workspace_id,
        live=live or None,
        is_test=is_test if is_test is None else int(is_test),
        active_since=since if is_active is True else None,
        inactive_since=since if is_active is False else None,
        search=like(search),
        after=after,
        limit=limit,
    )
    return [customer_from_row(row, now) for row in rows]


async def hold_customer(tx: Transaction, workspace_id: str, id: str) -> None:
    """Let others who hold a customer wait until this transaction ends."""
    await tx.fetch_one("hold_customer", workspace_id=workspace_id, id=id)


async def insert_customer(tx: Transaction, workspace_id: str, customer: Customer) -> bool:
    """Add a customer; False if another one has its internal id, which is left as it is."""
    return await tx.execute("insert_customer", workspace_id=workspace_id, **_columns(customer)) > 0


async def update_customer(tx: Transaction, workspace_id: str, customer: Customer) -> None:
    """Keep a customer's fields.

    Raises:
        UniqueViolation: another customer has its internal id.
    """
    await tx.execute("update_customer", workspace_id=workspace_id, **_columns(customer))


async def touch_customer(tx: Transaction, workspace_id: str, id: str, now: int) -> None:
    """Keep that a customer was active now; of several at once the latest stays."""
    await tx.execute("touch_customer", workspace_id=workspace_id, id=id, now=now)


async def find_credentials(reader: Reader, workspace_id: str, id: str) -> str | None:
    """A customer's sealed credentials, or None."""
    row = await reader.fetch_one("find_customer_credentials", workspace_id=workspace_id, id=id)
    return None if row is None else row["sealed"]


async def set_credentials(tx: Transaction, workspace_id: str, id: str, sealed: str | None) -> None:
    """Keep a customer's sealed credentials; None forgets them."""
    await tx.execute("set_customer_credentials", workspace_id=workspace_id, id=id, sealed=sealed)


def customer_from_row(row: Row, now: int) -> Customer:
    """The record of a row of ``customers``; ``now`` (microseconds) decides whether it is active."""
    last_active_at: int | None = row["last_active_at"]
    return Customer(
        id=row["id"],
        name=row["name"],
        internal_id=row["internal_id"],
        fields=from_json(row["fields"]),
        meta=from_json(row["meta"]),
        is_test=bool(row["is_test"]),
        is_active=last_active_at is not None and last_active_at >= _active_since(now),
        last_active_at=from_time(last_active_at),
        **life(row),
    )


def _active_since(now: int) -> int:
    return as_microseconds(as_datetime(now) - ACTIVE_WITHIN)


def _columns(customer: Customer) -> dict[str, Any]:
    return {
        "id": customer.id,
        "internal_id": customer.internal_id,
        "name": customer.name,
        "fields": to_json(customer.fields),
        "meta": to_json(customer.meta),
        "is_test": int(customer.is_test),
        "search_text": search_text(customer.name, customer.internal_id),
        "last_active_at": to_time(customer.last_active_at),
        **life_columns(customer),
    }
