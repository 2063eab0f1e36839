"""Errors as answers: the envelope of the reference product, and the only place that knows HTTP statuses."""

from http import HTTPStatus

import msgspec

from datalinks.api.answers import JSON, Answer, Headers
from datalinks.errors import (
    AccessDenied,
    AlreadyExists,
    BadRequest,
    DataLinksError,
    Disconnected,
    FormulaError,
    IdempotencyConflict,
    IdempotencyMismatch,
    MethodNotAllowed,
    NotAuthenticated,
    NotFound,
    OutgoingFailed,
    OutgoingTimeout,
    OutgoingTooLarge,
    PayloadTooLarge,
    RateLimited,
    RequestTimeout,
    StorageFull,
    Unavailable,
    UnsupportedMediaType,
)
from datalinks.model.record import JsonObject, Record

STATUSES: dict[type[DataLinksError], int] = {
    BadRequest: 400,
    FormulaError: 400,
    Disconnected: 400,
    NotAuthenticated: 401,
    AccessDenied: 403,
    NotFound: 404,
    MethodNotAllowed: 405,
    IdempotencyConflict: 409,
    AlreadyExists: 409,
    RequestTimeout: 408,
    PayloadTooLarge: 413,
    UnsupportedMediaType: 415,
    IdempotencyMismatch: 422,
    RateLimited: 429,
    OutgoingFailed: 502,
    OutgoingTooLarge: 502,
    Unavailable: 503,
    OutgoingTimeout: 504,
    StorageFull: 507,
    DataLinksError: 500,
}
_HEADERS: dict[type[DataLinksError], Headers] = {
    NotAuthenticated: (*JSON, ("www-authenticate", "Bearer")),
    IdempotencyConflict: (*JSON, ("retry-after", "1")),
    Unavailable: (*JSON, ("retry-after", "1")),
}
# The reference SDKs have a class of its own for what a connection cannot do; everything else is told by the status.
_TYPES: dict[type[DataLinksError], str] = {Disconnected: "connection"}


class ErrorEnvelope(Record, frozen=True, kw_only=True):
    """The body of every answer that is no success.

    type: ``bad_request``, ``connection`` or ``internal``; the reference SDKs choose their error class by it.
    key: the error's code, absent for a plain bad request. data: where and what, e.g. ``{"path": "$.limit"}``.
    """

    type: str
    key: str | None = None
    message: str
    data: JsonObject | None = None


def status_of(error: DataLinksError) -> int:
    """The HTTP status of an error."""
    return STATUSES[_kind(error)]


def _kind(error: DataLinksError) -> type[DataLinksError]:
    return next(each for each in type(error).__mro__ if each in STATUSES)


def error_answer(error: DataLinksError, headers: Headers = ()) -> Answer:
    """An error as its envelope, with the status of its class or of the nearest class it derives from."""
    kind, status = _kind(error), status_of(error)
    by_status = "internal" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "bad_request"
    envelope = ErrorEnvelope(
        type=_TYPES.get(kind, by_status),
        key=None if kind in (BadRequest, DataLinksError) else error.code,
        message=error.message,
        data=error.data or None,
    )
    return Answer(status, (*_HEADERS.get(kind, JSON), *headers), msgspec.json.encode(envelope))
