"""The client."""

from types import TracebackType
from typing import Self

from datalinks.client._async.elements import AsyncElements
from datalinks.client._async.http import AsyncHttp
from datalinks.client._async.instances import AsyncInstances
from datalinks.client._async.links import AsyncLinks, AsyncLinksOfInstance
from datalinks.client._async.nouns import AsyncConnections, AsyncCustomers, AsyncTables
from datalinks.client._async.tokens import AsyncTokens
from datalinks.client.addresses import checked_url
from datalinks.client.calls import make_call
from datalinks.client.credentials import AsyncTokenSource, choose_source
from datalinks.client.nouns import CONNECTIONS, CUSTOMERS, INSTANCES, INTEGRATIONS, TABLES, Identity
from datalinks.client.queries import Place
from datalinks.errors import InvalidSettings
from datalinks.model.customer import CredentialsDraft
from datalinks.model.record import Json


class AsyncClient:
    """A Datalinks server as one caller sees it: a customer, or an admin of a workspace.

    customers, integrations, connections, tables, instances, links: the nouns of the API.
    Close it when it is no longer needed, best by a ``with`` block.
    """

    def __init__(
        self,
        url: str,
        *,
        token: str | AsyncTokenSource | None = None,
        workspace_key: str | None = None,
        workspace_secret: str | None = None,
        customer: str | None = None,
        admin: bool = False,
        timeout: float = 30.0,
        retries: int = 2,
    ) -> None:
        """A client of the server at ``url``, with its path prefix if it has one. Nothing is sent yet.

        token: a JWT, or a function that gives one; it is called for the first call, when less than 10 seconds of the
        token's life remain, and once more when the server refuses the token.
        workspace_key, workspace_secret: instead, to mint tokens for ``customer`` (its id in the caller's product; it
        comes into being when it is first named), for an admin, or for an admin who acts for the customer.
        timeout: seconds to wait for each step of a call: to connect, to send, for the next part of the answer.
        retries: how often a call is sent again that got no answer or the answer to try later; 0 never.
        Only calls that may be sent twice are: all but patches, and files that are given as an iterator.

        Raises:
            InvalidSettings: the url is no plain http(s) address, or the credentials are none, incomplete or too many.
        """
        if retries < 0 or timeout <= 0:
            raise InvalidSettings("A timeout is more than 0 seconds, and retries are 0 or more.")
        source = choose_source(token, workspace_key, workspace_secret, customer, admin)
        self._url = checked_url(url)
        self._http = AsyncHttp(self._url, AsyncTokens(source), timeout, retries)
        self.customers = AsyncCustomers(self._http, CUSTOMERS)
        self.integrations = AsyncElements(self._http, INTEGRATIONS)
        self.connections = AsyncConnections(self._http, CONNECTIONS)
        self.tables = AsyncTables(self._http, TABLES)
        self.instances = AsyncInstances(self._http, INSTANCES, Place)
        self.links = AsyncLinks(self._http)

    def links_of(
        self,
        *,
        table: str | None = None,
        connection: str | None = None,
        connection_key: str | None = None,
        integration: str | None = None,
        customer: str | None = None,
        instance_key: str | None = None,
        instance: str | None = None,
    ) -> AsyncLinksOfInstance:
        """The links of one instance. Nothing is sent yet.

        table: its key or id. connection: its id; or connection_key; or integration, by key or id, with the customer
        whose only connection to it is meant, by id or internal id; a customer's own client need not name it.
        instance_key: which of several instances of one table and connection. instance: its id, instead of all these.
        """
        place = Place(
            table=table,
            connection=connection,
            connection_key=connection_key,
            integration=integration,
            customer=customer,
            instance_key=instance_key,
            instance=instance,
        )
        return AsyncLinksOfInstance(self._http, place)

    async def get_self(self) -> Identity:
        """Who this client's token speaks for.

        Raises:
            NotAuthenticated: nobody, as the token is not valid. AccessDenied: its customer is archived.
        """
        return await self._http.fetch(make_call("GET", "/self"), Identity)

    async def patch_self(self, *, credentials: Json) -> Identity:
        """Keep credentials for the API of the caller's own product, encrypted; None forgets them.

        Raises:
            BadRequest: the token names no customer.
        """
        call = make_call("PATCH", "/self", body=CredentialsDraft(credentials=credentials))
        return await self._http.fetch(call, Identity)

    async def aclose(self) -> None:
        """Close the connections to the server."""
        await self._http.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._url!r})"
