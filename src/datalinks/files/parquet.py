"""Parquet, by the optional package pyarrow.

Pyarrow has no types of its own and may not be there, so it is imported where it is used, and is Any here.
"""

import importlib
import io
from collections.abc import Iterator, Sequence
from typing import IO, Any

import msgspec

from datalinks.errors import BadRequest
from datalinks.files.checking import Rows
from datalinks.files.chunks import shown
from datalinks.files.columns import Expected

# Rows become Python strings, so more at once would only cost memory.
_MAX_BATCH_ROWS = 10_000
# Column chunks are read in pieces of this size and not as a whole, whatever a row group's size.
_BUFFER_BYTES = 64 * 1024
_ID_COLUMNS = ("appRecordId", "externalRecordId", "direction", "id")
_TIME_COLUMNS = ("createdAt", "updatedAt")


def pyarrow() -> Any:
    """The package, with its module ``parquet``.

    Raises:
        BadRequest: it is not installed.
    """
    try:
        importlib.import_module("pyarrow.parquet")
        return importlib.import_module("pyarrow")
    except ImportError as error:
        raise BadRequest(
            "Parquet files need the optional package pyarrow: install it with `pip install 'datalinks[parquet]'`, "
            "or use CSV or JSON lines."
        ) from error


class ParquetParser:
    """Reads the rows of a file, batch by batch; it must stay open as long."""

    def __init__(self, file: IO[bytes], expected: Expected) -> None:
        """Read the file's end, where its columns are described.

        Raises:
            BadRequest: pyarrow is missing, the file is damaged or cut off, or its columns do not fit.
        """
        self._arrow = pyarrow()
        self._columns = expected.columns
        try:
            self._file = self._arrow.parquet.ParquetFile(file, pre_buffer=False, buffer_size=_BUFFER_BYTES)
            schema = self._file.schema_arrow
            names: list[str] = schema.names
        except (self._arrow.ArrowException, OSError, UnicodeError) as error:
            raise _damaged(error) from error
        expected.check_header(names)
        self._has_direction = expected.columns.direction in names
        self._check_types(schema)

    def batches(self, rows_per_batch: int) -> Iterator[Rows]:
        """The rows in order, at most ``rows_per_batch`` at once.

        Raises:
            BadRequest: the file is damaged.
        """
        names = [self._columns.app_record_id, self._columns.external_record_id]
        names += [self._columns.direction] if self._has_direction else []
        line = 1
        try:
            for batch in self._file.iter_batches(
                min(rows_per_batch, _MAX_BATCH_ROWS), columns=names, use_threads=False
            ):
                columns = {name: self._texts(batch.column(name)) for name in names}
                yield self._rows(line, columns, batch.num_rows)
                line += batch.num_rows
        except (self._arrow.ArrowException, OSError, UnicodeError) as error:
            raise _damaged(error) from error

    def _check_types(self, schema: Any) -> None:
        """Look whether ids are text or whole numbers, and directions text.

        Raises:
            BadRequest: a column is of another type.
        """
        for name in (self._columns.app_record_id, self._columns.external_record_id):
            kind = _value_type(schema.field(name).type)
            if not (self._is_text(kind) or self._arrow.types.is_integer(kind)):
                raise BadRequest(f"The column `{name}` is of the type {kind}: text and whole numbers can be read.")
        if self._has_direction:
            kind = _value_type(schema.field(self._columns.direction).type)
            if not self._is_text(kind):
                raise BadRequest(f"The column `{self._columns.direction}` is of the type {kind}: text can be read.")

    def _is_text(self, kind: Any) -> bool:
        types = self._arrow.types
        # A column in which all is null has the type null.
        return types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind) or types.is_null(kind)

    def _texts(self, column: Any) -> list[str]:
        """A column's values; null is the empty text, and bytes that are no UTF-8 are carried as lone surrogates."""
        if self._arrow.types.is_dictionary(column.type):
            values = self._texts(column.dictionary)
            return ["" if at is None else values[at] for at in column.indices.to_pylist()]
        if self._arrow.types.is_integer(column.type):
            column = column.cast(self._arrow.string())
        try:
            texts = column.to_pylist()
        except UnicodeDecodeError:
            raw = column.cast(self._arrow.large_binary()).to_pylist()
            texts = [value and value.decode(errors="surrogateescape") for value in raw]
        return [text or "" for text in texts] if column.null_count else texts

    def _rows(self, first: int, columns: dict[str, list[str]], count: int) -> Rows:
        return Rows(
            range(first, first + count),
            columns[self._columns.app_record_id],
            columns[self._columns.external_record_id],
            columns.get(self._columns.direction, [""] * count),
            lambda at: _shown({name: values[at] for name, values in columns.items()}),
        )


class ParquetWriter:
    """Writes links as Parquet; every call of ``rows`` makes one row group, so it should be given many."""

    def __init__(self) -> None:
        self._arrow = pyarrow()
        text = self._arrow.string()
        time = self._arrow.timestamp("us", tz="UTC")
        self._schema = self._arrow.schema(
            [*((name, text) for name in _ID_COLUMNS), *((name, time) for name in _TIME_COLUMNS)]
        )
        self._sink = _Sink()
        self._writer = self._arrow.parquet.ParquetWriter(self._sink, self._schema, compression="zstd")

    def head(self) -> bytes:
        """The signature."""
        return self._sink.take()

    def rows(self, links: Sequence[tuple[Any, ...]]) -> bytes:
        """A row group, in the order given."""
        if links:
            app, external, directions, ids, created, updated = zip(*links, strict=True)
            columns = [app, external, directions, ids, created, updated]
            arrays = [
                self._arrow.array(column, type=kind.type) for column, kind in zip(columns, self._schema, strict=True)
            ]
            self._writer.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))
        return self._sink.take()

    def tail(self) -> bytes:
        """What describes the rows."""
        self._writer.close()
        return self._sink.take()


class _Sink(io.RawIOBase):
    """A file that keeps what is written until it is taken."""

    def __init__(self) -> None:
        super().__init__()
        self._written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self._written += data
        return len(data)

    def take(self) -> bytes:
        taken = bytes(self._written)
        self._written.clear()
        return taken


def _value_type(kind: Any) -> Any:
    """The type of a column's values; a dictionary is only a way to write them down."""
    return getattr(kind, "value_type", kind) if str(kind).startswith("dictionary") else kind


def _shown(row: dict[str, str]) -> str:
    return shown(msgspec.json.encode({name: shown(value) for name, value in row.items()}))


def _damaged(error: Exception) -> BadRequest:
    return BadRequest(f"The Parquet file is damaged or cut off: {shown(str(error))[:300]}")
