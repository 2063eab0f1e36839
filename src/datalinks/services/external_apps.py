"""Requests to the external apps that customers have connected, each with what lets it in."""

from dataclasses import dataclass, field
from http import HTTPStatus

from datalinks.errors import BadRequest, Disconnected
from datalinks.model.auth import NoAuth
from datalinks.model.connection import Connection
from datalinks.model.integration import Integration
from datalinks.outgoing import USUAL_HEADERS, Outgoing
from datalinks.outgoing.messages import Headers, OutgoingAnswer, OutgoingRequest
from datalinks.outgoing.urls import resolve
from datalinks.services.access_tokens import TROUBLES, AccessTokens, Owner
from datalinks.services.authentication import Values, authenticated
from datalinks.services.caller import Caller
from datalinks.services.connection_finder import ConnectionFinder
from datalinks.services.integrations import Integrations
from datalinks.store.database import Database


@dataclass(frozen=True, slots=True)
class AppRequest:
    """A request to an app. reference: a path below its base address, or a whole address there; percent-encoded, with the query.

    headers, body: sent as they are; what authenticates is added. Without ``accept``, ``accept-encoding`` or ``user-agent`` usual
    ones are sent, so that the answer comes uncompressed unless the request asks for something else.
    """

    method: str
    reference: str = field(repr=False)
    headers: Headers = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)


class ExternalApps:
    """Makes requests through connections. Not to be asked inside a transaction, as others take their time."""

    def __init__(
        self,
        database: Database,
        integrations: Integrations,
        finder: ConnectionFinder,
        tokens: AccessTokens,
        outgoing: Outgoing,
    ) -> None:
        self._database = database
        self._integrations = integrations
        self._finder = finder
        self._tokens = tokens
        self._outgoing = outgoing

    async def request(self, caller: Caller, connection: Connection, request: AppRequest) -> OutgoingAnswer:
        """What the app answers, whatever its status; no redirect is followed.

        If it answers 401 and the credentials can be renewed, they are, once, and the request is made once more. If they cannot,
        the answer is the 401.

        Raises:
            BadRequest: the integration or the connection's credentials lack something, or the reference leads elsewhere.
            Disconnected: the connection is. OutgoingFailed, OutgoingTimeout, OutgoingTooLarge: the app does not answer properly.
        """
        integration = await self._integrations.elements.get_live(caller, connection.integration_id)
        prepared = _prepared(integration, request)
        owner = await self._owner(caller, connection, integration)
        usable = await self._tokens.usable(owner)
        answer = await self._send(prepared, owner, usable.values)
        if answer.status != HTTPStatus.UNAUTHORIZED or not usable.may_renew:
            return answer
        try:
            renewed = await self._tokens.renewed(owner, usable.values)
        except (BadRequest, Disconnected, *TROUBLES):
            return answer
        return await self._send(prepared, owner, renewed)

    async def request_by_selector(self, caller: Caller, selector: str, request: AppRequest) -> OutgoingAnswer:
        """As ``request``, through the connection with this id or key, or the customer's only one of an integration.

        Raises:
            As ``request``. NotFound: there is none. BadRequest: several match.
        """
        return await self.request(caller, await self._finder.get_live(caller, selector), request)

    async def refresh_credentials(self, caller: Caller, selector: str) -> None:
        """Renew the access token of a connection now.

        Raises:
            NotFound: there is none. BadRequest: several match, or there is nothing that could be renewed.
            Disconnected: it is, or is from now on. OutgoingFailed, OutgoingTimeout, OutgoingTooLarge: the token endpoint fails.
        """
        connection = await self._finder.get_live(caller, selector)
        integration = await self._integrations.elements.get_live(caller, connection.integration_id)
        owner = await self._owner(caller, connection, integration)
        await self._tokens.renewed(owner, await self._tokens.kept(owner))

    async def _owner(self, caller: Caller, connection: Connection, integration: Integration) -> Owner:
        auth = await self._integrations.auth(self._database, caller.workspace_id, integration)
        return Owner(caller.workspace_id, connection.id, NoAuth() if auth is None else auth)

    async def _send(self, prepared: OutgoingRequest, owner: Owner, values: Values) -> OutgoingAnswer:
        return await self._outgoing.request(authenticated(prepared, owner.auth, values))


def _prepared(integration: Integration, request: AppRequest) -> OutgoingRequest:
    """The request with the app's address in front, and without what authenticates it."""
    if not integration.base_uri:
        raise BadRequest(
            f"The integration {integration.key!r} has no base address: an admin must give it a baseUri.",
            {"path": "$.baseUri"},
        )
    url = resolve(integration.base_uri, request.reference, integration.allowed_hosts or ())
    given = {name.lower() for name, _ in request.headers}
    usual = tuple(header for header in USUAL_HEADERS if header[0] not in given)
    return OutgoingRequest(request.method, url, (*request.headers, *usual), request.body)
