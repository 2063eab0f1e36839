"""Many links at once: batches, files and counts, of a real server, and of one that breaks off."""

from collections.abc import AsyncGenerator, Callable, Generator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import stamina

from client.both import AnyClient, Connect, Scene, collected, done
from client.stub import HANG_UP, Reply, Stub, failure
from datalinks import Client
from datalinks.errors import AlreadyExists, BadRequest, NotAuthenticated, NotFound, Unavailable
from datalinks.model.batch import Op, Operation, Status

CSV = b"appRecordId,externalRecordId,direction\nu-1,1,\nu-2,2,import\n,3,\n"
REPORT = Reply(
    200,
    {"dryRun": False, "finished": True, "rows": 1, "new": 1, "unchanged": 0, "repeated": 0, "bad": 0, "rejects": []},
)


def as_pieces(client: AnyClient, *given: bytes) -> Any:
    """Bytes piece by piece, once, as this form of the client takes them."""

    def generate() -> Generator[bytes]:
        yield from given

    async def generate_async() -> AsyncGenerator[bytes]:
        for piece in given:
            yield piece

    return generate() if isinstance(client, Client) else generate_async()


@pytest.fixture
def stubbed(connect: Connect, stub: Stub) -> Scene:
    """A client of the stub."""
    return Scene(connect(stub.url, token="t"), "contacts")


@pytest.fixture
def no_pauses() -> Generator[None]:
    """Calls are sent again at once."""
    with stamina.set_testing(testing=True, attempts=100, cap=True):
        yield


async def test_a_batch_says_what_came_of_each_operation(scene: Scene) -> None:
    create = Operation(op=Op.CREATE, app_record_id="u-1", external_record_id=1)
    find = Operation(op=Op.FIND, app_record_id="u-1")
    wrong = Operation(op=Op.DELETE, app_record_id="u-1")

    report = await done(scene.links.batch([create, find, wrong]))

    assert [each.status for each in report.results] == [Status.WRITTEN, Status.FOUND, Status.ERROR]
    assert (report.committed, report.failed) == (True, 1)


async def test_an_atomic_batch_with_a_wrong_operation_does_nothing(scene: Scene) -> None:
    create = Operation(op=Op.CREATE, app_record_id="u-1", external_record_id="1")
    wrong = Operation(op=Op.DELETE, app_record_id="u-1")

    report = await done(scene.links.batch([create, wrong], mode="atomic"))

    assert (report.committed, await collected(scene.links.iterate())) == (False, [])
    with pytest.raises(BadRequest, match="atomic"):
        await done(scene.links.batch([create], mode="all"))  # pyright: ignore[reportArgumentType] - that is the point


async def test_a_file_is_imported_counted_and_exported(scene: Scene, tmp_path: Path) -> None:
    file = tmp_path / "links.csv"
    file.write_bytes(CSV)

    report = await done(scene.links.import_file(file))
    size = await done(scene.links.export_file(tmp_path / "export.ndjson", direction="import"))

    assert (report.rows, report.new, report.bad, report.rejects[0].line) == (3, 2, 1, 4)
    rows = [msgspec.json.decode(line) for line in (tmp_path / "export.ndjson").read_bytes().splitlines()]
    assert [(row["appRecordId"], row["direction"]) for row in rows] == [("u-1", "import"), ("u-2", "import")]
    assert size == (tmp_path / "export.ndjson").stat().st_size
    assert (await done(scene.links.count())).links == 3
    assert (await done(scene.client.links_of(table=scene.key).count())).links == 3
    assert report.import_id is not None
    assert (await done(scene.links.import_progress(report.import_id))).finished


async def test_a_file_may_be_bytes_or_come_piece_by_piece(scene: Scene) -> None:
    whole = await done(scene.links.import_file(CSV, format="csv", dry_run=True))
    pieces = await done(scene.links.import_file(as_pieces(scene.client, CSV[:50], CSV[50:]), format="csv"))

    assert (whole.dry_run, whole.new, whole.import_id) == (True, 2, None)
    assert (pieces.dry_run, pieces.new) == (False, 2)


