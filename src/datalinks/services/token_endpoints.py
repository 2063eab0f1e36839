"""Access tokens as token endpoints give them out (RFC 6749)."""

import base64
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from datalinks.errors import OutgoingFailed
from datalinks.model.auth import ClientCredentialsAuth, OAuth, OAuth2Auth
from datalinks.outgoing import MAX_DOCUMENT_BYTES, USUAL_HEADERS, Outgoing
from datalinks.outgoing.messages import OutgoingAnswer, OutgoingRequest
from datalinks.outgoing.urls import Url, parse_url
from datalinks.services.authentication import Values

_FORM = ("content-type", "application/x-www-form-urlencoded")
_ERROR = re.compile(r"[a-z_]{1,60}")
_TOKEN = re.compile(r"[!-~]{1,20000}")
_MAX_SECONDS = 10 * 365 * 86_400
# Refusals that say "later", not "no".
_NOT_NOW = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a connection's credentials have of tokens. expires_at: in seconds since 1970; None where nobody has said it."""

    access_token: str | None
    refresh_token: str | None
    expires_at: float | None = None

    def __repr__(self) -> str:
        return f"Tokens(expires_at={self.expires_at})"


class TokenRefused(Exception):
    """A token endpoint has said no. code: its word for why, e.g. ``invalid_grant``; None if it has none."""

    def __init__(self, place: str, code: str | None) -> None:
        super().__init__(f"{place} refused with {code or 'no reason'}")
        self.place = place
        self.code = code


async def ask_for_tokens(outgoing: Outgoing, auth: OAuth, values: Values, refresh_token: str, now: float) -> Tokens:
    """New tokens. refresh_token: what they are exchanged for with ``oauth2``. now: seconds since 1970.

    Raises:
        TokenRefused: there are none for these credentials. BadRequest: the connection's secrets lack a value.
        OutgoingFailed, OutgoingTimeout, OutgoingTooLarge: nothing is said of the credentials.
    """
    url = parse_url(auth.token_uri)
    assert url is not None, "it was checked when it was written"
    answer = await outgoing.request(_request(auth, values, refresh_token), MAX_DOCUMENT_BYTES)
    body = _json(answer)
    if HTTPStatus.BAD_REQUEST <= answer.status < HTTPStatus.INTERNAL_SERVER_ERROR and answer.status not in _NOT_NOW:
        raise TokenRefused(url.origin, _error(body))
    if answer.status != HTTPStatus.OK:
        raise OutgoingFailed(f"{url.origin} answered a request for an access token with status {answer.status}.")
    if "error" in body:
        # Some answer so with status 200.
        raise TokenRefused(url.origin, _error(body))
    return _tokens(body, url, now)


def _request(auth: OAuth, values: Values, refresh_token: str) -> OutgoingRequest:
    form = dict(auth.extra)
    if isinstance(auth, ClientCredentialsAuth):
        form["grant_type"] = "client_credentials"
        if auth.scopes:
            form["scope"] = " ".join(auth.scopes)
    else:
        form.update(grant_type="refresh_token", refresh_token=refresh_token)
    client_id = values.get(auth.client_id, "clientId")
    headers = [*USUAL_HEADERS, _FORM]
    # Only a client that acts for its users can be a public one.
    secret = (values.find if isinstance(auth, OAuth2Auth) else values.get)(auth.client_secret, "clientSecret")
    if secret is not None and auth.client_auth_location == "headers":
        pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
        headers.append(("authorization", f"Basic {base64.b64encode(pair.encode()).decode()}"))
    else:
        form["client_id"] = client_id
        if secret is not None:
            form["client_secret"] = secret
    return OutgoingRequest("POST", auth.token_uri, tuple(headers), urlencode(form).encode())


def _json(answer: OutgoingAnswer) -> dict[str, Any]:
    try:
        return msgspec.json.decode(answer.content(MAX_DOCUMENT_BYTES), type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


def _error(body: dict[str, Any]) -> str | None:
    """The endpoint's word for what is wrong, if it is a word: anything else it says could repeat a secret."""
    code = body.get("error")
    return code if isinstance(code, str) and _ERROR.fullmatch(code) else None


def _tokens(body: dict[str, Any], url: Url, now: float) -> Tokens:
    access_token, refresh_token = (_token(body.get(name)) for name in ("access_token", "refresh_token"))
    if access_token is None:
        raise OutgoingFailed(f"{url.origin} answered a request for an access token without one.")
    seconds = _seconds(body.get("expires_in"))
    return Tokens(access_token, refresh_token, None if seconds is None else now + seconds)


def _token(value: Any) -> str | None:
    return value if isinstance(value, str) and _TOKEN.fullmatch(value) else None


def _seconds(value: Any) -> float | None:
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < len(str(_MAX_SECONDS)):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        return None
    return min(float(value), float(_MAX_SECONDS))
