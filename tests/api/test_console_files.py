"""The console's files: what browsers get below ``/console/``, and that they get nothing else."""

import gzip
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from datalinks.api.app import make_app
from datalinks.settings import Settings
from support.app import App, open_app
from support.rsgi import RsgiTransport

INDEX = '<!doctype html><html><head><base href="/console/" /><title>Datalinks</title></head></html>'
SCRIPT = "export const answer = 42\n"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)
# Every file that is beside the console's folder, or hidden in it, holds this.
SECRET = "not for browsers"


@pytest.fixture
async def app(tmp_path: Path) -> AsyncGenerator[App]:
    """The application over SQLite, as no file hangs on the store."""
    async with open_app(tmp_path) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A built console, with secrets around it."""
    built = tmp_path / "package" / "console"
    (built / "assets").mkdir(parents=True)
    (built / ".vite").mkdir()
    for path, content in {
        "index.html": INDEX,
        "index.html.br": "index in br",
        "favicon.svg": "<svg/>",
        "assets/app-1a2b.js": SCRIPT,
        "assets/app-1a2b.js.br": "script in br",
        "assets/app-1a2b.css": "a{}",
        "assets/inter.woff2": "font",
        "assets/odd.bin": "odd",
        ".env": SECRET,
        ".vite/manifest.json": SECRET,
        "../settings.py": SECRET,
        "../console-2": SECRET,
        "../console.txt": SECRET,
    }.items():
        (built / path).write_text(content)
    (built / "assets/app-1a2b.js.gz").write_bytes(gzip.compress(b"script in gzip"))
    return built


@asynccontextmanager
async def browsing(app: App, folder: Path, **settings: Any) -> AsyncGenerator[httpx2.AsyncClient]:
    """A browser that asks for files without compression; it follows no redirect."""
    transport = RsgiTransport(make_app(app.services, Settings(**settings), console_folder=folder))
    headers = {"accept-encoding": "identity"}
    async with httpx2.AsyncClient(transport=transport, base_url="http://datalinks.test", headers=headers) as http:
        yield http


def guarded(answer: httpx2.Response) -> None:
    """Make sure that an answer has what keeps the console from others."""
    headers = answer.headers
    assert headers["content-security-policy"] == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["x-frame-options"] == "DENY"
    assert re.fullmatch(r"[a-z-]+=\(\)(, [a-z-]+=\(\))*", headers["permissions-policy"])
    assert len(headers.get_list("cache-control")) == 1
    assert not any(name.startswith("access-control-") for name in headers)


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("", "text/html; charset=utf-8"),
        ("index.html", "text/html; charset=utf-8"),
        ("favicon.svg", "image/svg+xml"),
        ("assets/app-1a2b.js", "text/javascript; charset=utf-8"),
        ("assets/app-1a2b.css", "text/css; charset=utf-8"),
        ("assets/inter.woff2", "font/woff2"),
        ("assets/odd.bin", "application/octet-stream"),
    ],
)
async def test_a_file_has_its_content_its_type_and_all_guards(
    app: App, folder: Path, path: str, media_type: str
) -> None:
    async with browsing(app, folder) as browser:
        answer = await browser.get(f"/console/{path}")
        head = await browser.head(f"/console/{path}")

    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
    assert answer.content == (folder / (path or "index.html")).read_bytes()
    assert answer.headers["vary"] == "accept-encoding"
    kept = "public, max-age=31536000, immutable" if path.startswith("assets/") else "no-cache"
    assert answer.headers["cache-control"] == kept
    guarded(answer)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", answer.headers["etag"])


@pytest.mark.parametrize("path", ["tables", "tables/contacts", "a/b/c/", "index", "tables/%C3%A4%20b", "tables/x.y"])
async def test_a_path_of_the_consoles_own_routing_gets_its_page(app: App, folder: Path, path: str) -> None:
    async with browsing(app, folder) as browser:
        answer = await browser.get(f"/console/{path}")

    assert (answer.status_code, answer.text) == (200, INDEX)
    assert answer.headers["cache-control"] == "no-cache"
    guarded(answer)


@pytest.mark.parametrize("path", ["app.js", "assets/app-old.js", "assets/", "app.js.br", "assets/app-1a2b.js.gz"])
async def test_a_file_that_is_not_there_is_said_so_in_the_envelope(app: App, folder: Path, path: str) -> None:
    async with browsing(app, folder) as browser:
        answer = await browser.get(f"/console/{path}")

    assert (answer.status_code, answer.json()["key"]) == (404, "not_found")
    assert answer.headers["cache-control"] == "no-store"
    guarded(answer)


@pytest.mark.parametrize(
    "path",
    [
        *("../settings.py", "..%2Fsettings.py", "%2e%2e/settings.py", "%2e%2e%2fsettings.py", "..\\settings.py"),
        *("..%5Csettings.py", "assets/../../settings.py", "assets/%2e%2e/%2e%2e/settings.py", "....//settings.py"),
        *("..;/settings.py", "..%00/settings.py", "../settings.py%00.js", "%252e%252e%252fsettings.py"),
        *("%c0%ae%c0%ae/settings.py", "..%ff/settings.py", "/etc/passwd", "//etc/passwd", "%2Fetc%2Fpasswd"),
        *("file:///etc/passwd", "../console.txt", "../console-2", ".env", ".vite/manifest.json", "./.env", "//.env"),
        *("assets/./app-1a2b.js/../../../settings.py", "assets//../../settings.py", "..", "../", ".", "assets/.."),
    ],
)
async def test_nothing_outside_the_folder_is_ever_sent(app: App, folder: Path, path: str) -> None:
    async with browsing(app, folder) as browser:
        target = f"/console/{path}".encode()
        answer = await browser.get("/", extensions={"target": target})

    assert answer.status_code in (200, 400, 404)
    assert SECRET not in answer.text
    assert "root:" not in answer.text
    assert answer.status_code != 200 or answer.text == INDEX


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("GZIP;q=0.5", "gzip"),
        ("br;q=0, gzip;q=1.0", "gzip"),
        ("br;q=0.0,gzip ; q=0", None),
        ("brotli, xgzip", None),
        ("*", None),
        ("", None),
        ("identity", None),
    ],
)
async def test_a_browser_gets_the_smallest_form_it_takes(
    app: App, folder: Path, accepted: str, encoding: str | None
) -> None:
    async with browsing(app, folder) as browser:
        answer = await browser.get("/console/assets/app-1a2b.js", headers={"accept-encoding": accepted})

    assert answer.headers.get("content-encoding") == encoding
    assert answer.text == (f"script in {encoding}" if encoding else SCRIPT)
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"


async def test_a_browser_that_has_a_file_is_not_sent_it_again(app: App, folder: Path) -> None:
    async with browsing(app, folder) as browser:
        first = await browser.get("/console/")
        tag = first.headers["etag"]
        answers = [
            await browser.get("/console/", headers={"if-none-match": each})
            for each in (tag, f"W/{tag}", f'"other", {tag}', "*")
        ]
        changed = await browser.get("/console/", headers={"if-none-match": '"other"'})

    for answer in answers:
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
        assert answer.headers["cache-control"] == "no-cache"
        guarded(answer)
    assert (changed.status_code, changed.text) == (200, INDEX)


async def test_each_form_of_a_file_has_its_own_tag(app: App, folder: Path) -> None:
    async with browsing(app, folder) as browser:
        tags = {
            (await browser.head("/console/assets/app-1a2b.js", headers={"accept-encoding": encoding})).headers["etag"]
            for encoding in ("br", "gzip", "identity")
        }

    assert len(tags) == 3


@pytest.mark.parametrize(
    ("settings", "asked", "seen"),
    [
        ({}, "", ""),
        ({"api_prefix": "/api"}, "/api", "/api"),
        ({"public_url": "https://links.example"}, "", ""),
        ({"public_url": "https://shop.example/links/"}, "", "/links"),
        ({"public_url": "https://shop.example/links/api", "api_prefix": "/api"}, "/api", "/links/api"),
    ],
)
async def test_the_page_knows_the_path_that_browsers_see(
    app: App, folder: Path, settings: dict[str, str], asked: str, seen: str
) -> None:
    async with browsing(app, folder, **settings) as browser:
        page = await browser.get(f"{asked}/console/", headers={"accept-encoding": "br"} if seen else {})
        redirect = await browser.get(f"{asked}/console")
        root = await browser.get("/")

    assert f'<base href="{seen}/console/" />' in page.text
    assert "content-encoding" not in page.headers
    assert (redirect.status_code, redirect.headers["location"]) == (308, f"{seen}/console/")
    guarded(redirect)
    assert (root.status_code, root.headers["location"]) == (302, f"{seen}/console/")


@pytest.mark.parametrize("path", ["/console", "/console/", "/console/tables", "/console/assets/app-1a2b.js"])
async def test_without_a_build_it_is_said_how_to_make_one(app: App, tmp_path: Path, path: str) -> None:
    async with browsing(app, tmp_path / "nowhere") as browser:
        answer = await browser.get(path)
        root = await browser.get("/")

    assert answer.status_code == 404
    assert "make console" in answer.json()["message"]
    guarded(answer)
    assert root.status_code == 404


@pytest.mark.parametrize("path", ["/consoles", "/console-2", "/consol"])
async def test_what_only_begins_alike_is_no_console(app: App, folder: Path, path: str) -> None:
    async with browsing(app, folder) as browser:
        answer = await browser.get(path)

    assert answer.status_code == 404
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("path", ["/console/", "/console/session", "/console/assets/app-1a2b.js"])
async def test_no_other_site_is_allowed_anything(app: App, folder: Path, path: str) -> None:
    headers = {"origin": "https://evil.example", "access-control-request-method": "POST"}

    async with browsing(app, folder) as browser:
        answer = await browser.options(path, headers=headers)

    assert answer.status_code == 405
    guarded(answer)
