"""App events: received, each for its customer, kept in a log, and launching that customer's flows.

What an event needs to know is read, and its formulas are computed, before anything is written. Then all events of a request and
the runs that they launch are written in one transaction.
"""

from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec
import structlog

from datalinks.errors import (
    ERRORS_BY_CODE,
    AccessDenied,
    BadRequest,
    DataLinksError,
    FormulaError,
    NotAuthenticated,
    NotFound,
    RateLimited,
)
from datalinks.formulas.values import UNDEFINED, is_object
from datalinks.ids import Clock, as_microseconds, new_id
from datalinks.model.app_event import (
    MAX_EVENTS,
    AppEvent,
    AppEventsReceipt,
    AppEventSubscription,
    AppEventType,
    RejectedAppEvent,
)
from datalinks.model.element import READY, Moment
from datalinks.model.flow_run import LaunchedBy
from datalinks.model.link import number_text
from datalinks.model.page import DEFAULT_LIMIT, MAX_LIMIT, Cursor, Limit, Page, after_id, page_of
from datalinks.model.record import Draft, InternalId
from datalinks.model.trigger import EVENT_TRIGGER, EventTrigger, event_triggers
from datalinks.services.app_event_types import new_webhook_key
from datalinks.services.caller import Caller
from datalinks.services.connection_finder import ConnectionFinder
from datalinks.services.event_formulas import EventFormulas
from datalinks.services.flow_instances import FlowInstanceSelector
from datalinks.services.flow_runs import FlowRuns
from datalinks.store import app_event_subscriptions, app_event_types, app_events, flow_instances
from datalinks.store.ambient import AmbientDatabase
from datalinks.store.app_events import NewEvent
from datalinks.store.database import Transaction

_log = structlog.get_logger(__name__)


