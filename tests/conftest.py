"""Fixtures of all tests."""

import signal
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest
import structlog

from support.app import App, open_app
from support.citus import drop_citus_databases
from support.engines import ENGINES, as_variables, settings_of
from support.server import Server, running_server


@pytest.fixture(autouse=True)
def _quiet() -> None:
    # Nothing is rendered either: a traceback costs seconds.
    structlog.configure(processors=[], logger_factory=structlog.ReturnLoggerFactory())


@pytest.fixture(scope="session", autouse=True)
def _is_interruptible() -> None:
    # Shells have what they run in the background ignore interrupts, which is handed down to every process that tests start.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _no_leftovers() -> Generator[None]:
    yield
    drop_citus_databases()


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """An engine of the store; whatever asks for it runs once on each."""
    return request.param


@pytest.fixture
async def app(tmp_path: Path, engine: str) -> AsyncGenerator[App]:
    """The application in process, over a store of its own."""
    async with open_app(tmp_path, engine) as opened:
        yield opened


@pytest.fixture(scope="module", params=ENGINES)
def server(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Generator[Server]:
    """A real server process, shared by the tests of one module."""
    folder = tmp_path_factory.mktemp("server")
    with settings_of(request.param, folder) as settings, running_server(folder, **as_variables(settings)) as started:
        yield started
