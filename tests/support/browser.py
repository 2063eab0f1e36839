"""A real browser for tests of the console: Chromium, wherever it is."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, async_playwright

from support.chromium import chromium

# Started as in a closed network: Chromium asks nobody for updates, and needs no screen.
_ARGUMENTS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-sandbox",
)


@asynccontextmanager
async def running_browser() -> AsyncGenerator[Browser]:
    """A browser process."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=list(_ARGUMENTS))
        try:
            yield browser
        finally:
            await browser.close()
