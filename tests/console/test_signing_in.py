"""Signing in and out, and sessions that end."""

import re

import pytest
from playwright.async_api import Browser, expect

from console.sample import Sample
from console.visitor import Visitor
from support.server import Server


async def test_a_key_and_a_secret_sign_in_and_out(visitor: Visitor) -> None:
    await visitor.heading("Overview")
    cookies = await visitor.page.context.cookies()

    assert [(each.get("httpOnly"), each.get("sameSite")) for each in cookies] == [(True, "Strict")]
    assert await visitor.page.evaluate("document.cookie") == ""

    await visitor.page.get_by_role("button", name="Account").click()
    await visitor.page.get_by_role("menuitem", name="Sign out").click()
    await visitor.heading("Sign in to Datalinks")
    await visitor.go("/tables")
    await visitor.heading("Sign in to Datalinks")


async def test_after_signing_in_one_is_where_one_wanted_to_go(browser: Browser, server: Server, sample: Sample) -> None:
    async with Visitor.arriving(browser, server) as visitor:
        await visitor.go("/tables?search=cont")
        await visitor.page.get_by_label("Workspace key").fill(server.key)
        await visitor.page.get_by_label("Workspace secret").fill(server.secret)
        await visitor.page.get_by_role("button", name="Sign in").click()

        await visitor.heading("Data link tables")
        await expect(visitor.page).to_have_url(re.compile(r"/console/tables\?search=cont$"))


@pytest.mark.parametrize("elsewhere", ["//example.com", "https://example.com", "javascript:alert(1)", "/\\example.com"])
async def test_signing_in_leads_nowhere_else(browser: Browser, server: Server, sample: Sample, elsewhere: str) -> None:
    async with Visitor.arriving(browser, server) as visitor:
        await visitor.go(f"/sign-in?from={elsewhere}")
        await visitor.page.get_by_label("Workspace key").fill(server.key)
        await visitor.page.get_by_label("Workspace secret").fill(server.secret)
        await visitor.page.get_by_role("button", name="Sign in").click()

        await expect(visitor.page.get_by_role("heading", name="Sign in to Datalinks")).to_have_count(0)
        assert visitor.page.url.startswith(f"{server.url}/console/")


async def test_a_wrong_secret_is_told_and_nothing_is_kept(browser: Browser, server: Server, sample: Sample) -> None:
    async with Visitor.arriving(browser, server) as visitor:
        await visitor.go("/sign-in")
        await visitor.page.get_by_label("Workspace key").fill(server.key)
        await visitor.page.get_by_label("Workspace secret").fill("wrong")
        await visitor.page.get_by_role("button", name="Sign in").click()

        await expect(visitor.page.get_by_role("alert")).to_contain_text("did not work")
        assert await visitor.page.context.cookies() == []


async def test_a_customer_sees_its_own_only(browser: Browser, server: Server, sample: Sample) -> None:
    async with Visitor.arriving(browser, server) as visitor:
        await visitor.sign_in(customer="globex")
        await expect(visitor.page.get_by_role("link", name="Customers")).to_have_count(0)

        await visitor.go("/instances")
        await visitor.settle()
        await expect(visitor.page.get_by_role("row").filter(has_text="HubSpot")).to_have_count(1)
        await expect(visitor.page.get_by_text("Acme")).to_have_count(0)
        await visitor.go(f"/instances/{sample.instance}")
        await expect(visitor.page.get_by_role("alert")).to_be_visible()
        await expect(visitor.page.get_by_text("hs-9001")).to_have_count(0)


async def test_a_session_that_ends_leads_to_the_sign_in_and_back(visitor: Visitor) -> None:
    await visitor.go("/tables")
    await visitor.heading("Data link tables")

    await visitor.page.context.clear_cookies()
    await visitor.page.get_by_role("link", name="Instances", exact=True).click()

    await visitor.heading("Sign in to Datalinks")
    await expect(visitor.page.get_by_text("Your session has ended")).to_be_visible()
    await visitor.page.get_by_label("Workspace key").fill(visitor.server.key)
    await visitor.page.get_by_label("Workspace secret").fill(visitor.server.secret)
    await visitor.page.get_by_role("button", name="Sign in").click()
    await visitor.heading("Instances")
