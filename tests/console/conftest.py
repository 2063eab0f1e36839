"""The console in a real browser, against a real server on each engine."""

from collections.abc import AsyncGenerator

import pytest
from playwright.async_api import Browser

from console.sample import Sample, make_sample
from console.visitor import Visitor
from support.browser import running_browser
from support.server import Server


@pytest.fixture(scope="module")
def sample(server: Server) -> Sample:
    """What the workspace has."""
    return make_sample(server)


@pytest.fixture
async def browser() -> AsyncGenerator[Browser]:
    """A browser of the test's own."""
    async with running_browser() as started:
        yield started


@pytest.fixture
async def visitor(browser: Browser, server: Server, sample: Sample) -> AsyncGenerator[Visitor]:
    """An admin who is signed in. At the end nothing has gone wrong that a person would not see."""
    async with Visitor.arriving(browser, server) as arrived:
        await arrived.sign_in()
        yield arrived
