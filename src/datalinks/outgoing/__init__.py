"""Requests that the server makes itself. They reach public addresses only, unless a setting allows the host."""

from typing import TYPE_CHECKING

from datalinks.settings import Settings

if TYPE_CHECKING:
    from datalinks.outgoing.http import GuardedHttp


class Outgoing:
    """Makes requests to other servers, guarded; costs nothing until the first one."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._http: GuardedHttp | None = None

    async def get(self, url: str) -> bytes:
        """The body of a successful GET, at most 1 MB.

        Raises:
            BadRequest: the address is no http(s) URL.
            Unavailable: it cannot be reached, is not public, does not answer with 200, or answers too much.
        """
        if self._http is None:
            # Most processes never call anyone, and loading the client and the machine's certificates takes longer than the rest.
            from datalinks.outgoing.http import GuardedHttp  # noqa: PLC0415

            self._http = GuardedHttp(self._settings)
        return await self._http.get(url)

    async def close(self) -> None:
        """Close its connections."""
        if self._http is not None:
            await self._http.close()
