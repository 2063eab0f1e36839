"""How CSV and JSON lines are read, as data: ``cases/csv.json`` and ``cases/jsonl.json``.

A case has a ``file`` (in the notation of ``support.cases.expand``) and what becomes of it: ``good`` rows as line, app
record id, external record id and direction bits, or only their ``good_count``; ``bad`` rows as line, column, part of
the reason, and the text shown or null when it does not matter; or an ``error``, part of its message.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from datalinks.errors import BadRequest
from datalinks.files import BadRow, Chunk, Columns, FileFormat, read_chunks
from datalinks.model.link import RequestedDirection
from support.cases import expand

_FOLDER = Path(__file__).parent / "cases"
Link = tuple[int, str, str, int]


def _cases() -> list[Any]:
    return [
        pytest.param(file_format, case, id=f"{file_format}: {case['promise']}")
        for file_format in (FileFormat.CSV, FileFormat.JSON_LINES)
        for case in msgspec.json.decode((_FOLDER / f"{file_format}.json").read_bytes())
    ]


async def _pieces(content: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def _read(file_format: FileFormat, case: Any, piece_bytes: int) -> Chunk:
    """All rows of a case's file."""
    everything = Chunk()
    async for chunk in read_chunks(
        _pieces(expand(case["file"]), piece_bytes),
        file_format,
        columns=Columns(**case.get("columns", {})),
        direction=RequestedDirection(case.get("direction", "both")),
        ignore_unknown_columns=case.get("ignore", False),
    ):
        everything.extend(chunk)
    return everything


def _links(chunk: Chunk) -> list[Link]:
    rows = zip(chunk.lines, chunk.app_record_ids, chunk.external_record_ids, chunk.directions, strict=True)
    return list(rows)


def _text(text: str) -> str:
    return expand(text).decode()


def _is_as_promised(row: BadRow, promised: Any) -> bool:
    line, column, reason, text = promised
    return (row.line, row.column) == (line, column) and reason in row.reason and text in (None, row.row)


@pytest.mark.parametrize("piece_bytes", [1_000_000_000, 7])
@pytest.mark.parametrize(("file_format", "case"), _cases())
async def test_file_is_read_as_promised(file_format: FileFormat, case: Any, piece_bytes: int) -> None:
    if "error" in case:
        with pytest.raises(BadRequest) as caught:
            await _read(file_format, case, piece_bytes)
        assert case["error"] in caught.value.message
        return

    chunk = await _read(file_format, case, piece_bytes)

    promised = case.get("bad", [])
    assert [
        (row, wanted) for row, wanted in zip(chunk.bad, promised, strict=False) if not _is_as_promised(row, wanted)
    ] == []
    assert len(chunk.bad) == len(promised)
    if "good" in case:
        assert _links(chunk) == [
            (line, _text(app), _text(external), bits) for line, app, external, bits in case["good"]
        ]
    else:
        assert len(chunk.lines) == case["good_count"]
    assert all(len(row.row) <= 1000 for row in chunk.bad)
