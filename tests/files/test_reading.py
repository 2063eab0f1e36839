"""What holds for every file: chunks, pieces, memory, and what is recognised as something else."""

import csv
import tracemalloc
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datalinks.errors import BadRequest
from datalinks.files import BadRow, Chunk, FileFormat, RejectsWriter, open_reader, read_chunks
from datalinks.files.checking import Rows, checked
from datalinks.files.columns import Columns, Expected
from datalinks.files.comma_separated import CsvParser
from datalinks.files.json_lines import JsonLinesParser
from datalinks.files.lines import BLOCK_BYTES, LongLine, line_blocks

HEADER = b"appRecordId,externalRecordId\n"
_JSON_ROW = b'{"appRecordId":"a","externalRecordId":"1"}\n'


async def _pieces(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def _lines(chunks: AsyncIterator[Chunk]) -> list[tuple[list[int], list[int]]]:
    """The lines of the good and of the bad rows of each chunk."""
    return [(chunk.lines, [row.line for row in chunk.bad]) async for chunk in chunks]


async def test_every_chunk_but_the_last_has_as_many_rows_as_asked_good_and_bad_together() -> None:
    file = HEADER + b"a,1\n,1\nb,2\n\n,3\nc,3\nd,4\ne,5\n"

    read = await _lines(read_chunks(_pieces(file), FileFormat.CSV, rows_per_chunk=3))

    assert read == [([2, 4], [3]), ([7, 8], [6]), ([9], [])]


@pytest.mark.parametrize(("count", "sizes"), [(2, [2]), (3, [3]), (4, [3, 1]), (6, [3, 3])])
async def test_the_last_chunk_has_what_is_left(count: int, sizes: list[int]) -> None:
    file = HEADER + b"a,1\n" * count

    chunks = [chunk async for chunk in read_chunks(_pieces(file), FileFormat.CSV, rows_per_chunk=3)]

    assert [len(chunk) for chunk in chunks] == sizes


async def test_a_crlf_in_two_pieces_is_one_line_end_also_of_a_line_that_is_too_long() -> None:
    pieces = _pieces(HEADER + b"a,1\r", b"\nb," + b"x" * 2_000_000 + b"\r", b"\nc,3\n")

    assert await _lines(read_chunks(pieces, FileFormat.CSV)) == [([2, 4], [3])]


async def test_a_cr_at_the_end_of_a_piece_ends_a_line_that_is_too_long() -> None:
    pieces = _pieces(HEADER + b"b," + b"x" * 2_000_000 + b"\r", b"c,3\r")

    assert await _lines(read_chunks(pieces, FileFormat.CSV)) == [([3], [2])]


async def test_rows_of_many_blocks_are_in_order_and_none_is_lost() -> None:
    rows = [b"app-%d,external-%d\n" % (number, number) for number in range(20_000)]

    chunks = [chunk async for chunk in read_chunks(_pieces(HEADER, *rows), FileFormat.CSV, rows_per_chunk=7_000)]

    assert [len(chunk) for chunk in chunks] == [7_000, 7_000, 6_000]
    assert [line for chunk in chunks for line in chunk.lines] == list(range(2, 20_002))
    assert [name for chunk in chunks for name in chunk.app_record_ids] == [f"app-{at}" for at in range(20_000)]


async def test_a_chunk_of_no_rows_cannot_be_asked_for() -> None:
    with pytest.raises(BadRequest, match="at least one row"):
        await _lines(read_chunks(_pieces(HEADER), FileFormat.CSV, rows_per_chunk=0))


async def _parsed(file: bytes, parser: CsvParser | JsonLinesParser, block_bytes: int) -> Chunk | str:
    """The rows of a file that is cut into blocks of a size, or the message of its error."""
    bits = Expected().direction_bits()
    chunk = Chunk()
    try:
        async for block in line_blocks(_pieces(file), block_bytes):
            rows = parser.skip(block) if isinstance(block, LongLine) else parser.read(block)
            chunk.extend(checked(rows, Columns(), bits))
        rows: Rows = parser.end()
        chunk.extend(checked(rows, Columns(), bits))
    except BadRequest as error:
        return error.message
    return chunk


_CELLS = st.lists(st.sampled_from(["a", '"', ",", "\n", "\r", "\r\n", "é", "\0", "\udcff", "import", '""', " "]))
_CSV_TEXT = _CELLS.map(lambda parts: HEADER + "".join(parts).encode(errors="surrogateescape"))
_JSON_PART = st.sampled_from(
    [_JSON_ROW, b"\n", b"\r", b"{", b'"', b"\\", b"x", b"\xff", _JSON_ROW.replace(b"a", b"b\\u0061")]
)
_JSON_TEXT = st.lists(_JSON_PART).map(lambda parts: _JSON_ROW + b"".join(parts))


@settings(deadline=None)
@given(_CSV_TEXT, st.integers(1, 20))
async def test_where_blocks_of_csv_end_changes_nothing(file: bytes, block_bytes: int) -> None:
    whole = await _parsed(file, CsvParser(Expected()), BLOCK_BYTES)

    assert await _parsed(file, CsvParser(Expected()), block_bytes) == whole


@settings(deadline=None)
@given(_JSON_TEXT, st.integers(1, 20))
async def test_where_blocks_of_json_lines_end_changes_nothing(file: bytes, block_bytes: int) -> None:
    whole = await _parsed(file, JsonLinesParser(Expected()), BLOCK_BYTES)

    assert await _parsed(file, JsonLinesParser(Expected()), block_bytes) == whole


@settings(deadline=None)
@given(st.lists(st.sampled_from([b"a", b"bc", b"\n", b"\r", b"\r\n"])), st.integers(1, 5))
async def test_blocks_are_the_same_bytes_and_the_same_lines(parts: list[bytes], block_bytes: int) -> None:
    file = b"".join(parts)

    blocks = [block async for block in line_blocks(_pieces(*parts), block_bytes)]

    assert all(isinstance(block, bytes) for block in blocks)
    lines = [line for block in blocks if isinstance(block, bytes) for line in block.splitlines(keepends=True)]
    assert lines == file.splitlines(keepends=True)


def _csv_row(number: int) -> bytes:
    return b"app-%d,external-%d\n" % (number, number)


def _json_row(number: int) -> bytes:
    return b'{"appRecordId":"app-%d","externalRecordId":"external-%d"}\n' % (number, number)


@pytest.mark.parametrize(
    ("file_format", "head", "row"), [(FileFormat.CSV, HEADER, _csv_row), (FileFormat.JSON_LINES, b"", _json_row)]
)
async def test_memory_does_not_grow_with_the_file(
    file_format: FileFormat, head: bytes, row: Callable[[int], bytes]
) -> None:
    async def source() -> AsyncIterator[bytes]:
        yield head
        for start in range(0, 200_000, 1_000):
            yield b"".join(map(row, range(start, start + 1_000)))

    count = 0
    tracemalloc.start()
    try:
        async for chunk in read_chunks(source(), file_format, rows_per_chunk=10_000):
            count += len(chunk)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert count == 200_000
    # A chunk of 10,000 rows takes 1.5 MB as Python strings; three of them and one block may be there at once.
    assert peak_bytes < 10_000_000


@pytest.mark.parametrize("filler", [b"x", b'"\n'])
async def test_memory_is_bounded_when_a_line_or_a_quote_never_ends(filler: bytes) -> None:
    async def source() -> AsyncIterator[bytes]:
        yield HEADER + b'a,"'
        for _ in range(400):
            yield filler[:1] * 64_000 if len(filler) == 1 else b"x\n" * 32_000

    tracemalloc.start()
    try:
        with pytest.raises(BadRequest, match="begins on line 2"):
            await _lines(read_chunks(source(), FileFormat.CSV))
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak_bytes < 25_000_000


@pytest.mark.parametrize(
    ("beginning", "looks_like"),
    [
        (b"%PDF-1.7\n", "PDF"),
        (b"PK\x03\x04\x14\0", "ZIP archive or an Excel workbook"),
        (b"\x1f\x8b\x08\0", "gzip"),
        (b"\x28\xb5\x2f\xfd\0", "zstd"),
        (b"PAR1\x15\0", "Parquet"),
        ("appRecordId,".encode("utf-16"), "UTF-16"),
        ("appRecordId,".encode("utf-16-le"), "UTF-16"),
        ("appRecordId,".encode("utf-16-be"), "UTF-16"),
        ("appRecordId,".encode("utf-32"), "UTF-32"),
        (b"\n<!DOCTYPE html>", "HTML"),
        (b"<?xml version='1.0'?>", "XML"),
        (b"SQLite format 3\0", "SQLite"),
        (b"[1]", "JSON array"),
    ],
)
@pytest.mark.parametrize("file_format", [FileFormat.CSV, FileFormat.JSON_LINES])
async def test_other_files_are_recognised_and_refused(
    beginning: bytes, looks_like: str, file_format: FileFormat
) -> None:
    with pytest.raises(BadRequest, match=f"looks like .*{looks_like}"):
        await _lines(read_chunks(_pieces(beginning), file_format))


async def test_other_files_are_recognised_when_they_have_no_line_end() -> None:
    with pytest.raises(BadRequest, match="looks like a gzip archive"):
        await _lines(read_chunks(_pieces(b"\x1f\x8b" + bytes(2_000_000)), FileFormat.CSV))


async def test_json_lines_sent_as_csv_are_recognised() -> None:
    with pytest.raises(BadRequest, match="looks like JSON lines"):
        await _lines(read_chunks(_pieces(_JSON_ROW), FileFormat.CSV))


async def test_a_local_file_is_read_by_what_its_name_says(tmp_path: Path) -> None:
    path = tmp_path / "links.NDJSON"
    path.write_bytes(_JSON_ROW)

    assert await _lines(open_reader(path)) == [([1], [])]


def test_rejects_are_a_csv_file(tmp_path: Path) -> None:
    path = tmp_path / "rejects.csv"
    rows = [BadRow(3, "Too long", 'a,"b\nc"', "appRecordId"), BadRow(9, "No row", "é\r")]

    with RejectsWriter(path) as rejects:
        rejects.add(rows[:1])
        rejects.add(rows[1:])

    with path.open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file, strict=True)) == [
            ["line", "reason", "column", "row"],
            ["3", "Too long", "appRecordId", 'a,"b\nc"'],
            ["9", "No row", "", "é\r"],
        ]
    assert rejects.count == 2
