"""Connections: a customer manages its own, an admin those of every customer."""

import re
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET

from datalinks.errors import AlreadyExists, BadRequest, NotFound
from datalinks.ids import Clock, as_datetime, new_id
from datalinks.model.connection import Connection, ConnectionDraft, EnsureConnectionDraft
from datalinks.model.customer import Customer
from datalinks.model.element import READY
from datalinks.model.integration import Integration, IntegrationDraft
from datalinks.model.keys import key_from_name
from datalinks.model.page import MAX_LIMIT, Listing, Page, after_id, page_of
from datalinks.model.references import CustomerRef, IntegrationRef
from datalinks.services.caller import Caller
from datalinks.services.connection_finder import ConnectionFilter, ConnectionFinder
from datalinks.services.flow_setup import FlowSetup
from datalinks.services.integrations import Integrations
from datalinks.services.secrets import Secrets, connection_row
from datalinks.services.subscribing import Subscribing
from datalinks.store import connections
from datalinks.store.database import Database, Transaction, UniqueViolation
from datalinks.store.workspaces import changing

# The route /connections/ensure would hide such a connection.
_RESERVED_KEY = "ensure"
_HOST = re.compile(r"[\w.-]{1,253}")
_READING_SECRETS = "Reading secrets"
_SECRET_FIELDS = ("credentials", "connector_parameters", "input")