class AppEventQuery(Draft, frozen=True, kw_only=True):
    """Which events are wanted; every filter given must match.

    user_id, tenant_id: of one customer, by its id or internal id.
    start_datetime, from: received then or later. end_datetime, to: received before then.
    """

    id: str | None = None
    app_event_type_id: str | None = None
    app_event_subscription_id: str | None = None
    user_id: str | None = None
    tenant_id: str | None = None
    instance_key: str | None = None
    start_datetime: Moment | None = None
    end_datetime: Moment | None = None
    since: Moment | None = msgspec.field(default=None, name="from")
    until: Moment | None = msgspec.field(default=None, name="to")
    limit: Limit = DEFAULT_LIMIT
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where events arrive: of a type or, with a subscription, of a type for one customer."""

    workspace_id: str
    type: AppEventType
    subscription: AppEventSubscription | None


@dataclass(frozen=True, slots=True)
class _Launch:
    """A node that some events launch. indexes: their places in the request."""

    flow_instance_id: str
    node_key: str
    indexes: list[int]


@dataclass(frozen=True, slots=True)
class _CustomersEvents:
    """The events of one customer: their places in the request, and what they launch."""

    customer_id: str
    indexes: list[int]
    launches: list[_Launch]


@dataclass(frozen=True, slots=True)
class Prepared:
    """Events of which everything is known that is needed to write them. rejected: by place."""

    webhook: Webhook
    events: Sequence[Any]
    customers: Sequence[_CustomersEvents]
    rejected: Mapping[int, DataLinksError]


class AppEvents:
    """The events of a workspace's product. kept_for: how long the log keeps an event."""

    def __init__(
        self,
        database: AmbientDatabase,
        flow_runs: FlowRuns,
        formulas: EventFormulas,
        finder: ConnectionFinder,
        clock: Clock,
        *,
        kept_for: timedelta,
    ) -> None:
        self._database = database
        self._flow_runs = flow_runs
        self._formulas = formulas
        self._finder = finder
        self._clock = clock
        self._kept_for = kept_for

    async def list_page(self, caller: Caller, query: AppEventQuery) -> Page[AppEvent]:
        """A page of events, newest first.

        Raises:
            NotFound: there is no such customer. BadRequest: an unknown cursor.
        """
        since, until = query.start_datetime or query.since, query.end_datetime or query.until
        found = await app_events.list_events(
            self._database,
            caller.workspace_id,
            limit=query.limit + 1,
            after=after_id(query.cursor),
            filters={
                "id": query.id,
                "app_event_type_id": query.app_event_type_id,
                "app_event_subscription_id": query.app_event_subscription_id,
                "customer_id": await self._finder.owner_scope(caller, query.user_id or query.tenant_id),
                "instance_key": query.instance_key,
                "since": since and _first_id(as_microseconds(since)),
                "until": until and _first_id(as_microseconds(until)),
            },
        )
        return page_of(found, query.limit, lambda event: event.id)

    async def get(self, caller: Caller, id: str) -> AppEvent:
        """The event with this id.

        Raises:
            NotFound: there is none, or the caller may not see it.
        """
        filters = {"id": id, "customer_id": caller.customer_scope}
        found = await app_events.list_events(self._database, caller.workspace_id, limit=1, filters=filters)
        if not found:
            raise NotFound(f"There is no app event with the id {id[:200]!r}.")
        return found[0]

    async def find_webhook(self, key: str) -> Webhook:
        """The live webhook with this key.

        Raises:
            NotFound: there is none, or what it belongs to is archived.
        """
        if (of_type := await app_event_types.find_type_of_webhook(self._database, key)) is not None:
            workspace_id, type = of_type
            if type.archived_at is not None:
                raise NotFound("The type of these events is archived: restore it first.")
            return Webhook(workspace_id, type, None)
        found = await app_event_subscriptions.find_subscription_of_webhook(self._database, key)
        if found is None:
            raise NotFound("There is no webhook with this key.")
        workspace_id, id = found
        kept = await app_event_subscriptions.find_subscription(self._database, workspace_id, id, None)
        assert kept is not None, "a subscription is never deleted"
        if kept.hidden_by is not None:
            raise NotFound(f"Events are not taken here, as the {kept.hidden_by} is archived: restore it first.")
        type_id = kept.subscription.app_event_type_id
        type = await app_event_types.find_app_event_type(self._database, workspace_id, id=type_id)
        assert type is not None, "a type is never deleted"
        return Webhook(workspace_id, type, kept.subscription)

    async def prepare(self, webhook: Webhook, caller: Caller | None, events: Sequence[Any]) -> Prepared:
        """Find out whose events these are and what they launch; nothing is written. An event that is wrong is one rejected.

        caller: whom a token speaks for that came with the events.

        Raises:
            NotAuthenticated: the caller is of another workspace. AccessDenied: the webhook is another customer's.
            BadRequest: no events, or too many.
        """
        if not 0 < len(events) <= MAX_EVENTS:
            raise BadRequest(f"Send 1 to {MAX_EVENTS:,} events at once.")
        known = _known_customer(webhook, caller)
        rejected: dict[int, DataLinksError] = {
            index: BadRequest("An event is a JSON object.")
            for index, event in enumerate(events)
            if not is_object(event)
        }
        of: dict[int, str] = {}
        indexes = [index for index in range(len(events)) if index not in rejected]
        if known is not None:
            of = dict.fromkeys(indexes, known)
        else:
            await self._find_customers(webhook, events, indexes, of, rejected)
        by_customer: dict[str, list[int]] = defaultdict(list)
        for index in sorted(of):
            by_customer[of[index]].append(index)
        customers = [
            _CustomersEvents(id, places, await self._launches(webhook, id, events, places))
            for id, places in by_customer.items()
        ]
        return Prepared(webhook, events, customers, rejected)

    async def accept(self, prepared: Prepared) -> AppEventsReceipt:
        """Keep events and launch their runs, in one transaction. See ``write``."""
        async with self._database.one_transaction():
            return await self.write(prepared)

    async def write(self, prepared: Prepared) -> AppEventsReceipt:
        """As ``accept``, inside a transaction that somebody else has begun (``AmbientDatabase.one_transaction``).

        Raises:
            RateLimited, NotFound, ...: the only event was rejected. BadRequest: every event was; ``data["rejected"]`` says why.
        """
        rejected = dict(prepared.rejected)
        ids: dict[int, str] = {}
        for customer in prepared.customers:
            try:
                # A part by itself: of the events of one customer all are kept, with all that they launch, or none.
                async with self._database.transaction() as part:
                    kept = await self._keep(part, prepared, customer)
            except (RateLimited, NotFound) as error:
                rejected.update(dict.fromkeys(customer.indexes, error))
            else:
                ids.update(kept)
        receipt = _receipt(ids, rejected)
        if not receipt.accepted:
            raise _refusal(receipt)
        return receipt

    async def forget_expired(self) -> int:
        """Remove from the log some of the events that have been kept long enough, the oldest first; how many.

        Workers ask for it, again and again until there are none.
        """
        before = self._clock.now() - self._kept_for // timedelta(microseconds=1)
        async with self._database.transaction() as tx:
            return await app_events.delete_expired_events(tx, before)

    async def _find_customers(
        self,
        webhook: Webhook,
        events: Sequence[Any],
        indexes: Sequence[int],
        of: dict[int, str],
        rejected: dict[int, DataLinksError],
    ) -> None:
        """The customers of events, by the formulas of their type: the first that gives something."""
        named: dict[int, str] = {}
        missing = list(indexes)
        for formula in (webhook.type.tenant_id_formula, webhook.type.user_id_formula):
            if formula is None or not missing:
                continue
            values = await self._formulas.values(formula, [events[index] for index in missing])
            for index, value in zip(missing, values, strict=True):
                if isinstance(value, FormulaError):
                    rejected[index] = value
                elif value is not UNDEFINED and value is not None and value != "":
                    internal_id = _internal_id(value)
                    if internal_id is None:
                        rejected[index] = BadRequest(
                            "What the formula makes of the event is no customer's internal id."
                        )
                    else:
                        named[index] = internal_id
            missing = [index for index in missing if index not in named and index not in rejected]
        rejected.update((index, _nobodys(webhook.type)) for index in missing)
        found = await app_events.find_customers(self._database, webhook.workspace_id, list(named.values()))
        for index, internal_id in named.items():
            id, is_archived = found.get(internal_id, (None, False))
            if id is None:
                rejected[index] = NotFound(f"There is no customer with the internal id {internal_id[:200]!r}.")
            elif is_archived:
                rejected[index] = NotFound(f"The customer {internal_id[:200]!r} is archived: restore it first.")
            else:
                of[index] = id

    async def _launches(
        self, webhook: Webhook, customer_id: str, events: Sequence[Any], indexes: list[int]
    ) -> list[_Launch]:
        launches: list[_Launch] = []
        async for flow_instance_id, trigger in self._triggers(webhook, customer_id):
            passing = await self._formulas.passing(trigger.filter, [events[index] for index in indexes])
            for error in {each.message for each in passing if isinstance(each, FormulaError)}:
                _log.warning(
                    "filter of an app event trigger cannot be computed",
                    flow_instance=flow_instance_id,
                    node=trigger.node_key,
                    error=error,
                )
            wanted = [index for index, passes in zip(indexes, passing, strict=True) if passes is True]
            if wanted:
                launches.append(_Launch(flow_instance_id, trigger.node_key, wanted))
        return launches

    async def _triggers(self, webhook: Webhook, customer_id: str) -> AsyncGenerator[tuple[str, EventTrigger]]:
        """The nodes that wait for such events in the customer's flow instances that are live, enabled and ready."""
        instance_key = webhook.subscription and webhook.subscription.instance_key
        after = None
        while True:
            found = await flow_instances.list_flow_instances(
                self._database,
                webhook.workspace_id,
                limit=MAX_LIMIT,
                after=after,
                customer_id=customer_id,
                instance_key=instance_key,
                enabled=True,
            )
            for kept in found:
                if kept.instance.state == READY:
                    for trigger in event_triggers(kept.nodes):
                        if trigger.event_key == webhook.type.key:
                            yield kept.instance.id, trigger
            if len(found) < MAX_LIMIT:
                return
            after = found[-1].instance.id

    async def _keep(self, tx: Transaction, prepared: Prepared, customer: _CustomersEvents) -> dict[int, str]:
        """Keep the events of a customer and launch what they launch; the events' ids by their places."""
        webhook = prepared.webhook
        subscription_id = await self._subscription_id(tx, webhook, customer.customer_id)
        times = {index: self._clock.now() for index in customer.indexes}
        ids = {index: new_id(now) for index, now in times.items()}
        runs: dict[int, list[str]] = {index: [] for index in customer.indexes}
        for launch in customer.launches:
            run_id = await self._launch(webhook, launch, prepared.events, [ids[index] for index in launch.indexes])
            if run_id is not None:
                for index in launch.indexes:
                    runs[index].append(run_id)
        for index in customer.indexes:
            await app_events.insert_event(
                tx,
                NewEvent(
                    id=ids[index],
                    workspace_id=webhook.workspace_id,
                    type_id=webhook.type.id,
                    subscription_id=subscription_id,
                    customer_id=customer.customer_id,
                    event=prepared.events[index],
                    launched_flow_run_ids=runs[index],
                    received_at=times[index],
                ),
            )
        return ids

    async def _subscription_id(self, tx: Transaction, webhook: Webhook, customer_id: str) -> str:
        if webhook.subscription is not None:
            return webhook.subscription.id
        found = await app_event_subscriptions.find_subscription_id(tx, webhook.type.id, customer_id, None)
        found = found or await app_event_subscriptions.put_subscription(
            tx,
            webhook.workspace_id,
            webhook.type.id,
            customer_id,
            None,
            webhook_key=new_webhook_key(),
            now=self._clock.now(),
        )
        if found.is_archived:
            raise NotFound("The customer's subscription of these events is archived: restore it first.")
        return found.id

    async def _launch(
        self, webhook: Webhook, launch: _Launch, events: Sequence[Any], event_ids: list[str]
    ) -> str | None:
        """Launch one run for all events that a node wants; None if the instance cannot run any more."""
        try:
            run = await self._flow_runs.launch(
                webhook_caller(webhook),
                FlowInstanceSelector(id=launch.flow_instance_id),
                node_key=launch.node_key,
                input=[events[index] for index in launch.indexes],
                launched_by=LaunchedBy(type=EVENT_TRIGGER, ids=event_ids),
            )
        except (NotFound, BadRequest) as error:
            # It was hidden or changed since it was looked at, as if the events had come a moment later.
            _log.info("flow instance is not launched", flow_instance=launch.flow_instance_id, error=error.message)
            return None
        return run.id


