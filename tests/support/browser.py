"""A real browser for tests of the console: Chromium, wherever it is."""

import os
import shutil
import subprocess
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, async_playwright

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
_DEBIAN = Path("/etc/debian_version")


def chromium() -> str:
    """The path of Chromium: ``CHROMIUM_PATH``, else Debian's, which root on Debian gets installed.

    Raises:
        RuntimeError: there is none, and it is not ours to install it.
    """
    if path := os.environ.get("CHROMIUM_PATH"):
        return path
    if found := shutil.which("chromium", path="/usr/bin"):
        return found
    if _DEBIAN.exists() and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (
            ["apt-get", "update", "-q"],
            ["apt-get", "install", "-qy", "--no-install-recommends", "chromium"],
        ):
            subprocess.run(command, check=True, env=environment, capture_output=True, timeout=600)
        return "/usr/bin/chromium"
    raise RuntimeError("The tests of the console need Chromium: install it, and say where it is by CHROMIUM_PATH.")


@asynccontextmanager
async def running_browser() -> AsyncGenerator[Browser]:
    """A browser process."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=list(_ARGUMENTS))
        try:
            yield browser
        finally:
            await browser.close()
