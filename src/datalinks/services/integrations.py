"""Integrations: written by admins; customers see them with their own connection and without the parameters."""

import msgspec

from datalinks.ids import Clock
from datalinks.model.connection import Connection
from datalinks.model.integration import Integration, IntegrationDraft
from datalinks.model.page import MAX_LIMIT, Listing, Page
from datalinks.model.references import ConnectionRef
from datalinks.services.caller import Caller
from datalinks.services.elements import Elements, Kind
from datalinks.store import connections, integrations
from datalinks.store.database import Database

KIND = Kind(
    noun="integration",
    record=Integration,
    find=integrations.find_integration,
    list_page=integrations.list_integrations,
    insert=integrations.insert_integration,
    update=integrations.update_integration,
    # The reference SDKs require a logo address to be there.
    defaults={"logo_uri": ""},
)
_WRITING = "Changing integrations"


class Integrations:
    """The integrations of the caller's workspace. See ``Elements`` for what each method raises."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.elements = Elements(KIND, database, clock)
        self._database = database

    async def list_page(self, caller: Caller, listing: Listing) -> Page[Integration]:
        """A page of integrations, newest first."""
        page = await self.elements.list_page(caller, listing)
        return Page(await self._as_seen_by(caller, page.items), page.cursor)

    async def get(self, caller: Caller, selector: str) -> Integration:
        """The integration with this id, key or uuid, archived or not."""
        (seen,) = await self._as_seen_by(caller, [await self.elements.get(caller, selector)])
        return seen

    async def create(self, caller: Caller, draft: IntegrationDraft) -> Integration:
        """A new integration.

        Raises:
            AccessDenied: the caller is a customer.
        """
        caller.require_admin(_WRITING)
        return await self.elements.create(caller, draft)

    async def put(self, caller: Caller, selector: str, draft: IntegrationDraft) -> Integration:
        """Replace what may be written of an integration.

        Raises:
            AccessDenied: the caller is a customer.
        """
        caller.require_admin(_WRITING)
        return await self.elements.put(caller, selector, draft)

    async def patch(self, caller: Caller, selector: str, draft: IntegrationDraft) -> Integration:
        """Change what the draft has.

        Raises:
            AccessDenied: the caller is a customer.
        """
        caller.require_admin(_WRITING)
        return await self.elements.patch(caller, selector, draft)

    async def archive(self, caller: Caller, selector: str) -> Integration:
        """Hide an integration with its connections and their links.

        Raises:
            AccessDenied: the caller is a customer.
        """
        caller.require_admin(_WRITING)
        return await self.elements.archive(caller, selector)

    async def restore(self, caller: Caller, selector: str) -> Integration:
        """Bring an integration back with its connections and their links.

        Raises:
            AccessDenied: the caller is a customer.
        """
        caller.require_admin(_WRITING)
        return await self.elements.restore(caller, selector)

    async def _as_seen_by(self, caller: Caller, found: list[Integration]) -> list[Integration]:
        if caller.customer is None:
            return found
        only = found[0].id if len(found) == 1 else None
        own = await connections.list_connections(
            self._database, caller.workspace_id, limit=MAX_LIMIT, customer_id=caller.customer.id, integration_id=only
        )
        # Newest first, so going backwards leaves the newest of each integration.
        newest = {connection.integration_id: connection for connection in reversed(own)}
        return [_as_seen(each, newest.get(each.id), caller.is_admin) for each in found]


def _as_seen(integration: Integration, connection: Connection | None, is_admin: bool) -> Integration:
    return msgspec.structs.replace(
        integration,
        parameters=integration.parameters if is_admin else None,
        connection=connection and _reference(connection),
    )


def _reference(connection: Connection) -> ConnectionRef:
    """A connection as it stands inside its integration."""
    return ConnectionRef(
        id=connection.id,
        name=connection.name,
        user_id=connection.user_id,
        integration_id=connection.integration_id,
        disconnected=connection.disconnected,
        created_at=connection.created_at,
        updated_at=connection.updated_at,
    )
