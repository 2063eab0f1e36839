"""An endpoint: one method of one path, and the typed function behind it.

The function's signature is the contract, for serving and for the OpenAPI document alike. Its parameters are named:

- ``services`` and, unless the endpoint is open to everyone, ``caller``;
- ``body``: a struct that the JSON body is decoded into;
- ``upload``: the body as an ``Upload``, read while it arrives;
- ``delivery``: what arrives at a webhook, as a ``Delivery``;
- ``visit``: what the request and its answer have to do with a session of the console;
- ``server_url``: the server's own address, for addresses in the answer;
- ``forwarded``: the request as it was sent, for what is passed on to another server, with whatever method;
- ``path``: the rest of the path, however many parts;
- any name with another struct as its type: a part of the query string;
- ``selector``: the element that is meant, from the path or, where the path has none, from the query's ``id`` or ``key``;
- any other name: that part of the path.

What it returns is the answer's JSON; None is an answer without a body, a ``Download`` is a file, an ``Answer`` is sent as it is.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_type_hints

import msgspec

from datalinks.api.answers import Answer, Download, Respond, json_answer
from datalinks.api.bodies import BodyLimits, Upload, read_body, read_body_as_sent
from datalinks.api.decoding import QueryReader, decode_body
from datalinks.api.deliveries import read_delivery
from datalinks.api.forwarding import Forwarded
from datalinks.api.idempotency import answering_once, refusing_keys
from datalinks.api.requests import Request
from datalinks.api.server_url import ServerUrl
from datalinks.api.session_cookies import SessionCookies, Visit
from datalinks.errors import BadRequest, NotAuthenticated, UnsupportedMediaType
from datalinks.services.services import Services

Handler = Callable[..., Awaitable[Any]]
# Puts what a request brings besides its head into the arguments of a handler.
Read = Callable[[Request, dict[str, Any]], Awaitable[None]]
_PATH_PARAMETER = re.compile(r"{(\w+)}")
# The query parameters that name an element where the path does not.
SELECTOR_PARAMETERS = ("id", "key", "uuid", "internalId")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One row of the route table.

    path: with ``{name}`` parts. tag: the chapter of the documentation. status: of the answer when all goes well.
    is_read: it changes nothing that counts although it is a POST, so that an ``Idempotency-Key`` is taken no notice of.
    media_types: what its upload or its download may be. parameters, returns: the handler's types by name, and the type it
    returns.
    """

    method: str
    path: str
    handler: Handler
    tag: str
    status: int = 200
    is_read: bool = False
    media_types: tuple[str, ...] = ("application/octet-stream",)
    parameters: Mapping[str, Any] = field(init=False)
    returns: Any = field(init=False)

    def __post_init__(self) -> None:
        hints = get_type_hints(self.handler)
        object.__setattr__(self, "returns", hints.pop("return"))
        object.__setattr__(self, "parameters", hints)

    @property
    def path_parameters(self) -> list[str]:
        """The names in the path, in order."""
        return _PATH_PARAMETER.findall(self.path)

    @property
    def query_parameters(self) -> dict[str, Any]:
        """The structs that the query string is decoded into, by parameter name."""
        return {
            name: kind
            for name, kind in self.parameters.items()
            if name != "body" and isinstance(kind, type) and issubclass(kind, msgspec.Struct)
        }

    @property
    def is_open(self) -> bool:
        """Whether it asks for no token."""
        return "caller" not in self.parameters

    @property
    def is_forwarded(self) -> bool:
        """Whether it is for another server, which its headers are for too."""
        return "forwarded" in self.parameters

    @property
    def is_sign_in(self) -> bool:
        """Whether it begins a session of the console, so that only the console may ask for it."""
        return "visit" in self.parameters and self.method == "POST"

    @property
    def takes_idempotency_key(self) -> bool:
        """Whether a request that is sent again under its key is answered as before: a POST that is no transfer of a file."""
        is_file = "upload" in self.parameters or self.returns is Download
        is_ours = not self.is_read and not self.is_forwarded
        return self.method == "POST" and not self.is_open and is_ours and not is_file

    @property
    def selects_by_query(self) -> bool:
        """Whether its element is named in the query instead of the path."""
        return "selector" in self.parameters and "selector" not in self.path_parameters