async def test_an_instance_is_enough_of_a_place(scene: Scene) -> None:
    await done(scene.links.import_file(CSV, format="csv"))
    instance = await done(scene.client.instances.get(table=scene.key, integration=scene.key))

    assert (await done(scene.client.links_of(instance=instance.id).count())).links == 3


async def test_an_import_under_the_id_of_another_file_is_refused(scene: Scene) -> None:
    await done(scene.links.import_file(CSV, format="csv", import_id="mine"))

    with pytest.raises(AlreadyExists) as caught:
        await done(scene.links.import_file(CSV.replace(b"u-1", b"u-9"), format="csv", import_id="mine"))

    assert caught.value.data["importId"] == "mine"
    with pytest.raises(NotFound):
        await done(scene.links.import_progress("none"))


async def test_the_columns_are_for_the_caller_to_name(scene: Scene) -> None:
    file = b"ours,theirs,way,note\nu-1,1,export,x\n"
    names: dict[str, Any] = {"app_column": "ours", "external_column": "theirs", "direction_column": "way"}

    with pytest.raises(BadRequest, match="`note`"):
        await done(scene.links.import_file(file, format="csv", **names))
    report = await done(scene.links.import_file(file, format="csv", ignore_unknown_columns=True, **names))

    assert report.new == 1


@pytest.mark.usefixtures("no_pauses")
async def test_an_import_that_breaks_is_sent_again_as_a_whole_under_the_same_id(
    stubbed: Scene, stub: Stub, tmp_path: Path
) -> None:
    file = tmp_path / "links.csv"
    file.write_bytes(CSV)
    stub.will(HANG_UP, failure(503, "unavailable"), REPORT)

    await done(stubbed.links.import_file(file))

    assert len({each.target for each in stub.asked}) == 1
    assert "importId=" in stub.asked[0].target
    assert [each.headers["content-type"] for each in stub.asked] == ["text/csv"] * 3
    assert {each.body for each in stub.asked} == {CSV}


@pytest.mark.usefixtures("no_pauses")
@pytest.mark.parametrize("reply", [HANG_UP, failure(401, "not_authenticated")])
async def test_an_iterator_is_sent_once_and_the_error_says_how_to_go_on(
    connect: Connect, stub: Stub, reply: Reply
) -> None:
    stub.will(reply)
    scene = Scene(connect(stub.url, token=lambda: "t"), "contacts")

    with pytest.raises((Unavailable, NotAuthenticated)) as caught:
        await done(scene.links.import_file(as_pieces(scene.client, CSV), format="csv"))

    assert len(stub.asked) == 1
    assert f"importId={caught.value.data['importId']}" in stub.asked[0].target


@pytest.mark.usefixtures("no_pauses")
async def test_an_export_that_breaks_begins_again_and_half_of_one_is_never_kept(
    stubbed: Scene, stub: Stub, tmp_path: Path
) -> None:
    file = tmp_path / "links.csv"
    file.write_bytes(b"kept")
    half = Reply(200, b"half", {"content-length": "100", "connection": "close"})

    stub.will(half)
    with pytest.raises(Unavailable):
        await done(stubbed.links.export_file(file))
    assert file.read_bytes() == b"kept"

    stub.will(half, Reply(200, b"whole"))
    assert await done(stubbed.links.export_file(file)) == 5
    assert file.read_bytes() == b"whole"
    assert names_in(tmp_path) == ["links.csv"]


CALLS: dict[str, Callable[[Scene], Any]] = {
    "an import of no known format": lambda scene: scene.links.import_file("links.txt"),
    "bytes of no format": lambda scene: scene.links.import_file(CSV),
    "an export of no known format": lambda scene: scene.links.export_file("links"),
    "a place without a table": lambda scene: scene.client.links_of(connection="c").count(),
    "no direction": lambda scene: scene.links.import_file(CSV, format="csv", direction="up"),  # pyright: ignore[reportArgumentType]
}


@pytest.mark.parametrize("name", CALLS)
async def test_what_cannot_be_asked_for_is_not_sent(stubbed: Scene, stub: Stub, name: str) -> None:
    with pytest.raises(BadRequest):
        await done(CALLS[name](stubbed))

    assert stub.asked == []


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]
