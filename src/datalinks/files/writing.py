"""Links as files, piece by piece.

What is written is what is kept, and comes back byte for byte: a record id is opaque, and an id such as ``=1+1`` is as
good as any. Cells that a spreadsheet would take for a formula are therefore not altered. A mark put before them would
make another id of it, and the file, when it is read again, another link. Who opens an export in a spreadsheet should
import its columns as text.
"""

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from itertools import starmap
from typing import Protocol, TypeAlias, assert_never

import msgspec

from datalinks.files.formats import FileFormat
from datalinks.files.parquet import ParquetWriter
from datalinks.model.record import Record

# App record id, external record id, direction, id, created at and updated at (with time zone).
LinkRow: TypeAlias = tuple[str, str, str, str, datetime, datetime]


class LinkWriter(Protocol):
    """Gives out a file's bytes in order: ``head`` once, ``rows`` as often as needed, ``tail`` once.

    Columns are ``appRecordId``, ``externalRecordId``, ``direction``, ``id``, ``createdAt`` and ``updatedAt``.
    """

    def head(self) -> bytes:
        """What stands before the rows."""
        ...

    def rows(self, links: Sequence[LinkRow]) -> bytes:
        """Rows, in the order given. In Parquet they are one row group: give it many at once."""
        ...

    def tail(self) -> bytes:
        """What stands after the rows."""
        ...


def link_writer(file_format: FileFormat) -> LinkWriter:
    """A writer of one file.

    Raises:
        BadRequest: Parquet, and the package that it needs is not installed.
    """
    match file_format:
        case FileFormat.CSV:
            return CsvWriter()
        case FileFormat.JSON_LINES:
            return JsonLinesWriter()
        case FileFormat.PARQUET:
            return ParquetWriter()
        case _:
            assert_never(file_format)


class _Line(Record, frozen=True, kw_only=False, gc=False):
    """A link as a line; its fields are in the order of a ``LinkRow``."""

    app_record_id: str
    external_record_id: str
    direction: str
    id: str
    created_at: datetime
    updated_at: datetime


class CsvWriter:
    """Writes RFC 4180: commas, CRLF, and quotes around what needs them."""

    def head(self) -> bytes:
        """What stands before the rows."""
        return _csv([_Line.__struct_encode_fields__])

    def rows(self, links: Sequence[LinkRow]) -> bytes:
        """Rows, in the order given."""
        # As builtins times are the text that they are in JSON.
        return _csv(msgspec.to_builtins(links))

    def tail(self) -> bytes:
        """What stands after the rows."""
        return b""


class JsonLinesWriter:
    """Writes one object on each line."""

    def __init__(self) -> None:
        self._encoder = msgspec.json.Encoder()

    def head(self) -> bytes:
        """What stands before the rows."""
        return b""

    def rows(self, links: Sequence[LinkRow]) -> bytes:
        """Rows, in the order given."""
        return self._encoder.encode_lines(list(starmap(_Line, links)))

    def tail(self) -> bytes:
        """What stands after the rows."""
        return b""


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()
