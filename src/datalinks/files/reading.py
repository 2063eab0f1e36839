"""Link files of any format as chunks of rows."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import IO, Protocol, assert_never

from datalinks.errors import BadRequest
from datalinks.files.checking import Rows, checked
from datalinks.files.chunks import Chunk
from datalinks.files.columns import Columns, Expected
from datalinks.files.comma_separated import CsvParser
from datalinks.files.formats import BEGINNING_BYTES, BYTE_ORDER_MARK, FileFormat, check_beginning
from datalinks.files.json_lines import JsonLinesParser
from datalinks.files.lines import LongLine, line_blocks
from datalinks.files.parquet import ParquetParser, pyarrow
from datalinks.model.link import RequestedDirection

_READ_BYTES = 1024 * 1024
ROWS_PER_CHUNK = 10_000


class _LineParser(Protocol):
    """A format that is made of lines."""

    def read(self, block: bytes) -> Rows: ...

    def skip(self, line: LongLine) -> Rows: ...

    def end(self) -> Rows: ...


async def read_chunks(
    source: AsyncIterator[bytes],
    file_format: FileFormat,
    *,
    columns: Columns | None = None,
    direction: RequestedDirection = RequestedDirection.BOTH,
    rows_per_chunk: int = ROWS_PER_CHUNK,
    ignore_unknown_columns: bool = False,
) -> AsyncGenerator[Chunk]:
    """The rows of a file, in order; a file without rows gives nothing.

    CSV and JSON lines are read as they come, in bounded memory. Parquet is described at its end, so it is kept in a
    temporary file on disk first and read from there.

    source: the file's bytes in pieces of any size. columns: their names, when they are not the usual ones.
    direction: what a row means that gives none. rows_per_chunk: how many rows, good and bad together, every chunk but
    the last has. ignore_unknown_columns: whether there may be other columns than those of a link and of an export.

    Raises:
        BadRequest: the file as a whole cannot be read: it is of another format, is empty, has not the right columns, is
            damaged, or has a quote that is never closed. It may come after chunks that are good.
    """
    expected = Expected(columns or Columns(), direction, ignore_unknown_columns)
    async for chunk in _regrouped(_checked(_rows(source, file_format, expected), expected), rows_per_chunk):
        yield chunk


async def open_reader(
    path: Path,
    file_format: FileFormat | None = None,
    *,
    columns: Columns | None = None,
    direction: RequestedDirection = RequestedDirection.BOTH,
    rows_per_chunk: int = ROWS_PER_CHUNK,
    ignore_unknown_columns: bool = False,
) -> AsyncIterator[Chunk]:
    """The rows of a local file, as ``read_chunks`` gives them; Parquet is read where it is.

    file_format: what its name says, when it is None.

    Raises:
        BadRequest: as ``read_chunks``, or the name says no format. OSError: the file cannot be opened.
    """
    expected = Expected(columns or Columns(), direction, ignore_unknown_columns)
    file_format = file_format or FileFormat.from_name(path.name)
    with await asyncio.to_thread(path.open, "rb") as file:
        rows = (
            _parquet_rows(file, expected)
            if file_format is FileFormat.PARQUET
            else _rows(_pieces(file), file_format, expected)
        )
        async for chunk in _regrouped(_checked(rows, expected), rows_per_chunk):
            yield chunk


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    while piece := await asyncio.to_thread(file.read, _READ_BYTES):
        yield piece


async def _rows(source: AsyncIterator[bytes], file_format: FileFormat, expected: Expected) -> AsyncIterator[Rows]:
    match file_format:
        case FileFormat.CSV:
            rows = _line_rows(source, file_format, CsvParser(expected))
        case FileFormat.JSON_LINES:
            rows = _line_rows(source, file_format, JsonLinesParser(expected))
        case FileFormat.PARQUET:
            rows = _spooled_rows(source, expected)
        case _:
            assert_never(file_format)
    async for some in rows:
        yield some


async def _line_rows(source: AsyncIterator[bytes], file_format: FileFormat, parser: _LineParser) -> AsyncIterator[Rows]:
    is_first = True
    async for block in line_blocks(source):
        if is_first:
            check_beginning(block.beginning if isinstance(block, LongLine) else block, file_format)
        if isinstance(block, LongLine):
            yield parser.skip(block)
        else:
            yield parser.read(block.removeprefix(BYTE_ORDER_MARK) if is_first else block)
        is_first = False
        # A source that never waits would keep everybody else waiting.
        await asyncio.sleep(0)
    yield parser.end()


async def _spooled_rows(source: AsyncIterator[bytes], expected: Expected) -> AsyncIterator[Rows]:
    # Known before gigabytes have been taken in.
    pyarrow()
    with tempfile.TemporaryFile() as file:
        async for piece in source:
            await asyncio.to_thread(file.write, piece)
            if file.tell() - len(piece) < BEGINNING_BYTES <= file.tell():
                _check_parquet(file)
        async for rows in _parquet_rows(file, expected):
            yield rows


async def _parquet_rows(file: IO[bytes], expected: Expected) -> AsyncIterator[Rows]:
    _check_parquet(file)
    parser = await asyncio.to_thread(ParquetParser, file, expected)
    batches = parser.batches(ROWS_PER_CHUNK)
    while (rows := await asyncio.to_thread(next, batches, None)) is not None:
        yield rows


def _check_parquet(file: IO[bytes]) -> None:
    """Look at the beginning of a file, and leave its position where it was."""
    position = file.tell()
    file.seek(0)
    check_beginning(file.read(BEGINNING_BYTES), FileFormat.PARQUET)
    file.seek(position)


async def _checked(source: AsyncIterator[Rows], expected: Expected) -> AsyncIterator[Chunk]:
    bits = expected.direction_bits()
    async for rows in source:
        yield checked(rows, expected.columns, bits)


async def _regrouped(source: AsyncIterator[Chunk], size: int) -> AsyncIterator[Chunk]:
    """The same rows in chunks of exactly ``size``, the last one excepted."""
    if size < 1:
        raise BadRequest(f"A chunk has at least one row, and not {size}.")
    pending = Chunk()
    async for some in source:
        pending.extend(some)
        if len(pending) > size:
            *full, pending = pending.split(size)
            for chunk in full:
                yield chunk
    if len(pending):
        yield pending
