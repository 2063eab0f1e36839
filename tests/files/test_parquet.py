"""Parquet files of others, damaged ones, and a program without pyarrow."""

import io
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from datalinks.errors import BadRequest
from datalinks.files import Chunk, FileFormat, link_writer, open_reader, read_chunks

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def arrow() -> Any:
    pytest.importorskip("pyarrow.parquet")
    return sys.modules["pyarrow"]


def _file(arrow: Any, columns: dict[str, Any], **options: Any) -> bytes:
    file = io.BytesIO()
    arrow.parquet.write_table(arrow.table(columns), file, **options)
    return file.getvalue()


async def _source(file: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(file), 100):
        yield file[start : start + 100]


async def _read(file: bytes) -> Chunk:
    everything = Chunk()
    async for chunk in read_chunks(_source(file), FileFormat.PARQUET):
        everything.extend(chunk)
    return everything


@pytest.mark.parametrize("kind", ["string", "large_string", "string_view"])
async def test_text_of_every_kind_is_read(arrow: Any, kind: str) -> None:
    ids = arrow.array(["a", "é"], getattr(arrow, kind)())

    chunk = await _read(_file(arrow, {"externalRecordId": ids, "appRecordId": ids}))

    assert (chunk.lines, chunk.app_record_ids, chunk.directions) == ([1, 2], ["a", "é"], [3, 3])


@pytest.mark.parametrize("kind", ["int8", "int64", "uint64"])
async def test_whole_numbers_become_text(arrow: Any, kind: str) -> None:
    file = _file(arrow, {"appRecordId": arrow.array([0, 7], getattr(arrow, kind)()), "externalRecordId": ["x", "y"]})

    assert (await _read(file)).app_record_ids == ["0", "7"]


async def test_whole_numbers_keep_every_digit(arrow: Any) -> None:
    file = _file(arrow, {"appRecordId": [9007199254740993, -1], "externalRecordId": ["x", "y"]})

    assert (await _read(file)).app_record_ids == ["9007199254740993", "-1"]


@pytest.mark.parametrize("values", [[1.5], [True], [b"a"], [["a"]], [MOMENT]])
@pytest.mark.parametrize("column", ["appRecordId", "direction"])
async def test_other_types_are_refused(arrow: Any, values: list[Any], column: str) -> None:
    columns = {"appRecordId": ["a"], "externalRecordId": ["x"], column: values}

    with pytest.raises(BadRequest, match=f"`{column}` is of the type"):
        await _read(_file(arrow, columns))


async def test_dictionaries_are_read(arrow: Any) -> None:
    ids = arrow.array(["a", "b", "a", None]).dictionary_encode()
    directions = arrow.array(["import", None, "export", "both"]).dictionary_encode()

    chunk = await _read(_file(arrow, {"appRecordId": ids, "externalRecordId": list("wxyz"), "direction": directions}))

    assert (chunk.app_record_ids, chunk.directions) == (["a", "b", "a"], [1, 3, 2])
    assert [(row.line, row.column) for row in chunk.bad] == [(4, "appRecordId")]


async def test_null_is_the_default_direction_and_no_id(arrow: Any) -> None:
    columns = {"appRecordId": ["a", None, "c"], "externalRecordId": ["x", "y", None], "direction": [None, None, None]}

    chunk = await _read(_file(arrow, columns))

    assert (chunk.lines, chunk.directions) == ([1], [3])
    assert [(row.line, row.column) for row in chunk.bad] == [(2, "appRecordId"), (3, "externalRecordId")]
    assert chunk.bad[0].row == '{"appRecordId":"","externalRecordId":"y","direction":""}'


async def test_what_is_no_utf8_makes_its_row_bad_and_no_other(arrow: Any) -> None:
    ids = arrow.array([b"a", b"\xff"]).view(arrow.string())

    chunk = await _read(_file(arrow, {"appRecordId": ids, "externalRecordId": ["x", "y"]}))

    assert chunk.app_record_ids == ["a"]
    assert [(row.line, row.column) for row in chunk.bad] == [(2, "appRecordId")]
    assert chunk.bad[0].row == '{"appRecordId":"\ufffd","externalRecordId":"y"}'