class Connections:
    """The connections that a caller may see."""

    def __init__(
        self,
        database: Database,
        integrations: Integrations,
        finder: ConnectionFinder,
        secrets: Secrets,
        flow_setup: FlowSetup,
        subscribing: Subscribing,
        clock: Clock,
    ) -> None:
        self._database = database
        self._integrations = integrations
        self._finder = finder
        self._secrets = secrets
        self._flow_setup = flow_setup
        self._subscribing = subscribing
        self._clock = clock

    async def list_page(
        self,
        caller: Caller,
        listing: Listing,
        wanted: ConnectionFilter,
        owner: str | None = None,
        include_secrets: bool = False,
    ) -> Page[Connection]:
        """A page of connections, newest first. owner: only this customer's (id or internal id).

        Raises:
            NotFound: there is no such customer. BadRequest: an unknown cursor.
            AccessDenied: a customer asks for secrets.
        """
        if include_secrets:
            caller.require_admin(_READING_SECRETS)
        customer_id = await self._finder.owner_scope(caller, owner)
        found = await connections.list_connections(
            self._database,
            caller.workspace_id,
            limit=listing.limit + 1,
            after=after_id(listing.cursor),
            live=not listing.include_archived,
            search=listing.search,
            customer_id=customer_id,
            **wanted.given(),
        )
        page = page_of(found, listing.limit, lambda connection: connection.id)
        if include_secrets:
            return Page([await self._with_secrets(caller, each) for each in page.items], page.cursor)
        return page

    async def get(
        self, caller: Caller, selector: str, owner: str | None = None, include_secrets: bool = False
    ) -> Connection:
        """The connection with this id or key, or the customer's one of the integration with this id or key.

        Raises:
            NotFound: there is none. BadRequest: several match. AccessDenied: a customer asks for secrets.
        """
        if include_secrets:
            caller.require_admin(_READING_SECRETS)
        connection = await self._finder.get(self._database, caller, selector, owner)
        return await self._with_secrets(caller, connection) if include_secrets else connection

    async def create(self, caller: Caller, draft: ConnectionDraft, owner: str | None = None) -> Connection:
        """A new connection of the caller's customer, or of the one that an admin names.

        Raises:
            BadRequest: no integration is named, or no customer. NotFound: there is no such integration or customer.
            AlreadyExists: the customer has a live connection with the key.
        """
        customer = await self._finder.owner(caller, _owner_of(draft) or owner)
        integration = await self._integration(caller, draft)
        connection = self._new(draft, customer, integration)
        async with self._database.transaction() as tx:
            await self._insert(tx, caller, connection, draft)
        await self._settle(caller, connection)
        return connection

    async def ensure(self, caller: Caller, draft: EnsureConnectionDraft, owner: str | None = None) -> Connection:
        """The customer's connection to the app at an address, made if there is none; an admin's call makes the integration too.

        Raises:
            BadRequest: the address has no host, or no customer is named. NotFound: the workspace has no integration there.
        """
        customer = await self._finder.owner(caller, owner)
        integration = await self._integration_at(caller, draft.app_url)
        scope: dict[str, Any] = {"customer_id": customer.id, "integration_id": integration.id}
        if found := await self._finder.few(self._database, caller, **scope):
            return found[0]
        # The key makes two calls at once end in one connection.
        made = self._new(ConnectionDraft(name=draft.name, key=integration.key), customer, integration)
        try:
            async with self._database.transaction() as tx:
                await self._insert(tx, caller, made, ConnectionDraft())
        except AlreadyExists:
            if found := await self._finder.few(self._database, caller, **scope):
                return found[0]
            raise
        await self._settle(caller, made)
        return made

    async def put(self, caller: Caller, selector: str, draft: ConnectionDraft, owner: str | None = None) -> Connection:
        """Replace what may be written; secrets that the draft leaves out stay.

        Raises:
            NotFound: there is none. BadRequest: it is archived, or several match.
            AlreadyExists: the customer has another live connection with the key.
        """
        cleared = {"meta": None, "auth_option_key": None}
        return await self._change(caller, selector, draft, owner, {**cleared, **_writable(draft)})

    async def patch(
        self, caller: Caller, selector: str, draft: ConnectionDraft, owner: str | None = None
    ) -> Connection:
        """Change what the draft has.

        Raises:
            NotFound: there is none. BadRequest: it is archived, or several match.
            AlreadyExists: the customer has another live connection with the key.
        """
        return await self._change(caller, selector, draft, owner, _writable(draft))

    async def archive(self, caller: Caller, selector: str, owner: str | None = None) -> Connection:
        """Hide a connection with its instances and links.

        Raises:
            NotFound: there is none. BadRequest: several match.
        """
        return await self._set_archived(caller, selector, owner, archive=True)

    async def restore(self, caller: Caller, selector: str, owner: str | None = None) -> Connection:
        """Bring a connection back with its instances and links.

        Raises:
            NotFound: there is none. BadRequest: several match. AlreadyExists: a live one has taken its key.
        """
        return await self._set_archived(caller, selector, owner, archive=False)

    async def disconnect(self, caller: Caller, integration_selector: str, owner: str | None = None) -> None:
        """Mark the customer's connections of an integration as disconnected; their links stay.

        Raises:
            NotFound: there is no such integration. BadRequest: an admin names no customer.
        """
        integration = await self._integrations.elements.get(caller, integration_selector)
        customer = await self._finder.owner(caller, owner)
        async with changing(self._database, caller.workspace_id) as tx:
            while connected := await self._finder.few(
                tx, caller, customer.id, integration_id=integration.id, disconnected=False
            ):
                for connection in connected:
                    await self._update(tx, caller, connection, {"connected": False, "disconnected": True})

    async def _integration(self, caller: Caller, draft: ConnectionDraft) -> Integration:
        selector = draft.integration_id or draft.integration_key or draft.integration_uuid
        if not selector:
            raise BadRequest(
                "Say which integration it connects: give integrationId or integrationKey.", {"path": "$.integrationId"}
            )
        return await self._integrations.elements.get_live(caller, selector)

    async def _integration_at(self, caller: Caller, app_url: str) -> Integration:
        host = _host(app_url)
        if host is None:
            raise BadRequest(f"The address {app_url[:200]!r} has no host.", {"path": "$.appUrl"})
        key = key_from_name(host)
        page = await self._integrations.elements.list_page(caller, Listing(limit=MAX_LIMIT))
        for integration in page.items:
            if integration.key == key or (integration.base_uri and _host(integration.base_uri) == host):
                return integration
        if not caller.is_admin:
            raise NotFound(f"The workspace has no integration for {host}: ask an admin to create it.")
        try:
            return await self._integrations.create(
                caller, IntegrationDraft(key=key, name=host, base_uri=f"https://{host}")
            )
        except AlreadyExists:
            # Another call made it in the same moment.
            return await self._integrations.elements.get_live(caller, key)

    async def _change(
        self, caller: Caller, selector: str, draft: ConnectionDraft, owner: str | None, values: dict[str, Any]
    ) -> Connection:
        async with changing(self._database, caller.workspace_id) as tx:
            current = await self._finder.get(tx, caller, selector, owner)
            if current.archived_at is not None:
                raise BadRequest(f"The connection {selector[:200]!r} is archived: restore it first.")
            changed = await self._update(tx, caller, current, _mended(current, draft, values))
            # The row is locked by now, so that no refresh of the access token comes in between.
            await self._keep_secrets(tx, caller, changed, draft)
        return changed

    async def _set_archived(self, caller: Caller, selector: str, owner: str | None, *, archive: bool) -> Connection:
        async with changing(self._database, caller.workspace_id) as tx:
            current = await self._finder.get(tx, caller, selector, owner)
            if (current.archived_at is not None) == archive:
                return current
            moment = as_datetime(self._clock.now()) if archive else None
            return await self._update(tx, caller, current, {"archived_at": moment, "is_deactivated": archive})

    async def _update(self, tx: Transaction, caller: Caller, current: Connection, values: dict[str, Any]) -> Connection:
        now = self._clock.now()
        changed = msgspec.structs.replace(current, **values, updated_at=as_datetime(now), revision=new_id(now))
        try:
            await connections.update_connection(tx, caller.workspace_id, changed)
        except UniqueViolation as error:
            raise _taken(changed) from error
        return changed

    async def _insert(self, tx: Transaction, caller: Caller, connection: Connection, draft: ConnectionDraft) -> None:
        try:
            await connections.insert_connection(tx, caller.workspace_id, connection)
        except UniqueViolation as error:
            raise _taken(connection) from error
        await self._keep_secrets(tx, caller, connection, draft)
        await self._flow_setup.put_for_connection(tx, caller.workspace_id, connection)

    async def _settle(self, caller: Caller, connection: Connection) -> None:
        """Ask the product for the events that flow instances of a new connection wait for."""
        await self._subscribing.settle_due(caller.workspace_id, connection.user_id)

    def _new(self, draft: ConnectionDraft, customer: Customer, integration: Integration) -> Connection:
        now = self._clock.now()
        moment = as_datetime(now)
        fields: dict[str, Any] = {"name": integration.name, "is_test": False, "connected": True, "disconnected": False}
        return Connection(
            **{**fields, **_writable(draft)},
            id=new_id(now),
            user_id=customer.id,
            tenant_id=customer.id,
            user=CustomerRef(id=customer.id, name=customer.name, internal_id=customer.internal_id),
            integration_id=integration.id,
            integration=IntegrationRef(
                id=integration.id, key=integration.key, name=integration.name, logo_uri=integration.logo_uri
            ),
            state=READY,
            revision=new_id(now),
            created_at=moment,
            updated_at=moment,
            is_deactivated=False,
        )

    async def _keep_secrets(
        self, tx: Transaction, caller: Caller, connection: Connection, draft: ConnectionDraft
    ) -> None:
        given = {name: value for name, value in draft.given().items() if name in _SECRET_FIELDS}
        if not given:
            return
        sealed = await connections.find_secrets(tx, caller.workspace_id, connection.id)
        kept: dict[str, Any] = self._secrets.open_json(sealed, connection_row(connection.id)) or {}
        merged = {name: value for name, value in {**kept, **given}.items() if value is not None}
        sealed = self._secrets.seal_json(merged or None, connection_row(connection.id))
        await connections.set_secrets(tx, caller.workspace_id, connection.id, sealed)

    async def _with_secrets(self, caller: Caller, connection: Connection) -> Connection:
        sealed = await connections.find_secrets(self._database, caller.workspace_id, connection.id)
        return msgspec.structs.replace(
            connection, **(self._secrets.open_json(sealed, connection_row(connection.id)) or {})
        )


