"""Several processes on one port, as their operator sees them."""

import operator
import os
import re
import signal
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from datalinks.api.workers import Workers
from datalinks.errors import DataLinksError
from support.server import Server, datalinks, running_server

SECONDS = 30


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds, which takes moments if it ever does."""
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.02)


def listeners(server: Server) -> set[int]:
    """The processes that listen on the server's port."""
    inodes = {
        line.split()[9]
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]
        if line.split()[1].endswith(f":{server.port:04X}") and line.split()[3] == "0A"
    }
    found: set[int] = set()
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if (match := re.match(r"socket:\[(\d+)\]", str(link.readlink()))) and match[1] in inodes:
                found.add(int(link.parts[2]))
        except OSError:
            continue
    return found


def answers(server: Server) -> bool:
    """Whether a new connection is answered."""
    try:
        return httpx2.get(f"{server.url}/ready", timeout=SECONDS).is_success
    except httpx2.TransportError:
        return False


pytestmark = pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="who listens is read from /proc")


@contextmanager
def crew_in(folder: Path) -> Generator[Server]:
    """A server of two workers."""
    with running_server(folder, DATALINKS_WORKERS="2", DATALINKS_LOG_FORMAT="json") as server:
        yield server


@pytest.fixture(scope="module")
def crew(tmp_path_factory: pytest.TempPathFactory) -> Generator[Server]:
    """A server of two workers, which tests leave running."""
    with crew_in(tmp_path_factory.mktemp("crew")) as server:
        yield server


@pytest.fixture
def mortal(tmp_path: Path) -> Generator[Server]:
    """A server of two workers, which tests may end."""
    with crew_in(tmp_path) as server:
        yield server


def test_every_worker_listens_when_the_address_is_printed_and_the_parent_does_not(crew: Server) -> None:
    assert crew.process is not None

    found = listeners(crew)

    assert len(found) == 2
    assert crew.process.pid not in found
    assert answers(crew)


def test_what_one_worker_writes_another_reads(crew: Server) -> None:
    headers = {"authorization": f"Bearer {crew.token()}"}
    for number in range(20):
        # A new connection each time, so that both get some.
        made = httpx2.post(f"{crew.url}/data-link-tables", json={"key": f"t{number}"}, headers=headers)
        read = httpx2.get(f"{crew.url}/data-link-tables/t{number}", headers=headers)
        assert (made.status_code, read.status_code) == (201, 200)


def test_metrics_count_the_requests_of_every_worker_together(crew: Server) -> None:
    before = health_requests(crew)

    for _ in range(20):
        httpx2.get(f"{crew.url}/health").raise_for_status()

    assert {health_requests(crew) for _ in range(10)} == {before + 20}


def health_requests(server: Server) -> float:
    """How often the server says it was asked for its health."""
    text = httpx2.get(f"{server.url}/metrics").text
    found = re.findall(r'datalinks_requests_total{method="GET",route="/health",status="200"} (.+)', text)
    return float(found[0]) if found else 0


def test_a_worker_that_is_killed_is_followed_by_another(crew: Server) -> None:
    before = listeners(crew)
    victim = min(before)

    os.kill(victim, signal.SIGKILL)

    until(lambda: len(listeners(crew) - {victim}) == 2)
    assert answers(crew)
    assert "a worker ended" in (crew.folder / "server.log").read_text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_all_end_gracefully_when_the_parent_is_told_to(mortal: Server, number: signal.Signals) -> None:
    assert mortal.process is not None
    workers = listeners(mortal)

    mortal.process.send_signal(number)

    assert mortal.process.wait(SECONDS) == 0
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)
    assert "Traceback" not in (mortal.folder / "server.log").read_text()


def test_workers_end_when_the_parent_is_killed(mortal: Server) -> None:
    workers = listeners(mortal)

    mortal.kill()

    until(lambda: not any(worker_is_running(worker) for worker in workers))
    assert listeners(mortal) == set()


def worker_is_running(worker: int) -> bool:
    """Whether a process is there and more than a corpse that nobody has buried."""
    try:
        return Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_second_server_on_the_port_is_refused(crew: Server, tmp_path: Path) -> None:
    second = datalinks("serve", "--port", str(crew.port), "--workers", "2", folder=tmp_path, check=False)

    assert second.returncode == 7
    assert f"Cannot listen on 127.0.0.1:{crew.port}" in second.stderr


async def test_a_worker_that_never_takes_connections_is_an_error() -> None:
    # A function that a new process can find, and that ends at once.
    ends_at_once = operator.truth

    with pytest.raises(DataLinksError, match="did not start"):
        await Workers(2, ends_at_once).run(lambda: pytest.fail("nothing has started"))


def test_one_worker_is_the_server_itself_so_killing_it_frees_the_port(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        assert server.process is not None
        assert listeners(server) == {server.process.pid}

        server.kill()

        assert listeners(server) == set()
