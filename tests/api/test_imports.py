"""Imports: the links of a file are written once however often it is sent, and every row is accounted for."""

import asyncio
import importlib
import io
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from datalinks.ids import Clock
from datalinks.services.imports import Imports
from support.app import App
from support.bulk import Place, both, listening, place, rows, served_by
from support.cases import expand, promises

JSON_LINES, PARQUET = "application/jsonl", "application/vnd.apache.parquet"
# Pyarrow has no types of its own.
ARROW: Any = importlib.import_module("pyarrow")
PARQUET_FILES: Any = importlib.import_module("pyarrow.parquet")
SECONDS = 20
# How many rows a stretch has here.
FEW = 10
# More than is parsed at once, so that the first stretches are written while the last ones arrive.
LONG = [(f"u-{number:04}-{'x' * 60}", f"{number}") for number in range(2_500)]
STRETCH = 400
PAIRS = [(f"u-{number:03}", f"{number}") for number in range(35)]


def json_lines(*objects: Any) -> bytes:
    """Objects as JSON lines."""
    return b"".join(json.dumps(each).encode() + b"\n" for each in objects)


def parquet(**columns: list[Any]) -> bytes:
    """Columns as Parquet."""
    file = io.BytesIO()
    PARQUET_FILES.write_table(ARROW.table(columns), file)
    return file.getvalue()


def numbers(report: Any) -> tuple[int, ...]:
    """A report's counts: all rows, and of them the new, unchanged, repeated and bad ones."""
    assert report["rows"] == sum(report[name] for name in ("new", "unchanged", "repeated", "bad"))
    return tuple(report[name] for name in ("rows", "new", "unchanged", "repeated", "bad"))


@pytest.fixture
async def here(app: App) -> AsyncGenerator[Place]:
    """An instance, in an application whose imports are of short stretches."""
    async with served_by(app, imports=short(app)) as served:
        yield await place(served)


def short(app: App, clock: Clock | None = None) -> Imports:
    """Imports of short stretches."""
    services = app.services
    return Imports(services.database, services.instances, services.activity, clock or Clock(), rows_per_stretch=FEW)


FILES = [
    ("text/csv", b'\xef\xbb\xbfappRecordId,externalRecordId,direction\r\na,1,\r\nb,2,export\r\n"c,",3,import'),
    ("Text/CSV; charset=utf-8", b'externalRecordId,direction,appRecordId\n1,both,a\n2,export,b\n3,import,"c,"\n'),
    (JSON_LINES, json_lines(
        {"appRecordId": "a", "externalRecordId": 1},
        {"appRecordId": "b", "externalRecordId": "2", "direction": "export"},
        {"appRecordId": "c,", "externalRecordId": "3", "direction": "import"})),
    ("application/x-ndjson", json_lines(
        {"appRecordId": "a", "externalRecordId": "1", "direction": None},
        {"appRecordId": "b", "externalRecordId": 2, "direction": "export"},
        {"appRecordId": "c,", "externalRecordId": 3, "direction": "import"})),
    (PARQUET, parquet(
        appRecordId=["a", "b", "c,"], externalRecordId=[1, 2, 3], direction=[None, "export", "import"])),
]  # fmt: skip


@pytest.mark.parametrize(("media_type", "content"), FILES, ids=[kind for kind, _ in FILES])
async def test_a_file_of_each_format_is_written(here: Place, media_type: str, content: bytes) -> None:
    report = await here.load(content, media_type)

    assert numbers(report) == (3, 3, 0, 0, 0)
    assert (report["dryRun"], report["finished"], report["rejects"]) == (False, True, [])
    assert not {"importId", "displacing", "changes"} & set(report)
    found = [(each["appRecordId"], each["externalRecordId"], each["direction"]) for each in await here.found()]
    assert set(found) == {*both(("a", "1")), ("b", "2", "export"), ("c,", "3", "import")}


