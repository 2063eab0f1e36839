"""What operators see of requests: one log line each with a request id, and Prometheus counters.

Tokens, query strings and bodies are in neither, as they may hold secrets or record ids.
"""

import logging
import os

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from datalinks.api.requests import UNROUTED, Request

# Names a folder in which several worker processes keep their counters together; prometheus_client reads it too.
SHARED_COUNTERS = "PROMETHEUS_MULTIPROC_DIR"
# Labels are kept for ever, so a caller must not be able to make new ones.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Observer:
    """Logs and counts requests. registry: where counters stand, together with those of others in this process."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self._registry = registry or CollectorRegistry()
        labels = ("method", "route", "status")
        self._requests = Counter("datalinks_requests", "Requests answered.", labels, registry=self._registry)
        self._seconds = Histogram(
            "datalinks_request_seconds",
            "Time from a request's head to its answer's end.",
            labels[:2],
            registry=self._registry,
        )
        # The counters of each combination that has been seen, as looking them up costs more than counting.
        self._found: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._log = structlog.get_logger("datalinks.requests").bind()
        self._is_logging = self._log.is_enabled_for(logging.INFO)

    def observe(self, request: Request, status: int, seconds: float) -> None:
        """Note a request that has been answered."""
        route = request.route
        method = request.method if route != UNROUTED and request.method in _METHODS else "other"
        found = self._found.get((method, route, status))
        if found is None:
            found = self._requests.labels(method, route, status), self._seconds.labels(method, route)
            self._found[method, route, status] = found
        found[0].inc()
        found[1].observe(seconds)
        if self._is_logging:
            self._log.info(
                "request",
                method=request.method,
                route=route,
                status=status,
                milliseconds=round(seconds * 1000, 2),
                request_id=request.id,
            )

    def metrics(self) -> bytes:
        """The counters as Prometheus reads them; those of every worker together if there are several."""
        registry = self._registry
        if os.environ.get(SHARED_COUNTERS):
            registry = CollectorRegistry()
            MultiProcessCollector(registry)
        return generate_latest(registry)
