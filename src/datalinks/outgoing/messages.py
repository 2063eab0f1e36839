"""What is asked of another server, and what it answers."""

import zlib
from dataclasses import dataclass, field
from http import HTTPStatus

from datalinks.errors import OutgoingFailed, OutgoingTooLarge

Headers = tuple[tuple[str, str], ...]

_ZLIB_OF_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32
_PLAIN = ("", "identity")
_DEFLATED = ("gzip", "x-gzip", "deflate")


@dataclass(frozen=True, slots=True)
class OutgoingRequest:
    """One request. url: an absolute one, percent-encoded, which is sent as it is. headers, body: sent as they are.

    Its text for logs and tracebacks shows no query, header or body, as they may hold secrets.
    """

    method: str
    url: str = field(repr=False)
    headers: Headers = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class OutgoingAnswer:
    """What was answered. headers: as they came, with names in small letters. body: as it came, perhaps compressed."""

    status: int
    headers: Headers = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def is_success(self) -> bool:
        """Whether the status is one of success."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    def header(self, name: str) -> str:
        """The first value of a header by its name in small letters; empty if there is none."""
        return next((value for each, value in self.headers if each == name), "")

    def content(self, max_bytes: int) -> bytes:
        """The body, decompressed if it came compressed.

        Raises:
            OutgoingTooLarge: it has more than ``max_bytes``. OutgoingFailed: it is compressed in an unknown way, or broken.
        """
        encoding = self.header("content-encoding").strip().lower()
        if encoding in _PLAIN:
            return self.body
        if encoding not in _DEFLATED:
            raise OutgoingFailed(f"The answer is compressed as {encoding[:50]!r}, which was not asked for.")
        # Never more than is allowed is unpacked, however much is packed in.
        unpacking = zlib.decompressobj(_ZLIB_OF_GZIP_OR_ZLIB)
        try:
            content = unpacking.decompress(self.body, max_bytes + 1)
        except zlib.error as error:
            raise OutgoingFailed(f"The answer says that it is compressed as {encoding!r} and is not.") from error
        if len(content) > max_bytes:
            raise OutgoingTooLarge(f"The answer has more than {max_bytes} bytes when it is unpacked.")
        if self.body and not unpacking.eof:
            raise OutgoingFailed("The compressed answer ends before its end.")
        return content
