"""An app that answers every request with what it was asked, as JSON, and gives out access tokens at ``/token``."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec


class _Handler(BaseHTTPRequestHandler):
    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        status, answer = self._told(body)
        content = msgspec.json.encode(answer)
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _told(self, body: str) -> tuple[int, Any]:
        """Status and body of the answer; ``?status=`` asks for another status than 200."""
        if self.path == "/token":
            spent = parse_qs(body).get("refresh_token", ["client"])[0]
            return 200, {"access_token": f"access-for-{spent}", "refresh_token": f"{spent}+", "expires_in": 3600}
        headers = {name.lower(): value for name, value in self.headers.items()}
        # What is called stale is refused, so that somebody renews it.
        status = 401 if "stale" in headers.get("authorization", "") else 200
        status = int(parse_qs(urlsplit(self.path).query).get("status", [status])[0])
        return status, {"method": self.command, "target": self.path, "headers": headers, "body": body}

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 - names of the base class

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def running_app() -> Generator[str]:
    """The app's address, while it runs."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
