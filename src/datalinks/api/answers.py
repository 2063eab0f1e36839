"""What a request is answered with: a whole answer, or a download that is made while it is sent."""

import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec

from datalinks.api.requests import Request

Headers = tuple[tuple[str, str], ...]
JSON: Headers = (("content-type", "application/json"),)
_NOT_PLAIN = re.compile(r"[^\w .-]", re.ASCII)
_encoder = msgspec.json.Encoder()


class Answer(NamedTuple):
    """A whole answer. headers: those that are its own; what every answer has is added when it is sent."""

    status: int
    headers: Headers = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Download:
    """A file that a handler returns instead of JSON.

    media_type: one of those that its endpoint names. file_name: what a browser calls the file it keeps.
    chunks: the content, asked for no faster than the client takes it. Raising before the first chunk is answered as an
    error like any other; raising later breaks the connection off, so that no half file is taken for a whole one.
    It is closed in the end, also when the client goes away.
    """

    media_type: str
    file_name: str
    chunks: AsyncGenerator[bytes]
    status: int = 200

    @property
    def headers(self) -> Headers:
        """The headers that are its own."""
        # The first name is for those who do not understand the second.
        plain = _NOT_PLAIN.sub("_", self.file_name)
        disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(self.file_name, safe='')}"
        return ("content-type", self.media_type), ("content-disposition", disposition)


# What answers a request; it raises what went wrong.
Respond = Callable[[Request], Awaitable[Answer | Download]]


def json_answer(value: Any, status: int) -> Answer:
    """A value as JSON; None is an answer without a body."""
    return Answer(status) if value is None else Answer(status, JSON, _encoder.encode(value))
