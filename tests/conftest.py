"""Fixtures of all tests."""

from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest
import structlog

from support.app import App, open_app
from support.server import Server, running_server


@pytest.fixture(autouse=True)
def _quiet() -> None:
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())


@pytest.fixture
async def app(tmp_path: Path) -> AsyncGenerator[App]:
    """The application in process, over a store of its own."""
    async with open_app(tmp_path) as opened:
        yield opened


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Server]:
    """A real server process, shared by the tests of one module."""
    with running_server(tmp_path_factory.mktemp("server")) as started:
        yield started
