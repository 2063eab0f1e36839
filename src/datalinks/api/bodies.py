"""Request bodies: whole ones within limits, and uploads that are read while they arrive."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from datalinks.api.requests import ProtocolClosed, Request
from datalinks.errors import BadRequest, PayloadTooLarge, RequestTimeout, UnsupportedMediaType

# Longer lengths are too long, and Python refuses to read numbers of thousands of digits.
_MAX_DIGITS = 18


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """What a request body may cost. max_bytes: its length. timeout_seconds: how long it may take to arrive."""

    max_bytes: int
    timeout_seconds: float


async def read_body(request: Request, limits: BodyLimits) -> bytes:
    """The whole body, however often it is asked for.

    Raises:
        UnsupportedMediaType: it is compressed.
        PayloadTooLarge: it is too long, said by its length header or found out while reading.
        RequestTimeout: it takes too long to arrive. BadRequest: it ends early or is not framed as HTTP asks.
    """
    _check_encoding(request)
    return await read_body_as_sent(request, limits)


async def read_body_as_sent(request: Request, limits: BodyLimits) -> bytes:
    """The same, also if it is compressed: whoever reads it must know."""
    if request.body is None:
        request.body = await _read(request, limits)
    return request.body


async def _read(request: Request, limits: BodyLimits) -> bytes:
    length = _declared_length(request)
    if length == 0:
        return b""
    if length is not None and length > limits.max_bytes:
        raise _too_large(limits.max_bytes)
    try:
        async with asyncio.timeout(limits.timeout_seconds):
            if length is None:
                return await _collect(request, limits.max_bytes)
            body = await request.protocol()
    except TimeoutError as error:
        raise _too_late(limits.timeout_seconds) from error
    except ProtocolClosed as error:
        raise _cut_off() from error
    if len(body) != length:
        raise _cut_off()
    return body


class Upload:
    """A body that a handler reads while it arrives, of any length: ``async for chunk in upload``, once.

    content_type: its media type in small letters, without parameters; one of those that the endpoint names.
    length: in bytes, if the client has said it.

    Reading raises BadRequest when the body ends before its end, so a handler keeps nothing before the loop has ended;
    RequestTimeout when a chunk takes too long to arrive; UnsupportedMediaType when it is compressed.
    """

    def __init__(self, request: Request, content_type: str, timeout_seconds: float) -> None:
        _check_encoding(request)
        self.content_type = content_type
        self.length = _declared_length(request)
        self._request = request
        self._timeout_seconds = timeout_seconds

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        """The chunks, none of them empty."""
        if self.length == 0:
            return
        chunks = _chunks(self._request, self.length)
        while True:
            try:
                async with asyncio.timeout(self._timeout_seconds):
                    chunk = await anext(chunks, None)
            except TimeoutError as error:
                raise _too_late(self._timeout_seconds) from error
            if chunk is None:
                return
            yield chunk


async def _collect(request: Request, max_bytes: int) -> bytes:
    body = bytearray()
    async for chunk in _chunks(request, None):
        body += chunk
        if len(body) > max_bytes:
            raise _too_large(max_bytes)
    return bytes(body)


async def _chunks(request: Request, length: int | None) -> AsyncGenerator[bytes]:
    """The body as it arrives.

    The server says the end of a body by one empty chunk, and a broken one by an empty chunk before that.
    (So it does trailers, which nobody sends and nothing here reads.)

    Raises:
        BadRequest: it ends before its length or its last chunk.
    """
    received = ends = 0
    async for chunk in request.protocol:
        if chunk:
            received += len(chunk)
            yield chunk
        else:
            ends += 1
    if ends > 1 or length not in (None, received):
        raise _cut_off()


def _declared_length(request: Request) -> int | None:
    """The length that the body is said to have; None if it comes in chunks until it ends.

    Raises:
        BadRequest: it is no number.
    """
    if request.has_header("transfer-encoding"):
        return None
    declared = request.header("content-length") or "0"
    if not (declared.isascii() and declared.isdecimal()):
        raise BadRequest(f"The header Content-Length is {declared[:100]!r}, which is no length.")
    return int(declared[:_MAX_DIGITS])


def _check_encoding(request: Request) -> None:
    encoding = (request.header("content-encoding") or "identity").strip().lower()
    if encoding != "identity":
        raise UnsupportedMediaType(f"The body is encoded as {encoding[:100]!r}: send it without Content-Encoding.")


def _too_large(max_bytes: int) -> PayloadTooLarge:
    return PayloadTooLarge(f"The body is larger than {max_bytes} bytes: send it in parts.")


def _too_late(seconds: float) -> RequestTimeout:
    return RequestTimeout(f"The body did not arrive within {seconds:g} seconds.")


def _cut_off() -> BadRequest:
    return BadRequest("The body could not be read to its end: it is shorter than it said, or broken.")
