"""Asks the product of a workspace to send the events of its customers, by the requests of their types.

Who sets a flow instance up plans in the same transaction that the product is asked (``ask_at`` of the subscription), and asks
after the commit, as no transaction is open while others are waited for. Whatever is left then, as there was too much of it, or
as whoever should have asked is gone, workers ask for. One asks at a time: who does holds the subscription for as long as that
may take, and others wait for what comes of it.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import structlog

from datalinks.errors import BadRequest, DataLinksError, OutgoingFailed
from datalinks.formulas.values import is_object
from datalinks.ids import Clock
from datalinks.model.app_event import AppEventSubscription, AppEventType
from datalinks.model.customer import Customer
from datalinks.model.error_data import ErrorData
from datalinks.model.flow import SETUP_ERROR
from datalinks.model.page import MAX_LIMIT
from datalinks.model.record import Json, JsonObject
from datalinks.model.trigger import event_triggers
from datalinks.outgoing.messages import OutgoingAnswer
from datalinks.services.caller import Caller
from datalinks.services.connection_finder import ConnectionFinder
from datalinks.services.formula_engines import EvaluationMode, FormulaEngines
from datalinks.services.workspaces import Workspaces
from datalinks.services.your_app import YourApp
from datalinks.store import app_event_subscriptions, app_event_types, flow_instances
from datalinks.store.ambient import AmbientDatabase
from datalinks.store.customers import hold_customer
from datalinks.store.database import Reader, Transaction
from datalinks.store.flow_instances import KeptFlowInstance
from datalinks.store.workspaces import changing

_log = structlog.get_logger(__name__)

# Where events are sent to, behind the address of the server.
WEBHOOK_PATH = "/webhooks/app-events"
# Longer answers of the product are not kept.
_MAX_RESPONSE_BYTES = 1_000_000
_SUBSCRIBE_ERROR = "app_event_subscription"
_SUBSCRIPTION_ID = "appEventSubscriptionId"
# What one call asks for by itself, all at once, so that it takes no longer than one request; and what a worker asks for at once,
# of one workspace and of all.
_OF_CALL = 16
_OF_WORKSPACE = 16
_OF_WORKER = 64
# Beside the time that a request may take, for the store.
_MARGIN_SECONDS = 10.0
# Between two looks at whether somebody else is done.
_FIRST_PAUSE_SECONDS = 0.02
_LONGEST_PAUSE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class _Request:
    """What the product is asked, computed."""

    method: str
    uri: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: Json


class Subscribing:
    """Asks products for events.

    public_url: the server's address for others; empty if it is not known. patience_seconds: how long one request may take.
    """

    def __init__(
        self,
        database: AmbientDatabase,
        workspaces: Workspaces,
        finder: ConnectionFinder,
        engines: FormulaEngines,
        your_app: YourApp,
        clock: Clock,
        *,
        public_url: str,
        patience_seconds: float,
    ) -> None:
        self._database = database
        self._workspaces = workspaces
        self._finder = finder
        self._engines = engines
        self._your_app = your_app
        self._clock = clock
        self._public_url = public_url
        self._hold_seconds = patience_seconds + _MARGIN_SECONDS

    async def subscribe(
        self,
        caller: Caller,
        subscription: AppEventSubscription,
        type: AppEventType,
        server_url: str,
        *,
        by_setup: bool = False,
    ) -> None:
        """Ask the product to send events of a customer, by the type's request; nobody is asked if there is none.

        What comes of it is kept in the subscription. Flow instances that have failed for its sake are ready if it succeeds.
        server_url: where this server is reached; empty if that is not known.
        by_setup: flow instances that depend on it were set up, and fail with it.

        Raises:
            BadRequest: there is no address for events, or the request cannot be made. FormulaError: a formula of it cannot be
                computed. OutgoingFailed, OutgoingTimeout, OutgoingTooLarge: the product does not answer, or refuses.
        """
        sent: JsonObject | None = None
        response: Json = None
        try:
            if type.subscribe_request is not None:
                customer = await self._finder.owner(caller, subscription.user_id)
                request = await self._request(type, customer, subscription, server_url)
                sent = msgspec.to_builtins(request)
                response = _response(await self._send(caller, customer, request))
        except DataLinksError as error:
            await self._keep(caller, subscription, sent, None, error, by_setup=by_setup)
            raise
        await self._keep(caller, subscription, sent, response)

    async def settle(self, workspace_id: str, ids: Iterable[str]) -> bool:
        """Ask the product for some subscriptions, where it is to be asked, or wait for those who do; whether there was any.

        Inside of ``one_transaction`` nothing is asked, as nobody knows yet whether it will be: workers do so later.

        Raises:
            Unavailable: the store is out of reach.
        """
        if self._database.is_in_one_transaction:
            return False
        return any(await asyncio.gather(*(self._settle(workspace_id, id) for id in list(ids)[:_OF_CALL])))

    async def settle_due(self, workspace_id: str, customer_id: str | None = None) -> None:
        """Ask for some of what was planned in a workspace, perhaps for one customer; workers ask for the rest.

        Raises:
            Unavailable: the store is out of reach.
        """
        if self._database.is_in_one_transaction:
            return
        await self._ask_due(
            self._clock.now(), limit=_OF_CALL, of_each=_OF_CALL, workspace_id=workspace_id, customer_id=customer_id
        )

    async def ask_due(self, now: int) -> int:
        """Ask for some of what was planned and nobody asks for, not much of each workspace; how many there were.

        now: microseconds since 1970. Any number of workers may call this at once, as often as they like.

        Raises:
            Unavailable: the store is out of reach.
        """
        return await self._ask_due(now, limit=_OF_WORKER, of_each=_OF_WORKSPACE)

    async def _ask_due(self, now: int, **which: Any) -> int:
        due = await app_event_subscriptions.list_due_askings(self._database, now, **which)
        return sum(await asyncio.gather(*(self._ask_if_due(workspace_id, id, now) for workspace_id, id in due)))

    async def _settle(self, workspace_id: str, id: str) -> bool:
        """Ask for a subscription, or wait until whoever asks has an answer; whether anybody was to be asked."""
        loop = asyncio.get_running_loop()
        pause, given_up_at = _FIRST_PAUSE_SECONDS, loop.time() + self._hold_seconds
        was_any = False
        while await app_event_subscriptions.is_to_be_asked(self._database, workspace_id, id):
            if await self._ask_if_due(workspace_id, id, self._clock.now()) or loop.time() > given_up_at:
                return True
            was_any = True
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
        return was_any

    async def _ask_if_due(self, workspace_id: str, id: str, now: int) -> bool:
        """Ask for a subscription if nobody does; whether it was asked for here. What fails is kept with it."""
        until = now + int(self._hold_seconds * 1_000_000)
        async with self._database.transaction() as tx:
            if not await app_event_subscriptions.hold_asking(tx, workspace_id, id, now=now, until=until):
                return False
        found = await app_event_subscriptions.find_subscription(self._database, workspace_id, id, None)
        caller = await self._workspaces.find_operator(workspace_id)
        assert found is not None, "a subscription is never deleted"
        assert caller is not None, "a workspace is never deleted"
        subscription = found.subscription
        if found.hidden_by is not None or not await self._is_wanted(caller, subscription):
            async with self._database.transaction() as tx:
                await app_event_subscriptions.give_up_asking(tx, workspace_id, id)
            return True
        type = await app_event_types.find_app_event_type(
            self._database, workspace_id, id=subscription.app_event_type_id
        )
        assert type is not None, "a type is never deleted"
        with suppress(DataLinksError):
            await self.subscribe(caller, subscription, type, self._public_url, by_setup=True)
        return True

    async def _is_wanted(self, caller: Caller, subscription: AppEventSubscription) -> bool:
        """Whether a flow instance that is on depends on a subscription."""
        async for kept in self._dependents(self._database, caller, subscription):
            if _is_on(kept):
                return True
        return False

    async def _request(
        self, type: AppEventType, customer: Customer, subscription: AppEventSubscription, server_url: str
    ) -> _Request:
        if not server_url:
            raise BadRequest("The server does not know its own address: set DATALINKS_PUBLIC_URL.")
        variables = _variables(customer, subscription, f"{server_url}{WEBHOOK_PATH}/{subscription.webhook_key}")
        computed = await self._engines.evaluate(type.subscribe_request, variables, EvaluationMode.RESOLVE, {})
        return _request(computed.value)

    async def _send(self, caller: Caller, customer: Customer, request: _Request) -> OutgoingAnswer:
        return await self._your_app.request(
            caller,
            customer,
            request.method,
            request.uri,
            headers=request.headers,
            query=request.query,
            body=request.body,
        )

    async def _keep(
        self,
        caller: Caller,
        subscription: AppEventSubscription,
        request: JsonObject | None,
        response: Json,
        error: DataLinksError | None = None,
        *,
        by_setup: bool = False,
    ) -> None:
        """Keep what came of asking, and tell the flow instances whose state changes with it."""
        if error is not None:
            _log.info("product could not be asked for app events", subscription=subscription.id, error=error.message)
        errors = [] if error is None else [ErrorData(type=_SUBSCRIBE_ERROR, key=error.code, message=error.message)]
        is_told = by_setup if error is not None else bool(subscription.errors)
        async with self._keeping(caller, is_told=is_told) as tx:
            if is_told:
                # Whoever makes an instance that depends on it is done by then, or plans that the product is asked again.
                await hold_customer(tx, caller.workspace_id, subscription.user_id)
            await app_event_subscriptions.set_subscribed(
                tx,
                caller.workspace_id,
                subscription.id,
                self._clock.now(),
                request=request,
                response=response,
                errors=errors,
            )
            if is_told:
                await self._tell(tx, caller, subscription, error)

    def _keeping(self, caller: Caller, *, is_told: bool) -> AbstractAsyncContextManager[Transaction]:
        # Flow instances are changed by one at a time; a subscription alone is remembered by nobody.
        return changing(self._database, caller.workspace_id) if is_told else self._database.transaction()

    async def _tell(
        self, tx: Transaction, caller: Caller, subscription: AppEventSubscription, error: DataLinksError | None
    ) -> None:
        """Let the flow instances that depend on a subscription show what came of asking, at each node that waits for it."""
        async for kept in self._dependents(tx, caller, subscription):
            told = [
                each for each in kept.own.setup_errors if (each.data or {}).get(_SUBSCRIPTION_ID) != subscription.id
            ]
            if error is not None and _is_on(kept):
                told += _setup_errors(kept, subscription, error)
            if told != kept.own.setup_errors:
                own = replace(kept.own, setup_errors=told)
                await flow_instances.update_flow_instance(tx, caller.workspace_id, kept, own, self._clock.now())

    async def _dependents(
        self, reader: Reader, caller: Caller, subscription: AppEventSubscription
    ) -> AsyncGenerator[KeptFlowInstance]:
        """The customer's flow instances that depend on a subscription, hidden or not."""
        after = None
        while True:
            found = await flow_instances.list_flow_instances(
                reader,
                caller.workspace_id,
                limit=MAX_LIMIT,
                after=after,
                live=False,
                customer_id=subscription.user_id,
                instance_key=subscription.instance_key or "",
            )
            for kept in found:
                if any(each.id == subscription.id for each in kept.own.dependencies):
                    yield kept
            if len(found) < MAX_LIMIT:
                return
            after = found[-1].instance.id


