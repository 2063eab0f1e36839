"""Calls: requests to the API as plain data, before anyone sends them."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

import msgspec

from datalinks.client.uploads import Upload
from datalinks.errors import BadRequest
from datalinks.model.link import DataLinkDraft
from datalinks.model.record import Draft

# Sending one of these twice is sending it once; a POST that is not is known by its Idempotency-Key when it arrives again.
_REPEATABLE = frozenset({"GET", "PUT", "DELETE", "POST"})


@dataclass(frozen=True, slots=True)
class Call:
    """One request.

    target: path and query string. body: JSON, a file, or None for no body.
    idempotency_key: by which the server knows the call when it arrives again, or None.
    """

    method: str
    target: str
    body: bytes | Upload | None = None
    idempotency_key: str | None = None

    @property
    def is_repeatable(self) -> bool:
        """Whether it may be sent again when nobody knows whether it arrived."""
        return self.method in _REPEATABLE and not self.is_used_up

    @property
    def is_used_up(self) -> bool:
        """Whether its body can be sent only once."""
        return isinstance(self.body, Upload) and not self.body.is_repeatable

    @property
    def headers(self) -> dict[str, str]:
        """The headers that tell of it."""
        headers: dict[str, str] = {}
        if self.body is not None:
            headers["content-type"] = self.body.media_type if isinstance(self.body, Upload) else "application/json"
        if self.idempotency_key is not None:
            headers["idempotency-key"] = self.idempotency_key
        return headers

    @property
    def name(self) -> str:
        """What messages call it. Queries hold ids of people's records, so they are left out."""
        return f"{self.method} {self.target.partition('?')[0]}"


def make_call(method: str, path: str, *query: Draft, body: Draft | Upload | None = None) -> Call:
    """A call with the fields of ``query`` in its query string, and ``body`` as its JSON or the file that it is.

    Raises:
        BadRequest: a field is an empty text, or no text that UTF-8 can carry.
    """
    fields = _query_fields(query)
    try:
        target = f"{path}?{urlencode(fields, quote_via=quote)}" if fields else path
        content = msgspec.json.encode(body) if isinstance(body, Draft) else body
    except UnicodeEncodeError as error:
        raise BadRequest("A text of this call is not valid Unicode: it has half of a surrogate pair.") from error
    # A file is known by its import id: to know it by a key the server would have to read all of it first. Writing a link twice
    # is writing it once anyway, and without a key the server writes it together with others.
    has_key = method == "POST" and not isinstance(body, Upload | DataLinkDraft)
    return Call(method, target, content, uuid4().hex if has_key else None)


def path_part(text: str) -> str:
    """A text as one part of a path, whatever characters it has.

    Raises:
        BadRequest: it is empty, and would mean another path, or it is not valid Unicode.
    """
    if not text:
        raise _empty("selector")
    try:
        encoded = quote(text, safe="")
    except UnicodeEncodeError as error:
        raise BadRequest("A selector is not valid Unicode: it has half of a surrogate pair.") from error
    # Dots alone would be read as "this folder" and "the one above".
    return encoded.replace(".", "%2E") if encoded in (".", "..") else encoded


def _query_fields(parts: tuple[Draft, ...]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for part in parts:
        values: dict[str, Any] = msgspec.to_builtins(part)
        fields.update({name: _query_text(name, value) for name, value in values.items() if value is not None})
    return fields


def _query_text(name: str, value: bool | float | str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    # The server takes an empty parameter for one that is not there. A selector that came out empty by mistake would
    # select more than was meant, so it never leaves.
    if value == "":
        raise _empty(name)
    return str(value)


def _empty(name: str) -> BadRequest:
    return BadRequest(f"The {name} is empty: give a value, or None where it can be left out.", {"path": f"$.{name}"})
