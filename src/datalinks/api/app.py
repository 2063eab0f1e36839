"""The web application: the route table served, every failure as the error envelope, CORS for browsers."""

from collections.abc import Iterable
from functools import cache
from http import HTTPStatus
from pathlib import Path
from time import perf_counter

import structlog
from prometheus_client import CollectorRegistry

from datalinks.api import console, downloads
from datalinks.api.answers import JSON, Answer, Headers
from datalinks.api.bodies import BodyLimits
from datalinks.api.console import Console
from datalinks.api.docs_page import docs_page
from datalinks.api.downloads import StartedDownload
from datalinks.api.endpoint import Endpoint, Endpoints, Respond
from datalinks.api.errors import error_answer, status_of
from datalinks.api.observing import Observer
from datalinks.api.openapi import openapi_json
from datalinks.api.preflights import ANY_ORIGIN, preflight_answer
from datalinks.api.requests import HTTPProtocol, Request, Scope
from datalinks.api.router import Router
from datalinks.api.routes import routes
from datalinks.api.server_url import ServerUrl
from datalinks.errors import BadRequest, DataLinksError, MethodNotAllowed, NotFound, StorageFull, Unavailable
from datalinks.services.services import Services
from datalinks.settings import Settings

_log = structlog.get_logger("datalinks.api")
_PAGE_HEADERS = (
    ("content-type", "text/html; charset=utf-8"),
    ("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
    ("x-content-type-options", "nosniff"),
)
# What only one browser may keep.
_PRIVATE: Headers = (("cache-control", "no-store"),)
_METRICS_HEADERS = (("content-type", "text/plain; version=0.0.4; charset=utf-8"),)


def make_app(
    services: Services,
    settings: Settings,
    table: Iterable[Endpoint] | None = None,
    registry: CollectorRegistry | None = None,
    console_folder: Path = console.FOLDER,
) -> "App":
    """The application over open services.

    table: what it serves, every route if None. registry: what ``/metrics`` shows beside requests.
    console_folder: where the console was built; it need not be.
    """
    endpoints = list(routes() if table is None else table)
    limits = BodyLimits(settings.max_body_bytes, settings.body_timeout_seconds)
    observer = Observer(registry)
    paths: dict[str, dict[str, Respond]] = {}
    server_url = ServerUrl(settings.public_url.rstrip("/"), settings.api_prefix)
    serving = Endpoints(services, limits, server_url)
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method] = serving.serve(endpoint)
    for path, page in _pages(endpoints, settings.api_prefix, observer).items():
        paths[path] = {"GET": page}
    built = Console(console_folder, server_url.path)
    paths[console.PATH] = {"GET": built.redirect}
    paths[f"{console.PATH}/{{path}}"] = {"GET": built.serve}
    router = Router[_Path]()
    for path, answers in paths.items():
        router.add(settings.api_prefix + path, _Path(path, answers))
    if built.is_built:
        router.add("/", _Path("/", {"GET": built.redirect_from_root}))
    return App(router, observer, settings.body_timeout_seconds, settings.api_prefix + console.PATH)


