"""A server that answers what a test tells it to, and remembers what it was asked."""

import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec


@dataclass(frozen=True)
class Reply:
    """One answer. body: bytes as they are, anything else as JSON. hangs_up: close the connection instead."""

    status: int = 200
    body: object = b""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    hangs_up: bool = False


HANG_UP = Reply(hangs_up=True)


def failure(status: int, key: str, **headers: str) -> Reply:
    """An answer with the error envelope."""
    envelope = {"type": "bad_request", "key": key, "message": f"The answer is {key}."}
    return Reply(status, envelope, {name.replace("_", "-"): value for name, value in headers.items()})


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def token(self) -> str:
        """The bearer token."""
        return self.headers["authorization"].removeprefix("Bearer ")


@dataclass
class Stub:
    """The replies still to give, the last one for ever, and the requests so far."""

    url: str = ""
    replies: list[Reply] = field(default_factory=list[Reply])
    asked: list[Asked] = field(default_factory=list[Asked])

    def will(self, *replies: Reply) -> None:
        """Give these replies from now on."""
        self.replies = list(replies)


@contextmanager
def running_stub() -> Generator[Stub]:
    """A stub on a port of its own."""
    stub = Stub()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self._chunked() if "transfer-encoding" in headers else self._sized(headers)
            stub.asked.append(Asked(self.command, self.path, headers, body))
            reply = stub.replies.pop(0) if len(stub.replies) > 1 else stub.replies[0]
            if not reply.hangs_up:
                self._write(reply)

        def _sized(self, headers: Mapping[str, str]) -> bytes:
            return self.rfile.read(int(headers.get("content-length", 0)))

        def _chunked(self) -> bytes:
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            return body

        def _write(self, reply: Reply) -> None:
            content = reply.body if isinstance(reply.body, bytes) else msgspec.json.encode(reply.body)
            self.send_response(reply.status)
            for name, value in {"content-length": str(len(content)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 - names of the base class

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        stub.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield stub
        server.shutdown()
        thread.join()
