"""Seeing and mending links: what a support engineer does when a contact did not sync."""

import asyncio
import json
import re
from typing import Any

from playwright.async_api import Locator, expect

from console.sample import Http, Sample
from console.visitor import Visitor


def row(visitor: Visitor, *texts: str) -> Locator:
    """The rows of the list of links that have all the texts."""
    found = visitor.page.get_by_role("grid", name="Links").get_by_role("row")
    for text in texts:
        found = found.filter(has=visitor.page.get_by_text(text, exact=True))
    return found


async def open_links(visitor: Visitor, sample: Sample, query: str = "") -> None:
    """Go to the links of the third instance, which the tests of this module share, each with ids of its own."""
    await visitor.go(f"/instances/{sample.other_instance}{query}")
    await visitor.heading("Contacts of Globex")
    await visitor.settle()


async def create(visitor: Visitor, app: str, external: str, direction: str = "Both") -> None:
    """Create a link in the open list."""
    await visitor.page.get_by_role("button", name="New link").first.click()
    dialog = visitor.page.get_by_role("dialog", name="New link")
    await dialog.get_by_label("App record id").fill(app)
    await dialog.get_by_label("External record id").fill(external)
    await dialog.get_by_role("radiogroup", name="Direction").get_by_text(direction, exact=True).click()
    await dialog.get_by_label("External record id").press("Enter")
    await expect(dialog).to_have_count(0)


async def test_a_link_is_created_found_by_either_id_edited_and_deleted_with_a_way_back(
    visitor: Visitor, sample: Sample
) -> None:
    await open_links(visitor, sample)
    await create(visitor, "ann-1", "crm-77", "Import")
    await expect(row(visitor, "ann-1", "crm-77")).to_have_count(1)

    box = visitor.page.get_by_label("Search links")
    for text in ("ann", "crm-7"):
        await box.fill(text)
        await expect(visitor.page).to_have_url(re.compile(f"search={text}"))
        await expect(visitor.page.get_by_role("grid", name="Links").get_by_role("row")).to_have_count(2)
        await expect(row(visitor, "ann-1", "crm-77")).to_have_count(1)

    await row(visitor, "ann-1", "crm-77").click()
    await visitor.page.get_by_role("dialog", name="Link", exact=True).get_by_role("button", name="Edit link").click()
    form = visitor.page.get_by_role("dialog", name="Edit link")
    await form.get_by_label("External record id").fill("crm-78")
    await form.get_by_role("button", name="Save").click()
    await expect(form).to_have_count(0)
    await box.fill("ann")
    await expect(row(visitor, "ann-1", "crm-78")).to_have_count(1)
    await expect(row(visitor, "ann-1", "crm-77")).to_have_count(0)

    if not await visitor.page.get_by_role("dialog", name="Link", exact=True).count():
        await row(visitor, "ann-1", "crm-78").click()
    await visitor.page.get_by_role("dialog", name="Link", exact=True).get_by_role("button", name="Delete link").click()
    await expect(row(visitor, "ann-1", "crm-78")).to_have_count(0)
    await visitor.page.get_by_role("alert").filter(has_text="Deleted").get_by_role("button", name="Undo").click()
    await expect(row(visitor, "ann-1", "crm-78")).to_have_count(1)


async def test_many_links_are_selected_by_keyboard_and_deleted_and_brought_back(
    visitor: Visitor, sample: Sample
) -> None:
    await open_links(visitor, sample)
    for no in range(3):
        await create(visitor, f"bulk-{no}", f"b-{no}", "Import")
    await visitor.page.get_by_label("Search links").fill("bulk-")
    grid = visitor.page.get_by_role("grid", name="Links")
    await expect(grid.get_by_role("row")).to_have_count(4)

    await grid.get_by_role("row").nth(1).focus()
    for key in ("Space", "ArrowDown", "Space", "ArrowDown", "Space"):
        await visitor.page.keyboard.press(key)
        await asyncio.sleep(0.1)
    await visitor.page.get_by_role("group", name="Selected links").get_by_role("button", name="Delete selected").click()
    confirm = visitor.page.get_by_role("dialog")
    if await confirm.count():
        await confirm.get_by_role("button", name="Delete links").click()
    await expect(visitor.page.get_by_text("No links match")).to_be_visible()

    await visitor.page.get_by_role("button", name="Undo").click()
    await expect(grid.get_by_role("row")).to_have_count(4)