async def test_lines_go_on_over_row_groups(arrow: Any) -> None:
    ids = [f"id-{at}" for at in range(25_000)]

    chunk = await _read(_file(arrow, {"appRecordId": ids, "externalRecordId": ids}, row_group_size=7_000))

    assert chunk.lines == list(range(1, 25_001))
    assert chunk.external_record_ids == ids


async def test_columns_are_checked(arrow: Any) -> None:
    with pytest.raises(BadRequest, match="unknown columns: `name`"):
        await _read(_file(arrow, {"appRecordId": ["a"], "externalRecordId": ["x"], "name": ["n"]}))
    with pytest.raises(BadRequest, match="no column `externalRecordId`"):
        await _read(_file(arrow, {"appRecordId": ["a"]}))


async def test_a_file_without_rows_is_fine(arrow: Any) -> None:
    ids = arrow.array([], arrow.string())

    assert len(await _read(_file(arrow, {"appRecordId": ids, "externalRecordId": ids}))) == 0


@pytest.mark.parametrize("kept", [4, 20, 0.5, 0.99])
async def test_a_truncated_file_is_refused(arrow: Any, kept: float) -> None:
    file = _file(arrow, {"appRecordId": ["a"] * 100, "externalRecordId": ["x"] * 100})

    with pytest.raises(BadRequest, match="damaged or cut off"):
        await _read(file[: kept if isinstance(kept, int) else int(len(file) * kept)])


async def test_damaged_pages_are_refused(arrow: Any) -> None:
    ids = [f"id-{at}" for at in range(1_000)]
    file = bytearray(_file(arrow, {"appRecordId": ids, "externalRecordId": ids}))
    file[4:2_000] = b"\xff" * 1_996

    with pytest.raises(BadRequest, match="damaged or cut off"):
        await _read(bytes(file))


@pytest.mark.parametrize(
    ("file", "looks_like"),
    [(b"", "text or something unknown"), (b"appRecordId,externalRecordId\n" * 9, "text"), (b"PK\x03\x04", "ZIP")],
)
async def test_other_files_are_refused(arrow: Any, file: bytes, looks_like: str) -> None:
    with pytest.raises(BadRequest, match=f"no Parquet file: it looks like .*{looks_like}"):
        await _read(file)


async def test_a_local_file_is_read_where_it_is(arrow: Any, tmp_path: Path) -> None:
    path = tmp_path / "links.parquet"
    path.write_bytes(_file(arrow, {"appRecordId": ["a"], "externalRecordId": ["x"]}))

    assert [chunk.app_record_ids async for chunk in open_reader(path)] == [["a"]]


async def test_each_call_writes_a_row_group_with_times_as_times(arrow: Any) -> None:
    writer = link_writer(FileFormat.PARQUET)
    row = ("a", "1", "import", "id-1", MOMENT, MOMENT)

    file = writer.head() + writer.rows([row, row]) + writer.rows([row]) + writer.tail()

    written = arrow.parquet.ParquetFile(io.BytesIO(file))
    assert [written.metadata.row_group(at).num_rows for at in range(written.num_row_groups)] == [2, 1]
    assert written.read().to_pylist()[0] == {
        "appRecordId": "a",
        "externalRecordId": "1",
        "direction": "import",
        "id": "id-1",
        "createdAt": MOMENT,
        "updatedAt": MOMENT,
    }


async def test_without_pyarrow_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)

    with pytest.raises(BadRequest, match=r"pip install 'datalinks\[parquet\]'"):
        await _read(b"PAR1")
    with pytest.raises(BadRequest, match=r"pip install 'datalinks\[parquet\]'"):
        link_writer(FileFormat.PARQUET)
