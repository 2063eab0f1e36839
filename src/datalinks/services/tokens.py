"""Verifies tokens: JWTs signed with a workspace's secret or with one of its public keys.

A key only ever verifies the algorithms of its own kind, whatever the token's header says, so neither ``alg: none`` nor a public
key used as an HMAC secret gets through.
"""

import asyncio
import time
from collections import OrderedDict, defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jwt
import msgspec
import structlog
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from jwt.utils import base64url_decode

from datalinks.errors import DataLinksError, NotAuthenticated
from datalinks.model.workspace import Workspace

HMAC_ALGORITHMS = ("HS256", "HS384", "HS512")
_RSA_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
_CURVE_ALGORITHMS = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512", "secp256k1": "ES256K"}
_ALGORITHMS = (*HMAC_ALGORITHMS, *_RSA_ALGORITHMS, *_CURVE_ALGORITHMS.values())
_MAX_TOKEN_LENGTH = 16_384

Claims = dict[str, Any]
_log = structlog.get_logger("datalinks.tokens")


@dataclass(frozen=True, slots=True)
class _Key:
    """A key that may have signed a token, with the algorithms it is for."""

    material: Any
    algorithms: Sequence[str]


class PublishedKeys:
    """The keys that workspaces publish at their JWKS addresses, kept for a while."""

    # A token with an unknown key id makes us look again, but not more often than this.
    _MIN_AGE_SECONDS = 30.0

    def __init__(self, fetch: Callable[[str], Awaitable[bytes]], max_age_seconds: float) -> None:
        self._fetch = fetch
        self.max_age_seconds = max_age_seconds
        self._sets: dict[str, tuple[float, jwt.PyJWKSet | NotAuthenticated]] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def find(self, uri: str, key_id: str | None) -> list[Any]:
        """The keys published at the address, only those with the key id if the token names one.

        Raises:
            NotAuthenticated: the address cannot be read or holds no key set, so nothing can be verified.
        """
        keys = await self._keys(uri, self.max_age_seconds)
        if key_id is not None and all(key.key_id != key_id for key in keys):
            keys = await self._keys(uri, self._MIN_AGE_SECONDS)
        return [key.key for key in keys if key_id is None or key.key_id == key_id]

    async def _keys(self, uri: str, max_age_seconds: float) -> list[jwt.PyJWK]:
        # Callers that come together share one request, and a failure is remembered too: tokens that nobody signed must not
        # make us call others as often as their senders like.
        async with self._locks[uri]:
            read_at, found = self._sets.get(uri, (float("-inf"), None))
            age = time.monotonic() - read_at
            if found is None or age > (self._MIN_AGE_SECONDS if isinstance(found, Exception) else max_age_seconds):
                found = await self._read(uri)
                self._sets[uri] = (time.monotonic(), found)
        if isinstance(found, NotAuthenticated):
            raise NotAuthenticated(found.message)
        return found.keys

    async def _read(self, uri: str) -> jwt.PyJWKSet | NotAuthenticated:
        try:
            return jwt.PyJWKSet.from_dict(msgspec.json.decode(await self._fetch(uri), type=dict[str, Any]))
        except (DataLinksError, jwt.PyJWTError, ValueError, TypeError, AttributeError, RecursionError) as error:
            # Why is for the log: the address and what stands there are nobody's business who has no token yet.
            _log.warning("published keys cannot be read", uri=uri, reason=str(error))
            return NotAuthenticated("The workspace's published keys cannot be read.")


