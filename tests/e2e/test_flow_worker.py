"""Runs of flows are worked off by servers, by workers of their own, or by nobody, as the settings say."""

import asyncio
import socket
import time
from pathlib import Path

import httpx2
import pytest

from support.engines import as_variables, settings_of
from support.server import Server, running_server
from support.workers import WorkerProcess
from support.writers import Line, prepare

NODES = {
    "trigger": {"type": "api-trigger", "links": [{"key": "out"}]},
    "out": {"type": "transform-data", "config": {"output": 7}},
}


class Caller:
    """Launches runs over HTTP and waits for them."""

    def __init__(self, server: Server) -> None:
        self._line = Line(server, server.token("acme", isAdmin=True))
        prepare(server, server.token("acme", isAdmin=True))
        self._line.call("POST", "/flows", {"key": "seven", "name": "Seven", "nodes": NODES})

    def launch(self) -> str:
        return self._line.call("POST", "/flows/seven/run?integrationKey=crm&autoCreate=true", {"input": {}})["id"]

    def state(self, id: str) -> str:
        return self._line.call("GET", f"/flow-runs/{id}")["state"]

    def wait(self, id: str) -> float:
        """Wait until a run is complete; the seconds it took."""
        began = time.monotonic()
        while (state := self.state(id)) != "completed":
            assert state in ("queued", "running"), state
            assert time.monotonic() - began < 30
            time.sleep(0.01)
        return time.monotonic() - began

    def close(self) -> None:
        self._line.close()


def variables(settings: dict[str, str], **more: str) -> dict[str, str]:
    return {**as_variables(settings), **{f"DATALINKS_{name.upper()}": value for name, value in more.items()}}


@pytest.mark.parametrize("processes", ["1", "2"])
def test_a_server_works_off_what_it_launched_and_counts_it(tmp_path: Path, engine: str, processes: str) -> None:
    with (
        settings_of(engine, tmp_path) as settings,
        # A worker that is not woken would sleep for longer than a test waits.
        running_server(
            tmp_path, **variables(settings, workers=processes, flow_poll_seconds="600" if processes == "1" else "0.1")
        ) as server,
    ):
        caller = Caller(server)
        caller.wait(caller.launch())
        caller.close()
        metrics = httpx2.get(f"{server.url}/metrics").text

    assert 'datalinks_flow_runs_total{state="completed"} 1.0' in metrics
    assert "datalinks_flow_node_runs_total 2.0" in metrics
    assert "datalinks_flow_claim_seconds_count 1.0" in metrics


def test_a_server_without_a_worker_leaves_runs_to_others(tmp_path: Path, engine: str) -> None:
    with (
        settings_of(engine, tmp_path) as settings,
        running_server(tmp_path, **variables(settings, flow_worker="false")) as server,
    ):
        caller = Caller(server)
        id = caller.launch()
        time.sleep(1)
        assert caller.state(id) == "queued"

        worker = WorkerProcess(tmp_path, server.variables)
        asyncio.run(worker.wait())
        caller.wait(id)
        caller.close()

        assert worker.stop() == 0


def test_a_worker_shows_its_metrics_where_the_settings_say(tmp_path: Path) -> None:
    with settings_of("sqlite", tmp_path) as settings:
        Server(tmp_path, settings=variables(settings)).create_workspace("Test")
        port = _free_port()
        worker = WorkerProcess(tmp_path, variables(settings, flow_metrics_port=str(port)))
        asyncio.run(worker.wait())

        metrics = httpx2.get(f"http://127.0.0.1:{port}/metrics").text

        assert worker.stop() == 0
    assert "datalinks_flow_queue" in metrics


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
