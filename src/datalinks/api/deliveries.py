"""What arrives at a webhook: a request of somebody who needs no token, as the path has a key that nobody guesses."""

from dataclasses import dataclass, field
from typing import Any

import msgspec

from datalinks.api.bodies import BodyLimits, read_body
from datalinks.api.decoding import decode_body
from datalinks.api.idempotency import HEADER, hash_of, key_of
from datalinks.api.requests import Request
from datalinks.errors import BadRequest
from datalinks.formulas.values import is_array

_decode = msgspec.json.Decoder().decode


@dataclass(frozen=True, slots=True)
class Delivery:
    """A request to a webhook.

    token: what it has for a bearer token, or None; other schemes are no business of ours.
    idempotency_key: as it was sent, or None. request_hash: tells the request from others.
    """

    token: str | None = field(repr=False)
    content_type: str
    body: bytes = field(repr=False)
    idempotency_key: str | None
    request_hash: str

    async def events(self) -> list[Any]:
        """The events that the body has: a list, or one of them.

        Raises:
            BadRequest: no JSON. UnsupportedMediaType: it is declared as something else.
        """
        if not self.body:
            raise BadRequest("The request has no body: send an event, or a list of events, as JSON.")
        content = await decode_body(self.body, self.content_type, _decode)
        return content if is_array(content) else [content]


async def read_delivery(request: Request, limits: BodyLimits) -> Delivery:
    """The delivery that a request is.

    Raises:
        BadRequest: an idempotency key of the wrong form. PayloadTooLarge, RequestTimeout ...: as ``read_body``.
    """
    scheme, _, token = request.header("authorization").partition(" ")
    key = key_of(request) if request.has_header(HEADER) else None
    body = await read_body(request, limits)
    is_bearer = scheme.lower() == "bearer" and bool(token.strip())
    return Delivery(
        token.strip() if is_bearer else None, request.header("content-type"), body, key, hash_of(request, body)
    )
