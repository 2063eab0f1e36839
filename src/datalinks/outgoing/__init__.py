"""Requests that the server makes itself. They reach public addresses only, unless a setting allows the host."""

from http import HTTPStatus
from typing import TYPE_CHECKING

from datalinks.errors import OutgoingFailed
from datalinks.outgoing.messages import OutgoingAnswer, OutgoingRequest
from datalinks.outgoing.urls import parse_url
from datalinks.settings import Settings

if TYPE_CHECKING:
    from datalinks.outgoing.http import GuardedHttp

# What documents that the server itself reads may have, like keys and tokens.
MAX_DOCUMENT_BYTES = 1024 * 1024


class Outgoing:
    """Makes requests to other servers, guarded; costs nothing until the first one."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._http: GuardedHttp | None = None

    @property
    def timeout_seconds(self) -> float:
        """How long one request may take, from resolving the name to the last byte."""
        return self._settings.outgoing_timeout_seconds

    @property
    def max_response_bytes(self) -> int:
        """How long an answer may be that somebody else asked for."""
        return self._settings.outgoing_max_response_bytes

    async def request(self, request: OutgoingRequest, max_bytes: int | None = None) -> OutgoingAnswer:
        """Make a request as it is, and answer what comes, whatever its status; no redirect is followed.

        The headers ``host`` and ``content-length`` are added. max_bytes: how long the body of the answer may be; None means as
        long as the settings say.

        Raises:
            BadRequest: it is no request that could be sent. OutgoingFailed: the server cannot be reached, is not public or does
                not speak HTTP. OutgoingTimeout: it takes too long altogether. OutgoingTooLarge: the answer is too long.
        """
        if self._http is None:
            # Most processes never call anyone, and loading the client and the machine's certificates takes longer than the rest.
            from datalinks.outgoing.http import GuardedHttp  # noqa: PLC0415

            self._http = GuardedHttp(self._settings)
        return await self._http.request(request, self.max_response_bytes if max_bytes is None else max_bytes)

    async def get(self, url: str) -> bytes:
        """The body of a successful GET, at most 1 MB.

        Raises:
            As ``request``. OutgoingFailed: the status is not 200.
        """
        answer = await self.request(OutgoingRequest("GET", url.partition("#")[0], USUAL_HEADERS), MAX_DOCUMENT_BYTES)
        if answer.status != HTTPStatus.OK:
            place = parse_url(url)
            raise OutgoingFailed(f"{place.origin if place else 'The server'} answered with status {answer.status}.")
        return answer.content(MAX_DOCUMENT_BYTES)

    async def close(self) -> None:
        """Close its connections."""
        if self._http is not None:
            await self._http.close()


# What requests of the server's own begin with. It asks for plain answers, as unpacking is work that others could make us do.
USUAL_HEADERS = (("accept", "*/*"), ("accept-encoding", "identity"), ("user-agent", "datalinks"))
