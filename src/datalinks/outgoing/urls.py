"""Where a request goes: absolute addresses, and references that are resolved against a base without ever leaving it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote

from datalinks.errors import BadRequest

# Stricter than URLs are, so that nothing in it can be read in two ways: no user, no fragment, no names but plain ones.
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?(?P<target>[/?][!-\"$-~]*)?",
    re.IGNORECASE | re.ASCII,
)
# With one slash too, which is what is left of two where software in between tidies paths up.
_ABSOLUTE = re.compile(r"(?P<scheme>https?):/+(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_OTHER_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_MAX_PORT = 65_535
# What may stand in a path as it is. A percent sign is among them only where the text is percent-encoded already.
_PLAIN = "/:@!$&'()*+,;=~[]"
# A query is sent as it is written: whoever reads it knows what its characters mean.
_PLAIN_QUERY = "".join(letter for letter in map(chr, range(ord("!"), ord("~") + 1)) if letter != "#")
# How often a path may be percent-encoded, one inside the other; software behind us might decode it as often.
_MAX_ENCODINGS = 4


@dataclass(frozen=True, slots=True)
class Url:
    """An http(s) URL. host: in small letters. target: path and query as they are sent, from the first slash on."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def origin(self) -> str:
        """What messages call the place: scheme, host and, unless it is the usual one, port. Never a path or query."""
        usual = self.port == _DEFAULT_PORTS[self.scheme]
        return f"{self.scheme}://{self.host}" + ("" if usual else f":{self.port}")

    def __str__(self) -> str:
        return self.origin + self.target


def parse_url(text: str) -> Url | None:
    """An absolute http(s) URL, percent-encoded, without user and fragment; None for anything else."""
    found = _URL.fullmatch(text)
    if found is None:
        return None
    scheme, target = found["scheme"].lower(), found["target"] or "/"
    port = int(found["port"]) if found["port"] else _DEFAULT_PORTS[scheme]
    if port > _MAX_PORT:
        return None
    return Url(scheme, found["host"].lower(), port, target if target.startswith("/") else f"/{target}")


def check_base(base: str, path: str = "$.baseUri") -> Url:
    """A base address that references are resolved against.

    Raises:
        BadRequest: it is no http(s) URL, or has a query. ``path`` is the place that the error names.
    """
    url = parse_url(base)
    if url is None or "?" in url.target:
        raise BadRequest(
            f"The base address {base[:200]!r} cannot be called: give an address like https://api.example.com/v1, "
            "with an ASCII host and without user, query and fragment.",
            {"path": path},
        )
    return url


def encode_path(path: str) -> str:
    """A path in the clear, percent-encoded; a percent sign in it stands for itself."""
    return quote(path, safe=_PLAIN)


def resolve(base: str, reference: str, other_hosts: Sequence[str] = ()) -> str:
    """The URL that a reference means: a path below the base, or a whole URL at the base's host or one of the others.

    reference: percent-encoded; characters that may not stand in a URL are encoded. A fragment is left out.
    other_hosts: ``host``, ``host:port`` or ``*.domain``, which stands for every name below the domain.

    Raises:
        BadRequest: the base is no address; the reference would leave it, or go to another host.
    """
    root = check_base(base)
    path, mark, query = reference.partition("#")[0].partition("?")
    _check_path(path)
    path, query = quote(path, safe=f"{_PLAIN}%"), quote(query, safe=_PLAIN_QUERY)
    absolute = _ABSOLUTE.fullmatch(path)
    if absolute is None:
        if _OTHER_SCHEME.match(path):
            raise _refused("Only http and https addresses can be called.")
        path = path.lstrip("/")
        return f"{root.origin}{root.target.rstrip('/')}" + (f"/{path}" if path else "") + mark + query
    url = parse_url(f"{absolute['scheme']}://{absolute['rest']}{mark}{query}")
    if url is None:
        raise _refused("The path is an address that cannot be called: it needs an ASCII host, and has no user.")
    if not (_is_same_place(root, url) or _is_among(url, root, other_hosts)):
        raise _refused(f"{url.origin[:200]} is another place than {root.origin}, which requests go to.")
    return str(url)


def _is_same_place(root: Url, url: Url) -> bool:
    return (root.scheme, _name(root.host), root.port) == (url.scheme, _name(url.host), url.port)


def _is_among(url: Url, root: Url, other_hosts: Sequence[str]) -> bool:
    """Whether a URL is at one of the other hosts, and no less safe to send credentials to than the base."""
    if url.scheme not in ("https", root.scheme):
        return False
    return any(_means(host.lower(), url) for host in other_hosts)


def _means(rule: str, url: Url) -> bool:
    name, _, port = rule.partition(":")
    if url.port != (int(port) if port else _DEFAULT_PORTS[url.scheme]):
        return False
    host = _name(url.host)
    return host.endswith(name[1:]) and len(host) >= len(name) if name.startswith("*.") else host == name


def _name(host: str) -> str:
    return host.removesuffix(".")


def _check_path(path: str) -> None:
    """Refuse a path that could lead out of the base for anybody who decodes or tidies it up.

    Raises:
        BadRequest: it has a control character, or a part that is ``.`` or ``..``, however it is written.
    """
    for _ in range(_MAX_ENCODINGS):
        if any(letter < " " or letter == "\x7f" for letter in path):
            raise _refused("The path has control characters.")
        # Some servers take a backslash for a slash, and leave out what follows a semicolon.
        if any(part.partition(";")[0].strip() in (".", "..") for part in re.split(r"[/\\]", path)):
            raise _refused("The path has a part that is `.` or `..`: write the path that it means.")
        decoded = unquote(path)
        if decoded == path:
            return
        path = decoded
    raise _refused("The path is percent-encoded too often.")


def _refused(why: str) -> BadRequest:
    return BadRequest(why, {"path": "path"})
