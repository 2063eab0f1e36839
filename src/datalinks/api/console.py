"""The console as browsers get it: the files that ``make console`` has built, below ``/console/``.

Files are read once, when the server starts. A request's path is looked up among the names found then and never becomes a path of
the file system, so nothing outside the folder can be asked for; a console weighs a few megabytes at most.
"""

import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from datalinks.api.answers import Answer, Headers
from datalinks.api.requests import Request
from datalinks.errors import NotFound

# Where a build puts its files: inside the package.
FOLDER = Path(__file__).parent.parent / "console"
PATH = "/console"
_INDEX = "index.html"
# Builds differ in how they end the element.
_BASE = b'<base href="/console/"'
_ENCODINGS = {"br": ".br", "gzip": ".gz"}
_FOREVER = "public, max-age=31536000, immutable"
_REFUSES = re.compile(r"\s*q\s*=\s*0(\.0*)?\s*")
# Not those of the system, which differ from machine to machine.
_MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".ico": "image/vnd.microsoft.icon",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".wasm": "application/wasm",
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)
_FEATURES = (
    *("accelerometer", "autoplay", "browsing-topics", "camera", "clipboard-read", "display-capture"),
    *("encrypted-media", "fullscreen", "gamepad", "geolocation", "gyroscope", "hid", "identity-credentials-get"),
    *("idle-detection", "local-fonts", "magnetometer", "microphone", "midi", "otp-credentials", "payment"),
    *("picture-in-picture", "publickey-credentials-create", "publickey-credentials-get", "screen-wake-lock"),
    *("serial", "storage-access", "usb", "window-management", "xr-spatial-tracking"),
)
# What every answer below ``/console`` has, errors and sessions included.
HEADERS: Headers = (
    ("content-security-policy", _POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", ", ".join(f"{feature}=()" for feature in _FEATURES)),
    ("x-frame-options", "DENY"),
)


@dataclass(frozen=True, slots=True)
class _Form:
    """A file in one encoding. encoding: empty for as it is. tag: its ETag."""

    encoding: str
    content: bytes
    tag: str


@dataclass(frozen=True, slots=True)
class _File:
    """A file that is served. forms: the smallest first, as it is last."""

    media_type: str
    cache_control: str
    forms: tuple[_Form, ...]

    def answer(self, request: Request) -> Answer:
        """The file in the best form that a request takes, or 304 if the browser has it."""
        form = self._form(request.header("accept-encoding"))
        headers = ("etag", form.tag), ("cache-control", self.cache_control), ("vary", "accept-encoding")
        if _is_known(form.tag, request.header("if-none-match")):
            return Answer(304, headers)
        encoding = (("content-encoding", form.encoding),) if form.encoding else ()
        return Answer(200, (("content-type", self.media_type), *headers, *encoding), form.content)

    def _form(self, accepted: str) -> _Form:
        names = _accepted_encodings(accepted)
        return next(form for form in self.forms if not form.encoding or form.encoding in names)


class Console:
    """The built files, by their paths below ``/console/``.

    outside_path: what browsers see in front of ``/console``.
    """

    def __init__(self, folder: Path, outside_path: str) -> None:
        self._root = f"{outside_path}{PATH}/"
        self._files: dict[str, _File] = {}
        for name in _names(folder):
            # A build that is under way takes files away; they are not there then.
            with suppress(FileNotFoundError):
                self._files[name] = _read(folder, name, self._root)

    @property
    def is_built(self) -> bool:
        """Whether there is anything to serve."""
        return _INDEX in self._files

    async def redirect(self, request: Request) -> Answer:
        """Send a browser on from ``/console`` to ``/console/``, for good.

        Raises:
            NotFound: the console is not built.
        """
        self._check_built()
        return Answer(308, (("location", self._root),))

    async def redirect_from_root(self, request: Request) -> Answer:
        """Send a browser on from ``/``, for now."""
        return Answer(302, (("location", self._root),))

    async def serve(self, request: Request) -> Answer:
        """A file, or the console's only page where its own routing goes on.

        Raises:
            NotFound: there is no such file, or the console is not built.
        """
        self._check_built()
        path = request.path_parameters["path"]
        found = self._files.get(path)
        if found is None and _is_page(path):
            found = self._files[_INDEX]
        if found is None:
            raise NotFound(
                f"The console has no file {path[:200]!r}: reload the page, as the server may be a newer one."
            )
        return found.answer(request)

    def _check_built(self) -> None:
        if not self.is_built:
            raise NotFound(
                "The console is not built: run `make console` where the server's source is, and start it again."
            )


def _is_page(path: str) -> bool:
    """Whether a path that no file has is one of the console's own pages, whose last part may be a key with a dot."""
    last = path.rpartition("/")[2]
    is_file = last.startswith(".") or f".{last.rpartition('.')[2]}" in {*_MEDIA_TYPES, *_ENCODINGS.values()}
    return not is_file and not path.startswith("assets/")


def _names(folder: Path) -> Iterator[str]:
    """What is served: every file but hidden ones, and those that are another one compressed."""
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    for name in files:
        plain, _, ending = name.rpartition(".")
        is_form = f".{ending}" in _ENCODINGS.values() and plain in files
        if not is_form and not any(part.startswith(".") for part in name.split("/")):
            yield name


def _read(folder: Path, name: str, root: str) -> _File:
    as_built = (folder / name).read_bytes()
    content = as_built.replace(_BASE, b'<base href="%s"' % root.encode()) if name == _INDEX else as_built
    # What was compressed is the file as it was built.
    encodings = _ENCODINGS if content == as_built else {}
    forms = [
        _form(encoding, (folder / f"{name}{ending}").read_bytes())
        for encoding, ending in encodings.items()
        if (folder / f"{name}{ending}").is_file()
    ]
    media_type = _MEDIA_TYPES.get(Path(name).suffix.lower(), "application/octet-stream")
    # Names below assets/ have a hash of the content in them.
    cache_control = _FOREVER if name.startswith("assets/") else "no-cache"
    return _File(media_type, cache_control, (*forms, _form("", content)))


def _form(encoding: str, content: bytes) -> _Form:
    return _Form(encoding, content, f'"{hashlib.sha256(content).hexdigest()[:32]}"')


def _accepted_encodings(header: str) -> set[str]:
    """The encodings that a header names without refusing them."""
    found: set[str] = set()
    for each in header.split(","):
        name, _, quality = each.partition(";")
        if not _REFUSES.fullmatch(quality):
            found.add(name.strip().lower())
    return found


def _is_known(tag: str, header: str) -> bool:
    """Whether a browser says that it has the content with this tag."""
    known = {each.strip().removeprefix("W/") for each in header.split(",")}
    return tag in known or "*" in known
