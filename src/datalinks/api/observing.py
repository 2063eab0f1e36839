"""What operators see of requests: one log line each with a request id, and Prometheus counters.

Tokens, query strings and bodies are in neither, as they may hold secrets or record ids.
"""

import re
import secrets
import time
from collections.abc import Callable
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_UNROUTED = "unrouted"
# Labels are kept for ever, so a caller must not be able to make new ones.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Observing:
    """Wraps an app: gives every request an id, logs it and counts it."""

    def __init__(
        self, app: ASGIApp, registry: CollectorRegistry, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._app = app
        self._clock = clock
        self._log = structlog.get_logger("datalinks.requests")
        labels = ("method", "route", "status")
        self._requests = Counter("datalinks_requests", "Requests answered.", labels, registry=registry)
        self._seconds = Histogram(
            "datalinks_request_seconds",
            "Time from a request's head to its answer's end.",
            labels[:2],
            registry=registry,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        started = self._clock()
        status = 500

        async def send_observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["x-request-id"] = request_id
            await send(message)

        try:
            await self._app(scope, receive, send_observed)
        finally:
            self._observe(scope, request_id, status, self._clock() - started)

    def _observe(self, scope: Scope, request_id: str, status: int, seconds: float) -> None:
        # Set by the app for paths it knows; others would make a label for every path someone tries.
        route = scope.get("state", {}).get("route", _UNROUTED)
        method = scope["method"] if route != _UNROUTED and scope["method"] in _METHODS else "other"
        self._requests.labels(method, route, status).inc()
        self._seconds.labels(method, route).observe(seconds)
        self._log.info(
            "request",
            method=scope["method"],
            route=route,
            status=status,
            milliseconds=round(seconds * 1000, 2),
            request_id=request_id,
        )


def _request_id(scope: Scope) -> str:
    """The caller's own id of the request if it has a harmless form, else a new one."""
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    given: Any = next((value for name, value in headers if name == b"x-request-id"), b"")
    text = given.decode("latin-1")
    return text if _REQUEST_ID.fullmatch(text) else secrets.token_hex(8)
