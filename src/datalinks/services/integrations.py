"""Integrations: written by admins; customers see them with their own connection, without parameters and authentication."""

from dataclasses import replace

import msgspec

from datalinks.ids import Clock
from datalinks.model.auth import Auth, secrets_of, with_secrets, without_secrets
from datalinks.model.connection import Connection
from datalinks.model.integration import Integration, IntegrationDraft
from datalinks.model.page import MAX_LIMIT, Listing, Page
from datalinks.model.references import ConnectionRef
from datalinks.services.caller import Caller
from datalinks.services.elements import Elements, Kind
from datalinks.services.integration_auth import check_integration
from datalinks.services.secrets import Secrets
from datalinks.store import connections, integrations
from datalinks.store.database import Database, Reader, Transaction

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

    def __init__(self, database: Database, secrets: Secrets, clock: Clock) -> None:
        self.elements = Elements(replace(KIND, insert=self._insert, update=self._update), database, clock)
        self._database = database
        self._secrets = secrets

    async def list_page(self, caller: Caller, listing: Listing) -> Page[Integration]:
        """A page of integrations, newest first."""
        page = await self.elements.list_page(caller, listing)
        return Page(await self._as_seen_by(caller, page.items), page.cursor)

    async def get(self, caller: Caller, selector: str, include_secrets: bool = False) -> Integration:
        """The integration with this id, key or uuid, archived or not.

        Raises:
            AccessDenied: a customer asks for secrets.
        """
        if include_secrets:
            caller.require_admin("Reading secrets")
        found = await self.elements.get(caller, selector)
        if include_secrets:
            found = msgspec.structs.replace(found, auth=await self.auth(self._database, caller.workspace_id, found))
        (seen,) = await self._as_seen_by(caller, [found])
        return seen

    async def auth(self, reader: Reader, workspace_id: str, integration: Integration) -> Auth | None:
        """How requests to the integration's app are authenticated, with the secrets in it. Checks no rights."""
        if integration.auth is None:
            return None
        sealed = await integrations.find_secrets(reader, workspace_id, integration.id)
        return with_secrets(integration.auth, self._secrets.open_json(sealed, _row(integration)))

    async def create(self, caller: Caller, draft: IntegrationDraft) -> Integration:
        """A new integration.

        Raises:
            AccessDenied: the caller is a customer. BadRequest: requests cannot be authenticated as it says.
        """
        caller.require_admin(_WRITING)
        return _hiding_secrets(await self.elements.create(caller, draft))

    async def put(self, caller: Caller, selector: str, draft: IntegrationDraft) -> Integration:
        """Replace what may be written of an integration.

        Raises:
            AccessDenied: the caller is a customer. BadRequest: requests cannot be authenticated as it says.
        """
        caller.require_admin(_WRITING)
        return _hiding_secrets(await self.elements.put(caller, selector, draft))

    async def patch(self, caller: Caller, selector: str, draft: IntegrationDraft) -> Integration:
        """Change what the draft has.

        Raises:
            AccessDenied: the caller is a customer. BadRequest: requests cannot be authenticated as it says.
        """
        caller.require_admin(_WRITING)
        return _hiding_secrets(await self.elements.patch(caller, selector, draft))

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

    async def _insert(self, tx: Transaction, workspace_id: str, integration: Integration) -> None:
        check_integration(integration)
        await integrations.insert_integration(tx, workspace_id, _hiding_secrets(integration))
        if integration.auth is not None:
            await self._keep_secrets(tx, workspace_id, integration, integration.auth)

    async def _update(self, tx: Transaction, workspace_id: str, integration: Integration) -> None:
        """Keep an integration; secrets that its authentication leaves out stay, for as long as it has the same type."""
        check_integration(integration)
        auth = await self.auth(tx, workspace_id, integration)
        await integrations.update_integration(tx, workspace_id, _hiding_secrets(integration))
        await self._keep_secrets(tx, workspace_id, integration, auth)

    async def _keep_secrets(
        self, tx: Transaction, workspace_id: str, integration: Integration, auth: Auth | None
    ) -> None:
        sealed = self._secrets.seal_json(auth and secrets_of(auth), _row(integration))
        await integrations.set_secrets(tx, workspace_id, integration.id, sealed)

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
        auth=integration.auth if is_admin else None,
        connection=connection and _reference(connection),
    )


def _hiding_secrets(integration: Integration) -> Integration:
    return msgspec.structs.replace(integration, auth=integration.auth and without_secrets(integration.auth))


def _row(integration: Integration) -> str:
    """What sealed secrets are bound to."""
    return f"integrations/{integration.id}"


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
