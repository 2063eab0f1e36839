"""Subscriptions of app events: a type for one customer, which comes into being when it is first used."""

import msgspec

from datalinks.errors import BadRequest, NotFound
from datalinks.ids import Clock
from datalinks.model.app_event import AppEventSubscription
from datalinks.model.page import Listing, Page, after_id, page_of
from datalinks.model.record import Draft, InternalId
from datalinks.services.app_event_types import AppEventTypes, new_webhook_key
from datalinks.services.caller import Caller
from datalinks.services.connection_finder import ConnectionFinder
from datalinks.services.subscribing import Subscribing
from datalinks.store import app_event_subscriptions as kept
from datalinks.store.app_event_subscriptions import KeptSubscription
from datalinks.store.database import Database
from datalinks.store.workspaces import changing


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


class AppEventSubscriptions:
    """The subscriptions of the customers that a caller may see.

    public_url: the server's address for others; empty if it is not known.
    """

    def __init__(
        self,
        database: Database,
        types: AppEventTypes,
        finder: ConnectionFinder,
        subscribing: Subscribing,
        clock: Clock,
        *,
        public_url: str,
    ) -> None:
        self._database = database
        self._types = types
        self._finder = finder
        self._subscribing = subscribing
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
        if type.subscribe_request is not None and not self._public_url and not caller.is_admin:
            # Where the request says that the server is, only an admin is believed.
            raise BadRequest("The server does not know its own address: set DATALINKS_PUBLIC_URL.")
        await self._subscribing.subscribe(caller, subscription, type, server_url)
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
