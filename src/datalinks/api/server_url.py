"""Where this server is reached, for addresses in answers."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from datalinks.api.requests import Request

# A name or an address, perhaps with a port; whatever else stands there is not said again.
_HOST = re.compile(r"[A-Za-z0-9._-]+(?::[0-9]+)?|\[[0-9A-Fa-f:.]+\](?::[0-9]+)?")


@dataclass(frozen=True, slots=True)
class ServerUrl:
    """The server's address without a slash at its end, as it is set or as a request says it.

    public_url: empty if it is not set. prefix: the path in front of every route.
    """

    public_url: str
    prefix: str

    @property
    def is_https(self) -> bool:
        """Whether others are known to reach the server by HTTPS."""
        return self.public_url.lower().startswith("https://")

    @property
    def public_host(self) -> str:
        """The host that others see, perhaps with a port; empty if it is not set."""
        return urlsplit(self.public_url).netloc

    @property
    def path(self) -> str:
        """The path that others see in front of every route, without a slash at its end; empty for none."""
        return urlsplit(self.public_url).path if self.public_url else self.prefix

    def of(self, request: Request) -> str:
        """The address in answers to a request."""
        if self.public_url:
            return self.public_url
        host = request.header("host") or request.scope.authority or ""
        return f"{request.scope.scheme}://{host if _HOST.fullmatch(host) else 'localhost'}{self.prefix}"