def _is_on(kept: KeptFlowInstance) -> bool:
    return kept.hidden_by is None and kept.own.enabled


def _setup_errors(kept: KeptFlowInstance, subscription: AppEventSubscription, error: DataLinksError) -> list[ErrorData]:
    """What a flow instance shows of a product that could not be asked: an error at each node that waits for the events."""
    message = (
        f"Your app could not be asked for the events {subscription.key!r}: {error.message} "
        "When that is mended, set up again."
    )
    return [
        ErrorData(
            type=SETUP_ERROR,
            key=error.code,
            message=message,
            data={"nodeKey": trigger.node_key, "path": trigger.path, _SUBSCRIPTION_ID: subscription.id},
        )
        for trigger in event_triggers(kept.nodes)
        if trigger.event_key == subscription.key
    ]


def _variables(customer: Customer, subscription: AppEventSubscription, webhook_uri: str) -> JsonObject:
    """What formulas of a request to the product see; what has no value is left out."""
    who = {
        "id": customer.id,
        "internalId": customer.internal_id,
        "name": customer.name,
        "fields": customer.fields,
    }
    seen = {name: value for name, value in who.items() if value is not None}
    variables: JsonObject = {"user": seen, "tenant": seen, "webhookUri": webhook_uri}
    if subscription.instance_key is not None:
        variables["instanceKey"] = subscription.instance_key
    return variables