async def test_a_mistake_is_told_at_its_field_and_nothing_is_written(visitor: Visitor, sample: Sample) -> None:
    await open_links(visitor, sample)
    await visitor.page.get_by_role("button", name="New link").first.click()
    dialog = visitor.page.get_by_role("dialog", name="New link")
    await dialog.get_by_label("App record id").fill("x" * 513)
    await dialog.get_by_label("External record id").fill("too-long")
    await dialog.get_by_label("External record id").press("Enter")

    await expect(dialog.get_by_label("App record id")).to_have_attribute("aria-invalid", "true")
    await visitor.page.keyboard.press("Escape")
    await visitor.page.get_by_label("Search links").fill("too-long")
    await expect(visitor.page.get_by_text("No links match")).to_be_visible()


async def test_an_export_has_what_is_filtered(visitor: Visitor, sample: Sample) -> None:
    await visitor.go(f"/instances/{sample.instance}?search=u-23")
    await visitor.settle()

    await visitor.page.get_by_role("button", name="Export", exact=True).click()
    async with visitor.page.expect_download() as download:
        await visitor.page.get_by_role("menuitem", name="CSV").click()
    lines = (await (await download.value).path()).read_text("utf-8").splitlines()

    assert sorted(line.split(",")[0] for line in lines[1:]) == sorted(["u-23", *(f"u-{no}" for no in range(230, 240))])


async def test_the_keyboard_alone_goes_down_a_list_and_opens_a_link(visitor: Visitor, sample: Sample) -> None:
    await visitor.go(f"/instances/{sample.instance}")
    await visitor.settle()
    await visitor.page.keyboard.press("/")
    await expect(visitor.page.get_by_label("Search links")).to_be_focused()

    await visitor.page.get_by_role("grid", name="Links").get_by_role("row").nth(1).focus()
    await visitor.page.keyboard.press("End")
    await expect(visitor.page.locator("[role=row]:focus")).to_contain_text("u-")
    await asyncio.sleep(0.5)
    await visitor.page.keyboard.press("End")
    await expect(visitor.page.locator("[role=row]:focus")).to_contain_text("u-0")
    await visitor.page.keyboard.press("Enter")

    dialog = visitor.page.get_by_role("dialog", name="Link", exact=True)
    await expect(dialog).to_contain_text("hs-9000")
    await expect(visitor.page).to_have_url(re.compile("link="))
    await visitor.page.reload()
    await expect(dialog).to_contain_text("hs-9000")
    await visitor.page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)


async def test_the_address_of_a_link_leads_to_it_whatever_the_page_lists(visitor: Visitor, sample: Sample) -> None:
    links = f"/data-link-table-instances/{sample.instance}/links"
    with Http(visitor.server) as http:
        id = http.ask("GET", f"{links}?appRecordId=u-0")["items"][0]["id"]
        gone = http.ask("POST", links, {"appRecordId": "g", "externalRecordId": "g", "direction": "import"})["id"]
        http.ask("DELETE", f"/data-links/{gone}")
    dialog = visitor.page.get_by_role("dialog", name="Link", exact=True)

    await visitor.go(f"/instances/{sample.instance}?search=u-23&link={id}")
    await expect(dialog).to_contain_text("hs-9000")
    await visitor.go(f"/instances/{sample.other_instance}?link={id}")
    await expect(dialog).to_contain_text("This link is in another instance")
    await dialog.get_by_role("link", name="Show it there").click()
    await visitor.heading("Contacts of Acme")
    await expect(dialog).to_contain_text("hs-9000")
    for missing in (gone, "nothing"):
        await visitor.go(f"/instances/{sample.instance}?link={missing}")
        await expect(dialog).to_contain_text("This link is gone")


