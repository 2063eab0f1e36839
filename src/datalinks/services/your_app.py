"""Requests to your app: the product that a workspace belongs to, asked on behalf of one of its customers.

Each carries the header ``X-Integration-App-Token``, a token that is signed with the workspace secret and says for whom it is.
"""

from collections.abc import Mapping
from urllib.parse import urlencode

import jwt
import msgspec

from datalinks.errors import BadRequest, NotFound
from datalinks.ids import Clock
from datalinks.model.customer import Customer
from datalinks.model.record import Json
from datalinks.model.workspace import Workspace
from datalinks.outgoing import USUAL_HEADERS, Outgoing
from datalinks.outgoing.messages import OutgoingAnswer, OutgoingRequest
from datalinks.outgoing.urls import resolve
from datalinks.services.caller import Caller
from datalinks.services.secrets import Secrets
from datalinks.store import workspaces
from datalinks.store.database import Database

HEADER = "x-integration-app-token"
_ALGORITHM = "HS512"
# Long enough for clocks that differ, short enough that a token found in a log is worth nothing.
_TOKEN_SECONDS = 300


class YourApp:
    """Makes requests to the product of the caller's workspace. Not to be asked inside a transaction."""

    def __init__(self, database: Database, secrets: Secrets, outgoing: Outgoing, clock: Clock) -> None:
        self._database = database
        self._secrets = secrets
        self._outgoing = outgoing
        self._clock = clock

    async def request(
        self,
        caller: Caller,
        customer: Customer,
        method: str,
        uri: str,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        body: Json | bytes = None,
    ) -> OutgoingAnswer:
        """What your app answers to a request for a customer, whatever its status; no redirect is followed.

        uri: percent-encoded, below the workspace's base address, or a whole address there or at an allowed host.
        query: added to what the uri has. body: bytes are sent as they are, None is no body, anything else is sent as JSON.

        Raises:
            BadRequest: the workspace has no base address, the uri leads elsewhere, or a header cannot be sent.
            OutgoingFailed, OutgoingTimeout, OutgoingTooLarge: your app does not answer properly.
        """
        workspace = await workspaces.find_workspace(self._database, caller.workspace_key)
        if workspace is None:
            raise NotFound("The workspace is gone.")
        if workspace.settings.api_base_uri is None:
            raise BadRequest(
                "The workspace has no address of your app: "
                f"give one with `datalinks workspace configure {workspace.key} --api-base-uri URL`."
            )
        url = resolve(workspace.settings.api_base_uri, uri, workspace.settings.api_allowed_hosts)
        if query:
            url = f"{url}{'&' if '?' in url else '?'}{urlencode(query)}"
        content, content_type = _content(body)
        sent = {**dict(USUAL_HEADERS), **content_type}
        sent.update((name.lower(), value) for name, value in (headers or {}).items())
        sent[HEADER] = self._token(workspace, customer)
        return await self._outgoing.request(OutgoingRequest(method.upper(), url, tuple(sent.items()), content))

    def _token(self, workspace: Workspace, customer: Customer) -> str:
        now = int(self._clock.seconds())
        claims = {"iss": workspace.key, "sub": customer.internal_id, "fields": customer.fields or {}}
        return jwt.encode(
            {**claims, "iat": now, "exp": now + _TOKEN_SECONDS}, self._secrets.open(workspace), _ALGORITHM
        )


def _content(body: Json | bytes) -> tuple[bytes, dict[str, str]]:
    """A body as it is sent, and the header that says what it is."""
    if body is None:
        return b"", {}
    if isinstance(body, bytes):
        return body, {"content-type": "application/octet-stream"}
    return msgspec.json.encode(body), {"content-type": "application/json"}
