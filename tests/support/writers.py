"""Writers that keep account of what they were told, and the check that all of it is kept."""

import re
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from support.server import Server

WRITERS = 8
# While the store is away, how long a writer waits before it sends the same again.
_PAUSE_SECONDS = 0.02


class Line:
    """One kept-open connection that says as little HTTP as the server needs: the writers must be faster than the server."""

    def __init__(self, server: Server, token: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", server.port), timeout=30)
        self._head = f"HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n"

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, str, Any]:
        """Status, head and decoded body of the answer. Raises OSError when the server is gone."""
        content = b"" if body is None else msgspec.json.encode(body)
        head = f"{method} {path} {self._head}content-length: {len(content)}\r\n\r\n"
        self._socket.sendall(head.encode() + content)
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more()
        head_bytes, _, answer = received.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head_bytes)
        while length is not None and len(answer) < int(length[1]):
            answer += self._more()
        decoded = msgspec.json.decode(answer) if answer else None
        return int(head_bytes[9:12]), head_bytes.decode(), decoded

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """The decoded body of a success. Raises OSError when the server is gone."""
        status, _, answer = self.ask(method, path, body)
        assert status in (200, 201), answer
        return answer

    def close(self) -> None:
        """End the connection."""
        self._socket.close()

    def _more(self) -> bytes:
        received = self._socket.recv(1 << 20)
        if not received:
            raise ConnectionResetError
        return received


def prepare(server: Server, token: str) -> None:
    """Make the table and the connection that writers write to."""
    line = Line(server, token)
    line.call("POST", "/data-link-tables", {"key": "contacts"})
    line.call("POST", "/integrations", {"key": "crm"})
    line.call("POST", "/connections", {"integrationKey": "crm"})
    line.close()


@dataclass
class Account:
    """What the writers of one instance were told.

    unknown: written or deleted without an answer, so both outcomes are right, but no half of one.
    refusals: the answers that said that the store is away; slowest_seconds: the longest that one of them took.
    """

    number: int
    acknowledged: dict[str, str] = field(default_factory=dict[str, str])
    deleted: set[str] = field(default_factory=set[str])
    unknown: set[str] = field(default_factory=set[str])
    refusals: int = 0
    slowest_seconds: float = 0.0
    errors: list[BaseException] = field(default_factory=list[BaseException])
    _grown: threading.Condition = field(default_factory=threading.Condition)
    _by_writer: dict[int, int] = field(default_factory=lambda: defaultdict[int, int](int))
    _ends: bool = False

    @property
    def links(self) -> str:
        """The path of the instance's links."""
        return f"/data-link-table-instance/links?dataLinkTableKey=contacts&integrationKey=crm&instanceKey={self.number}"

    def begin(self, servers: Sequence[Server], token: str) -> list[threading.Thread]:
        """Have writers write, shared out over the servers, until their server is gone or they are told to end."""
        threads = [
            threading.Thread(target=self._write, args=(servers[writer % len(servers)], token, writer), daemon=True)
            for writer in range(WRITERS)
        ]
        for thread in threads:
            thread.start()
        return threads

    def wait(self, count: int, *, each: int = 0, seconds: float = 60) -> None:
        """Wait until so many writes are acknowledged in all, and to each writer so many from now on."""
        with self._grown:
            aims = {writer: self._by_writer[writer] + each for writer in range(WRITERS)}

            def is_enough() -> bool:
                return bool(self.errors) or (
                    len(self.acknowledged) >= count
                    and all(self._by_writer[writer] >= aim for writer, aim in aims.items())
                )

            assert self._grown.wait_for(is_enough, seconds), f"only {dict(self._by_writer)} were acknowledged"
        assert not self.errors, self.errors[0]

    def end(self, threads: Sequence[threading.Thread]) -> None:
        """Wait until the writers have ended, after what they are doing."""
        self._ends = True
        for thread in threads:
            thread.join(30)
        assert not self.errors, self.errors[0]

    def check(self, server: Server, token: str) -> None:
        """What was acknowledged is there, what was deleted is not, and nothing is half there."""
        kept = self._kept(server, token)
        certain = self.acknowledged.keys() - self.deleted - self.unknown
        assert certain <= kept.keys(), f"lost: {sorted(certain - kept.keys())[:5]}"
        assert all(kept[name]["import"] == self.acknowledged[name] for name in certain)
        assert not self.deleted & kept.keys(), "deleted links came back"
        assert kept.keys() <= certain | self.unknown, "links that nobody wrote"
        assert all(directions.keys() == {"import", "export"} for directions in kept.values()), "half a write"

    def _write(self, server: Server, token: str, writer: int) -> None:
        """Write links one after the other; every tenth is deleted again."""
        line = Line(server, token)
        number = 0
        try:
            while not self._ends:
                self._write_one(line, f"{self.number}-{writer}-{number}", delete=number % 10 == 9)
                number += 1
                with self._grown:
                    self._by_writer[writer] += 1
                    self._grown.notify()
        except OSError:
            pass
        except BaseException as error:  # noqa: BLE001 - whoever waits for the writers raises it
            with self._grown:
                self.errors.append(error)
                self._grown.notify()
        line.close()

    def _write_one(self, line: Line, name: str, *, delete: bool) -> None:
        body = {"appRecordId": f"a{name}", "externalRecordId": f"e{name}", "direction": "both"}
        self.unknown.add(name)
        self.acknowledged[name] = self._insist(line, "POST", body)["id"]
        if delete:
            self._insist(line, "DELETE", body)
            self.deleted.add(name)
        self.unknown.discard(name)

    def _insist(self, line: Line, method: str, body: Any) -> Any:
        """Send the same until it succeeds, as the answer of a store that is away says."""
        while True:
            began = time.monotonic()
            status, head, answer = line.ask(method, self.links, body)
            if status != 503:
                assert status in (200, 201), answer
                return answer
            assert "retry-after: 1" in head, head
            assert answer["type"] == "internal", answer
            assert answer["key"] == "unavailable", answer
            with self._grown:
                self.refusals += 1
                self.slowest_seconds = max(self.slowest_seconds, time.monotonic() - began)
            time.sleep(_PAUSE_SECONDS)

    def _kept(self, server: Server, token: str) -> dict[str, dict[str, str]]:
        """The ids of the instance's links by name and direction."""
        line = Line(server, token)
        kept: dict[str, dict[str, str]] = defaultdict(dict)
        cursor: str | None = "0"
        while cursor is not None:
            page = line.call("GET", f"{self.links}&limit=1000&cursor={cursor}")
            for link in page["items"]:
                assert link["externalRecordId"][1:] == link["appRecordId"][1:]
                kept[link["appRecordId"][1:]][link["direction"]] = link["id"]
            cursor = page.get("cursor")
        line.close()
        return kept