def webhook_caller(webhook: Webhook) -> Caller:
    """Who acts when events arrive: nobody but the workspace itself, so everything asked names its customer."""
    return Caller(webhook.workspace_id, "", "", is_admin=True)


def _known_customer(webhook: Webhook, caller: Caller | None) -> str | None:
    """The id of the customer whom webhook or token name; None if neither does."""
    if caller is not None and caller.workspace_id != webhook.workspace_id:
        raise NotAuthenticated("The token is one of another workspace than the webhook.")
    named = caller.customer.id if caller is not None and caller.customer is not None else None
    if webhook.subscription is None:
        return named
    if named not in (None, webhook.subscription.user_id):
        raise AccessDenied("The webhook is another customer's than the token.")
    return webhook.subscription.user_id


def _internal_id(value: Any) -> str | None:
    """The internal id that a formula's value stands for; numbers stand for their decimal text. None if it can be none."""
    text = number_text(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
    try:
        return msgspec.convert(text, InternalId)
    except msgspec.ValidationError:
        return None


def _nobodys(type: AppEventType) -> BadRequest:
    if type.tenant_id_formula is None and type.user_id_formula is None:
        return BadRequest(
            "Nothing says whose event it is: send a customer's token, or give the type a tenantIdFormula."
        )
    return BadRequest("The event does not say whose it is: tenantIdFormula and userIdFormula make nothing of it.")


def _first_id(microseconds: int) -> str:
    """The first id that can be made at a time."""
    return f"{max(microseconds, 0):013x}{0:011x}"


def _receipt(ids: Mapping[int, str], rejected: Mapping[int, DataLinksError]) -> AppEventsReceipt:
    return AppEventsReceipt(
        accepted=len(ids),
        ids=[ids[index] for index in sorted(ids)],
        rejected=[
            RejectedAppEvent(index=index, key=rejected[index].code, message=rejected[index].message)
            for index in sorted(rejected)
        ],
    )


def _refusal(receipt: AppEventsReceipt) -> DataLinksError:
    """The error for a request of which nothing was accepted."""
    first = receipt.rejected[0]
    if len(receipt.rejected) == 1:
        return ERRORS_BY_CODE[first.key](first.message)
    return BadRequest(
        f"None of the {len(receipt.rejected):,} events was accepted; the first: {first.message}",
        {"rejected": msgspec.to_builtins(receipt.rejected)},
    )
