"""A request as the server hands it over through RSGI: its head as text, its body as bytes that are read when they are wanted."""

import re
from random import getrandbits
from typing import TypeAlias

from granian import rsgi

from datalinks.services.caller import Caller

# Granian documents these names there without marking them as exported.
HTTPProtocol: TypeAlias = rsgi.HTTPProtocol  # pyright: ignore[reportPrivateImportUsage]
ProtocolClosed: TypeAlias = rsgi.ProtocolClosed  # pyright: ignore[reportPrivateImportUsage]
Scope: TypeAlias = rsgi.Scope
UNROUTED = "unrouted"
# What a header's value is called that is not plain ASCII, which the server does not hand over.
_UNREADABLE = "\ufffd"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Request:
    """One request, and what is found out about it on its way.

    id: the caller's own id of the request if it has a harmless form, else a new one.
    path: percent-decoded. A "\ufffd" in it may stand for bytes that were no UTF-8.
    query_string: as it was sent, without the question mark.
    route, path_parameters: the path in the route table and its values, once the path is found there.
    caller: who asks, once that is known; None for endpoints that are open to everyone.
    token, is_by_session: what has let the caller in, and whether it is the cookie of a session.
    body: the whole body, once ``bodies.read_body`` has read it.
    answer_headers: further headers of the answer, whatever it will be.
    """

    __slots__ = (
        "_headers",
        "answer_headers",
        "body",
        "caller",
        "id",
        "is_by_session",
        "method",
        "path",
        "path_parameters",
        "protocol",
        "query_string",
        "route",
        "scope",
        "token",
    )

    def __init__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        self.scope = scope
        self.protocol = protocol
        # Each access of the scope's headers copies them.
        self._headers = scope.headers
        self.method = scope.method
        self.path = scope.path
        self.query_string = scope.query_string
        given: str | None = self._headers.get("x-request-id")
        # Names a request in logs and is no secret, so it need not be hard to guess.
        self.id = given if given and _REQUEST_ID.fullmatch(given) else f"{getrandbits(64):016x}"
        self.route = UNROUTED
        self.path_parameters: dict[str, str] = {}
        self.caller: Caller | None = None
        self.token = ""
        self.is_by_session = False
        self.body: bytes | None = None
        self.answer_headers: tuple[tuple[str, str], ...] = ()

    def header(self, name: str) -> str:
        """A header's first value by its name in small letters; empty if there is none, "\ufffd" if it is not plain ASCII."""
        value: str | None = self._headers.get(name)
        if value is not None:
            return value
        return _UNREADABLE if name in self._headers else ""

    def headers(self) -> list[tuple[str, str]]:
        """Every header that is plain ASCII, as often as it was sent, with names in small letters."""
        return self._headers.items()

    def has_header(self, name: str) -> bool:
        """Whether a header was sent, be it empty."""
        return name in self._headers