class TokenVerifier:
    """Verifies signatures and remembers the outcome, as a signature costs more than everything else in a lookup.

    Only verified claims of tokens with ``exp`` in the future are remembered, for exactly the keys that verified them.
    """

    def __init__(self, published: PublishedKeys, cache_size: int, now: Callable[[], float] = time.time) -> None:
        self._published = published
        self._cache_size = cache_size
        self._now = now
        self._cache: OrderedDict[tuple[Any, ...], Claims] = OrderedDict()

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
            self._remember(cache_key, claims)
        if (expires := claims.get("exp")) is not None and int(expires) <= self._now():
            raise NotAuthenticated("The token has expired: make a new one.")
        return claims

    def _fingerprint(self, workspace: Workspace) -> tuple[Any, ...]:
        """Changes whenever a key of the workspace does, so that nothing an old key verified is remembered."""
        settings = workspace.settings
        # Published keys can change unseen, so what they verified is remembered no longer than they are.
        period = settings.jwks_uri and self._now() // max(self._published.max_age_seconds, 1.0)
        keys = tuple(key.public_key for key in settings.public_keys)
        return (workspace.id, workspace.secret, settings.disable_secret_key_auth, keys, settings.jwks_uri, period)

    def _remember(self, cache_key: tuple[Any, ...], claims: Claims) -> None:
        self._cache[cache_key] = claims
        if len(self._cache) > self._cache_size:
            self._cache.popitem(last=False)

    async def _verify(self, token: str, workspace: Workspace, secret: Callable[[], str]) -> Claims:
        header = _header(token)
        algorithm = header.get("alg")
        if algorithm not in _ALGORITHMS:
            raise NotAuthenticated(
                f"The token's algorithm {str(algorithm)[:20]!r} is none of {', '.join(_ALGORITHMS)}."
            )
        keys = await self._keys(header, workspace, secret)
        for key in keys:
            if algorithm in key.algorithms:
                try:
                    return _decode(token, key)
                except jwt.InvalidSignatureError:
                    continue
        raise NotAuthenticated(
            "The token is not signed by a key of the workspace it names: sign it with the workspace secret "
            "(HS256, HS384, HS512) or with a registered key (RS, PS, ES)."
        )

    async def _keys(self, header: dict[str, Any], workspace: Workspace, secret: Callable[[], str]) -> list[_Key]:
        settings = workspace.settings
        if header.get("alg") in HMAC_ALGORITHMS:
            return [] if settings.disable_secret_key_auth else [_Key(secret(), HMAC_ALGORITHMS)]
        keys: list[Any] = [parse_public_key(key.public_key) for key in settings.public_keys]
        if settings.jwks_uri is not None:
            key_id = header.get("kid")
            keys += await self._published.find(settings.jwks_uri, key_id if isinstance(key_id, str) else None)
        return [_Key(key, algorithms) for key in keys if (algorithms := key_algorithms(key))]


def unverified_claims(token: str) -> Claims:
    """What a token claims, before anyone has verified it: good for finding the workspace and nothing else.

    Raises:
        NotAuthenticated: it is not a JWT.
    """
    if len(token) > _MAX_TOKEN_LENGTH:
        raise NotAuthenticated(f"The token is longer than {_MAX_TOKEN_LENGTH} characters.")
    try:
        # Read strictly: Python's own JSON takes NaN and lone surrogates, which no store and no answer can hold.
        return msgspec.json.decode(base64url_decode(token.split(".")[1]), type=Claims)
    except (msgspec.MsgspecError, ValueError, IndexError, RecursionError) as error:
        raise NotAuthenticated("The token is not a JWT: send `Authorization: Bearer <jwt>`.") from error


def parse_public_key(pem: str) -> RSAPublicKey | EllipticCurvePublicKey:
    """The public key of a PEM text.

    Raises:
        ValueError: it is none, or of a kind that signs no tokens here.
    """
    key = load_pem_public_key(pem.encode())
    if not isinstance(key, RSAPublicKey | EllipticCurvePublicKey) or not key_algorithms(key):
        raise ValueError("only RSA keys and the curves P-256, P-384, P-521 and secp256k1 sign tokens")
    return key


def key_algorithms(key: Any) -> tuple[str, ...]:
    """The token algorithms a public key may be used with; none for a key of another kind."""
    if isinstance(key, RSAPublicKey):
        return _RSA_ALGORITHMS
    if isinstance(key, EllipticCurvePublicKey) and key.curve.name in _CURVE_ALGORITHMS:
        return (_CURVE_ALGORITHMS[key.curve.name],)
    return ()


def _header(token: str) -> dict[str, Any]:
    try:
        return jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise NotAuthenticated("The token's header cannot be read.") from error


def _decode(token: str, key: _Key) -> Claims:
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
