"""Importing files, and a server that goes away."""

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from console.sample import Http, Sample, make_instance
from console.visitor import Visitor

ROWS = 100_000
LONG_MS = 120_000


async def choose(visitor: Visitor, instance: str, name: str, content: bytes, folder: Path) -> None:
    """Give the import page of an instance a file."""
    path = folder / name
    path.write_bytes(content)
    await visitor.go(f"/instances/{instance}/import")
    await visitor.page.get_by_label("File to import").set_input_files(path)


async def test_a_hundred_thousand_rows_are_looked_at_and_imported(
    visitor: Visitor, sample: Sample, tmp_path: Path
) -> None:
    instance = make_instance(visitor.server, sample, "large")
    rows = "".join(f"{no},c-{no}\n" for no in range(ROWS))
    bad = f"{'x' * 600},too long\n,missing\n"
    await choose(visitor, instance, "contacts.csv", f"User,Contact\n{rows}{bad}".encode(), tmp_path)
    page = visitor.page

    await expect(page.get_by_role("heading", name="Map columns")).to_be_visible()
    await page.get_by_role("combobox", name="App record id").click()
    await page.get_by_role("option", name="User").click()
    await page.get_by_role("combobox", name="External record id").click()
    await page.get_by_role("option", name="Contact").click()
    await page.get_by_role("button", name="Preview", exact=True).click()
    await expect(page.get_by_role("heading", name="Preview")).to_be_visible()
    await expect(page.get_by_role("tab", name=re.compile(r"Bad rows \(2\)"))).to_be_visible(timeout=LONG_MS)
    await visitor.shoot("import-preview")

    await page.get_by_role("button", name=re.compile(r"^Import 100.000 new rows$")).click()
    await expect(page.get_by_role("heading", name="Imported")).to_be_visible(timeout=LONG_MS)
    await visitor.shoot("import-done")
    await page.get_by_role("tab", name=re.compile("Bad rows")).click()
    async with page.expect_download() as download:
        await page.get_by_role("button", name="Download rejects").click()
    rejects = (await (await download.value).path()).read_text("utf-8")
    assert len(rejects.strip().splitlines()) == 3

    await page.get_by_role("link", name="See the links").click()
    await page.get_by_label("Search links").fill("c-99999")
    await expect(page.get_by_role("grid", name="Links")).to_contain_text("c-99999")
    with Http(visitor.server) as http:
        count = http.ask("GET", f"/data-link-tables/contacts/links/count?id={instance}")
    assert count["links"] == 2 * ROWS


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(100)),
        ("book.xlsx", b"PK\x03\x04" + bytes(100)),
        ("page.html", b"<!doctype html><html></html>"),
    ],
)
async def test_a_wrong_file_is_told_before_anything_is_sent(
    visitor: Visitor, sample: Sample, tmp_path: Path, name: str, content: bytes
) -> None:
    await choose(visitor, sample.instance, name, content, tmp_path)

    await expect(visitor.page.get_by_role("alert").first).to_be_visible()
    await expect(visitor.page.get_by_role("heading", name="Map columns")).to_have_count(0)


async def test_cells_that_look_like_code_are_text(visitor: Visitor, sample: Sample, tmp_path: Path) -> None:
    content = 'appRecordId,externalRecordId\n<img src=x onerror=alert(1)>,"<script>alert(1)</script>"\n'
    await choose(visitor, sample.instance, "xss.csv", content.encode(), tmp_path)

    await expect(visitor.page.get_by_text("<img src=x onerror=alert(1)>").first).to_be_visible()
    await visitor.page.get_by_role("button", name="Preview", exact=True).click()
    await expect(visitor.page.get_by_role("heading", name="Preview")).to_be_visible()
    await expect(visitor.page.get_by_text("<script>alert(1)</script>").first).to_be_visible()


async def test_a_server_that_goes_away_is_told_and_the_page_goes_on_when_it_is_back(
    visitor: Visitor, sample: Sample
) -> None:
    page, server = visitor.page, visitor.server
    await visitor.go("/tables")
    await visitor.settle()
    port = server.port
    server.kill()
    try:
        await page.get_by_role("link", name="Instances", exact=True).click()
        await expect(page.get_by_text("The server does not answer.").first).to_be_visible(timeout=LONG_MS)
    finally:
        server.start(port)
    await expect(page.get_by_role("grid", name="Instances")).to_be_visible(timeout=LONG_MS)
    await expect(page.get_by_text("The server does not answer.")).to_have_count(0)
