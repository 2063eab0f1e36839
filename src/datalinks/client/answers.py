"""Answers: JSON as records, and everything else as the error that the server raised."""

from http import HTTPStatus
from typing import Any, TypeVar

import msgspec

from datalinks.errors import (
    ERRORS_BY_CODE,
    BadRequest,
    DataLinksError,
    NotAuthenticated,
    PayloadTooLarge,
    RateLimited,
    Unavailable,
)

T = TypeVar("T")

# Answers without the error envelope come from something in between, such as a proxy. Only these statuses mean the
# same whoever sends them; a 404, above all, says nothing about a record when the address of the server is wrong.
_ERRORS_BY_STATUS: dict[int, type[DataLinksError]] = {
    HTTPStatus.UNAUTHORIZED: NotAuthenticated,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: PayloadTooLarge,
    HTTPStatus.TOO_MANY_REQUESTS: RateLimited,
    HTTPStatus.BAD_GATEWAY: Unavailable,
    HTTPStatus.SERVICE_UNAVAILABLE: Unavailable,
    HTTPStatus.GATEWAY_TIMEOUT: Unavailable,
}


class _Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a failure. The data is whatever a server sends there."""

    type: str
    key: str | None = None
    message: str
    data: dict[str, Any] | list[Any] | str | float | bool | None = None


def decode_answer(content: bytes, kind: type[T], call: str) -> T:
    """The body of a success as a record; fields that the record does not know are ignored.

    Raises:
        DataLinksError: it is something else, so whoever answered is no Datalinks server or a very different one.
    """
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DataLinksError(
            f"{call}: the answer is not one of a Datalinks server: {error}. Is the url right?"
        ) from error


def error_of(status: int, content: bytes, call: str) -> DataLinksError:
    """The error that a failure's body describes, of the class that the server raised; by its status if it has no envelope."""
    try:
        envelope = msgspec.json.decode(content, type=_Envelope)
    except (msgspec.DecodeError, UnicodeDecodeError):
        kind = _ERRORS_BY_STATUS.get(status, DataLinksError)
        return kind(f"{call}: answered with status {status} and no error of a Datalinks server. Is the url right?")
    data = envelope.data if isinstance(envelope.data, dict) else None
    return _class_of(envelope)(envelope.message, data)


def _class_of(envelope: _Envelope) -> type[DataLinksError]:
    """The class by the envelope's key; keys of newer servers count as what their type says."""
    by_type = BadRequest if envelope.type == BadRequest.code else DataLinksError
    return ERRORS_BY_CODE.get(envelope.key or "", by_type)