@pytest.mark.parametrize("case", promises("wrong_imports"))
async def test_a_file_that_cannot_be_read_is_refused_with_the_reason(here: Place, case: Any) -> None:
    query = {name: expand(value).decode() for name, value in case.get("query", {}).items()}

    answer = await here.send(expand(case["content"]), case.get("type", "text/csv"), **query)

    assert answer.status_code == case.get("status", 400), answer.text
    assert case["message"] in answer.text.replace('\\"', '"')


async def test_a_file_without_rows_is_finished_at_once(here: Place) -> None:
    assert numbers(await here.load(rows(), importId="none")) == (0, 0, 0, 0, 0)
    assert numbers(await here.load(b"", JSON_LINES)) == (0, 0, 0, 0, 0)
    assert (await here.api.get(f"{here.path}/imports/none", params=here.where))["finished"] is True


async def test_bad_rows_are_reported_with_line_and_reason_and_the_others_are_written(here: Place) -> None:
    content = b"appRecordId,externalRecordId,direction\na,1,\n,2,\nb\nc,3,up\n" + b"x" * 513 + b",4,\n\xff,5,\nd,6,\n"

    report = await here.load(content)

    assert numbers(report) == (7, 2, 0, 0, 5)
    assert [(each["line"], each.get("column")) for each in report["rejects"]] == [
        (3, "appRecordId"),
        (4, None),
        (5, "direction"),
        (6, "appRecordId"),
        (7, "appRecordId"),
    ]
    reasons = ["this one has 0", "1 cells", "'up'", "this one has 513", "UTF-8"]
    assert all(part in each["reason"] for part, each in zip(reasons, report["rejects"], strict=True))
    assert await here.links() == both(("a", "1"), ("d", "6"))


async def test_only_the_first_thousand_bad_rows_are_shown(here: Place) -> None:
    report = await here.load(rows(*[("", "1")] * 1_005))

    assert (report["bad"], len(report["rejects"])) == (1_005, 1_000)


async def test_columns_may_have_other_names_and_rows_another_direction(here: Place) -> None:
    content = b"name,ours,theirs,way\nx,a,1,\ny,b,2,both\n"

    report = await here.load(
        content,
        direction="export",
        appColumn="ours",
        externalColumn="theirs",
        directionColumn="way",
        ignoreUnknownColumns="true",
    )

    assert numbers(report) == (2, 2, 0, 0, 0)
    assert await here.links() == {("a", "1", "export"), *both(("b", "2"))}


async def test_repeated_rows_are_one_pair_whose_directions_are_joined(here: Place) -> None:
    content = b"appRecordId,externalRecordId,direction\na,1,import\nb,2,\na,1,export\na,1,import\n"

    report = await here.load(content)

    assert numbers(report) == (4, 2, 0, 2, 0)
    assert await here.links() == both(("a", "1"), ("b", "2"))


async def test_links_that_are_there_stay_as_they_are(here: Place) -> None:
    await here.write("a", "1")
    await here.write("b", "2", "import")
    before = await here.found(appRecordId="a")

    report = await here.load(rows(("a", "1"), ("b", "2"), ("c", "3")))

    assert numbers(report) == (3, 2, 1, 0, 0)
    assert await here.found(appRecordId="a") == before
    assert await here.links() == both(("a", "1"), ("b", "2"), ("c", "3"))


async def test_a_later_row_of_a_record_is_its_newest_link(here: Place) -> None:
    await here.write("z", "1")

    # Neither the order of the ids nor that of the stretches.
    await here.load(
        rows(("a", "9"), ("b", "7"), *PAIRS[1:12], ("a", "2"), ("a", "5"), ("c", "7"), ("a", "7"), ("d", "1"))
    )

    assert [each["externalRecordId"] for each in await here.found(appRecordId="a", direction="export")] == list("7529")
    assert [each["appRecordId"] for each in await here.found(externalRecordId="7", direction="import")] == [
        *("a", "c", "u-007", "b")
    ]
    assert (await here.found(externalRecordId="1", limit="1"))[0]["appRecordId"] == "d"


