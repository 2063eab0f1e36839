"""CSV as RFC 4180 has it: commas, double quotes, a first row that names the columns, UTF-8."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter

from datalinks.errors import BadRequest
from datalinks.files.checking import Rows
from datalinks.files.chunks import BadRow, shown
from datalinks.files.columns import Expected
from datalinks.files.lines import MAX_LINE_BYTES, LongLine

_REASONS = {"unexpected end of data": "The file ends inside a quoted cell"}


@dataclass(frozen=True, slots=True)
class _Header:
    """Where the columns are; a direction of None means that there is no such column."""

    width: int
    app_record_id: int
    external_record_id: int
    direction: int | None


class CsvParser:
    """Turns blocks of whole lines into rows.

    A row may go on in the next block, if a quoted cell has line breaks: its lines wait for it.
    """

    def __init__(self, expected: Expected) -> None:
        self._expected = expected
        self._header: _Header | None = None
        # The number of the first line that is not read yet, and the lines that wait for more.
        self._line = 1
        self._open: list[str] = []

    def read(self, block: bytes) -> Rows:
        """The rows of a block.

        Raises:
            BadRequest: the header does not fit, or a quoted cell does not end within the limits.
        """
        # StringIO ends lines as the csv module does; str.splitlines would also at U+2028 and others.
        return self._parse(self._open + io.StringIO(_text(block), newline="").readlines(), has_ended=False)

    def skip(self, line: LongLine) -> Rows:
        """A line that is too long as a bad row.

        Raises:
            BadRequest: it ends inside a quoted cell or continues one, or it is the header.
        """
        if self._open or self._header is None or line.quotes % 2:
            raise _never_ends(self._line)
        number, self._line = self._line, self._line + 1
        return Rows(bad=[BadRow(number, f"The row is longer than {MAX_LINE_BYTES} bytes", shown(line.beginning))])

    def end(self) -> Rows:
        """The rows that waited for more.

        Raises:
            BadRequest: the file has no header.
        """
        rows = self._parse(self._open, has_ended=True)
        if self._header is None:
            raise BadRequest("The file is empty: its first line must name the columns.")
        return rows

    def _parse(self, lines: list[str], has_ended: bool) -> Rows:
        self._open = []
        if self._header is None:
            lines = self._read_header(lines, has_ended)
        if self._header is None or not lines:
            return Rows()
        rows = _plain_rows(lines, self._header.width)
        if rows is None:
            return self._parse_one_by_one(lines, self._header, has_ended)
        numbers = range(self._line, self._line + len(lines))
        self._line += len(lines)
        return _in_columns(self._header, numbers, rows, lines, [])

    def _read_header(self, lines: list[str], has_ended: bool) -> list[str]:
        """The lines that follow the header; empty when it is not there yet."""
        for _, end, row in _numbered(lines):
            if isinstance(row, csv.Error):
                if end == len(lines) and not has_ended:
                    self._wait(lines, self._line)
                    return []
                raise BadRequest(f"The first line must name the columns, and cannot be read: {_reason(row)}.")
            if row:
                self._header = self._located(row)
                self._line += end
                return lines[end:]
        self._line += len(lines)
        return []

    def _located(self, names: list[str]) -> _Header:
        if len(names) == 1 and (other := next((mark for mark in ";\t|" if mark in names[0]), None)):
            raise BadRequest(f"The cells seem to be separated by {other!r}: separate them by commas.")
        self._expected.check_header(names)
        columns = self._expected.columns
        return _Header(
            len(names),
            names.index(columns.app_record_id),
            names.index(columns.external_record_id),
            names.index(columns.direction) if columns.direction in names else None,
        )

    def _parse_one_by_one(self, lines: list[str], header: _Header, has_ended: bool) -> Rows:
        """Rows that have several lines each, or none, or are bad."""
        first, self._line = self._line, self._line + len(lines)
        numbers: list[int] = []
        rows: list[list[str]] = []
        texts: list[str] = []
        bad: list[BadRow] = []
        for begin, end, row in _numbered(lines):
            number, text = first + begin, "".join(lines[begin:end])
            if isinstance(row, csv.Error):
                if end == len(lines) and not has_ended:
                    # It may only seem to be wrong, as its next lines are in the next block.
                    self._wait(lines[begin:], number)
                    break
                bad.append(_unreadable(row, number, end - begin, text))
            elif len(row) == header.width:
                numbers.append(number)
                rows.append(row)
                texts.append(text)
            elif row:
                reason = f"The row has {len(row)} cells, and the header has {header.width}"
                bad.append(BadRow(number, reason, shown(text)))
        return _in_columns(header, numbers, rows, texts, bad)

    def _wait(self, lines: list[str], number: int) -> None:
        """Keep the lines of a row until more are there."""
        if sum(map(len, lines)) > MAX_LINE_BYTES:
            raise _never_ends(number)
        self._open, self._line = lines, number


def _text(block: bytes) -> str:
    """A block as text; bytes that are no UTF-8 are carried as lone surrogates, for their rows alone to be refused."""
    try:
        return block.decode()
    except UnicodeDecodeError:
        return block.decode(errors="surrogateescape")


def _plain_rows(lines: list[str], width: int) -> list[list[str]] | None:
    """The rows if each line is one, and each has as many cells as it should; else None."""
    try:
        rows = list(csv.reader(lines, strict=True))
    except csv.Error:
        return None
    return rows if len(rows) == len(lines) and set(map(len, rows)) == {width} else None


def _numbered(lines: list[str]) -> Iterator[tuple[int, int, list[str] | csv.Error]]:
    """Every row, or why it is none, with the indexes of its first line and of the line after its last.

    A blank line is an empty row. After an error the reader goes on with the next line.
    """
    reader = csv.reader(lines, strict=True)
    while True:
        begin = reader.line_num
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield begin, reader.line_num, error
        else:
            yield begin, reader.line_num, row


def _in_columns(
    header: _Header, numbers: range | list[int], rows: list[list[str]], texts: list[str], bad: list[BadRow]
) -> Rows:
    return Rows(
        numbers,
        list(map(itemgetter(header.app_record_id), rows)),
        list(map(itemgetter(header.external_record_id), rows)),
        [""] * len(rows) if header.direction is None else list(map(itemgetter(header.direction), rows)),
        lambda at: shown(texts[at]),
        bad,
    )


def _unreadable(error: csv.Error, number: int, line_count: int, text: str) -> BadRow:
    """A row that cannot be read. Raises a BadRequest if a quoted cell went on until the csv module gave up."""
    if line_count > 1 and len(text) > csv.field_size_limit():
        # Where the cell should have ended nobody knows, so what follows cannot be told from its inside.
        raise _never_ends(number)
    lines = f" (the row has {line_count} lines)" if line_count > 1 else ""
    return BadRow(number, _reason(error) + lines, shown(text))


def _reason(error: csv.Error) -> str:
    return _REASONS.get(str(error), f"The row is no valid CSV: {error}")


def _never_ends(line: int) -> BadRequest:
    return BadRequest(
        f"The row that begins on line {line} is too long, or a quote in it is never closed: "
        "the rest of the file cannot be read.",
        {"line": line},
    )
