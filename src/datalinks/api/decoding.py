"""Requests as typed values: query strings, JSON bodies, and what is wrong with them."""

import asyncio
import json
import re
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar, get_args
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import ClientDisconnect, Request

from datalinks.errors import BadRequest, PayloadTooLarge, RequestTimeout, UnsupportedMediaType
from datalinks.model.depth import MAX_DEPTH, is_too_deep

T = TypeVar("T")

_MAX_QUERY_FIELDS = 200
# In bytes.
_LARGE_BODY = 100_000
# Wrong values are quoted, but not whole books of them.
_MAX_MESSAGE = 500
# Longer lengths are too long, and Python refuses to read numbers of thousands of digits.
_MAX_DIGITS = 18
_PLACE = re.compile(r" - at `(.+)`$")


def parse_query(query_string: bytes, known: Container[str]) -> dict[str, str]:
    """The known parameters of a query string that have a value.

    Unknown parameters and empty values are ignored, as the reference SDKs send them.

    Raises:
        BadRequest: not UTF-8, too many parameters, or one twice with different values.
    """
    if not query_string:
        return {}
    try:
        pairs = parse_qsl(query_string.decode("ascii"), errors="strict", max_num_fields=_MAX_QUERY_FIELDS)
    except UnicodeDecodeError as error:
        raise BadRequest("The query string is not UTF-8, percent-encoded.") from error
    except ValueError as error:
        raise BadRequest(f"The query string has more than {_MAX_QUERY_FIELDS} parameters.") from error
    values: dict[str, str] = {}
    for name, value in pairs:
        if name in known and values.setdefault(name, value) != value:
            raise BadRequest(f"The query parameter {name[:100]!r} stands twice, with different values.")
    return values


def convert_query(values: Mapping[str, str], kind: type[T]) -> T:
    """Parameters as a struct.

    Raises:
        BadRequest: a value of the wrong form.
    """
    wanted: dict[str, Any] = {}
    for name, is_flag in query_fields(kind):
        if name in values:
            wanted[name] = _flag(values[name]) if is_flag else values[name]
    try:
        return msgspec.convert(wanted, kind, strict=False)
    except msgspec.ValidationError as error:
        raise invalid(error, "query") from error


@cache
def query_fields(kind: Any) -> tuple[tuple[str, bool], ...]:
    """The parameters of a query struct, each with whether it is a yes or no."""
    return tuple(
        (field.encode_name, field.type is bool or bool in get_args(field.type))
        for field in msgspec.structs.fields(kind)
    )


def _flag(text: str) -> bool:
    """A yes or no as the reference product reads it: everything but ``false`` and ``0`` is yes."""
    return text.lower() not in ("false", "0")


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """What a request body may cost. max_bytes: its length. timeout_seconds: how long it may take to arrive."""

    max_bytes: int
    timeout_seconds: float


async def read_body(request: Request, limits: BodyLimits) -> bytes:
    """The whole body.

    Raises:
        UnsupportedMediaType: it is compressed.
        PayloadTooLarge: it is too long, said by its length header or found out while reading.
        RequestTimeout: it takes too long to arrive. BadRequest: it ends early or is not framed as HTTP asks.
    """
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding != "identity":
        raise UnsupportedMediaType(f"The body is encoded as {encoding[:100]!r}: send it without Content-Encoding.")
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and (len(declared) > _MAX_DIGITS or int(declared) > limits.max_bytes):
        raise _too_large(limits.max_bytes)
    try:
        async with asyncio.timeout(limits.timeout_seconds):
            return await _read(request, limits.max_bytes)
    except TimeoutError as error:
        raise RequestTimeout(f"The body did not arrive within {limits.timeout_seconds:g} seconds.") from error
    except ClientDisconnect as error:
        raise BadRequest("The body could not be read to its end.") from error


async def _read(request: Request, max_bytes: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > max_bytes:
            raise _too_large(max_bytes)
    return bytes(body)


async def decode_body(body: bytes, content_type: str, decode: Callable[[bytes], T]) -> T:
    """A JSON body as a struct; no body at all counts as ``{}``.

    Raises:
        UnsupportedMediaType: a body that is declared as something else.
        BadRequest: not JSON, too deep, a key twice in one object, or a value of the wrong form (``data.path`` says where).
    """
    if not body:
        body = b"{}"
    elif not _is_json(content_type):
        raise UnsupportedMediaType(
            f"The body is declared as {content_type[:100]!r}: send JSON with `Content-Type: application/json`."
        )
    if len(body) > _LARGE_BODY:
        # Long enough to be felt by the requests beside it.
        return await asyncio.to_thread(_decode, body, decode)
    return _decode(body, decode)


def _decode(body: bytes, decode: Callable[[bytes], T]) -> T:
    if is_too_deep(body):
        raise BadRequest(f"The body is nested deeper than {MAX_DEPTH} levels, or its brackets do not match.")
    try:
        value = decode(body)
        json.loads(body, object_pairs_hook=_object)
    except msgspec.ValidationError as error:
        raise invalid(error, "body") from error
    except (msgspec.DecodeError, UnicodeError, ValueError) as error:
        raise BadRequest(f"The body is not valid JSON: {error}") from error
    return value


def invalid(error: msgspec.ValidationError, where: str) -> BadRequest:
    """A value of the wrong form as a bad request whose data has the ``path``."""
    text, place = _PLACE.subn("", str(error)), _PLACE.search(str(error))
    path = place[1][:_MAX_MESSAGE] if place else "$"
    return BadRequest(f"The {where} is not valid: {text[0][:_MAX_MESSAGE]} - at `{path}`", {"path": path, "in": where})


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind in ("", "application/json", "text/json") or kind.endswith("+json")


def _object(pairs: list[tuple[str, Any]]) -> None:
    """Refuses objects in which a key stands twice: readers disagree on what they mean, and one would lose data."""
    names = {name for name, _ in pairs}
    if len(names) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))
        raise BadRequest(f"The key {twice[:100]!r} stands twice in one object of the body.")


def _too_large(max_bytes: int) -> PayloadTooLarge:
    return PayloadTooLarge(f"The body is larger than {max_bytes} bytes: send it in parts.")
