"""An endpoint: one method of one path, and the typed function behind it.

The function's signature is the contract, for serving and for the OpenAPI document alike. Its parameters are named:

- ``services`` and, unless the endpoint is open to everyone, ``caller``;
- ``body``: a struct that the JSON body is decoded into;
- any name with another struct as its type: a part of the query string;
- ``selector``: the element that is meant, from the path or, where the path has none, from the query's ``id`` or ``key``;
- any other name: that part of the path.

What it returns is the answer's JSON; None is an answer without a body.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_type_hints

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from datalinks.api.decoding import BodyLimits, convert_query, decode_body, parse_query, query_fields, read_body
from datalinks.errors import BadRequest, NotAuthenticated
from datalinks.services.services import Services

Handler = Callable[..., Awaitable[Any]]
_encoder = msgspec.json.Encoder()
_PATH_PARAMETER = re.compile(r"{(\w+)}")
# The query parameters that name an element where the path does not.
SELECTOR_PARAMETERS = ("id", "key", "uuid", "internalId")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One row of the route table.

    path: with ``{name}`` parts. tag: the chapter of the documentation. status: of the answer when all goes well.
    parameters, returns: the handler's types by name, and the type it returns.
    """

    method: str
    path: str
    handler: Handler
    tag: str
    status: int = 200
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
    def selects_by_query(self) -> bool:
        """Whether its element is named in the query instead of the path."""
        return "selector" in self.parameters and "selector" not in self.path_parameters


class Endpoints:
    """Serves endpoints: decodes what they ask for, calls them, encodes what they return."""

    def __init__(self, services: Services, limits: BodyLimits) -> None:
        self._services = services
        self._limits = limits

    def serve(self, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
        """The function that answers requests to an endpoint; it raises what went wrong."""
        parameters, query_parameters = endpoint.parameters, endpoint.query_parameters
        known = {name for kind in query_parameters.values() for name, _ in query_fields(kind)}
        if endpoint.selects_by_query:
            known.update(SELECTOR_PARAMETERS)
        decode = msgspec.json.Decoder(parameters["body"]).decode if "body" in parameters else None

        async def answer(request: Request) -> Response:
            arguments: dict[str, Any] = dict(request.path_params)
            if "services" in parameters:
                arguments["services"] = self._services
            if "caller" in parameters:
                arguments["caller"] = await self._services.identity.authenticate(bearer_token(request))
            values = parse_query(request.scope["query_string"], known)
            if endpoint.selects_by_query:
                arguments["selector"] = _selector(values)
            for name, kind in query_parameters.items():
                arguments[name] = convert_query(values, kind)
            if decode is not None:
                body = await read_body(request, self._limits)
                arguments["body"] = await decode_body(body, request.headers.get("content-type", ""), decode)
            return _response(await endpoint.handler(**arguments), endpoint.status)

        return answer


def bearer_token(request: Request) -> str:
    """The token of a request.

    Raises:
        NotAuthenticated: there is none.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotAuthenticated("The request has no token: send the header `Authorization: Bearer <jwt>`.")
    return token.strip()


def _selector(values: Mapping[str, str]) -> str:
    for name in SELECTOR_PARAMETERS:
        if name in values:
            return values[name]
    raise BadRequest("Say which one is meant: give its id or key in the query.", {"path": "$.id", "in": "query"})


def _response(answer: Any, status: int) -> Response:
    if answer is None:
        return Response(status_code=status)
    return Response(_encoder.encode(answer), status, media_type="application/json")
