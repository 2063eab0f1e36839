"""Exports: all links of an instance at one moment, as a file that imports read."""

import importlib
import io
import re
from collections.abc import AsyncGenerator
from typing import Any

import msgspec
import pytest

from datalinks.files import FileFormat
from datalinks.services.exports import Exports
from datalinks.services.instances import InstanceSelector
from support.app import App
from support.bulk import Place, both, place, served_by

# It has no types of its own.
PARQUET_FILES: Any = importlib.import_module("pyarrow.parquet")
MEDIA_TYPES = {"csv": "text/csv", "jsonl": "application/jsonl", "parquet": "application/vnd.apache.parquet"}
FIELDS = ["appRecordId", "externalRecordId", "direction", "id", "createdAt", "updatedAt"]
ODD = [
    'say "hi", then\r\nleave',
    "=1+1",
    " padded ",
    "ünï ☃ 𝄞",
    "\ufeff",
    "0",
    "null",
    "x" * 512,
    "\t",
    "'",
    "u\u2028v",
]


@pytest.fixture
async def here(app: App) -> AsyncGenerator[Place]:
    """An instance, in an application whose exports take two pairs at once."""
    exports = Exports(app.services.database, app.services.instances, pairs_at_once=2)
    async with served_by(app, exports=exports) as served:
        yield await place(served)


def objects(content: bytes, file_format: str) -> list[Any]:
    """The rows of JSON lines or Parquet."""
    if file_format == "parquet":
        return PARQUET_FILES.read_table(io.BytesIO(content)).to_pylist()
    return [msgspec.json.decode(line) for line in content.split(b"\n") if line]


async def test_an_export_has_every_link_once_in_the_order_of_app_records(here: Place) -> None:
    await here.write("b", "1")
    await here.write("a", "2", "export")
    await here.write("a", "1", "import")

    answer = await here.export(format="jsonl")

    found = objects(answer.content, "jsonl")
    assert [list(each) for each in found] == [FIELDS] * 4
    assert [[each[name] for name in FIELDS[:3]] for each in found] == [
        ["a", "1", "import"],
        ["a", "2", "export"],
        ["b", "1", "import"],
        ["b", "1", "export"],
    ]
    listed = {each["id"]: each for each in await here.found()}
    for each in found:
        link = listed[each["id"]]
        assert {name: link[name] for name in FIELDS} == each


@pytest.mark.parametrize("file_format", MEDIA_TYPES)
async def test_an_export_names_its_file_and_its_type(here: Place, file_format: str) -> None:
    answer = await here.export(format=file_format)

    assert answer.headers["content-type"] == MEDIA_TYPES[file_format]
    name = re.escape(file_format)
    assert re.match(rf'attachment; filename="links-\d{{8}}-\d{{6}}\.{name}"', answer.headers["content-disposition"])


async def test_csv_is_what_an_export_is_without_a_format(here: Place) -> None:
    await here.write("a", "1", "import")

    answer = await here.export()

    head, row = answer.text.split("\r\n")[:2]
    assert (head, row.split(",")[:3]) == (",".join(FIELDS), ["a", "1", "import"])


@pytest.mark.parametrize("direction", ["import", "export", "both"])
async def test_an_export_of_one_direction_has_no_other(here: Place, direction: str) -> None:
    for way in ("import", "export", "both"):
        await here.write(way, "1", way)

    found = objects((await here.export(format="jsonl", direction=direction)).content, "jsonl")

    expected = {("import", "import"), ("export", "export"), ("both", "import"), ("both", "export")}
    assert {(each["appRecordId"], each["direction"]) for each in found} == {
        each for each in expected if direction in ("both", each[1])
    }


@pytest.mark.parametrize("file_format", MEDIA_TYPES)
async def test_an_export_imported_elsewhere_gives_the_same_links(app: App, here: Place, file_format: str) -> None:
    operations = [
        {"op": "create", "appRecordId": odd, "externalRecordId": other, "direction": direction}
        for odd, other, direction in zip(ODD, reversed(ODD), ["import", "export", "both"] * len(ODD), strict=False)
    ]
    await here.batch(operations, "atomic")
    there = await place(app, "globex", "erp")
    exported = await here.export(format=file_format)

    report = await there.load(exported.content, MEDIA_TYPES[file_format])

    again = await there.export(format=file_format)
    assert report["bad"] == 0
    assert plain(again.content, file_format) == plain(exported.content, file_format)


def plain(content: bytes, file_format: str) -> list[Any]:
    """The pairs and directions of a file."""
    if file_format == "csv":
        return [re.sub(r",\w{24},[^,]+,[^,]+$", "", row, flags=re.MULTILINE) for row in content.decode().split("Z\r\n")]
    return [[each[name] for name in FIELDS[:3]] for each in objects(content, file_format)]


@pytest.mark.parametrize("file_format", MEDIA_TYPES)
async def test_an_empty_instance_is_a_file_without_rows(app: App, file_format: str) -> None:
    here, there = await place(app), await place(app, "globex", "erp")

    exported = await here.export(format=file_format)

    assert (await there.load(exported.content, MEDIA_TYPES[file_format]))["rows"] == 0


async def test_links_that_are_written_or_deleted_during_an_export_are_not_seen(app: App) -> None:
    here = await place(app)
    pairs = [(f"u-{number}", "1") for number in range(8)]
    await here.batch([{"op": "create", "appRecordId": each, "externalRecordId": "1"} for each, _ in pairs])
    services = app.services
    caller = await services.identity.authenticate(here.api.headers["authorization"].removeprefix("Bearer "))
    exports = Exports(services.database, services.instances, pairs_at_once=2)
    wanted = InstanceSelector(data_link_table_key="contacts", integration_key="crm")

    pieces = await exports.read(caller, wanted, FileFormat.CSV, None)
    content = await anext(pieces) + await anext(pieces)
    await here.write("u-9", "1")
    await here.batch([{"op": "delete", "appRecordId": "u-7", "externalRecordId": "1"}])
    async for piece in pieces:
        content += piece

    found = {tuple(row.split(",")[:3]) for row in content.decode().splitlines()[1:]}
    assert found == both(*pairs)
    assert await here.links() == both(*pairs[:-1], ("u-9", "1"))


@pytest.mark.parametrize(
    ("query", "word"), [({"format": "xlsx"}, "'xlsx'"), ({"format": "CSV"}, "'CSV'"), ({"direction": "up"}, "'up'")]
)
async def test_an_unknown_format_or_direction_is_refused(here: Place, query: dict[str, str], word: str) -> None:
    answer = await here.api.request("GET", f"{here.path}/export", params={**here.where, **query})

    assert answer.status_code == 400
    assert word in answer.json()["message"]


async def test_a_customer_exports_its_own_instances_only(app: App) -> None:
    here = await place(app)
    other = await place(app, "globex", "erp")
    await here.write("a", "1")
    connection = (await here.api.get("/connections"))["items"][0]["id"]

    await other.api.get(f"{here.path}/export", params={"connectionId": connection}, status=404)
    assert await other.links() == set()


async def test_a_hidden_instance_is_not_exported(app: App) -> None:
    here = await place(app)
    await here.write("a", "1")
    await here.api.delete("/data-link-table-instance", params={**here.where, "dataLinkTableKey": "contacts"})

    await here.api.get(f"{here.path}/export", params=here.where, status=404)