async def test_a_dry_run_says_what_would_change_and_writes_nothing(here: Place) -> None:
    for pair in (("a", "1"), ("b", "2")):
        await here.write(*pair)
    await here.write("c", "3", "import")
    before = await here.found()
    content = b"appRecordId,externalRecordId,direction\na,1,\na,9,\nc,3,\nc,8,export\n,1,\nx,2,import\nd,4,\nd,4,\n"

    report = await here.load(content, dryRun="true")

    assert (report["dryRun"], report["displacing"], numbers(report)) == (True, 2, (8, 5, 1, 1, 1))
    changes = [tuple(each[name] for name in ("line", "appRecordId", "displaces")) for each in report["changes"]]
    assert changes == [(3, "a", True), (4, "c", False), (5, "c", False), (7, "x", True), (9, "d", False)]
    assert [each["direction"] for each in report["changes"]] == ["both", "both", "export", "import", "both"]
    assert [each["line"] for each in report["rejects"]] == [6]
    assert await here.found() == before
    assert numbers(await here.load(content)) == numbers(report)


async def test_a_dry_run_of_many_stretches_shows_a_thousand_changes(here: Place) -> None:
    report = await here.load(rows(*[(f"{number}", "1") for number in range(1_005)]), dryRun="true", importId="dry")

    assert (report["new"], len(report["changes"]), report["changes"][-1]["line"]) == (1_005, 1_000, 1_001)
    assert await here.links() == set()
    await here.api.get(f"{here.path}/imports/dry", params=here.where, status=404)


async def test_the_same_file_again_changes_nothing_and_counts_as_once(here: Place) -> None:
    content = rows(*PAIRS, PAIRS[30], ("", "1"))

    first = await here.load(content, importId="i-1")
    again = await here.load(content, importId="i-1")
    anew = await here.load(content, importId="i-2")

    assert numbers(first) == (37, 35, 0, 1, 1)
    assert again == first
    assert numbers(anew) == (37, 0, 35, 1, 1)
    kept = await here.api.get(f"{here.path}/imports/i-1", params=here.where)
    assert kept == {**first, "rejects": []}


OTHERS: dict[str, Callable[[], bytes]] = {
    "other links": lambda: rows(*PAIRS[:5], ("x", "y"), *PAIRS[6:]),
    "another order": lambda: rows(*PAIRS[::-1]),
    "more links": lambda: rows(*PAIRS, ("x", "y")),
    "fewer links": lambda: rows(*PAIRS[:-1]),
    "fewer stretches": lambda: rows(*PAIRS[:20]),
    "no links": rows,
}


@pytest.mark.parametrize("other", OTHERS)
async def test_another_file_under_the_same_name_is_refused(here: Place, other: str) -> None:
    await here.load(rows(*PAIRS), importId="i-1")

    answer = await here.send(OTHERS[other](), importId="i-1")

    assert (answer.status_code, answer.json()["data"]["path"]) == (409, "$.importId")
    assert await here.links() == both(*PAIRS)


async def test_more_links_behind_whole_stretches_are_another_file_too(here: Place) -> None:
    await here.load(rows(*PAIRS[:20]), importId="i-1")

    answer = await here.send(rows(*PAIRS), importId="i-1")

    assert answer.status_code == 409
    assert await here.links() == both(*PAIRS[:20])


async def test_imports_of_one_name_into_two_instances_are_two(app: App) -> None:
    first, second = await place(app), await place(app, "globex", "erp")
    await first.load(rows(*PAIRS), importId="i-1")

    await second.api.get(f"{second.path}/imports/i-1", params=second.where, status=404)
    assert numbers(await second.load(rows(*PAIRS[:3]), importId="i-1")) == (3, 3, 0, 0, 0)


class StuckClock(Clock):
    """A clock that gives everyone the same moment, as those of two processes may."""

    def reserve(self, count: int) -> int:
        """The moment."""
        return 1


