"""Endpoints of subscriptions of app events."""

import msgspec

from datalinks.api.queries import ListQuery
from datalinks.model.app_event import AppEventSubscription
from datalinks.model.page import Page
from datalinks.services.app_event_subscriptions import SubscriptionFilter, SubscriptionSelector
from datalinks.services.caller import Caller
from datalinks.services.services import Services
from datalinks.services.subscribing import WEBHOOK_PATH


async def list_app_event_subscriptions(
    services: Services, caller: Caller, page: ListQuery, wanted: SubscriptionFilter, server_url: str
) -> Page[AppEventSubscription]:
    """List subscriptions of app events, newest first: a customer's own, or all under an admin token."""
    found = await services.app_event_subscriptions.list_page(caller, page.listing, wanted)
    return Page([_with_uri(each, server_url) for each in found.items], found.cursor)


async def get_app_event_subscription(
    services: Services, caller: Caller, wanted: SubscriptionSelector, server_url: str
) -> AppEventSubscription:
    """Get a subscription by its id, or by type and customer; ``autoCreate=true`` makes it if there is none."""
    return _with_uri(await services.app_event_subscriptions.get(caller, wanted), server_url)


async def create_app_event_subscription(
    services: Services, caller: Caller, wanted: SubscriptionSelector, server_url: str
) -> AppEventSubscription:
    """Create the subscription of a type for a customer. One that exists is answered, restored if it was archived."""
    return _with_uri(await services.app_event_subscriptions.create(caller, wanted), server_url)


async def put_app_event_subscription(
    services: Services, caller: Caller, wanted: SubscriptionSelector, server_url: str
) -> AppEventSubscription:
    """A subscription has nothing to write: this answers it as it is."""
    return _with_uri(await services.app_event_subscriptions.get(caller, wanted), server_url)


async def archive_app_event_subscription(
    services: Services, caller: Caller, wanted: SubscriptionSelector, server_url: str
) -> AppEventSubscription:
    """Archive a subscription: events of its customer are refused."""
    return _with_uri(await services.app_event_subscriptions.archive(caller, wanted), server_url)


async def restore_app_event_subscription(
    services: Services, caller: Caller, wanted: SubscriptionSelector, server_url: str
) -> AppEventSubscription:
    """Restore an archived subscription; its webhook is the same."""
    return _with_uri(await services.app_event_subscriptions.restore(caller, wanted), server_url)


async def subscribe_to_app_events(
    services: Services, caller: Caller, wanted: SubscriptionSelector, server_url: str
) -> AppEventSubscription:
    """Ask your app to send events of the subscription's customer, by the ``subscribeRequest`` of the type.

    Where the type has none, the subscription only counts as subscribed. Asking again asks your app again.
    """
    return _with_uri(await services.app_event_subscriptions.subscribe(caller, wanted, server_url), server_url)


def _with_uri(subscription: AppEventSubscription, server_url: str) -> AppEventSubscription:
    uri = f"{server_url}{WEBHOOK_PATH}/{subscription.webhook_key}"
    return msgspec.structs.replace(subscription, webhook_uri=uri)
