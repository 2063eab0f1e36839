"""Subscriptions of app events as rows, each with its type and its customer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from datalinks.ids import new_id
from datalinks.model.app_event import AppEventSubscription
from datalinks.model.element import READY
from datalinks.model.error_data import ErrorData
from datalinks.model.flow import SETUP_FAILED
from datalinks.model.record import Json, JsonObject
from datalinks.store.connections import customer_reference
from datalinks.store.database import Reader, Row, Transaction
from datalinks.store.flows import to_errors
from datalinks.store.rows import from_json, hidden_by, life, to_json


@dataclass(frozen=True, slots=True)
class KeptSubscription:
    """A subscription. hidden_by: what makes it invisible (``type``, ``customer`` or ``subscription`` itself), or None."""

    subscription: AppEventSubscription
    hidden_by: str | None


@dataclass(frozen=True, slots=True)
class SubscriptionId:
    """A subscription's id, and what decides whether anything is to be done for it. is_new: it was made just now."""

    id: str
    is_subscribed: bool
    is_archived: bool
    is_new: bool = False


async def find_subscription_of_webhook(reader: Reader, webhook_key: str) -> tuple[str, str] | None:
    """The ids of the workspace and of the subscription whose webhook has this key, or None."""
    row = await reader.fetch_one("find_subscription_of_webhook", webhook_key=webhook_key)
    return None if row is None else (row["workspace_id"], row["id"])


async def find_subscription_id(
    reader: Reader, type_id: str, customer_id: str, instance_key: str | None
) -> SubscriptionId | None:
    """The subscription of a type for a customer, or None. The caller has checked that both are visible."""
    row = await reader.fetch_one(
        "find_app_event_subscription_id",
        app_event_type_id=type_id,
        customer_id=customer_id,
        instance_key=instance_key or "",
    )
    if row is None:
        return None
    return SubscriptionId(row["id"], bool(row["is_subscribed"]), row["archived_at"] is not None)


async def put_subscription(
    tx: Transaction,
    workspace_id: str,
    type_id: str,
    customer_id: str,
    instance_key: str | None,
    *,
    webhook_key: str,
    now: int,
    is_subscribed: bool = False,
    ask_at: int | None = None,
) -> SubscriptionId:
    """The subscription of a type for a customer, made now if there is none; many may ask at once, one row results.

    is_subscribed, ask_at: whether the product need not be asked, and from when on it is to be; for one that is made now.
    """
    id = new_id(now)
    made = await tx.execute(
        "insert_app_event_subscription",
        id=id,
        workspace_id=workspace_id,
        app_event_type_id=type_id,
        customer_id=customer_id,
        instance_key=instance_key or "",
        webhook_key=webhook_key,
        is_subscribed=int(is_subscribed),
        ask_at=ask_at,
        revision=new_id(now),
        created_at=now,
        updated_at=now,
    )
    if made:
        return SubscriptionId(id, is_subscribed, is_archived=False, is_new=True)
    found = await find_subscription_id(tx, type_id, customer_id, instance_key)
    assert found is not None, "a subscription is never deleted, so it is there after its insert"
    return found


async def find_subscription(
    reader: Reader, workspace_id: str, id: str, customer_id: str | None
) -> KeptSubscription | None:
    """The subscription with this id, hidden or not, or None; a customer id narrows it to that customer's."""
    found = await list_subscriptions(reader, workspace_id, limit=1, live=False, id=id, customer_id=customer_id)
    return found[0] if found else None


async def list_subscriptions(
    reader: Reader,
    workspace_id: str,
    *,
    limit: int,
    after: str | None = None,
    live: bool = True,
    id: str | None = None,
    type_id: str | None = None,
    customer_id: str | None = None,
    instance_key: str | None = None,
    is_subscribed: bool | None = None,
) -> list[KeptSubscription]:
    """Up to ``limit`` subscriptions, newest first, from behind the id ``after``; every filter given must match.

    live: only those that nothing hides.
    """
    rows = await reader.fetch(
        "list_app_event_subscriptions",
        workspace_id=workspace_id,
        id=id,
        app_event_type_id=type_id,
        customer_id=customer_id,
        instance_key=instance_key,
        is_subscribed=is_subscribed if is_subscribed is None else int(is_subscribed),
        live=live or None,
        after=after,
        limit=limit,
    )
    return [_kept(row) for row in rows]


