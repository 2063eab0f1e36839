"""Sends calls: with a token, again where that is safe, and with every failure as an error of this project."""

from typing import TypeVar

import httpx2
import stamina

from datalinks.client._async.tokens import AsyncTokens
from datalinks.client.answers import decode_answer, error_of
from datalinks.client.calls import Call
from datalinks.client.retrying import BACKOFF, RetryRule
from datalinks.client.uploads import Upload, async_pieces
from datalinks.client.whole_file import WholeFile
from datalinks.errors import BadRequest, DataLinksError, NotAuthenticated, Unavailable

T = TypeVar("T")
# A server that writes what it was sent takes nothing in meanwhile, so each step of an upload may last.
_UPLOAD_SECONDS = 600.0


class AsyncHttp:
    """One server as one caller sees it. ``url`` has no slash at its end."""

    def __init__(self, url: str, tokens: AsyncTokens, timeout: float, retries: int) -> None:
        self._url = url
        self._tokens = tokens
        self._timeout = timeout
        self._attempts = 1 + retries
        self._http = httpx2.AsyncClient(timeout=timeout, headers={"accept": "application/json"})

    async def fetch(self, call: Call, answer: type[T]) -> T:
        """Send a call and read its answer.

        Raises:
            DataLinksError: as ``send``, and if the answer is not of this kind.
        """
        return decode_answer(await self.send(call), answer, call.name)

    async def download(self, call: Call, file: WholeFile) -> None:
        """Send a call and write the body of its success to a file.

        Raises:
            DataLinksError: as ``send``. OSError: the file cannot be written.
        """
        await self.send(call, file)

    async def send(self, call: Call, file: WholeFile | None = None) -> bytes:
        """Send a call, again after a pause if it failed in a way that may pass; the body of the success.

        file: where the body goes instead, while it arrives.

        Raises:
            Unavailable: no answer, or not all of it. Any other error is the one that the server answered last.
        """
        rule = RetryRule(call)
        async for attempt in stamina.retry_context(on=rule, attempts=self._attempts, **BACKOFF):
            with attempt:
                return await self._authenticated(call, rule, file)
        raise AssertionError("the last attempt returns or raises")

    async def close(self) -> None:
        """Close its connections."""
        await self._http.aclose()

    async def _authenticated(self, call: Call, rule: RetryRule, file: WholeFile | None) -> bytes:
        """One try. A refused token is replaced once; the server has done nothing under it, so any call may follow."""
        token = await self._tokens.get()
        try:
            return await self._once(call, token, rule, file)
        except NotAuthenticated:
            if not self._tokens.forget(token) or call.is_used_up:
                raise
        return await self._once(call, await self._tokens.get(), rule, file)

    async def _once(self, call: Call, token: str, rule: RetryRule, file: WholeFile | None) -> bytes:
        is_upload = isinstance(call.body, Upload)
        try:
            async with self._http.stream(
                call.method,
                self._url + call.target,
                content=async_pieces(call.body) if isinstance(call.body, Upload) else call.body,
                headers={"authorization": f"Bearer {token}", **call.headers},
                timeout=max(self._timeout, _UPLOAD_SECONDS) if is_upload else self._timeout,
            ) as response:
                content = await self._received(response, file if response.is_success else None)
        except httpx2.TransportError as error:
            reason = str(error) or type(error).__name__
            raise Unavailable(f"{call.name}: no answer from {self._url}: {reason}") from error
        except httpx2.RequestError as error:
            raise DataLinksError(f"{call.name}: the answer of {self._url} cannot be read: {error}") from error
        except httpx2.InvalidURL as error:
            raise BadRequest(f"{call.name}: the address cannot be called: {error}") from error
        if response.is_success:
            return content
        rule.hear(response.headers)
        raise error_of(response.status_code, content, call.name)

    async def _received(self, response: httpx2.Response, file: WholeFile | None) -> bytes:
        """The body, or nothing if it goes to a file."""
        if file is None:
            return await response.aread()
        file.restart()
        async for piece in response.aiter_bytes():
            file.write(piece)
        return b""