class Endpoints:
    """Serves endpoints: decodes what they ask for, calls them, encodes what they return."""

    def __init__(self, services: Services, limits: BodyLimits, server_url: ServerUrl) -> None:
        self._services = services
        self._limits = limits
        self._server_url = server_url
        self._cookies = SessionCookies(server_url)

    def serve(self, endpoint: Endpoint) -> Respond:
        """The function that answers requests to an endpoint.

        What answers some requests itself, e.g. those that repeat an ``Idempotency-Key``, is wrapped around ``respond`` here: the
        caller is known by then, and a body that it reads is there for the endpoint too.
        """
        respond = self._respond(endpoint)
        if endpoint.is_open:
            return respond
        if endpoint.takes_idempotency_key:
            respond = answering_once(respond, self._services.idempotency, self._limits)
        elif endpoint.method == "POST" and not endpoint.is_read and not endpoint.is_forwarded:
            respond = refusing_keys(respond)
        return self._for_callers(respond)

    def _for_callers(self, respond: Respond) -> Respond:
        by_token, by_session = self._services.identity.authenticate, self._services.sessions.authenticate

        async def respond_to_caller(request: Request) -> Answer | Download:
            session = self._cookies.find(request)
            if session is None:
                request.token = bearer_token(request)
                request.caller = await by_token(request.token)
                return await respond(request)
            request.token, request.is_by_session = session, True
            self._cookies.check(request)
            request.caller = await by_session(session)
            return await respond(request)

        return respond_to_caller

    def _respond(self, endpoint: Endpoint) -> Respond:
        handler, status = endpoint.handler, endpoint.status
        given: dict[str, Any] = {"services": self._services} if "services" in endpoint.parameters else {}
        selects_by_query, asks_for_caller = endpoint.selects_by_query, not endpoint.is_open
        asks_for_url, asks_for_visit = "server_url" in endpoint.parameters, "visit" in endpoint.parameters
        query = QueryReader(endpoint.query_parameters, SELECTOR_PARAMETERS if selects_by_query else ())
        read = self._reader(endpoint)

        async def respond(request: Request) -> Answer | Download:
            arguments: dict[str, Any] = {**request.path_parameters, **given}
            if asks_for_caller:
                arguments["caller"] = request.caller
            if asks_for_url:
                arguments["server_url"] = self._server_url.of(request)
            if asks_for_visit:
                arguments["visit"] = Visit(self._cookies, request)
            values = query.values(request.query_string)
            if selects_by_query:
                arguments["selector"] = _selector(values)
            arguments.update(query.structs(values))
            if read is not None:
                await read(request, arguments)
            result = await handler(**arguments)
            return result if isinstance(result, Download | Answer) else json_answer(result, status)

        return respond

    def _reader(self, endpoint: Endpoint) -> Read | None:
        """What reads the body that an endpoint takes, if it takes one."""
        if "body" in endpoint.parameters:
            decode = msgspec.json.Decoder(endpoint.parameters["body"]).decode

            async def read_json(request: Request, arguments: dict[str, Any]) -> None:
                body = await read_body(request, self._limits)
                arguments["body"] = await decode_body(body, request.header("content-type"), decode)

            return read_json
        if "upload" in endpoint.parameters:

            async def open_upload(request: Request, arguments: dict[str, Any]) -> None:
                content_type = _media_type(request, endpoint.media_types)
                arguments["upload"] = Upload(request, content_type, self._limits.timeout_seconds)

            return open_upload
        if "delivery" in endpoint.parameters:

            async def receive(request: Request, arguments: dict[str, Any]) -> None:
                arguments["delivery"] = await read_delivery(request, self._limits)

            return receive
        if endpoint.is_forwarded:

            async def read_request(request: Request, arguments: dict[str, Any]) -> None:
                body = await read_body_as_sent(request, self._limits)
                arguments["forwarded"] = Forwarded(request.method, request.query_string, request.headers(), body)

            return read_request
        return None


def bearer_token(request: Request) -> str:
    """The token of a request.

    Raises:
        NotAuthenticated: there is none.
    """
    scheme, _, token = request.header("authorization").partition(" ")
    token = token.strip()
    if not token or scheme.lower() != "bearer":
        raise NotAuthenticated("The request has no token: send the header `Authorization: Bearer <jwt>`.")
    return token


def _media_type(request: Request, media_types: tuple[str, ...]) -> str:
    """The media type of an upload; the first of those that are taken if none is declared.

    Raises:
        UnsupportedMediaType: it is none of them.
    """
    declared = request.header("content-type")
    kind = declared.partition(";")[0].strip().lower() or media_types[0]
    if kind not in media_types:
        raise UnsupportedMediaType(f"The body is declared as {declared[:100]!r}: send {' or '.join(media_types)}.")
    return kind


def _selector(values: Mapping[str, str]) -> str:
    for name in SELECTOR_PARAMETERS:
        if name in values:
            return values[name]
    raise BadRequest("Say which one is meant: give its id or key in the query.", {"path": "$.id", "in": "query"})
