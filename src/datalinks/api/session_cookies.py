"""The cookie of the console's sessions: when it counts, how a browser is told to keep it and to forget it.

Browsers send cookies with requests that pages of others make, so a cookie alone proves nothing. It counts if the browser says that
no other page makes the request (``Sec-Fetch-Site``, ``Origin``) and the request is one that another page could not make: it has
a header that only a page of our own origin can add, or it is a link of our own that is followed, as for downloads.
"""

from datalinks.api.requests import Request
from datalinks.api.server_url import ServerUrl
from datalinks.errors import AccessDenied

COOKIE = "datalinks_session"
CONSOLE_HEADER = "x-datalinks-console"
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
# What a link that is followed is fetched as. Nothing that an app or a file holds is ever run as a part of a page of ours.
_FOLLOWED = ("", "document", "empty")


class SessionCookies:
    """Reads the cookie from requests and writes it for answers."""

    def __init__(self, server_url: ServerUrl) -> None:
        self._server_url = server_url
        # Browsers have no cookie with `Secure` for servers that they reach without TLS.
        secure = "; Secure" if server_url.is_https else ""
        self._attributes = f"; Path={server_url.path or '/'}; HttpOnly; SameSite=Strict{secure}"

    def find(self, request: Request) -> str | None:
        """The session's token that a request carries, or None if it has none or says by another header who asks."""
        if not request.has_header("cookie") or request.has_header("authorization"):
            return None
        for pair in request.header("cookie").split(";"):
            name, _, value = pair.strip().partition("=")
            if name == COOKIE:
                return value or None
        return None

    def check(self, request: Request) -> None:
        """Make sure that a request with the cookie is made by a page of ours.

        Raises:
            AccessDenied: it is not, or nothing says so.
        """
        self.check_origin(request)
        if request.header(CONSOLE_HEADER) != "1" and not _is_followed_link(request):
            raise AccessDenied(
                "A session of the console counts only for requests of the console: "
                "send the header `X-Datalinks-Console: 1`, or `Authorization: Bearer <jwt>` in place of the cookie."
            )

    def check_console(self, request: Request) -> None:
        """Make sure that a request is made by the console itself, with its header.

        Raises:
            AccessDenied: it is not, or nothing says so.
        """
        self.check_origin(request)
        if request.header(CONSOLE_HEADER) != "1":
            raise AccessDenied("Signing in is for the console: send the header `X-Datalinks-Console: 1`.")

    def check_origin(self, request: Request) -> None:
        """Make sure that no page of another origin makes a request.

        Raises:
            AccessDenied: the browser says that one does.
        """
        if request.has_header("sec-fetch-site") and request.header("sec-fetch-site") != "same-origin":
            raise AccessDenied("The request comes from another site: sessions are for the console of this server only.")
        if request.has_header("origin") and not self._is_own(request.header("origin"), request):
            raise AccessDenied(
                "The header Origin names another host than this server's. Behind a proxy, pass the header Host on, "
                "or set DATALINKS_PUBLIC_URL to the address that browsers see."
            )

    def keep(self, token: str, seconds: int) -> tuple[str, str]:
        """The header that makes a browser keep a session."""
        return "set-cookie", f"{COOKIE}={token}; Max-Age={seconds}{self._attributes}"

    def forget(self) -> tuple[str, str]:
        """The header that makes a browser forget its session."""
        return "set-cookie", f"{COOKIE}=; Max-Age=0{self._attributes}"

    def _is_own(self, origin: str, request: Request) -> bool:
        scheme, _, host = origin.lower().partition("://")
        port = _DEFAULT_PORTS.get(scheme)
        if port is None or not host:
            return False
        asked = request.header("host") or request.scope.authority or ""
        own = {each.lower().removesuffix(port) for each in (asked, self._server_url.public_host) if each}
        return host.removesuffix(port) in own


class Visit:
    """What a request and its answer have to do with a session.

    token: what has let the caller in, of a session or not; empty for endpoints that are open to everyone.
    """

    def __init__(self, cookies: SessionCookies, request: Request) -> None:
        self._cookies = cookies
        self._request = request
        self.token = request.token

    def check_console(self) -> None:
        """Let the console pass; see ``SessionCookies.check_console``."""
        self._cookies.check_console(self._request)

    def check_origin(self) -> None:
        """Let everyone but pages of others pass; see ``SessionCookies.check_origin``."""
        self._cookies.check_origin(self._request)

    def keep(self, token: str, seconds: int) -> None:
        """Let the answer begin a session."""
        self._request.answer_headers = (self._cookies.keep(token, seconds),)

    def forget(self) -> None:
        """Let the answer end the session."""
        self._request.answer_headers = (self._cookies.forget(),)


def _is_followed_link(request: Request) -> bool:
    is_read = request.method in ("GET", "HEAD")
    is_own = request.header("sec-fetch-site") == "same-origin"
    return is_read and is_own and request.header("sec-fetch-dest") in _FOLLOWED
