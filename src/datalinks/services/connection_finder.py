"""Which connection is meant: every selector resolved within what the caller may see, and never by a guess."""

from typing import Any

from datalinks.errors import BadRequest, NotFound
from datalinks.ids import is_id
from datalinks.model.connection import Connection
from datalinks.model.customer import Customer
from datalinks.model.record import Draft
from datalinks.services.caller import Caller
from datalinks.services.customers import Customers
from datalinks.services.integrations import Integrations
from datalinks.store import connections
from datalinks.store.database import Database, Reader

# Enough to see that a selector is not clear and to name what it could mean.
_FEW = 10


class ConnectionFilter(Draft, frozen=True, kw_only=True):
    """Which connections a list shows; every filter given must match."""

    id: str | None = None
    name: str | None = None
    connector_id: str | None = None
    integration_id: str | None = None
    integration_key: str | None = None
    disconnected: bool | None = None
    is_test: bool | None = None


class ConnectionSelector(Draft, frozen=True, kw_only=True):
    """Which one connection is meant.

    connection_id, connection_key: the connection.
    integration_id, integration_key: instead of it, the customer's only connection of this integration.
    user_id, tenant_id: whose; a customer's id or internal id. Only an admin may name another customer than itself.
    """

    connection_id: str | None = None
    connection_key: str | None = None
    integration_id: str | None = None
    integration_key: str | None = None
    user_id: str | None = None
    tenant_id: str | None = None

    @property
    def names_connection(self) -> bool:
        """Whether it says anything of which connection is meant."""
        return bool(self.connection_id or self.connection_key or self.integration_id or self.integration_key)

    @property
    def connection(self) -> dict[str, Any]:
        """The fields that say which connection is meant, for a selector of something that hangs on it."""
        return {name: getattr(self, name) for name in ConnectionSelector.__struct_fields__}


class ConnectionFinder:
    """Finds connections that a caller may see, and the customers that own them."""

    def __init__(self, database: Database, integrations: Integrations, customers: Customers) -> None:
        self._database = database
        self._integrations = integrations
        self._customers = customers

    async def select(self, caller: Caller, wanted: ConnectionSelector) -> Connection:
        """The one live connection that a selector means: the place links go to.

        Raises:
            NotFound: none matches. BadRequest: nothing is selected, or several match; they are never guessed between.
        """
        owner = await self.owner_scope(caller, wanted.user_id or wanted.tenant_id)
        if wanted.connection_id is None:
            owner = owner or _acting_for(caller)
        which, described = await self._described(caller, wanted)
        found = await self.few(self._database, caller, owner, **which)
        if not found and await self.few(self._database, caller, owner, live=False, **which):
            raise NotFound(
                f"The connection {described} is archived, or its customer or integration is: restore it first."
            )
        return _only(found, described)

    async def get(self, reader: Reader, caller: Caller, selector: str, owner: str | None) -> Connection:
        """The connection with this id or key, or the customer's one of the integration with this id or key.

        Archived ones count where there is no live one.

        Raises:
            NotFound: there is none. BadRequest: several match.
        """
        customer_id = await self.owner_scope(caller, owner, reader)
        if is_id(selector) and (found := await self.few(reader, caller, customer_id, live=False, id=selector)):
            return found[0]
        customer_id = customer_id or _acting_for(caller)
        if found := await self._live_first(reader, caller, customer_id, key=selector):
            return _only(found, f"with the key {selector[:200]!r}")
        integration = await self._integrations.elements.find(reader, caller, selector)
        if integration is None:
            raise NotFound(f"There is no connection or integration with the id or key {selector[:200]!r}.")
        found = await self._live_first(reader, caller, customer_id, integration_id=integration.id)
        return _only(found, f"of the integration {integration.key!r}")

    async def get_live(self, caller: Caller, selector: str) -> Connection:
        """As ``get``, the connection that requests go through.

        Raises:
            NotFound: there is none, or it or its customer or integration is archived. BadRequest: several match.
        """
        connection = await self.get(self._database, caller, selector, None)
        if not await self.few(self._database, caller, connection.user_id, id=connection.id):
            raise NotFound(
                f"The connection {selector[:200]!r} is archived, or its customer or integration is: restore it first."
            )
        return connection

    async def owner_scope(self, caller: Caller, owner: str | None, reader: Reader | None = None) -> str | None:
        """The customer whose things are meant; None means those of the whole workspace, for admins only.

        Raises:
            NotFound: there is no such customer, or it is another one than the customer that calls.
        """
        if owner is None:
            return caller.customer_scope
        if caller.customer is not None and owner in (caller.customer.id, caller.customer.internal_id):
            return caller.customer.id
        customer = await self._customers.find(reader or self._database, caller, owner)
        if customer is None or caller.customer_scope not in (None, customer.id):
            raise NotFound(f"There is no customer with the id or internal id {owner[:200]!r}.")
        return customer.id

    async def owner(self, caller: Caller, owner: str | None) -> Customer:
        """The live customer that is named, else the one that calls or that an admin acts for.

        Raises:
            BadRequest: an admin names none. NotFound: there is no such customer, or it is archived.
        """
        if owner is None:
            if caller.customer is None:
                raise BadRequest(
                    "Say whose connection it is: give userId, or use a customer's token.", {"path": "$.userId"}
                )
            return caller.customer
        customer_id = await self.owner_scope(caller, owner)
        customer = customer_id and await self._customers.find(self._database, caller, customer_id)
        if not customer or customer.archived_at is not None:
            raise NotFound(f"The customer {owner[:200]!r} is archived: restore it first.")
        return customer

    async def few(self, reader: Reader, caller: Caller, customer_id: str | None, **wanted: Any) -> list[Connection]:
        """The first few connections, newest first, that match; see ``store.connections.list_connections``."""
        return await connections.list_connections(
            reader, caller.workspace_id, limit=_FEW, customer_id=customer_id, **wanted
        )

    async def _live_first(
        self, reader: Reader, caller: Caller, customer_id: str | None, **wanted: Any
    ) -> list[Connection]:
        """The first few live connections that match, or the newest archived one if there are none."""
        live = await self.few(reader, caller, customer_id, **wanted)
        return live or (await self.few(reader, caller, customer_id, live=False, **wanted))[:1]

    async def _described(self, caller: Caller, wanted: ConnectionSelector) -> tuple[dict[str, Any], str]:
        """The filter for a selector, and how a message calls what it means."""
        which: dict[str, Any] = {}
        described: list[str] = []
        if wanted.connection_id is not None:
            which["id"] = wanted.connection_id
            described.append(f"with the id {wanted.connection_id[:200]!r}")
        if wanted.connection_key is not None:
            which["key"] = wanted.connection_key
            described.append(f"with the key {wanted.connection_key[:200]!r}")
        selector = wanted.integration_id or wanted.integration_key
        if selector is not None:
            integration = await self._integrations.elements.get_live(caller, selector)
            which["integration_id"] = integration.id
            described.append(f"of the integration {integration.key!r}")
        if not which:
            raise BadRequest("Say which connection: give connectionId, or integrationKey and the customer's userId.")
        return which, " ".join(described)


def _acting_for(caller: Caller) -> str | None:
    """The customer that an admin token acts for: the one it means where it names no other."""
    return caller.customer and caller.customer.id


def _only(found: list[Connection], described: str) -> Connection:
    if not found:
        raise NotFound(f"There is no connection {described}.")
    if len(found) > 1:
        raise BadRequest(
            f"There are several connections {described}: choose one by its id with connectionId, "
            "or name the customer with userId.",
            {"connectionIds": [each.id for each in found]},
        )
    return found[0]
