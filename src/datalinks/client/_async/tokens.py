"""The token of the next call: kept while it is good, replaced before it expires or once it was refused."""

import asyncio
import time
from collections.abc import Callable

from datalinks.client.credentials import (
    EXPIRY_MARGIN_SECONDS,
    AsyncTokenSource,
    async_token_of,
    checked_token,
    expiry_of,
)


class AsyncTokens:
    """Tokens from a source: one text for good, or a function that is called whenever another is needed."""

    def __init__(self, source: str | AsyncTokenSource, now: Callable[[], float] = time.time) -> None:
        self._source = source
        self._now = now
        self._token: str | None = None
        self._expires_at: float | None = None
        # Calls that find the token expired at the same moment wait for one new token instead of each fetching its own.
        self._lock = asyncio.Lock()

    async def get(self) -> str:
        """A token that is good for some seconds at least, as far as the source can give one.

        Raises:
            NotAuthenticated: what the source gives is no token. Errors of the source itself pass through.
        """
        if isinstance(self._source, str):
            return checked_token(self._source)
        async with self._lock:
            if self._token is None or self._is_expiring():
                self._token = checked_token(await async_token_of(self._source))
                self._expires_at = expiry_of(self._token)
            return self._token

    def forget(self, token: str) -> bool:
        """Never give this token again, as the server refused it; False if there is no other."""
        if isinstance(self._source, str):
            return False
        # Another call may have replaced it in the meantime.
        if self._token == token:
            self._token = None
        return True

    def _is_expiring(self) -> bool:
        return self._expires_at is not None and self._expires_at - self._now() < EXPIRY_MARGIN_SECONDS