async def archive_subscription(tx: Transaction, workspace_id: str, id: str, archived_at: int | None, now: int) -> None:
    """Hide a subscription; None brings it back."""
    await tx.execute(
        "archive_app_event_subscription",
        workspace_id=workspace_id,
        id=id,
        archived_at=archived_at,
        revision=new_id(now),
        updated_at=now,
    )


async def set_subscribed(
    tx: Transaction,
    workspace_id: str,
    id: str,
    now: int,
    *,
    request: JsonObject | None,
    response: Json,
    errors: Sequence[ErrorData],
) -> None:
    """Keep what came of asking the product; without errors the subscription stands."""
    await tx.execute(
        "set_subscribed",
        workspace_id=workspace_id,
        id=id,
        is_subscribed=int(not errors),
        request=to_json(request),
        response=to_json(response),
        errors=to_json(list(errors) or None),
        revision=new_id(now),
        updated_at=now,
    )


async def plan_asking(tx: Transaction, workspace_id: str, id: str, now: int) -> None:
    """Let the product be asked for the events of a subscription from now on, unless it was, or somebody is at it."""
    await tx.execute("plan_asking", workspace_id=workspace_id, id=id, now=now)


async def hold_asking(tx: Transaction, workspace_id: str, id: str, *, now: int, until: int) -> bool:
    """Become the one who asks the product, until a moment; False if somebody else is, or nobody waits for it."""
    return await tx.execute("hold_asking", workspace_id=workspace_id, id=id, now=now, until=until) > 0


async def give_up_asking(tx: Transaction, workspace_id: str, id: str) -> None:
    """Let nobody ask the product, as nobody waits for it."""
    await tx.execute("give_up_asking", workspace_id=workspace_id, id=id)


async def is_to_be_asked(reader: Reader, workspace_id: str, id: str) -> bool:
    """Whether the product is still to be asked for the events of a subscription, perhaps by somebody who is at it."""
    row = await reader.fetch_one("find_asking", workspace_id=workspace_id, id=id)
    return row is not None and row["ask_at"] is not None


async def list_due_askings(
    reader: Reader,
    now: int,
    *,
    limit: int,
    of_each: int,
    workspace_id: str | None = None,
    customer_id: str | None = None,
) -> list[tuple[str, str]]:
    """Some subscriptions for which the product is to be asked and nobody does: workspace's id, own id.

    of_each: at most so many of one workspace.
    """
    rows = await reader.fetch(
        "list_due_askings", now=now, workspace_id=workspace_id, customer_id=customer_id, of_each=of_each, limit=limit
    )
    return [(row["workspace_id"], row["id"]) for row in rows]


def _kept(row: Row) -> KeptSubscription:
    errors = to_errors(row["errors"])
    request: Any = from_json(row["request"])
    subscription = AppEventSubscription(
        id=row["id"],
        name=row["type_name"],
        key=row["type_key"],
        state=SETUP_FAILED if errors else READY,
        revision=row["revision"],
        app_event_type_id=row["app_event_type_id"],
        user_id=row["customer_id"],
        tenant_id=row["customer_id"],
        user=customer_reference(row),
        instance_key=row["instance_key"] or None,
        is_subscribed=bool(row["is_subscribed"]),
        schema=from_json(row["type_schema"]),
        webhook_key=row["webhook_key"],
        subscription_request=request or {"uri": ""},
        subscription_response=from_json(row["response"]),
        errors=errors or None,
        **life(row),
    )
    return KeptSubscription(subscription, hidden_by(row, "subscription", ("type", "customer")))