def _request(value: Any) -> _Request:
    """The request that a computed value describes.

    Raises:
        BadRequest: it describes none.
    """
    given: JsonObject = value if is_object(value) else {}
    uri, method = given.get("uri"), given.get("method") or "POST"
    if not isinstance(uri, str) or not uri:
        raise BadRequest("The request that subscribes has no uri.", {"path": "$.subscribeRequest.uri"})
    if not isinstance(method, str):
        raise BadRequest("The method of the request that subscribes is no text.", {"path": "$.subscribeRequest.method"})
    return _Request(method, uri, _texts(given, "headers"), _texts(given, "query"), given.get("body"))


def _texts(given: JsonObject, name: str) -> dict[str, str]:
    value = given.get(name)
    if value is None:
        return {}
    if not is_object(value):
        path = f"$.subscribeRequest.{name}"
        raise BadRequest(f"The {name} of the request that subscribes are no object.", {"path": path})
    return {
        each: text if isinstance(text, str) else msgspec.json.encode(text).decode()
        for each, text in value.items()
        if text is not None
    }


def _response(answer: OutgoingAnswer) -> JsonObject:
    """The product's answer as it is kept.

    Raises:
        OutgoingFailed: it is no success. OutgoingTooLarge: it is too long.
    """
    if not answer.is_success:
        raise OutgoingFailed(f"Your app answers the request that subscribes with the status {answer.status}.")
    content = answer.content(_MAX_RESPONSE_BYTES)
    response: JsonObject = {"status": answer.status}
    if content:
        try:
            response["data"] = msgspec.json.decode(content)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            response["data"] = content.decode("utf-8", "replace")
    return response
