"""A local link file on its way into an import."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Annotated

from cyclopts import Parameter

from datalinks.cli.rejects import Rejects
from datalinks.errors import BadRequest
from datalinks.files import Chunk, Columns, FileFormat, open_reader, read_chunks
from datalinks.files.parquet import pyarrow
from datalinks.model.file_format import FileFormatName
from datalinks.model.link import RequestedDirection

# Small beside a stretch, or more would count as read than its rows are made of.
_READ_BYTES = 128 * 1024


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Reading:
    """How a file is read.

    Parameters
    ----------
    format
        csv, jsonl or parquet; what its name says when it is left out.
    direction
        What a row means that gives no direction.
    app_column
        The column of app record ids.
    external_column
        The column of external record ids.
    direction_column
        The column of directions, which a file need not have.
    ignore_unknown_columns
        The file may have other columns.
    """

    # The options of the enum would be its names and not its values.
    format: FileFormatName | None = None
    direction: RequestedDirection = RequestedDirection.BOTH
    app_column: str = "appRecordId"
    external_column: str = "externalRecordId"
    direction_column: str = "direction"
    ignore_unknown_columns: Annotated[bool, Parameter(negative="")] = False


class LinkSource:
    """A file, its rows in stretches as imports want them, and its bad rows put aside as they pass.

    rows: how many were read. expected_rows: how many there are, as far as can be told by now, or None.
    """

    def __init__(self, path: Path, reading: Reading) -> None:
        """Look at the file, without reading it.

        Raises:
            BadRequest: it is not there or no file, its name says no format, or the columns cannot be named so.
        """
        self.rows = 0
        self.expected_rows: int | None = None
        self._path = path
        self._reading = reading
        self._columns = Columns(reading.app_column, reading.external_column, reading.direction_column)
        self._bytes = 0
        if path.exists() and not path.is_file():
            raise BadRequest(f"{path} is no file.")
        self._format = FileFormat(reading.format) if reading.format else FileFormat.from_name(path.name)
        try:
            with path.open("rb"):
                self._status = path.stat()
        except OSError as error:
            raise BadRequest(f"Cannot read {path}: {error.strerror}") from error

    @property
    def import_id(self) -> str:
        """The same for the same file read in the same way, by its name, size and time of last change."""
        known = (self._path.name, self._status.st_size, self._status.st_mtime_ns, self._reading)
        return f"file-{hashlib.sha256(repr(known).encode('utf-8', 'surrogateescape')).hexdigest()[:32]}"

    async def chunks(self, rejects: Rejects, size: int) -> AsyncGenerator[Chunk]:
        """The rows, ``size`` at once; the bad ones are written down too.

        Raises:
            BadRequest: the file cannot be read to its end; it may come after chunks that are good.
        """
        async for chunk in self._read(size):
            self.rows += len(chunk)
            self.expected_rows = await self._expect()
            rejects.add(chunk.bad)
            yield chunk
        self.expected_rows = self.rows

    def _read(self, size: int) -> AsyncIterator[Chunk]:
        if self._format is FileFormat.PARQUET:
            return open_reader(
                self._path,
                self._format,
                columns=self._columns,
                direction=self._reading.direction,
                rows_per_chunk=size,
                ignore_unknown_columns=self._reading.ignore_unknown_columns,
            )
        return read_chunks(
            self._pieces(),
            self._format,
            columns=self._columns,
            direction=self._reading.direction,
            rows_per_chunk=size,
            ignore_unknown_columns=self._reading.ignore_unknown_columns,
        )

    async def _pieces(self) -> AsyncIterator[bytes]:
        """The file's bytes, counted: how much of it is read tells how many rows to expect."""
        with self._path.open("rb") as file:
            while piece := await asyncio.to_thread(_next_piece, file):
                self._bytes += len(piece)
                yield piece

    async def _expect(self) -> int | None:
        if self._format is not FileFormat.PARQUET:
            return self.rows * max(self._status.st_size, self._bytes) // self._bytes
        if self.expected_rows is None:
            return await asyncio.to_thread(_parquet_rows, self._path)
        return self.expected_rows


def _next_piece(file: IO[bytes]) -> bytes:
    return file.read(_READ_BYTES)


def _parquet_rows(path: Path) -> int:
    return int(pyarrow().parquet.read_metadata(path).num_rows)
