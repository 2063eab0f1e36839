"""An instance with a million links is as easy to look into as one with ten."""

import re

import pytest
from playwright.async_api import expect

from console.sample import Http, Sample, make_instance
from console.visitor import Visitor

LINKS = 1_000_000
PAGE = 200


@pytest.mark.timeout(600)
async def test_a_million_links_are_scrolled_and_searched_and_have_addresses(visitor: Visitor, sample: Sample) -> None:
    instance = make_instance(visitor.server, sample, "million")
    with Http(visitor.server) as http:
        rows = "".join(f"user-{no},crm-{no * 7}\n" for no in range(LINKS))
        path = f"/data-link-tables/contacts/links/import?id={instance}&direction=import"
        report = http.send_file(path, f"appRecordId,externalRecordId\n{rows}".encode(), "text/csv")
        oldest = http.ask("GET", f"/data-link-table-instances/{instance}/links?appRecordId=user-0")["items"][0]
    assert report["new"] == LINKS
    page = visitor.page

    await visitor.go(f"/instances/{instance}")
    grid = page.get_by_role("grid", name="Links")
    await expect(grid.get_by_role("row").nth(1)).to_be_visible()
    await grid.get_by_role("row").nth(1).focus()
    for no in range(1, 6):
        await page.keyboard.press("End")
        await expect(page.locator("[role=row]:focus")).to_contain_text(f"user-{LINKS - no * PAGE}")
        # What follows is asked for as the end comes near, and End goes to the end of what has come.
        await expect(page.locator(f"[aria-rowindex='{no * PAGE + 2}']")).to_be_attached()
    # However many are loaded, only those in sight are in the page.
    assert await grid.get_by_role("row").count() < 100

    box = page.get_by_label("Search links")
    for text, count in (("crm-6999993", 1), ("user-99999", 11), ("nobody-", 0)):
        await box.fill(text)
        await expect(page).to_have_url(re.compile(f"search={text}"))
        await visitor.settle()
        await expect(grid.get_by_role("row")).to_have_count(count + 1 if count else 0)

    await visitor.go(f"/instances/{instance}?link={oldest['id']}")
    dialog = page.get_by_role("dialog", name="Link", exact=True)
    await expect(dialog.get_by_role("table", name="The link")).to_contain_text("user-0")
