"""Subscriptions of app events: a type for one customer, which comes into being when it is first used."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from datalinks.errors import BadRequest, DataLinksError, NotFound, OutgoingFailed
from datalinks.formulas.values import is_object
from datalinks.ids import Clock
from datalinks.model.app_event import AppEventSubscription, AppEventType
from datalinks.model.customer import Customer
from datalinks.model.error_data import ErrorData
from datalinks.model.page import Listing, Page, after_id, page_of
from datalinks.model.record import Draft, InternalId, Json, JsonObject
from datalinks.outgoing.messages import OutgoingAnswer
from datalinks.services.app_event_types import AppEventTypes, new_webhook_key
from datalinks.services.caller import Caller
from datalinks.services.connection_finder import ConnectionFinder
from datalinks.services.formula_engines import EvaluationMode, FormulaEngines
from datalinks.services.your_app import YourApp
from datalinks.store import app_event_subscriptions as kept
from datalinks.store.app_event_subscriptions import KeptSubscription
from datalinks.store.database import Database
from datalinks.store.workspaces import changing

# Where events are sent to, behind the address of the server.
WEBHOOK_PATH = "/webhooks/app-events"
# Longer answers of the product are not kept.
_MAX_RESPONSE_BYTES = 1_000_000
_SUBSCRIBE_ERROR = "app_event_subscription"


class SubscriptionSelector(Draft, frozen=True, kw_only=True):
    """Which subscription is meant: by its id, or by type and customer.

    id: the subscription; nothing else is needed then.
    app_event_type_id, app_event_type_key: the type. parent_id, parent_key: other names of these.
    user_id, tenant_id: whose; a customer's id or internal id. Only an admin may name another customer than itself.
    instance_key: which of several subscriptions of one type and customer; without it, the one that has none.
    auto_create: make the subscription if there is none.
    """

    id: str | None = None
    app_event_type_id: str | None = None
    app_event_type_key: str | None = None
    parent_id: str | None = None
    parent_key: str | None = None
    user_id: str | None = None
    tenant_id: str | None = None
    instance_key: InternalId | None = None
    auto_create: bool = False

    @property
    def type(self) -> str | None:
        """The selector of the type, or None."""
        return self.app_event_type_id or self.app_event_type_key or self.parent_id or self.parent_key


class SubscriptionFilter(Draft, frozen=True, kw_only=True):
    """Which subscriptions a list shows; every filter given must match."""

    id: str | None = None
    app_event_type_id: str | None = None
    user_id: str | None = None
    tenant_id: str | None = None
    instance_key: str | None = None
    is_subscribed: bool | None = None


@dataclass(frozen=True, slots=True)
class _Request:
    """What the product is asked, computed."""

    method: str
    uri: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: Json


class AppEventSubscriptions:
    """The subscriptions of the customers that a caller may see.

    public_url: the server's address for others; empty if it is not known.
    """

    def __init__(
        self,
        database: Database,
        types: AppEventTypes,
        finder: ConnectionFinder,
        engines: FormulaEngines,
        your_app: YourApp,
        clock: Clock,
        *,
        public_url: str,
    ) -> None:
        self._database = database
        self._types = types
        self._finder = finder
        self._engines = engines
        self._your_app = your_app
        self._clock = clock
        self._public_url = public_url

    async def list_page(
        self, caller: Caller, listing: Listing, wanted: SubscriptionFilter
    ) -> Page[AppEventSubscription]:
        """A page of subscriptions, newest first.

        Raises:
            NotFound: there is no such customer. BadRequest: an unknown cursor.
        """
        found = await kept.list_subscriptions(
            self._database,
            caller.workspace_id,
            limit=listing.limit + 1,
            after=after_id(listing.cursor),
            live=not listing.include_archived,
            id=wanted.id,
            type_id=wanted.app_event_type_id,
            customer_id=await self._finder.owner_scope(caller, wanted.user_id or wanted.tenant_id),
            instance_key=wanted.instance_key,
            is_subscribed=wanted.is_subscribed,
        )
        page = page_of(found, listing.limit, lambda each: each.subscription.id)
        return Page([_shown(caller, each.subscription) for each in page.items], page.cursor)

    async def get(self, caller: Caller, wanted: SubscriptionSelector) -> AppEventSubscription:
        """The subscription that is meant, archived or not; made now if there is none and ``auto_create`` says so.

        Raises:
            NotFound: type, customer or subscription are not there. BadRequest: the selector is incomplete.
        """
        return _shown(caller, (await self._get(caller, wanted, may_make=wanted.auto_create)).subscription)

    async def create(self, caller: Caller, wanted: SubscriptionSelector) -> AppEventSubscription:
        """The subscription that is meant, made now if there is none, and restored if it was archived.

        Raises:
            NotFound: type or customer are not there. BadRequest: the selector is incomplete.
        """
        found = await self._get(caller, wanted, may_make=True)
        return await self._set_archived(caller, found, None)

    async def archive(self, caller: Caller, wanted: SubscriptionSelector) -> AppEventSubscription:
        """Hide a subscription: events of its customer are refused. One that is archived already stays as it is.

        Raises:
            NotFound: there is no such subscription. BadRequest: the selector is incomplete.
        """
        found = await self._get(caller, wanted, may_make=wanted.auto_create)
        return await self._set_archived(caller, found, self._clock.now())

    async def restore(self, caller: Caller, wanted: SubscriptionSelector) -> AppEventSubscription:
        """Bring a subscription back; a live one stays as it is.

        Raises:
            NotFound: there is no such subscription. BadRequest: the selector is incomplete.
        """
        return await self._set_archived(caller, await self._get(caller, wanted, may_make=wanted.auto_create), None)

    async def subscribe(self, caller: Caller, wanted: SubscriptionSelector, server_url: str) -> AppEventSubscription:
        """Ask the product to send events of the customer, by the type's request; nobody is asked if there is none.

        server_url: where this server is reached.

        Raises:
            NotFound: there is no such subscription, or it is hidden. BadRequest: the selector is incomplete, the server does
                not know its address, or the request cannot be made. FormulaError: a formula of it cannot be computed.
            OutgoingFailed, OutgoingTimeout, OutgoingTooLarge: the product does not answer, or refuses.
        """
        found = await self._get(caller, wanted, may_make=wanted.auto_create)
        if found.hidden_by is not None:
            raise NotFound(f"The subscription is hidden, as its {found.hidden_by} is archived: restore it first.")
        subscription = found.subscription
        type = await self._types.elements.get(caller, subscription.app_event_type_id)
        if type.subscribe_request is None:
            return await self._keep(caller, subscription, None, None)
        if not self._public_url and not caller.is_admin:
            # Where the request says that the server is, only an admin is believed.
            raise BadRequest("The server does not know its own address: set DATALINKS_PUBLIC_URL.")
        return await self._ask(caller, subscription, type, f"{server_url}{WEBHOOK_PATH}/{subscription.webhook_key}")

    async def _ask(
        self, caller: Caller, subscription: AppEventSubscription, type: AppEventType, webhook_uri: str
    ) -> AppEventSubscription:
        customer = await self._finder.owner(caller, subscription.user_id)
        sent: JsonObject | None = None
        try:
            variables = _variables(customer, subscription, webhook_uri)
            value = (await self._engines.evaluate(type.subscribe_request, variables, EvaluationMode.RESOLVE, {})).value
            request = _request(value)
            sent = msgspec.to_builtins(request)
            answer = await self._your_app.request(
                caller,
                customer,
                request.method,
                request.uri,
                headers=request.headers,
                query=request.query,
                body=request.body,
            )
            response = _response(answer)
        except DataLinksError as error:
            await self._keep(caller, subscription, sent, None, error)
            raise
        return await self._keep(caller, subscription, sent, response)

    async def _keep(
        self,
        caller: Caller,
        subscription: AppEventSubscription,
        request: JsonObject | None,
        response: Json,
        error: DataLinksError | None = None,
    ) -> AppEventSubscription:
        errors = [] if error is None else [ErrorData(type=_SUBSCRIBE_ERROR, key=error.code, message=error.message)]
        async with changing(self._database, caller.workspace_id) as tx:
            await kept.set_subscribed(
                tx,
                caller.workspace_id,
                subscription.id,
                self._clock.now(),
                request=request,
                response=response,
                errors=errors,
            )
        return _shown(caller, (await self._kept(caller, subscription.id)).subscription)

    async def _get(self, caller: Caller, wanted: SubscriptionSelector, *, may_make: bool) -> KeptSubscription:
        if wanted.id is not None:
            return await self._kept(caller, wanted.id)
        if wanted.type is None:
            raise BadRequest("Say which subscription: give its id, or appEventTypeKey or appEventTypeId.")
        type = await self._types.elements.get_live(caller, wanted.type)
        customer = await self._finder.owner(caller, wanted.user_id or wanted.tenant_id)
        found = await kept.find_subscription_id(self._database, type.id, customer.id, wanted.instance_key)
        if found is None:
            if not may_make:
                raise NotFound(
                    f"The customer {customer.internal_id!r} has no subscription of {type.key!r} yet: "
                    "create it, or send autoCreate=true."
                )
            async with self._database.transaction() as tx:
                found = await kept.put_subscription(
                    tx,
                    caller.workspace_id,
                    type.id,
                    customer.id,
                    wanted.instance_key,
                    webhook_key=new_webhook_key(),
                    now=self._clock.now(),
                )
        return await self._kept(caller, found.id)

    async def _kept(self, caller: Caller, id: str) -> KeptSubscription:
        found = await kept.find_subscription(self._database, caller.workspace_id, id, caller.customer_scope)
        if found is None:
            raise NotFound(f"There is no app event subscription with the id {id[:200]!r}.")
        return found

    async def _set_archived(
        self, caller: Caller, found: KeptSubscription, archived_at: int | None
    ) -> AppEventSubscription:
        subscription = found.subscription
        if (subscription.archived_at is None) != (archived_at is None):
            async with changing(self._database, caller.workspace_id) as tx:
                await kept.archive_subscription(
                    tx, caller.workspace_id, subscription.id, archived_at, self._clock.now()
                )
            subscription = (await self._kept(caller, subscription.id)).subscription
        return _shown(caller, subscription)


def _shown(caller: Caller, subscription: AppEventSubscription) -> AppEventSubscription:
    """A subscription as a caller may see it: a customer knows its own webhook, but not what the product was asked."""
    if caller.is_admin:
        return subscription
    return msgspec.structs.replace(subscription, subscription_request={"uri": ""}, subscription_response=None)


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
        except (msgspec.DecodeError, UnicodeError):
            response["data"] = content.decode("utf-8", "replace")
    return response
