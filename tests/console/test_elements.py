"""Setting up: tables, customers, integrations, connections, instances, formulas."""

import re

from playwright.async_api import Browser, expect

from console.sample import Sample
from console.visitor import Visitor
from support.server import Server


async def test_a_stranger_sets_up_a_table_and_links_the_first_record(browser: Browser, server: Server) -> None:
    key, secret = server.create_workspace("Fresh")
    async with Visitor.arriving(browser, server) as visitor:
        await visitor.go("/sign-in")
        await visitor.page.get_by_label("Workspace key").fill(key)
        await visitor.page.get_by_label("Workspace secret").fill(secret)
        await visitor.page.get_by_role("button", name="Sign in").click()
        steps = visitor.page.get_by_role("region", name="First steps")

        await steps.get_by_role("link", name="Make an integration").click()
        dialog = visitor.page.get_by_role("dialog")
        await dialog.get_by_label("Name").fill("HubSpot")
        await dialog.get_by_role("button", name=re.compile("^Create")).click()
        await visitor.heading("HubSpot")

        await visitor.page.get_by_role("link", name="Overview").click()
        await steps.get_by_role("link", name="Create a table").click()
        await dialog.get_by_label("Name").fill("Contacts")
        await dialog.get_by_role("button", name="Create table").click()
        await visitor.heading("Contacts")

        await visitor.page.get_by_role("link", name="Overview").click()
        await steps.get_by_role("link", name="Add a customer").click()
        await dialog.get_by_label("Internal id").fill("acme")
        await dialog.get_by_role("button", name=re.compile("^Create")).click()
        await visitor.heading(re.compile("acme"))

        await visitor.page.get_by_role("link", name="Overview").click()
        await steps.get_by_role("link", name="Make a connection").click()
        await dialog.get_by_role("combobox", name="Customer").click()
        await visitor.page.get_by_role("option", name=re.compile("acme")).click()
        await dialog.get_by_role("combobox", name="Integration").click()
        await visitor.page.get_by_role("option", name=re.compile("HubSpot")).click()
        await dialog.get_by_role("button", name=re.compile("^Create")).click()
        await expect(dialog).to_have_count(0)

        await visitor.page.get_by_role("link", name="Instances", exact=True).click()
        await visitor.page.get_by_role("button", name="New instance").first.click()
        await dialog.get_by_role("combobox", name="Table").click()
        await visitor.page.get_by_role("option", name=re.compile("Contacts")).click()
        await dialog.get_by_role("combobox", name="Connection").click()
        await visitor.page.get_by_role("option").first.click()
        await dialog.get_by_role("button", name="Create instance").click()
        await visitor.heading(re.compile("^Contacts of acme"))
        await visitor.page.get_by_role("button", name="New link").first.click()
        await dialog.get_by_label("App record id").fill("u-17")
        await dialog.get_by_label("External record id").fill("9001")
        await dialog.get_by_label("External record id").press("Enter")
        await expect(visitor.page.get_by_role("grid", name="Links")).to_contain_text("9001")

        await visitor.page.get_by_role("link", name="Overview").click()
        await expect(visitor.page.get_by_role("link", name=re.compile("^Links 2"))).to_be_visible()


async def test_a_table_is_renamed_archived_and_restored(visitor: Visitor, sample: Sample) -> None:
    await visitor.go("/tables?create=true")
    dialog = visitor.page.get_by_role("dialog")
    await dialog.get_by_label("Name").fill("Old name")
    await dialog.get_by_role("button", name="Create table").click()
    await visitor.heading("Old name")

    await visitor.page.get_by_role("tab", name="Settings").click()
    await visitor.page.get_by_role("textbox", name="Name").fill("New name")
    await visitor.page.get_by_role("button", name="Save changes").click()
    await visitor.heading("New name")
    await visitor.page.get_by_role("button", name="Archive").first.click()
    await dialog.get_by_role("button", name="Archive table").click()
    await expect(visitor.page.get_by_text("This table is archived")).to_be_visible()
    await visitor.page.get_by_role("button", name="Restore").first.click()
    await expect(visitor.page.get_by_text("This table is archived")).to_have_count(0)

    await visitor.go("/tables?search=new+name")
    await expect(visitor.page.get_by_role("grid", name="Data link tables")).to_contain_text("New name")


async def test_a_key_that_is_taken_is_told_at_its_field(visitor: Visitor, sample: Sample) -> None:
    await visitor.go("/tables?create=true")
    dialog = visitor.page.get_by_role("dialog")
    await dialog.get_by_label("Name").fill("Again")
    await dialog.get_by_label("Key").fill("contacts")
    await dialog.get_by_role("button", name="Create table").click()

    await expect(dialog).to_contain_text("contacts")
    await expect(dialog.get_by_role("button", name="Create table")).to_be_enabled()


async def test_credentials_are_only_written(visitor: Visitor, sample: Sample) -> None:
    bodies: list[str] = []
    await visitor.go(f"/connections/{sample.connections['acme-hubspot']}")
    await visitor.settle()
    await visitor.page.get_by_role("button", name=re.compile("credentials", re.IGNORECASE)).first.click()
    secret = "canary-4711"
    await visitor.page.get_by_role("dialog").get_by_role("textbox").last.fill(f'{{"token": "{secret}"}}')
    await visitor.page.get_by_role("dialog").get_by_role("button", name=re.compile("^(Save|Replace)")).click()
    await expect(visitor.page.get_by_role("dialog")).to_have_count(0)
    await visitor.page.reload()
    await visitor.settle()

    bodies.append(await visitor.page.content())
    assert secret not in "".join(bodies)


async def test_a_formula_is_tried_with_the_links_of_a_connection(visitor: Visitor, sample: Sample) -> None:
    await visitor.go(f"/formulas?connection={sample.connections['acme-hubspot']}")
    page = visitor.page
    await page.get_by_role("textbox", name="Variables", exact=True).fill('{"id": "hs-9017"}')
    await page.get_by_role("textbox", name="Formula", exact=True).fill(
        '{"$findAppRecordId": {"dataLinkTable": {"key": "contacts"}, "recordId": {"$var": "id"}}}'
    )
    await expect(page.get_by_role("region", name="the result")).to_contain_text("u-17")

    await page.get_by_role("textbox", name="Formula", exact=True).fill('[{"$map": {"value": 1, "mapping": [null]}}]')
    await expect(page.get_by_role("alert")).to_contain_text("$[0]")
    await page.get_by_role("textbox", name="Formula", exact=True).fill('{"a": ')
    await expect(page.get_by_role("alert")).to_contain_text("line 1")


async def test_a_customers_page_shows_everything_under_it(visitor: Visitor, sample: Sample) -> None:
    await visitor.go(f"/customers/{sample.customers['acme']}")
    await visitor.settle()

    for text in ("acme on hubspot", "acme on salesforce", "Contacts", "Companies", "240"):
        await expect(visitor.page.get_by_role("main").get_by_text(text).first).to_be_visible()
    await expect(visitor.page.get_by_text("globex")).to_have_count(0)