async def test_numbers_that_another_process_took_are_replaced(app: App) -> None:
    here = await place(app)
    pairs = [(f"u-{number}", "1") for number in range(200)]
    services = app.services
    imports = Imports(services.database, services.instances, services.activity, StuckClock(), rows_per_stretch=1)

    async with served_by(app, imports=imports) as served:
        report = await Place(served.customer("acme"), here.where).load(rows(*pairs))

    assert numbers(report) == (200, 200, 0, 0, 0)
    assert await here.links() == both(*pairs)


class FailingClock(Clock):
    """A clock that stops the work at its n-th look."""

    def __init__(self, looks: int) -> None:
        super().__init__()
        self._looks = looks

    def now(self) -> int:
        """The time."""
        self._looks -= 1
        if not self._looks:
            raise InterruptedError
        return super().now()


@asynccontextmanager
async def broken_off(app: App, here: Place, looks: int, content: bytes) -> AsyncGenerator[Place]:
    """An import that a failure has stopped after so many turns of three pairs, and the instance as it is served then."""
    app.services.database.stage_size = 3
    async with served_by(app, imports=short(app, FailingClock(looks))) as failing:
        answer = await Place(failing.customer("acme"), here.where).send(content, importId="i-1")
        assert answer.status_code == 500
    async with served_by(app, imports=short(app)) as served:
        yield Place(served.customer("acme"), here.where)


@pytest.mark.parametrize("looks", range(1, 15))
async def test_an_import_goes_on_wherever_it_was_broken_off(app: App, looks: int) -> None:
    content = rows(*PAIRS[:8], PAIRS[3], *PAIRS[8:])
    async with broken_off(app, await place(app), looks, content) as here:
        report = await here.load(content, importId="i-1")

        assert numbers(report) == (36, 35, 0, 1, 0)
        assert await here.links() == both(*PAIRS)


@pytest.mark.parametrize("looks", [2, 3, 6])
async def test_another_file_is_refused_in_the_midst_of_a_stretch(app: App, looks: int) -> None:
    async with broken_off(app, await place(app), looks, rows(*PAIRS)) as here:
        for other in (rows(*PAIRS[:5], ("x", "y"), *PAIRS[6:]), rows(*PAIRS[:7])):
            assert (await here.send(other, importId="i-1")).status_code == 409

        assert numbers(await here.load(rows(*PAIRS), importId="i-1"))[:2] == (35, 35)


async def test_two_uploads_of_one_import_share_the_work(here: Place) -> None:
    content = rows(*PAIRS, ("", "1"))

    reports = await asyncio.gather(*[here.load(content, importId="i-1") for _ in range(3)])

    assert [numbers(each) for each in reports] == [(36, 35, 0, 0, 1)] * 3
    assert await here.links() == both(*PAIRS)


async def test_two_imports_into_one_instance_at_once_write_every_link_once(here: Place) -> None:
    reports = await asyncio.gather(here.load(rows(*PAIRS[:25])), here.load(rows(*PAIRS[10:][::-1])))

    assert sum(each["new"] for each in reports) == len(PAIRS)
    assert await here.links() == both(*PAIRS)


async def test_single_writes_go_on_during_an_import(here: Place) -> None:
    pairs = [(f"u-{number:03}", f"{number}") for number in range(300)]
    singles = [(f"u-{number:03}", "single") for number in range(30)]

    await asyncio.gather(here.load(rows(*pairs)), *[here.write(*pair) for pair in (*singles, *pairs[100:120])])

    assert await here.links() == both(*pairs, *singles)


async def test_a_customer_imports_into_its_own_instances_only(app: App) -> None:
    here = await place(app)
    other = await place(app, "globex", "erp")
    connection = (await here.api.get("/connections"))["items"][0]["id"]
    await here.load(rows(("a", "1")), importId="i-1")

    stranger = Place(other.api, {"connectionId": connection})

    assert (await stranger.send(rows(("b", "2")))).status_code == 404
    await stranger.api.get(f"{here.path}/imports/i-1", params=stranger.where, status=404)
    assert await here.links() == both(("a", "1"))


