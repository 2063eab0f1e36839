"""Verifies tokens: JWTs signed with a workspace's secret or with one of its public keys."""

import time
from collections.abc import AsyncGenerator, Callable
from math import inf
from typing import Any

import jwt
import msgspec
from jwt.utils import base64url_decode

from datalinks.errors import NotAuthenticated
from datalinks.model.depth import MAX_DEPTH, is_too_deep
from datalinks.model.workspace import Workspace
from datalinks.services.memory import remember
from datalinks.services.token_keys import (
    ALGORITHMS,
    HMAC_ALGORITHMS,
    PublishedKeys,
    TokenKey,
    public_key,
    secret_key,
)

_MAX_TOKEN_LENGTH = 16_384

Claims = dict[str, Any]


class TokenVerifier:
    """Verifies signatures and remembers the outcome, as a signature costs more than everything else in a lookup.

    Only verified claims are remembered, for exactly the keys that verified them; ``exp`` is looked at each time.
    """

    def __init__(self, published: PublishedKeys, cache_size: int, now: Callable[[], float] = time.time) -> None:
        self._published = published
        self._cache_size = cache_size
        self._now = now
        self._cache: dict[tuple[Any, ...], Claims] = {}
        self._period_seconds = max(published.max_age_seconds, 1.0)

    async def verify(self, token: str, workspace: Workspace, secret: Callable[[], str]) -> Claims:
        """The claims of a token that a key of the workspace has signed.

        secret: gives the workspace's secret in the clear; called only when it is needed.

        Raises:
            NotAuthenticated: nothing of the workspace signed it, it has expired or is not valid yet.
        """
        cache_key = (token, *self._fingerprint(workspace))
        claims = self._cache.get(cache_key)
        if claims is None:
            claims = await self._verify(token, workspace, secret)
            remember(self._cache, cache_key, claims, self._cache_size)
        if (expires := claims.get("exp")) is not None and int(expires) <= self._now():
            raise NotAuthenticated("The token has expired: make a new one.")
        return claims

    def good_until(self, workspace: Workspace, claims: Claims) -> float:
        """Until when (seconds since 1970) verified claims need no second look, as long as the workspace is the same."""
        expires = float(claims.get("exp", inf))
        # Published keys can change unseen, so what they verified is remembered no longer than they are.
        return min(expires, (self._period() + 1) * self._period_seconds) if workspace.settings.jwks_uri else expires

    def _period(self) -> float:
        return self._now() // self._period_seconds

    def _fingerprint(self, workspace: Workspace) -> tuple[Any, ...]:
        """Changes whenever a key of the workspace does, so that nothing an old key verified is remembered."""
        settings = workspace.settings
        period = settings.jwks_uri and self._period()
        keys = tuple(key.public_key for key in settings.public_keys)
        return (workspace.id, workspace.secret, settings.disable_secret_key_auth, keys, settings.jwks_uri, period)

    async def _verify(self, token: str, workspace: Workspace, secret: Callable[[], str]) -> Claims:
        header = _header(token)
        algorithm = header.get("alg")
        if algorithm not in ALGORITHMS:
            raise NotAuthenticated(f"The token's algorithm {str(algorithm)[:20]!r} is none of {', '.join(ALGORITHMS)}.")
        async for key in self._keys(header, workspace, secret):
            if algorithm in key.algorithms:
                try:
                    return _decode(token, key)
                except jwt.InvalidSignatureError:
                    continue
        raise NotAuthenticated(
            "The token is not signed by a key of the workspace it names: sign it with the workspace secret "
            "(HS256, HS384, HS512) or with a registered key (RS, PS, ES)."
        )

    async def _keys(
        self, header: dict[str, Any], workspace: Workspace, secret: Callable[[], str]
    ) -> AsyncGenerator[TokenKey]:
        """The keys that may have signed a token, those that others publish last: they cost a request."""
        settings = workspace.settings
        if header["alg"] in HMAC_ALGORITHMS:
            if not settings.disable_secret_key_auth:
                yield secret_key(secret())
            return
        for key in settings.public_keys:
            yield public_key(key.public_key)
        if settings.jwks_uri is not None:
            key_id = header.get("kid")
            for key in await self._published.find(settings.jwks_uri, key_id if isinstance(key_id, str) else None):
                yield key


def unverified_claims(token: str) -> Claims:
    """What a token claims, before anyone has verified it: good for finding the workspace and nothing else.

    Raises:
        NotAuthenticated: it is not a JWT.
    """
    if len(token) > _MAX_TOKEN_LENGTH:
        raise NotAuthenticated(f"The token is longer than {_MAX_TOKEN_LENGTH} characters.")
    try:
        # Read strictly: Python's own JSON takes NaN and lone surrogates, which no store and no answer can hold.
        payload = base64url_decode(token.split(".")[1])
        if is_too_deep(payload):
            raise NotAuthenticated(f"The token's claims are nested deeper than {MAX_DEPTH} levels.")
        return msgspec.json.decode(payload, type=Claims)
    except (msgspec.MsgspecError, ValueError, IndexError, RecursionError) as error:
        raise NotAuthenticated("The token is not a JWT: send `Authorization: Bearer <jwt>`.") from error


def _header(token: str) -> dict[str, Any]:
    try:
        return jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise NotAuthenticated("The token's header cannot be read.") from error


def _decode(token: str, key: TokenKey) -> Claims:
    # The audience and the time of issue say nothing to us; foreign clocks may run ahead of ours.
    options: Any = {"verify_aud": False, "verify_iat": False, "verify_sub": False, "verify_jti": False}
    try:
        return jwt.decode(token, key.material, algorithms=list(key.algorithms), options=options)
    except jwt.ExpiredSignatureError as error:
        raise NotAuthenticated("The token has expired: make a new one.") from error
    except jwt.ImmatureSignatureError as error:
        raise NotAuthenticated("The token is not valid yet: its nbf lies in the future.") from error
    except jwt.InvalidSignatureError:
        raise
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError) as error:
        raise NotAuthenticated(f"The token is not valid: {error}") from error
