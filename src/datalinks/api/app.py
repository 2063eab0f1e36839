"""The web application: the route table served, every failure as the error envelope, CORS for browsers."""

from collections.abc import Awaitable, Callable, Iterable
from functools import cache
from http import HTTPStatus
from urllib.parse import unquote_to_bytes

import structlog
from prometheus_client import CollectorRegistry, generate_latest
from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from datalinks.api.decoding import BodyLimits
from datalinks.api.docs_page import docs_page
from datalinks.api.endpoint import Endpoint, Endpoints
from datalinks.api.errors import error_response, status_of
from datalinks.api.observing import Observing
from datalinks.api.openapi import openapi_json
from datalinks.api.routes import routes
from datalinks.errors import BadRequest, DataLinksError, MethodNotAllowed, NotFound, StorageFull, Unavailable
from datalinks.services.services import Services
from datalinks.settings import Settings

_log = structlog.get_logger("datalinks.api")
Answer = Callable[[Request], Awaitable[Response]]
# One day: how long a browser remembers that it may call us.
_PREFLIGHT_SECONDS = 86_400
_PAGE_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
}


def make_app(services: Services, settings: Settings) -> ASGIApp:
    """The application over open services."""
    registry = CollectorRegistry()
    endpoints = Endpoints(services, BodyLimits(settings.max_body_bytes, settings.body_timeout_seconds))
    table = routes()
    paths: list[BaseRoute] = [*_paths(table, endpoints), *_pages(table, settings.api_prefix, registry)]
    # Slashes mean something in a path of keys, so none is added or taken away by a redirect. A router is all that is used of
    # Starlette's application: failures are answered in each path, not by middleware around all of them.
    router = Router(paths, redirect_slashes=False, default=_unrouted)
    if settings.api_prefix:
        router = Router([Mount(settings.api_prefix, app=router)], redirect_slashes=False, default=_unrouted)
    crossing = _Crossing(
        router,
        allow_origins=["*"],
        allow_methods=["*"],
        allow_headers=["*"],
        expose_headers=["x-request-id"],
        max_age=_PREFLIGHT_SECONDS,
    )
    return Observing(crossing, registry)


class _Crossing(CORSMiddleware):
    """CORS whose refusals are error envelopes too."""

    def preflight_response(self, request_headers: Headers) -> Response:
        """The answer to a browser that asks whether it may call us."""
        response = super().preflight_response(request_headers)
        if response.status_code < HTTPStatus.BAD_REQUEST:
            return response
        refused = request_headers.get("access-control-request-method", "")[:100]
        return error_response(MethodNotAllowed(f"No route has the method {refused!r}."))


class _Path:
    """Every method of one path, so that a method it does not have is told apart from a path that does not exist."""

    def __init__(self, path: str, answers: dict[str, Answer]) -> None:
        self._path = path
        self._answers = answers
        self._allowed = ", ".join([*answers, *(["HEAD"] if "GET" in answers else [])])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        request.state.route = self._path
        response = await self._answer(request)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        answer = self._answers.get("GET" if request.method == "HEAD" else request.method)
        if answer is None:
            message = f"{request.method} is not possible here: {self._path} has {self._allowed}."
            response = error_response(MethodNotAllowed(message))
            response.headers["allow"] = self._allowed
            return response
        try:
            _check_path(request.scope)
            return await answer(request)
        except DataLinksError as error:
            if status_of(error) == HTTPStatus.INTERNAL_SERVER_ERROR:
                return _unexpected(request, error)
            if isinstance(error, Unavailable | StorageFull):
                _log.warning("store failed", request_id=request.state.request_id, exc_info=error)
            return error_response(error)
        except Exception as error:  # noqa: BLE001 - the edge of a request: whatever happens becomes an answer
            return _unexpected(request, error)


def _unexpected(request: Request, error: Exception) -> Response:
    """The answer to a mistake of ours: what happened is in the log, under the id that the answer has."""
    request_id = request.state.request_id
    _log.error("unexpected error", request_id=request_id, exc_info=error)
    return error_response(DataLinksError("Something went wrong inside the server.", {"errorId": request_id}))


def _check_path(scope: Scope) -> None:
    """Refuse paths that the server in front has decoded to something else than was sent, or that no key can have.

    Raises:
        NotFound: a control character. BadRequest: not UTF-8.
    """
    if not scope["path"].isprintable() and any(letter < " " or letter == "\x7f" for letter in scope["path"]):
        raise NotFound("There is nothing here: the path has control characters.")
    raw_path: bytes = scope.get("raw_path") or b""
    if b"%" in raw_path:
        try:
            unquote_to_bytes(raw_path).decode()
        except UnicodeDecodeError as error:
            raise BadRequest("The path is not UTF-8, percent-encoded.") from error


def _paths(table: Iterable[Endpoint], endpoints: Endpoints) -> list[BaseRoute]:
    by_path: dict[str, dict[str, Answer]] = {}
    for endpoint in table:
        by_path.setdefault(endpoint.path, {})[endpoint.method] = endpoints.serve(endpoint)
    return [Route(path, _Path(path, answers)) for path, answers in by_path.items()]


def _pages(table: list[Endpoint], prefix: str, registry: CollectorRegistry) -> list[BaseRoute]:
    """What is for people and their tools rather than for programs of the API."""

    @cache
    def document() -> bytes:
        return openapi_json(table, prefix)

    async def openapi(request: Request) -> Response:
        return Response(document(), media_type="application/json")

    async def docs(request: Request) -> Response:
        return HTMLResponse(docs_page(document()), headers=_PAGE_HEADERS)

    async def metrics(request: Request) -> Response:
        return Response(generate_latest(registry), media_type="text/plain; version=0.0.4; charset=utf-8")

    pages = {"/openapi.json": openapi, "/docs": docs, "/metrics": metrics}
    return [Route(path, _Path(path, {"GET": page})) for path, page in pages.items()]


async def _unrouted(scope: Scope, receive: Receive, send: Send) -> None:
    """The application of every path that is not in the table."""
    response = error_response(NotFound(f"There is no route {scope['path'][:200]!r}: see /docs for those there are."))
    await response(scope, receive, send)
