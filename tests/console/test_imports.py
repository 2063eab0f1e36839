"""Importing files, and a server that goes away."""

import io
import re
import sys
from pathlib import Path

import pytest
from playwright.async_api import expect

from console.sample import Http, Sample, make_instance
from console.visitor import Visitor

ROWS = 100_000
# Some seconds of work.
LONG_ROWS = 500_000
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


async def test_a_parquet_file_is_looked_at_and_imported(visitor: Visitor, sample: Sample, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    instance = make_instance(visitor.server, sample, "parquet")
    columns = {"User": [1, 2, None], "Contact": ["p-1", "p-2", "p-3"], "Name": ["Ann", "Bob", "Eve"]}
    file = io.BytesIO()
    parquet.write_table(sys.modules["pyarrow"].table(columns), file)
    await choose(visitor, instance, "contacts.parquet", file.getvalue(), tmp_path)
    page = visitor.page

    await expect(page.get_by_role("heading", name="Map columns")).to_be_visible()
    await page.get_by_label("App record id").fill("No such")
    await page.get_by_label("External record id").fill("Contact")
    await page.get_by_role("button", name="Preview", exact=True).click()
    await expect(page.get_by_role("alert")).to_contain_text("No such")
    await page.get_by_role("button", name="Back to the columns").click()
    await page.get_by_label("App record id").fill("User")
    await page.get_by_role("button", name="Preview", exact=True).click()
    await expect(page.get_by_role("tab", name="Changes (2)")).to_be_visible()
    await expect(page.get_by_role("tab", name="Bad rows (1)")).to_be_visible()
    await expect(page.get_by_role("grid", name="Changes")).to_contain_text("p-2")

    await page.get_by_role("button", name="Import 2 new rows").click()
    await expect(page.get_by_role("heading", name="Imported")).to_be_visible()
    await page.get_by_role("link", name="See the links").click()
    await expect(page.get_by_role("grid", name="Links")).to_contain_text("p-2")
    with Http(visitor.server) as http:
        items = http.ask("GET", f"/data-link-table-instances/{instance}/links?direction=import")["items"]
    assert [(link["appRecordId"], link["externalRecordId"]) for link in items] == [("2", "p-2"), ("1", "p-1")]


@pytest.mark.timeout(300)
async def test_a_session_that_ends_in_the_midst_of_an_import_loses_nothing(
    visitor: Visitor, sample: Sample, tmp_path: Path
) -> None:
    instance = make_instance(visitor.server, sample, "interrupted")
    rows = "".join(f"i-{no},c-{no}\n" for no in range(LONG_ROWS))
    await choose(visitor, instance, "long.csv", f"appRecordId,externalRecordId\n{rows}".encode(), tmp_path)
    page = visitor.page
    await page.get_by_role("button", name="Preview", exact=True).click()
    await page.get_by_role("button", name=re.compile("^Import .* new rows$")).click(timeout=LONG_MS)
    await expect(page.get_by_text(re.compile(r"^[1-9][\d,]* of .* rows done"))).to_be_visible(timeout=LONG_MS)

    other = await page.context.new_page()
    await other.goto(f"{visitor.server.url}/console/tables")
    await other.get_by_role("button", name="Account").click()
    await other.get_by_role("menuitem", name="Sign out").click()
    await expect(other.get_by_role("heading", name="Sign in to Datalinks")).to_be_visible()
    await other.close()
    await visitor.heading("Sign in to Datalinks")
    await expect(page.get_by_text("Your session has ended")).to_be_visible()
    await page.get_by_label("Workspace key").fill(visitor.server.key)
    await page.get_by_label("Workspace secret").fill(visitor.server.secret)
    await page.get_by_role("button", name="Sign in").click()

    await expect(page.get_by_role("alert")).to_contain_text("Your session ended while the file was being imported.")
    await expect(page.get_by_text("The rows that are done stay.")).to_be_visible()
    await page.get_by_role("button", name="Go on").click()
    await expect(page.get_by_role("heading", name="Imported")).to_be_visible(timeout=LONG_MS)
    # Over both uploads, each row was written once.
    await expect(page.get_by_role("main")).to_contain_text(re.compile(r"New\s*500.000\D"))
    await expect(page.get_by_role("main")).to_contain_text(re.compile(r"Unchanged\s*0\D"))
    with Http(visitor.server) as http:
        path = f"/data-link-tables/contacts/links/import?id={instance}&dryRun=true"
        again = http.send_file(path, (tmp_path / "long.csv").read_bytes(), "text/csv")
    assert (again["rows"], again["new"], again["unchanged"]) == (LONG_ROWS, 0, LONG_ROWS)


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
