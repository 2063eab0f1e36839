"""Every error this project raises on purpose.

An error is a code and a message for the person who reads it: what was wrong, where, and what to do.
The codes are the ``key`` of the API's error envelope, so a client raises the very class the server raised.
Only ``api/errors.py`` knows which HTTP status a code has.
"""

from collections.abc import Mapping
from typing import Any, ClassVar


class DataLinksError(Exception):
    """Something went wrong inside the server; the message says nothing of its inner life.

    code: one word for programs. message: one or two sentences for people.
    data: JSON that points at the place, e.g. ``{"path": "$.appRecordId"}``; empty when there is nothing to add.
    """

    code: ClassVar[str] = "internal"

    def __init__(self, message: str, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.data: dict[str, Any] = dict(data or {})


class BadRequest(DataLinksError):
    """The request cannot be understood or is not allowed by a rule; sending it again will not help."""

    code = "bad_request"


class NotAuthenticated(DataLinksError):
    """The token is missing, expired, or not signed by a key of the workspace it names."""

    code = "not_authenticated"


class AccessDenied(DataLinksError):
    """The caller is known but may not do this."""

    code = "access_denied"


class NotFound(DataLinksError):
    """There is no such thing, or the caller may not know that there is."""

    code = "not_found"


class MethodNotAllowed(DataLinksError):
    """The path exists, but not with this method."""

    code = "method_not_allowed"


class AlreadyExists(DataLinksError):
    """Something else already has this key, uuid or id."""

    code = "already_exists"


class IdempotencyConflict(DataLinksError):
    """A request with this idempotency key is still under way; sending it again is safe and gets its answer."""

    code = "idempotency_in_flight"


class IdempotencyMismatch(DataLinksError):
    """An idempotency key was sent with another request than before; another request needs a key of its own."""

    code = "idempotency_key_reused"


class RequestTimeout(DataLinksError):
    """The body did not arrive in time; trying again is safe."""

    code = "request_timeout"


class PayloadTooLarge(DataLinksError):
    """The body is larger than the server takes."""

    code = "payload_too_large"


class UnsupportedMediaType(DataLinksError):
    """The body is of a content type that this route does not read."""

    code = "unsupported_media_type"


class RateLimited(DataLinksError):
    """Too many requests; try again later."""

    code = "rate_limit_exceeded"


class Unavailable(DataLinksError):
    """The store cannot be reached or is busy; nothing was written, and trying again is safe."""

    code = "unavailable"


class StorageFull(DataLinksError):
    """The disk under the store is full; nothing was written."""

    code = "storage_full"


class OutgoingFailed(DataLinksError):
    """Another server that had to be asked cannot be reached, is not public, or does not answer as HTTP asks."""

    code = "outgoing_failed"


class OutgoingTimeout(DataLinksError):
    """Another server that had to be asked takes too long; what it was asked for may have been done all the same."""

    code = "outgoing_timeout"


class OutgoingTooLarge(DataLinksError):
    """Another server answers with more than this one takes; what it was asked for may have been done all the same."""

    code = "outgoing_too_large"


class Disconnected(DataLinksError):
    """The connection is disconnected, by its customer or because its credentials were refused: it must be connected again."""

    code = "disconnected"


class FormulaError(DataLinksError):
    """A formula cannot be computed: its message says what was wrong.

    ``data["path"]`` is the place in the formula, e.g. ``$.items[2].$concat[0]``; absent for a helper that was given no
    formula.
    """

    code = "formula_error"


class InvalidSettings(DataLinksError):
    """A setting, a key file or the database itself does not fit this version of the program."""

    code = "invalid_settings"


def _every_error() -> dict[str, type[DataLinksError]]:
    return {error.code: error for error in (DataLinksError, *DataLinksError.__subclasses__())}


ERRORS_BY_CODE: Mapping[str, type[DataLinksError]] = _every_error()
