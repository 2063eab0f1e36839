"""What a request to an app carries so that the app lets it in: an integration's authentication with a connection's secrets."""

import base64
import re
from dataclasses import dataclass, replace
from typing import Any, cast
from urllib.parse import quote_plus, unquote_plus

from datalinks.errors import BadRequest
from datalinks.model.auth import ApiKeyAuth, Auth, BasicAuth, BearerAuth, NoAuth, Reference, Value
from datalinks.model.record import JsonObject
from datalinks.outgoing.messages import OutgoingRequest

# How the roots of references are called where secrets are kept.
_ROOTS = {"credentials": "credentials", "connectorParameters": "connector_parameters", "input": "input"}
_PRINTABLE = re.compile(r"[!-~]([ -~]*[!-~])?")
ACCESS_TOKEN = Reference(path="$.credentials.access_token")


@dataclass(frozen=True, slots=True)
class Values:
    """The values that an authentication refers to. secrets: what is kept encrypted with a connection."""

    secrets: JsonObject

    def __repr__(self) -> str:
        return "Values(...)"

    def find(self, value: Value | None, name: str) -> str | None:
        """A value as text; None if there is none. name: of the credential that it is if it is not given."""
        wanted = Reference(path=f"$.credentials.{name}") if value is None else value
        if isinstance(wanted, str):
            return wanted
        root, *names = wanted.path.removeprefix("$.").split(".")
        found: Any = self.secrets.get(_ROOTS[root])
        for each in names:
            found = cast("JsonObject", found).get(each) if isinstance(found, dict) else None
        if isinstance(found, int) and not isinstance(found, bool):
            return str(found)
        return found if isinstance(found, str) and found else None

    def get(self, value: Value | None, name: str) -> str:
        """As ``find``.

        Raises:
            BadRequest: there is none.
        """
        found = self.find(value, name)
        if found is None:
            path = value.path if isinstance(value, Reference) else f"$.credentials.{name}"
            raise BadRequest(f"The connection has no text at {path}, which its integration asks for.", {"path": path})
        return found

    def get_printable(self, value: Value | None, name: str) -> str:
        """As ``get``, for what is sent in a header as it is.

        Raises:
            BadRequest: there is none, or it has characters that no header can have.
        """
        found = self.get(value, name)
        if not _PRINTABLE.fullmatch(found):
            path = value.path if isinstance(value, Reference) else f"$.credentials.{name}"
            raise BadRequest("A credential has characters that no header can have.", {"path": path})
        return found


def authenticated(request: OutgoingRequest, auth: Auth, values: Values) -> OutgoingRequest:
    """A request with what an authentication adds; of what it adds the request's own is left out.

    Raises:
        BadRequest: the connection's secrets lack a value.
    """
    match auth:
        case NoAuth():
            return request
        case ApiKeyAuth():
            return _with_key(request, auth, values)
        case BearerAuth():
            credentials = f"Bearer {values.get_printable(auth.token, 'token')}"
        case BasicAuth():
            user, password = values.get(auth.username, "username"), values.get(auth.password, "password")
            if ":" in user:
                raise BadRequest("The user name has a colon, which basic authentication cannot send.")
            credentials = f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"
        case _:
            credentials = f"Bearer {values.get_printable(ACCESS_TOKEN, 'access_token')}"
    return _with_header(request, "authorization", credentials)


def _with_key(request: OutgoingRequest, auth: ApiKeyAuth, values: Values) -> OutgoingRequest:
    if auth.place == "header":
        return _with_header(request, auth.name, auth.prefix + values.get_printable(auth.value, "apiKey"))
    url, _, query = request.url.partition("?")
    others = [pair for pair in query.split("&") if pair and unquote_plus(pair.partition("=")[0]) != auth.name]
    pair = f"{quote_plus(auth.name)}={quote_plus(auth.prefix + values.get(auth.value, 'apiKey'))}"
    return replace(request, url=f"{url}?{'&'.join([*others, pair])}")


def _with_header(request: OutgoingRequest, name: str, value: str) -> OutgoingRequest:
    others = [header for header in request.headers if header[0].lower() != name.lower()]
    return replace(request, headers=(*others, (name, value)))
