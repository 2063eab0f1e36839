"""Nothing acknowledged is lost when the server is killed, whenever that happens."""

import random
import re
import socket
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest

from datalinks.store.sqlite_connection import connect
from support.server import Server, running_server

ROUNDS = 20
WRITERS = 8
# A round is killed a moment after this many writes are acknowledged.
WRITES_PER_ROUND = 2_000


@dataclass
class Round:
    """What the writers of one round were told. Every round has an instance of its own.

    unknown: written or deleted without an answer, so both outcomes are right, but no half of one.
    """

    number: int
    acknowledged: dict[str, str] = field(default_factory=dict[str, str])
    deleted: set[str] = field(default_factory=set[str])
    unknown: set[str] = field(default_factory=set[str])
    enough: threading.Event = field(default_factory=threading.Event)

    @property
    def links(self) -> str:
        return f"/data-link-table-instance/links?dataLinkTableKey=contacts&integrationKey=crm&instanceKey={self.number}"


class Line:
    """One kept-open connection that says as little HTTP as the server needs: the writers must be faster than the server."""

    def __init__(self, server: Server, token: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", server.port), timeout=30)
        self._head = f"HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n"

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """The decoded answer. Raises OSError when the server is gone."""
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
        assert head_bytes.startswith(b"HTTP/1.1 20"), received
        return msgspec.json.decode(answer) if answer else None

    def close(self) -> None:
        self._socket.close()

    def _more(self) -> bytes:
        received = self._socket.recv(1 << 20)
        if not received:
            raise ConnectionResetError
        return received


def write(server: Server, token: str, round: Round, writer: int) -> None:
    """Write links one after the other until the server is gone; every tenth is deleted again."""
    line = Line(server, token)
    for number in range(1_000_000):
        name = f"{round.number}-{writer}-{number}"
        body = {"appRecordId": f"a{name}", "externalRecordId": f"e{name}", "direction": "both"}
        round.unknown.add(name)
        try:
            round.acknowledged[name] = line.call("POST", round.links, body)["id"]
            if number % 10 == 9:
                line.call("DELETE", round.links, body)
                round.deleted.add(name)
        except OSError:
            line.close()
            return
        round.unknown.discard(name)
        if len(round.acknowledged) >= WRITES_PER_ROUND:
            round.enough.set()


def run_until_killed(server: Server, token: str, round: Round, pause: float) -> None:
    """Write from several connections at once, then kill the server in the middle of it."""
    writers = [
        threading.Thread(target=write, args=(server, token, round, number), daemon=True) for number in range(WRITERS)
    ]
    for writer in writers:
        writer.start()
    assert round.enough.wait(60), f"only {len(round.acknowledged)} writes were acknowledged"
    time.sleep(pause)
    server.kill()
    for writer in writers:
        writer.join(30)


def kept_links(server: Server, token: str, round: Round) -> dict[str, dict[str, str]]:
    """The ids of a round's links by name and direction."""
    line = Line(server, token)
    kept: dict[str, dict[str, str]] = defaultdict(dict)
    cursor: str | None = "0"
    while cursor is not None:
        page = line.call("GET", f"{round.links}&limit=1000&cursor={cursor}")
        for link in page["items"]:
            assert link["externalRecordId"][1:] == link["appRecordId"][1:]
            kept[link["appRecordId"][1:]][link["direction"]] = link["id"]
        cursor = page.get("cursor")
    line.close()
    return kept


def check_round(server: Server, token: str, round: Round) -> None:
    kept = kept_links(server, token, round)
    certain = round.acknowledged.keys() - round.deleted - round.unknown
    assert certain <= kept.keys(), f"lost: {sorted(certain - kept.keys())[:5]}"
    assert all(kept[name]["import"] == round.acknowledged[name] for name in certain)
    assert not round.deleted & kept.keys(), "deleted links came back"
    assert kept.keys() <= certain | round.unknown, "links that nobody wrote"
    assert all(directions.keys() == {"import", "export"} for directions in kept.values()), "half a write"


def integrity(folder: Path) -> str:
    connection = connect(folder / "datalinks.db")
    answer: str = connection.execute("PRAGMA integrity_check").get
    connection.close()
    return answer


@pytest.mark.timeout(600)
def test_no_acknowledged_write_is_lost_in_twenty_kills(tmp_path: Path) -> None:
    dice = random.Random(20)
    rounds: list[Round] = []
    with running_server(tmp_path) as server:
        port, token = server.port, server.token("acme", isAdmin=True)
        setup = Line(server, token)
        setup.call("POST", "/data-link-tables", {"key": "contacts"})
        setup.call("POST", "/integrations", {"key": "crm"})
        setup.call("POST", "/connections", {"integrationKey": "crm"})
        setup.close()
        for number in range(ROUNDS):
            round = Round(number)
            rounds.append(round)
            run_until_killed(server, token, round, dice.random() / 10)
            assert integrity(tmp_path) == "ok"
            server.start(port)
            check_round(server, token, round)
        for round in rounds:
            check_round(server, token, round)
    assert sum(len(round.acknowledged) for round in rounds) >= ROUNDS * WRITES_PER_ROUND
