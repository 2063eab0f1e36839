"""Endpoints of types of app events."""

import msgspec

from datalinks.api.queries import ListQuery
from datalinks.model.app_event import AppEventType, AppEventTypeDraft
from datalinks.model.page import Page
from datalinks.services.caller import Caller
from datalinks.services.services import Services
from datalinks.services.subscribing import WEBHOOK_PATH


async def list_app_event_types(
    services: Services, caller: Caller, page: ListQuery, server_url: str
) -> Page[AppEventType]:
    """List the workspace's types of app events, newest first."""
    found = await services.app_event_types.list_page(caller, page.listing)
    return Page([_with_uri(type, server_url) for type in found.items], found.cursor)


async def create_app_event_type(
    services: Services, caller: Caller, body: AppEventTypeDraft, server_url: str
) -> AppEventType:
    """Create a type of app events from a name, a key or both. Admins only.

    Whoever knows its ``global_webhook_uri`` may send events.
    """
    return _with_uri(await services.app_event_types.create(caller, body), server_url)


async def get_app_event_type(services: Services, caller: Caller, selector: str, server_url: str) -> AppEventType:
    """Get a type of app events by id, key or uuid."""
    return _with_uri(await services.app_event_types.get(caller, selector), server_url)


async def put_app_event_type(
    services: Services, caller: Caller, selector: str, body: AppEventTypeDraft, server_url: str
) -> AppEventType:
    """Replace a type of app events; fields that are left out are emptied, but key, name and uuid stay. Admins only."""
    return _with_uri(await services.app_event_types.put(caller, selector, body), server_url)


async def patch_app_event_type(
    services: Services, caller: Caller, selector: str, body: AppEventTypeDraft, server_url: str
) -> AppEventType:
    """Change some of the fields of a type of app events. Admins only."""
    return _with_uri(await services.app_event_types.patch(caller, selector, body), server_url)


async def archive_app_event_type(services: Services, caller: Caller, selector: str, server_url: str) -> AppEventType:
    """Archive a type of app events: its events are refused. Admins only."""
    return _with_uri(await services.app_event_types.archive(caller, selector), server_url)


async def restore_app_event_type(services: Services, caller: Caller, selector: str, server_url: str) -> AppEventType:
    """Restore an archived type of app events; its webhook is the same. Admins only."""
    return _with_uri(await services.app_event_types.restore(caller, selector), server_url)


def _with_uri(type: AppEventType, server_url: str) -> AppEventType:
    if not type.webhook_key:
        return type
    return msgspec.structs.replace(type, global_webhook_uri=f"{server_url}{WEBHOOK_PATH}/{type.webhook_key}")