async def test_a_link_that_is_deleted_elsewhere_is_told_where_it_is_open(visitor: Visitor, sample: Sample) -> None:
    links = f"/data-link-table-instances/{sample.instance}/links"
    with Http(visitor.server) as http:
        made = http.ask("POST", links, {"appRecordId": "going", "externalRecordId": "x", "direction": "import"})
        await visitor.go(f"/instances/{sample.instance}")
        await visitor.settle()
        http.ask("DELETE", f"/data-links/{made['id']}")
        await row(visitor, "going").click()
    dialog = visitor.page.get_by_role("dialog", name="Link", exact=True)

    await expect(dialog).to_contain_text("This link is gone")


async def test_anything_is_found_from_anywhere(visitor: Visitor, sample: Sample) -> None:
    await visitor.go("/tables")
    await visitor.heading("Data link tables")
    await visitor.page.keyboard.press("Control+k")
    await visitor.page.get_by_role("combobox", name="Find anything").fill("hs-9017")
    option = visitor.page.get_by_role("option").filter(has_text="hs-9017").first
    await expect(option).to_contain_text("Acme")
    await option.click()

    await visitor.heading("Contacts of Acme")
    await expect(row(visitor, "u-17", "hs-9017")).to_have_count(1)


async def test_a_record_is_found_in_every_instance_by_either_id(visitor: Visitor, sample: Sample) -> None:
    await visitor.go("/find")
    await visitor.page.get_by_label("Record id").fill("u-1")
    await visitor.settle()

    main = visitor.page.get_by_role("main")
    for name in ("Contacts · Acme", "Contacts · Globex", "Companies · Acme"):
        await expect(main.get_by_text(name)).to_be_visible()
    await visitor.page.get_by_label("Record id").fill("gx-9001")
    await expect(main.get_by_text("Contacts · Acme")).to_have_count(0)
    await expect(main.get_by_text("Contacts · Globex")).to_be_visible()


HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "javascript:alert(1)",
    '"><svg onload=alert(1)>',
    "{{constructor.constructor('alert(1)')()}}",
    "${alert(1)}",
    '=HYPERLINK("http://x")',
    "\u202eevil\u202c",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "x".ljust(500, "x"),
]


async def test_ids_and_names_that_look_like_code_are_text_everywhere(visitor: Visitor, sample: Sample) -> None:
    dialogs: list[str] = []

    async def note(dialog: Any) -> None:
        dialogs.append(dialog.message)
        await dialog.dismiss()

    visitor.page.on("dialog", note)
    await open_links(visitor, sample)
    for no, text in enumerate(HOSTILE):
        await create(visitor, text, f"h{no}-{text[:400]}", "Import")
    await visitor.settle()
    for no, text in enumerate(HOSTILE):
        await visitor.page.get_by_label("Search links").fill(f"h{no}-")
        await expect(row(visitor, text)).to_have_count(1)
    await visitor.go("/tables")
    await visitor.page.get_by_role("button", name="Create a table").first.click()
    await visitor.page.get_by_role("dialog").get_by_label("Name").fill(HOSTILE[0])
    await visitor.page.get_by_role("dialog").get_by_label("Key").fill(f"hostile-{len(sample.other_instance)}")
    await visitor.page.get_by_role("dialog").get_by_label("Description").fill(HOSTILE[1])
    await visitor.page.get_by_role("dialog").get_by_role("button", name="Create table").click()
    await visitor.heading(HOSTILE[0])
    await visitor.go(f"/find?id={json.dumps(HOSTILE[0])}")
    await visitor.settle()

    assert dialogs == []
