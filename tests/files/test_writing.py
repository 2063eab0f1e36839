"""What is written is read again, byte for byte."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datalinks.files import FileFormat, LinkRow, link_writer, read_chunks

MOMENT = datetime(2026, 3, 4, 5, 6, 7, 89, UTC)
_ID = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=512)
_ODD = st.sampled_from(
    ["=1+1", "@x", "-1", "007", " a ", "\ufeff", "\u2028", "\r", "\n", '"', '""', ",", "\\", "'", "\x1a", "é"]
)
_IDS = st.one_of(_ID, _ODD)
LINKS = st.lists(st.tuples(_IDS, _IDS, st.sampled_from(["import", "export", "both"])), max_size=30)
_BITS = {"import": 1, "export": 2, "both": 3}


def _row(app: str, external: str, direction: str) -> LinkRow:
    return (app, external, direction, "id-1", MOMENT, MOMENT)


def _written(file_format: FileFormat, *parts: list[LinkRow]) -> bytes:
    writer = link_writer(file_format)
    return writer.head() + b"".join(writer.rows(part) for part in parts) + writer.tail()


async def _source(file: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(file), 1_000):
        yield file[start : start + 1_000]


@pytest.mark.parametrize("file_format", list(FileFormat))
@settings(deadline=None)
@given(links=LINKS)
async def test_every_id_comes_back_byte_for_byte(file_format: FileFormat, links: list[tuple[str, str, str]]) -> None:
    if file_format is FileFormat.PARQUET:
        pytest.importorskip("pyarrow")
    rows = [_row(*link) for link in links]
    file = _written(file_format, rows[:5], [], rows[5:])

    read: list[tuple[str, str, int]] = []
    async for chunk in read_chunks(_source(file), file_format, rows_per_chunk=7):
        assert chunk.bad == []
        read += zip(chunk.app_record_ids, chunk.external_record_ids, chunk.directions, strict=True)

    assert read == [(app, external, _BITS[direction]) for app, external, direction in links]


def test_csv_is_as_rfc_4180_has_it_and_formulas_are_as_they_are() -> None:
    file = _written(FileFormat.CSV, [_row("=1+1", 'a "b", c', "import"), _row("a\rb", "c", "export")])

    assert file.decode() == (
        "appRecordId,externalRecordId,direction,id,createdAt,updatedAt\r\n"
        '=1+1,"a ""b"", c",import,id-1,2026-03-04T05:06:07.000089Z,2026-03-04T05:06:07.000089Z\r\n'
        '"a\rb",c,export,id-1,2026-03-04T05:06:07.000089Z,2026-03-04T05:06:07.000089Z\r\n'
    )
    assert len(list(csv.reader(io.StringIO(file.decode(), newline=""), strict=True))) == 3


def test_json_lines_have_the_names_of_the_api() -> None:
    file = _written(FileFormat.JSON_LINES, [_row("a", "1", "import")])

    assert file.decode() == (
        '{"appRecordId":"a","externalRecordId":"1","direction":"import","id":"id-1",'
        '"createdAt":"2026-03-04T05:06:07.000089Z","updatedAt":"2026-03-04T05:06:07.000089Z"}\n'
    )
