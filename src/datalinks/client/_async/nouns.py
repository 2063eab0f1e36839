"""Customers, connections and tables: what each can do besides what every noun can."""

from datalinks.client._async.elements import AsyncElements
from datalinks.client.calls import make_call, path_part
from datalinks.client.nouns import Fields, Query
from datalinks.client.queries import SecretsQuery, Selector
from datalinks.errors import NotFound
from datalinks.model.connection import Connection, EnsureConnectionDraft
from datalinks.model.customer import Customer
from datalinks.model.table import DataLinkTable, DataLinkTableExport


class AsyncCustomers(AsyncElements[Query, Fields, Customer]):
    """The customers of the workspace; for admins only."""

    async def get(self, selector: str, *, include_secrets: bool = False) -> Customer:
        """The customer with this id or internal id, archived or not, with its credentials if they are asked for.

        Raises:
            NotFound: there is none. AccessDenied: the caller is a customer.
        """
        secrets = SecretsQuery(include_secrets=include_secrets)
        return await self._http.fetch(make_call("GET", self._noun.path, Selector(id=selector), secrets), Customer)


class AsyncConnections(AsyncElements[Query, Fields, Connection]):
    """Connections: the caller's own, or every customer's under an admin token.

    Where an admin creates one, ``user_id`` says whose it is, by the customer's id or internal id.
    """

    async def get(self, selector: str, *, customer: str | None = None, include_secrets: bool = False) -> Connection:
        """The connection with this id or key, or the customer's only one of the integration with this id or key.

        customer: whose, by id or internal id; for admins, whose selector may otherwise mean several.

        Raises:
            NotFound: there is none. BadRequest: several match; they are never guessed between.
            AccessDenied: a customer asks for secrets.
        """
        query = SecretsQuery(customer=customer, include_secrets=include_secrets)
        return await self._http.fetch(make_call("GET", self._noun.path, Selector(id=selector), query), Connection)

    async def find(self, selector: str, *, customer: str | None = None) -> Connection | None:
        """As ``get``, but None where there is none.

        Raises:
            BadRequest: several match; they are never guessed between.
        """
        try:
            return await self.get(selector, customer=customer)
        except NotFound:
            return None

    async def ensure(self, app_url: str, *, name: str | None = None, customer: str | None = None) -> Connection:
        """The customer's connection to the app at an address, made if there is none.

        An admin's call makes the integration too. customer: whose, by id or internal id; for admins.

        Raises:
            NotFound: the workspace has no integration there. BadRequest: no host in the address, or no customer.
        """
        draft = (
            EnsureConnectionDraft(app_url=app_url)
            if name is None
            else EnsureConnectionDraft(app_url=app_url, name=name)
        )
        call = make_call("POST", f"{self._noun.path}s/ensure", SecretsQuery(customer=customer), body=draft)
        return await self._http.fetch(call, Connection)


class AsyncTables(AsyncElements[Query, Fields, DataLinkTable]):
    """Data link tables. Customers read them; writing is for admins unless the server's settings say otherwise."""

    async def export(self, selector: str) -> DataLinkTableExport:
        """A table as it travels: its fields create the same table in another workspace.

        Raises:
            NotFound: there is none.
        """
        path = f"{self._noun.path}s/{path_part(selector)}/export"
        return await self._http.fetch(make_call("GET", path), DataLinkTableExport)
