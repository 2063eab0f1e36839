"""Types of app events: read by everyone of a workspace, written by its admins."""

import secrets

import msgspec

from datalinks.ids import Clock
from datalinks.model.app_event import AppEventType, AppEventTypeDraft
from datalinks.model.page import Listing, Page
from datalinks.services.caller import Caller
from datalinks.services.elements import Elements, Kind
from datalinks.store import app_event_types
from datalinks.store.database import Database

KIND = Kind(
    noun="app event type",
    record=AppEventType,
    find=app_event_types.find_app_event_type,
    list_page=app_event_types.list_app_event_types,
    insert=app_event_types.insert_app_event_type,
    update=app_event_types.update_app_event_type,
)
_WRITING = "Changing app event types"
_KEY_BYTES = 32


def new_webhook_key() -> str:
    """A key that nobody guesses, made of what may stand in a path."""
    return secrets.token_urlsafe(_KEY_BYTES)


class AppEventTypes:
    """The types of app events of the caller's workspace. See ``Elements`` for what each method raises.

    What lets one send events, or says how events are asked for, is shown to admins only.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self.elements = Elements(KIND, database, clock)

    async def list_page(self, caller: Caller, listing: Listing) -> Page[AppEventType]:
        """A page of types, newest first."""
        page = await self.elements.list_page(caller, listing)
        return Page([_shown(caller, type) for type in page.items], page.cursor)

    async def get(self, caller: Caller, selector: str) -> AppEventType:
        """The type with this id, key or uuid, archived or not."""
        return _shown(caller, await self.elements.get(caller, selector))

    async def create(self, caller: Caller, draft: AppEventTypeDraft) -> AppEventType:
        """A new type, with a webhook of its own.

        Raises:
            AccessDenied: the caller is a customer.
        """
        caller.require_admin(_WRITING)
        return await self.elements.create(caller, draft, {"webhook_key": new_webhook_key()})

    async def put(self, caller: Caller, selector: str, draft: AppEventTypeDraft) -> AppEventType:
        """Replace what may be written of a type.

        Raises:
            AccessDenied: the caller is a customer.
        """
        caller.require_admin(_WRITING)
        return await self.elements.put(caller, selector, draft)

    async def patch(self, caller: Caller, selector: str, draft: AppEventTypeDraft) -> AppEventType:
        """Change what the draft has.

        Raises:
            AccessDenied: the caller is a customer.
        """
        caller.require_admin(_WRITING)
        return await self.elements.patch(caller, selector, draft)

    async def archive(self, caller: Caller, selector: str) -> AppEventType:
        """Hide a type with its subscriptions; its events are refused from now on.

        Raises:
            AccessDenied: the caller is a customer.
        """
        caller.require_admin(_WRITING)
        return await self.elements.archive(caller, selector)

    async def restore(self, caller: Caller, selector: str) -> AppEventType:
        """Bring a type back with its subscriptions; its webhook is the same.

        Raises:
            AccessDenied: the caller is a customer.
        """
        caller.require_admin(_WRITING)
        return await self.elements.restore(caller, selector)


def _shown(caller: Caller, type: AppEventType) -> AppEventType:
    # The reference SDKs ask for a text even where there is nothing to see.
    return type if caller.is_admin else msgspec.structs.replace(type, webhook_key="", subscribe_request=None)
