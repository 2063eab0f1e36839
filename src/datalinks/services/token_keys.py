"""The keys that may have signed a token, and what each may be used for.

A key only ever verifies the algorithms of its own kind, whatever a token's header says, so neither ``alg: none`` nor a public
key used as an HMAC secret gets through.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jwt
import msgspec
import structlog
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from datalinks.errors import DataLinksError, NotAuthenticated

HMAC_ALGORITHMS = ("HS256", "HS384", "HS512")
_RSA_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
_CURVE_ALGORITHMS = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512", "secp256k1": "ES256K"}
ALGORITHMS = (*HMAC_ALGORITHMS, *_RSA_ALGORITHMS, *_CURVE_ALGORITHMS.values())
_log = structlog.get_logger("datalinks.tokens")


@dataclass(frozen=True, slots=True)
class TokenKey:
    """A key that may have signed a token, with the algorithms it is for. key_id: as it was published, or None."""

    material: Any
    algorithms: Sequence[str]
    key_id: str | None = None


def secret_key(secret: str) -> TokenKey:
    """The key that a workspace secret is."""
    return TokenKey(secret, HMAC_ALGORITHMS)


def public_key(pem: str) -> TokenKey:
    """The key of a PEM text.

    Raises:
        ValueError: it is no public key, or of a kind that signs no tokens here.
    """
    material = load_pem_public_key(pem.encode())
    algorithms = _algorithms(material)
    if not algorithms:
        raise ValueError("only RSA keys and the curves P-256, P-384, P-521 and secp256k1 sign tokens")
    return TokenKey(material, algorithms)


def published_keys(document: bytes) -> list[TokenKey]:
    """The keys of a JWKS document that can sign tokens; others in it are passed over, as RFC 7517 section 5 asks.

    Raises:
        ValueError: it is no JWKS document.
    """
    try:
        listed = msgspec.json.decode(document, type=dict[str, Any])["keys"]
        return [key for each in msgspec.convert(listed, list[dict[str, Any]]) if (key := _published_key(each))]
    except (KeyError, RecursionError) as error:
        raise ValueError(f"this is no JWKS document: {error}") from error


def _published_key(properties: dict[str, Any]) -> TokenKey | None:
    if properties.get("use", "sig") != "sig":
        return None
    named = properties.get("alg")
    try:
        # Without the algorithm it names, as the library would take it at its word.
        key = jwt.PyJWK({name: value for name, value in properties.items() if name != "alg"})
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    algorithms = tuple(each for each in _algorithms(key.key) if named in (None, each))
    return TokenKey(key.key, algorithms, key.key_id) if algorithms else None


def _algorithms(key: Any) -> tuple[str, ...]:
    """The token algorithms a public key may be used with; none for a key of another kind."""
    if isinstance(key, RSAPublicKey):
        return _RSA_ALGORITHMS
    if isinstance(key, EllipticCurvePublicKey) and key.curve.name in _CURVE_ALGORITHMS:
        return (_CURVE_ALGORITHMS[key.curve.name],)
    return ()


class PublishedKeys:
    """The keys that workspaces publish at their JWKS addresses, kept for a while.

    Callers that come together share one request, and a failure is remembered too: tokens that nobody signed must not make us
    call others as often as their senders like.
    """

    # A token with an unknown key id makes us look again, and a failure is tried again, but not more often than this.
    _MIN_AGE_SECONDS = 30.0

    def __init__(self, fetch: Callable[[str], Awaitable[bytes]], max_age_seconds: float) -> None:
        self._fetch = fetch
        self.max_age_seconds = max_age_seconds
        self._found: dict[str, tuple[float, list[TokenKey] | None]] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def find(self, uri: str, key_id: str | None) -> list[TokenKey]:
        """The keys published at the address, only those with the key id if the token names one.

        Raises:
            NotAuthenticated: the address cannot be read or holds no key set, so nothing can be verified.
        """
        keys = await self._keys(uri, self.max_age_seconds)
        if key_id is not None and all(key.key_id != key_id for key in keys):
            keys = await self._keys(uri, self._MIN_AGE_SECONDS)
        return [key for key in keys if key_id is None or key.key_id == key_id]

    async def _keys(self, uri: str, max_age_seconds: float) -> list[TokenKey]:
        async with self._locks[uri]:
            tried_at, keys = self._found.get(uri, (float("-inf"), None))
            if time.monotonic() - tried_at > (self._MIN_AGE_SECONDS if keys is None else max_age_seconds):
                # Keys that were good stay so while their address does not answer.
                read = await self._read(uri)
                keys = keys if read is None else read
                self._found[uri] = (time.monotonic(), keys)
        if keys is None:
            raise NotAuthenticated("The workspace's published keys cannot be read.")
        return keys

    async def _read(self, uri: str) -> list[TokenKey] | None:
        try:
            return published_keys(await self._fetch(uri))
        except (DataLinksError, ValueError) as error:
            # Why is for the log: the address and what stands there are nobody's business who has no token yet.
            _log.warning("published keys cannot be read", uri=uri, reason=str(error))
            return None
