"""Endpoints of connections."""

from datalinks.api.queries import ListQuery, OwnerQuery, SecretsQuery
from datalinks.errors import BadRequest
from datalinks.model.connection import Connection, ConnectionDraft, EnsureConnectionDraft
from datalinks.model.page import Page
from datalinks.model.record import Draft
from datalinks.services.caller import Caller
from datalinks.services.connection_finder import ConnectionFilter
from datalinks.services.services import Services


class ConnectionsQuery(Draft, frozen=True, kw_only=True):
    """Which connections are listed; every filter given must match."""

    id: str | None = None
    name: str | None = None
    connector_id: str | None = None
    integration_id: str | None = None
    integration_key: str | None = None
    connected: bool | None = None
    disconnected: bool | None = None
    is_test: bool | None = None

    @property
    def filter(self) -> ConnectionFilter:
        """The filters as services understand them."""
        if self.connected is not None and self.connected == self.disconnected:
            raise BadRequest("A connection is connected or disconnected, not both or neither.", {"path": "$.connected"})
        disconnected = self.disconnected if self.connected is None else not self.connected
        return ConnectionFilter(
            id=self.id,
            name=self.name,
            connector_id=self.connector_id,
            integration_id=self.integration_id,
            integration_key=self.integration_key,
            disconnected=disconnected,
            is_test=self.is_test,
        )


async def list_connections(
    services: Services,
    caller: Caller,
    page: ListQuery,
    owner: OwnerQuery,
    wanted: ConnectionsQuery,
    secrets: SecretsQuery,
) -> Page[Connection]:
    """List connections, newest first: a customer's own, or every customer's under an admin token."""
    return await services.connections.list_page(
        caller, page.listing, wanted.filter, owner.owner, secrets.include_secrets
    )


async def create_connection(services: Services, caller: Caller, owner: OwnerQuery, body: ConnectionDraft) -> Connection:
    """Create a connection to an integration, for the token's customer or the one that an admin names."""
    return await services.connections.create(caller, body, owner.owner)


async def ensure_connection(
    services: Services, caller: Caller, owner: OwnerQuery, body: EnsureConnectionDraft
) -> Connection:
    """Find the customer's connection to the app at an address, or create it."""
    return await services.connections.ensure(caller, body, owner.owner)


async def get_connection(
    services: Services, caller: Caller, selector: str, owner: OwnerQuery, secrets: SecretsQuery
) -> Connection:
    """Get a connection by id or key, or the customer's only one of an integration by its id or key."""
    return await services.connections.get(caller, selector, owner.owner, secrets.include_secrets)


async def put_connection(
    services: Services, caller: Caller, selector: str, owner: OwnerQuery, body: ConnectionDraft
) -> Connection:
    """Replace a connection; its secrets stay unless the body brings others."""
    return await services.connections.put(caller, selector, body, owner.owner)


async def patch_connection(
    services: Services, caller: Caller, selector: str, owner: OwnerQuery, body: ConnectionDraft
) -> Connection:
    """Change some of a connection's fields."""
    return await services.connections.patch(caller, selector, body, owner.owner)


async def archive_connection(services: Services, caller: Caller, selector: str, owner: OwnerQuery) -> Connection:
    """Archive a connection: its instances and links are hidden and kept."""
    return await services.connections.archive(caller, selector, owner.owner)


async def restore_connection(services: Services, caller: Caller, selector: str, owner: OwnerQuery) -> Connection:
    """Restore an archived connection with its instances and links."""
    return await services.connections.restore(caller, selector, owner.owner)


async def refresh_credentials(services: Services, caller: Caller, selector: str) -> None:
    """Renew the access token of a connection now, without waiting until it ends or is refused."""
    await services.external_apps.refresh_credentials(caller, selector)
