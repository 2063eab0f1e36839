"""Credentials: where the token of a call comes from, and when it is time for another."""

import time
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any, TypeAlias, TypeVar

import jwt

from datalinks.errors import InvalidSettings, NotAuthenticated

TokenSource: TypeAlias = Callable[[], str]
AsyncTokenSource: TypeAlias = Callable[[], str | Awaitable[str]]

# The reference SDKs fetch a new token this long before the old one expires.
EXPIRY_MARGIN_SECONDS = 10
MINTED_LIFETIME_SECONDS = 3600
_ALGORITHM = "HS512"

S = TypeVar("S")


def choose_source(
    token: S | None, workspace_key: str | None, workspace_secret: str | None, customer: str | None, admin: bool
) -> S | TokenSource:
    """Where tokens come from: what was given, or a function that mints them with the workspace's secret.

    Raises:
        InvalidSettings: both ways are given or neither, half of one, or nobody whom minted tokens would speak for.
    """
    if token is not None:
        if workspace_key is not None or workspace_secret is not None or customer is not None or admin:
            raise InvalidSettings("Give the client a token, or a workspace_key and workspace_secret, but not both.")
        return token
    if not workspace_key or not workspace_secret:
        raise InvalidSettings("The client needs a token, or a workspace_key and workspace_secret to mint tokens with.")
    if not admin and not customer:
        raise InvalidSettings("Say whom the client speaks for: customer='...', or admin=True.")
    return _minting(workspace_key, workspace_secret, customer, admin)


def checked_token(token: str) -> str:
    """A token as it goes into a header, without the line end that files bring.

    Raises:
        NotAuthenticated: it is empty or has characters that no token has; the HTTP library's own complaint would show it.
    """
    token = token.strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise NotAuthenticated("The token is empty, or has spaces or characters that no token has.")
    return token


def expiry_of(token: str) -> float | None:
    """When a token expires, in seconds since 1970; None if it does not or is no JWT."""
    try:
        claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError):
        return None
    expires = claims.get("exp")
    return float(expires) if isinstance(expires, int | float) else None


def token_of(source: TokenSource) -> str:
    """The token that a source gives."""
    return source()


async def async_token_of(source: AsyncTokenSource) -> str:
    """The token that a source gives, at once or after waiting."""
    given = source()
    return await given if isawaitable(given) else given


def _minting(workspace_key: str, workspace_secret: str, customer: str | None, admin: bool) -> TokenSource:
    who: dict[str, Any] = {} if customer is None else {"id": customer}
    if admin:
        who["isAdmin"] = True

    def mint() -> str:
        expires = int(time.time()) + MINTED_LIFETIME_SECONDS
        return jwt.encode({"iss": workspace_key, "exp": expires, **who}, workspace_secret, _ALGORITHM)

    return mint