class App:
    """The application as Granian calls it, through its interface RSGI."""

    def __init__(
        self, router: "Router[_Path]", observer: Observer, chunk_timeout_seconds: float, console_path: str
    ) -> None:
        self._router = router
        self._observer = observer
        self._chunk_timeout_seconds = chunk_timeout_seconds
        self._console_path = console_path

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answer one request."""
        started, status = perf_counter(), 500
        request = Request(scope, protocol)
        try:
            answer = await self._answer(request)
            status = answer.status
            common = self._common_headers(request, answer.headers)
            headers = [*answer.headers, *common, *request.answer_headers, ("x-request-id", request.id)]
            if isinstance(answer, Answer):
                protocol.response_bytes(status, headers, answer.body)
            else:
                await downloads.send(answer, request, headers, self._chunk_timeout_seconds)
        finally:
            self._observer.observe(request, status, perf_counter() - started)

    def _common_headers(self, request: Request, own: Headers) -> Headers:
        """What answers have that are like this one: browsers let pages of others read them, unless they are for the console."""
        if self._is_for_console(request):
            is_private = all(name != "cache-control" for name, _ in own)
            return (*console.HEADERS, *_PRIVATE) if is_private else console.HEADERS
        return _PRIVATE if request.is_by_session else ANY_ORIGIN

    def _is_for_console(self, request: Request) -> bool:
        path = self._console_path
        return request.path.startswith(path) and request.path[len(path) : len(path) + 1] in ("", "/")

    async def _answer(self, request: Request) -> Answer | StartedDownload:
        try:
            answer = await self._respond(request)
            return answer if isinstance(answer, Answer) else await downloads.start(answer, request)
        except DataLinksError as error:
            if status_of(error) == HTTPStatus.INTERNAL_SERVER_ERROR:
                return _unexpected(request, error)
            if isinstance(error, Unavailable | StorageFull):
                _log.warning("store failed", request_id=request.id, exc_info=error)
            return error_answer(error)
        except Exception as error:  # noqa: BLE001 - the edge of a request: whatever happens becomes an answer
            return _unexpected(request, error)

    async def _respond(self, request: Request) -> "Answer | downloads.Download":
        is_preflight = request.method == "OPTIONS" and request.has_header("access-control-request-method")
        if is_preflight and not self._is_for_console(request):
            return preflight_answer(request)
        found = self._router.find(request.path)
        if found is None:
            raise NotFound(f"There is no route {request.path[:200]!r}: see /docs for those there are.")
        path, request.path_parameters = found
        request.route = path.route
        respond = path.answers.get(request.method)
        if respond is None:
            return path.refusal(request.method)
        if request.path_parameters:
            _check_path(request.path)
        return await respond(request)


class _Path:
    """Every method of one path, so that a method it does not have is told apart from a path that does not exist."""

    __slots__ = ("_allowed", "answers", "route")

    def __init__(self, route: str, answers: dict[str, Respond]) -> None:
        self.route = route
        # The server leaves out the body of what it answers to HEAD.
        self.answers = {**answers, "HEAD": answers["GET"]} if "GET" in answers else answers
        self._allowed = ", ".join(self.answers)

    def refusal(self, method: str) -> Answer:
        """The answer to a method that the path does not have."""
        error = MethodNotAllowed(f"{method} is not possible here: {self.route} has {self._allowed}.")
        return error_answer(error, (("allow", self._allowed),))


def _unexpected(request: Request, error: Exception) -> Answer:
    """The answer to a mistake of ours: what happened is in the log, under the id that the answer has."""
    _log.error("unexpected error", request_id=request.id, exc_info=error)
    return error_answer(DataLinksError("Something went wrong inside the server.", {"errorId": request.id}))


def _check_path(path: str) -> None:
    """Refuse paths that the server in front has decoded to something else than was sent, or that no key can have.

    Raises:
        NotFound: a control character. BadRequest: perhaps not UTF-8, of which the server tells us no more.
    """
    if not path.isprintable() and any(letter < " " or letter == "\x7f" for letter in path):
        raise NotFound("There is nothing here: the path has control characters.")
    if "\ufffd" in path:
        raise BadRequest("The path is not UTF-8, percent-encoded, or has U+FFFD, which stands for what is not.")


def _pages(table: list[Endpoint], prefix: str, observer: Observer) -> dict[str, Respond]:
    """What is for people and their tools rather than for programs of the API."""

    @cache
    def document() -> bytes:
        return openapi_json(table, prefix)

    async def openapi(request: Request) -> Answer:
        return Answer(200, JSON, document())

    async def docs(request: Request) -> Answer:
        return Answer(200, _PAGE_HEADERS, docs_page(document()).encode())

    async def metrics(request: Request) -> Answer:
        return Answer(200, _METRICS_HEADERS, observer.metrics())

    return {"/openapi.json": openapi, "/docs": docs, "/metrics": metrics}
