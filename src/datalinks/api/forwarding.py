"""What of a request is passed on to an app, and what of the app's answer is passed back.

Headers that are for this server, for somebody in between or for the connection stay behind, in both directions.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from datalinks.api.answers import Answer
from datalinks.outgoing.messages import Headers, OutgoingAnswer

# How one connection is used, which is nothing that another one has to know (RFC 9110, section 7.6.1).
_OF_THE_CONNECTION = frozenset(
    {
        *("connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"),
        *("proxy-authenticate", "proxy-authorization", "content-length", "expect"),
    }
)
_FOR_US = frozenset(
    {"host", "authorization", "cookie", "x-request-id", "membrane-api-version", "x-membrane-session-id"}
)
# What machines between the caller and us have added.
_OF_MACHINES_BETWEEN = frozenset(
    {
        *("forwarded", "via", "x-real-ip", "x-scheme", "x-original-forwarded-for", "forwarded-for-header"),
        *("proxy-protocol", "cdn-loop", "true-client-ip", "x-client-ip", "x-cluster-client-ip", "fastly-client-ip"),
        *("x-original-host", "x-original-uri", "x-original-url", "x-rewrite-url", "x-azure-clientip", "traceparent"),
        *("tracestate", "x-b3-traceid", "x-b3-spanid", "x-cloud-trace-context"),
    }
)
_PREFIXES_OF_MACHINES_BETWEEN = ("x-forwarded-", "cf-", "x-amzn-", "x-envoy-", "x-vercel-", "x-azure-", "fly-")
_KEPT_FROM_APPS = _OF_THE_CONNECTION | _FOR_US | _OF_MACHINES_BETWEEN

# What an app tells browsers about the origin that answers, which here is ours, and headers that we write ourselves.
_ABOUT_OUR_ORIGIN = frozenset(
    {
        *("set-cookie", "set-cookie2", "strict-transport-security", "public-key-pins", "alt-svc", "clear-site-data"),
        *(
            "content-security-policy",
            "content-security-policy-report-only",
            "service-worker-allowed",
            "nel",
            "report-to",
        ),
        *("reporting-endpoints", "server", "date", "x-request-id", "x-content-type-options"),
    }
)
_PREFIX_ABOUT_OUR_ORIGIN = "access-control-"
# Nothing that an app answers runs or looks like a page of ours.
_HARMLESS: Headers = (("content-security-policy", "sandbox"), ("x-content-type-options", "nosniff"))


@dataclass(frozen=True, slots=True)
class Forwarded:
    """A request to be passed on. query_string: as it was sent. headers: all of them. body: as it was sent, perhaps compressed."""

    method: str
    query_string: str = field(repr=False)
    headers: list[tuple[str, str]] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def headers_for_app(self) -> Headers:
        """The headers that are for an app."""
        named = _named_by(self.headers)
        return tuple(
            (name, value) for name, value in self.headers if not _is_kept_from_apps(name) and name not in named
        )


def passed_back(answer: OutgoingAnswer, method: str) -> Answer:
    """An app's answer as ours: status and body as they are, and the headers that are for the caller."""
    named = _named_by(answer.headers)
    headers = [(name, value) for name, value in answer.headers if not _is_kept_back(name) and name not in named]
    if method == "HEAD" and (length := answer.header("content-length")).isdecimal():
        # There is no body to tell it by.
        headers.append(("content-length", length))
    return Answer(answer.status, (*headers, *_HARMLESS), answer.body)


def _is_kept_from_apps(name: str) -> bool:
    return name in _KEPT_FROM_APPS or name.startswith(_PREFIXES_OF_MACHINES_BETWEEN)


def _is_kept_back(name: str) -> bool:
    is_about_us = name in _ABOUT_OUR_ORIGIN or name.startswith(_PREFIX_ABOUT_OUR_ORIGIN)
    return is_about_us or name in _OF_THE_CONNECTION


def _named_by(headers: Iterable[tuple[str, str]]) -> set[str]:
    """The headers that the header ``connection`` says are only of this connection."""
    return {each.strip().lower() for name, value in headers if name == "connection" for each in value.split(",")}