def _owner_of(draft: ConnectionDraft) -> str | None:
    return draft.user_id or draft.tenant_id or None


def _writable(draft: ConnectionDraft) -> dict[str, Any]:
    """The record's values in the draft; null leaves a name and the marks as they are."""
    fields = ("name", "key", "meta", "auth_option_key", "is_test", "disconnected")
    never_null = ("name", "is_test", "disconnected")
    given = {name: value for name, value in draft.given().items() if name in fields}
    values = {name: value for name, value in given.items() if value is not None or name not in never_null}
    if values.get("key") == _RESERVED_KEY:
        raise BadRequest(
            f"A connection cannot have the key {_RESERVED_KEY!r}: it is a path of its own.", {"path": "$.key"}
        )
    if "disconnected" in values:
        values["connected"] = not values["disconnected"]
    return values


def _mended(current: Connection, draft: ConnectionDraft, values: dict[str, Any]) -> dict[str, Any]:
    """The values with which new credentials, or connecting it again, take away what was wrong with a connection."""
    if current.error is None:
        return values
    if "disconnected" in values:
        return values if values["disconnected"] else {**values, "error": None}
    if draft.credentials is UNSET:
        return values
    return {**values, "error": None, "disconnected": False, "connected": True}


def _host(address: str) -> str | None:
    """The host of an address without ``www.``, or None if it has none that could be a name."""
    try:
        host = urlsplit(address if "://" in address else f"https://{address}").hostname or ""
    except ValueError:
        return None
    host = host.removeprefix("www.")
    return host if _HOST.fullmatch(host) else None


def _taken(connection: Connection) -> AlreadyExists:
    return AlreadyExists(
        f"The customer has a live connection with the key {connection.key!r} already.", {"path": "$.key"}
    )
