"""PostgreSQL goes away and comes back under load: nothing acknowledged is lost, and servers heal by themselves."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from support.postgres import ENCRYPTION_KEY, check_indexes, control_postgres, own_postgres, url_of
from support.server import Server, running_server
from support.writers import Account, prepare

ROUNDS = 20
# After each restart every writer is acknowledged this many writes before the next.
WRITES_PER_WRITER = 60
MODES = ("immediate", "fast")
SECONDS = 2


@pytest.fixture(scope="module")
def postgres() -> Generator[Any]:
    """A server of PostgreSQL of its own, as durable as it comes."""
    with own_postgres() as server:
        yield server


@contextmanager
def two_servers(folder: Path, url: str) -> Generator[list[Server]]:
    """Two processes on one database, the second without a workspace of its own."""
    variables = {"DATALINKS_DATABASE": url, "DATALINKS_ENCRYPTION_KEY": ENCRYPTION_KEY}
    with running_server(folder, **variables) as first:
        second = Server(folder, first.key, first.secret, settings=variables)
        second.start()
        try:
            yield [first, second]
        finally:
            second.stop()


@pytest.mark.timeout(300)
def test_no_acknowledged_write_is_lost_in_twenty_restarts_of_postgres(tmp_path: Path, postgres: Any) -> None:
    account = Account(0)
    with two_servers(tmp_path, url_of(postgres)) as servers:
        token = servers[0].token("acme", isAdmin=True)
        prepare(servers[0], token)
        writers = account.begin(servers, token)
        for number in range(ROUNDS):
            account.wait(0, each=WRITES_PER_WRITER)
            control_postgres(postgres, "restart", "-m", MODES[number % 2])
        account.wait(0, each=WRITES_PER_WRITER)
        account.end(writers)
        check_indexes(url_of(postgres))
        for server in servers:
            account.check(server, token)

    assert not account.unknown
    assert account.refusals > 0, "nobody noticed"
    assert account.slowest_seconds < SECONDS
    assert "unexpected error" not in (tmp_path / "server.log").read_text()


def test_while_postgres_is_down_every_answer_says_so_at_once(tmp_path: Path, postgres: Any) -> None:
    with two_servers(tmp_path, url_of(postgres)) as servers:
        token = servers[0].token("acme", isAdmin=True)
        account = Account(1)
        link = {"appRecordId": "1", "externalRecordId": "2"}

        for mode in MODES:
            control_postgres(postgres, "stop", "-m", mode)
            for server in servers:
                with httpx2.Client(base_url=server.url, headers={"authorization": f"Bearer {token}"}) as client:
                    for method, path in (("GET", account.links), ("POST", account.links), ("DELETE", account.links)):
                        began = time.monotonic()
                        answer = client.request(method, path, json=None if method == "GET" else link)
                        assert time.monotonic() - began < SECONDS
                        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
                        assert answer.json()["key"] == "unavailable"
                    assert client.get("/health").status_code == 200
                    assert client.get("/ready").status_code == 503
            control_postgres(postgres, "restart")
            for server in servers:
                assert httpx2.get(f"{server.url}/ready").status_code == 200, "it heals by itself"
                assert httpx2.get(f"{server.url}/self", headers={"authorization": f"Bearer {token}"}).is_success