async def test_a_hidden_instance_takes_no_import(app: App) -> None:
    here = await place(app)
    await here.write("a", "1")
    await here.api.delete("/data-link-table-instance", params={**here.where, "dataLinkTableKey": "contacts"})

    for query in ({}, {"dryRun": "true"}, {"importId": "i-1"}):
        assert (await here.send(rows(("b", "2")), **query)).status_code == 404


async def begin(here: Place, port: int, *headers: str, body: bytes, **query: str) -> asyncio.StreamWriter:
    """A connection on which the beginning of an import has been sent."""
    address = "&".join(f"{name}={value}" for name, value in {**here.where, **query}.items())
    head = [
        f"POST {here.path}/import?{address} HTTP/1.1",
        *("Host: x", "Content-Type: text/csv", f"Authorization: {here.api.headers['authorization']}"),
        *headers,
        *("", ""),
    ]
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write("\r\n".join(head).encode() + body)
    await writer.drain()
    return writer


async def done_rows(here: Place, at_least: int) -> None:
    """Wait until so many rows of the import are done."""
    async with asyncio.timeout(SECONDS):
        while True:
            answer = await here.api.request("GET", f"{here.path}/imports/i-1", params=here.where)
            if answer.status_code == 200 and answer.json()["rows"] >= at_least:
                return


async def test_an_upload_that_is_killed_midway_goes_on_when_it_is_sent_again(tmp_path: Path, engine: str) -> None:
    content = rows(*LONG, ("", "1"))
    part = content[:-200]
    chunk = f"{len(part):x}\r\n".encode() + part + b"\r\n"
    async with listening(tmp_path, engine, STRETCH) as (app, port):
        here = await place(app)

        broken = await begin(here, port, "Transfer-Encoding: chunked", body=chunk, importId="i-1")
        broken.close()
        await done_rows(here, STRETCH)
        report = await here.load(content, importId="i-1")

        assert numbers(report) == (len(LONG) + 1, len(LONG), 0, 0, 1)
        assert [each["line"] for each in report["rejects"]] == [len(LONG) + 2]
        assert await here.links() == both(*LONG)


async def test_an_upload_that_is_shorter_than_it_said_is_none_until_it_is_sent_whole(
    tmp_path: Path, engine: str
) -> None:
    content = rows(*LONG)
    async with listening(tmp_path, engine, STRETCH) as (app, port):
        here = await place(app)

        lying = await begin(here, port, f"Content-Length: {len(content) + 1}", body=content, importId="i-1")
        await done_rows(here, STRETCH)
        lying.close()

        report = await here.load(content, importId="i-1")
        assert (numbers(report), report["finished"]) == ((len(LONG), len(LONG), 0, 0, 0), True)
        assert await here.links() == both(*LONG)


async def test_a_broken_upload_is_told_how_many_rows_are_done(here: Place) -> None:
    async def broken() -> AsyncGenerator[bytes]:
        yield rows(*PAIRS[:25])
        yield b'"never closed' + b"x" * 1_100_000

    answer = await here.send(broken())

    assert (answer.status_code, answer.json()["data"]["doneRows"]) == (400, 2 * FEW)
    assert await here.links() == both(*PAIRS[: 2 * FEW])


async def test_a_file_larger_than_any_body_is_imported(tmp_path: Path, engine: str) -> None:
    pairs = [(f"u-{number:05}", f"{number}") for number in range(3_000)]
    async with listening(tmp_path, engine, 1_000) as (app, _):
        here = await place(app)

        report = await here.load(rows(*pairs))

        assert numbers(report) == (3_000, 3_000, 0, 0, 0)
        assert (await here.count())["links"] == 6_000
