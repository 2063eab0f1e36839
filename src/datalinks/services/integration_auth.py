"""What an integration says of its requests, checked where it is written."""

import re

from datalinks.errors import BadRequest
from datalinks.model.auth import ApiKeyAuth, Auth, ClientCredentialsAuth, OAuth2Auth
from datalinks.model.integration import Integration
from datalinks.outgoing.urls import check_base, parse_url

# Headers that say how a message is framed or where it goes are no place for a key.
_NOT_FOR_KEYS = frozenset(
    {"host", "connection", "content-length", "transfer-encoding", "te", "trailer", "upgrade", "expect", "keep-alive"}
)
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def check_integration(integration: Integration) -> None:
    """Make sure that requests can be made as the integration says.

    Raises:
        BadRequest: they cannot; ``data["path"]`` is the field that is wrong.
    """
    if integration.auth is None:
        # What is no address is taken as text, as nothing is sent there.
        return
    if integration.base_uri:
        check_base(integration.base_uri)
    _check_auth(integration.auth)


def _check_auth(auth: Auth) -> None:
    if isinstance(auth, ApiKeyAuth) and auth.place == "header":
        if not _HEADER.fullmatch(auth.name) or auth.name.lower() in _NOT_FOR_KEYS:
            raise BadRequest(f"No key can be sent in a header named {auth.name!r}.", {"path": "$.auth.name"})
    elif isinstance(auth, ClientCredentialsAuth | OAuth2Auth):
        if parse_url(auth.token_uri) is None:
            raise BadRequest(
                f"The token endpoint {auth.token_uri[:200]!r} cannot be called: give an address like "
                "https://login.example.com/oauth/token, with an ASCII host and without user and fragment.",
                {"path": "$.auth.tokenUri"},
            )
        for name in ("grant_type", "refresh_token", "client_id", "client_secret", "scope"):
            if name in auth.extra:
                raise BadRequest(
                    f"{name} is sent with every request for tokens already: leave it out of extra.",
                    {"path": f"$.auth.extra.{name}"},
                )
