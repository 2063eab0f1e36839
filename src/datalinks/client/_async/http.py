"""Sends calls: with a token, again where that is safe, and with every failure as an error of this project."""

from typing import TypeVar

import httpx2
import stamina

from datalinks.client._async.tokens import AsyncTokens
from datalinks.client.answers import decode_answer, error_of
from datalinks.client.calls import Call
from datalinks.client.retrying import BACKOFF, RetryRule
from datalinks.errors import BadRequest, DataLinksError, NotAuthenticated, Unavailable

T = TypeVar("T")


class AsyncHttp:
    """One server as one caller sees it. ``url`` has no slash at its end."""

    def __init__(self, url: str, tokens: AsyncTokens, timeout: float, retries: int) -> None:
        self._url = url
        self._tokens = tokens
        self._attempts = 1 + retries
        self._http = httpx2.AsyncClient(timeout=timeout, headers={"accept": "application/json"})

    async def fetch(self, call: Call, answer: type[T]) -> T:
        """Send a call and read its answer.

        Raises:
            DataLinksError: as ``send``, and if the answer is not of this kind.
        """
        return decode_answer(await self.send(call), answer, call.name)

    async def send(self, call: Call) -> bytes:
        """Send a call, again after a pause if it failed in a way that may pass; the body of the success.

        Raises:
            Unavailable: no answer. Any other error is the one that the server answered last.
        """
        rule = RetryRule(call)
        async for attempt in stamina.retry_context(on=rule, attempts=self._attempts, **BACKOFF):
            with attempt:
                return await self._authenticated(call, rule)
        raise AssertionError("the last attempt returns or raises")

    async def close(self) -> None:
        """Close its connections."""
        await self._http.aclose()

    async def _authenticated(self, call: Call, rule: RetryRule) -> bytes:
        """One try. A refused token is replaced once; the server has done nothing under it, so any call may follow."""
        token = await self._tokens.get()
        try:
            return await self._once(call, token, rule)
        except NotAuthenticated:
            if not self._tokens.forget(token):
                raise
        return await self._once(call, await self._tokens.get(), rule)

    async def _once(self, call: Call, token: str, rule: RetryRule) -> bytes:
        headers = {"authorization": f"Bearer {token}"}
        if call.body is not None:
            headers["content-type"] = "application/json"
        try:
            response = await self._http.request(
                call.method, self._url + call.target, content=call.body, headers=headers
            )
        except httpx2.TransportError as error:
            reason = str(error) or type(error).__name__
            raise Unavailable(f"{call.name}: no answer from {self._url}: {reason}") from error
        except httpx2.RequestError as error:
            raise DataLinksError(f"{call.name}: the answer of {self._url} cannot be read: {error}") from error
        except httpx2.InvalidURL as error:
            raise BadRequest(f"{call.name}: the address cannot be called: {error}") from error
        if response.is_success:
            return response.content
        rule.hear(response.headers)
        raise error_of(response.status_code, response.content, call.name)
