"""Somebody in front of the console."""

import json
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from playwright.async_api import Browser, Page, expect

from support.server import Server

ROOT = Path(__file__).parents[2]
AXE = ROOT / "console" / "node_modules" / "axe-core" / "axe.min.js"
SHOTS = ROOT / ".shots"
WAIT_MS = 15_000
Scheme = Literal["light", "dark"]
# What browsers print for answers that are refusals, which the console shows in words.
_REFUSALS = re.compile(r"Failed to load resource|ERR_CONNECTION")


@dataclass
class Visitor:
    """A browser's page, and what went wrong in it unseen.

    complaints: script errors, violations of the content security policy, and messages of errors.
    strangers: addresses on other hosts that the page asked for.
    """

    page: Page
    server: Server
    complaints: list[str] = field(default_factory=list[str])
    strangers: list[str] = field(default_factory=list[str])

    @classmethod
    @asynccontextmanager
    async def arriving(
        cls,
        browser: Browser,
        server: Server,
        *,
        width: int = 1280,
        height: int = 800,
        zoom: int = 1,
        scheme: Scheme = "light",
    ) -> AsyncGenerator["Visitor"]:
        """A fresh browser profile. At its end nothing may have gone wrong, and no other host been asked.

        width, height: of the window. zoom: how much larger everything in it is, as by Ctrl and +.
        """
        opened = await browser.new_context(
            viewport={"width": width // zoom, "height": height // zoom},
            device_scale_factor=zoom,
            color_scheme=scheme,
            reduced_motion="reduce",
        )
        opened.set_default_timeout(WAIT_MS)
        expect.set_options(timeout=WAIT_MS)
        visitor = cls(await opened.new_page(), server)
        visitor._listen()
        try:
            yield visitor
            assert not visitor.complaints, visitor.complaints
            assert not visitor.strangers, visitor.strangers
        finally:
            await opened.close()

    def _listen(self) -> None:
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "console",
            lambda said: (
                self.complaints.append(said.text) if said.type == "error" and not _REFUSALS.search(said.text) else None
            ),
        )
        self.page.on(
            "request",
            lambda asked: (
                None if asked.url.startswith((self.server.url, "data:", "blob:")) else self.strangers.append(asked.url)
            ),
        )

    async def go(self, path: str) -> None:
        """Go to a page of the console by its address."""
        await self.page.goto(f"{self.server.url}/console{path}")

    async def sign_in(self, **token: Any) -> None:
        """Sign in with the workspace's key and secret; with a customer's id or claims, with such a token."""
        await self.go("/sign-in")
        if token:
            await self.page.get_by_text("Token", exact=True).click()
            await self.page.locator("input[name=token]").fill(self.server.token(**token))
        else:
            await self.page.get_by_label("Workspace key").fill(self.server.key)
            await self.page.get_by_label("Workspace secret").fill(self.server.secret)
        await self.page.get_by_role("button", name="Sign in").click()
        await expect(self.page.get_by_role("button", name="Account")).to_be_visible()

    async def heading(self, name: str | re.Pattern[str]) -> None:
        """Wait for the page with this title."""
        await expect(self.page.get_by_role("heading", level=1, name=name)).to_be_visible()

    async def settle(self) -> None:
        """Wait until everything that the page asked for is there."""
        await self.page.wait_for_load_state("networkidle")
        await expect(self.page.get_by_role("status", name=re.compile("^Loading"))).to_have_count(0)

    async def violations(self) -> list[str]:
        """What axe finds against WCAG 2.2 AA on the page: the rule, and where."""
        # Run through the debugger, which the page's policy does not stop.
        await self.page.evaluate(AXE.read_text("utf-8") + "; undefined")
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
        options = json.dumps({"runOnly": {"type": "tag", "values": tags}})
        found = await self.page.evaluate(f"axe.run(document, {options})")
        return [
            f"{each['id']}: {node['target']} {node.get('failureSummary', '')}"
            for each in found["violations"]
            for node in each["nodes"]
        ]

    async def shoot(self, name: str) -> None:
        """Take a picture of the page."""
        SHOTS.mkdir(exist_ok=True)
        await self.page.screenshot(path=SHOTS / f"{name}.png")
