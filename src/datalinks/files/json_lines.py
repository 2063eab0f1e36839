"""JSON lines: one object on each line, UTF-8."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from datalinks.errors import BadRequest
from datalinks.files.checking import Rows
from datalinks.files.chunks import BadRow, shown
from datalinks.files.columns import Expected
from datalinks.files.lines import MAX_LINE_BYTES, LongLine
from datalinks.model.depth import MAX_DEPTH, is_too_deep
from datalinks.model.link import number_text

# A key with an escape in it, which may be another spelling of one that is already there.
_ESCAPED_KEY = re.compile(rb'\\.[^"\\]*"\s*:')
_COLUMN = re.compile(r"`\$\.([^`]+)`$|field `([^`]+)`$")
_FIELDS = ("app_record_id", "external_record_id", "direction")
_NOT_JSON = (msgspec.DecodeError, UnicodeError, RecursionError)


class JsonLinesParser:
    """Turns blocks of whole lines into rows."""

    def __init__(self, expected: Expected) -> None:
        self._expected = expected
        self._decode = _decoder(expected)
        # As keys stand in a text that escapes nothing.
        columns = (getattr(expected.columns, name) for name in _FIELDS)
        self._keys = tuple(json.dumps(name, ensure_ascii=False).encode() for name in columns)
        self._line = 1
        self._has_begun = False

    def read(self, block: bytes) -> Rows:
        """The rows of a block.

        Raises:
            BadRequest: the first row is no object, or has a key that is not known.
        """
        # Of bytes, splitlines ends lines at LF, CRLF and CR only.
        lines = block.splitlines()
        if not self._has_begun:
            self._check_first(lines)
        first, self._line = self._line, self._line + len(lines)
        try:
            rows = None if _may_be_odd(block, lines) else list(map(self._decode, lines))
        except _NOT_JSON:
            rows = None
        if rows is None or not self._have_keys_once(block, rows):
            return self._read_one_by_one(lines, first)
        return _in_columns(range(first, self._line), rows, lines, [])

    def skip(self, line: LongLine) -> Rows:
        """A line that is too long as a bad row."""
        number, self._line = self._line, self._line + 1
        return Rows(bad=[BadRow(number, f"The line is longer than {MAX_LINE_BYTES} bytes", shown(line.beginning))])

    def end(self) -> Rows:
        """Nothing: every line is a row of its own."""
        return Rows()

    def _check_first(self, lines: list[bytes]) -> None:
        """The first object stands for a header: a file whose keys are others is refused as a whole."""
        first = next((line.strip() for line in lines if line.strip()), None)
        if first is None:
            return
        self._has_begun = True
        if not first.startswith(b"{"):
            raise BadRequest(f"The first line is no JSON object: {shown(first[:100])!r}.")
        if not is_too_deep(first):
            self._expected.check_known(_keys(first))

    def _have_keys_once(self, block: bytes, rows: Sequence[Any]) -> bool:
        """Whether a key is nowhere but where it is a key. If it is elsewhere too, it may be there twice."""
        app, external, direction = map(block.count, self._keys)
        if not app == external == len(rows):
            return False
        return direction == 0 or direction == len(rows) - [row.direction for row in rows].count(UNSET)

    def _read_one_by_one(self, lines: list[bytes], first: int) -> Rows:
        numbers: list[int] = []
        rows: list[Any] = []
        texts: list[bytes] = []
        bad: list[BadRow] = []
        for number, line in enumerate(lines, first):
            if not line.strip():
                continue
            row = self._row(line)
            if isinstance(row, _Wrong):
                bad.append(BadRow(number, row.reason, shown(line), row.column))
            else:
                numbers.append(number)
                rows.append(row)
                texts.append(line)
        return _in_columns(numbers, rows, texts, bad)

    def _row(self, line: bytes) -> Any:
        """A line's row, or what is wrong with it."""
        if is_too_deep(line):
            return _Wrong(f"The line is nested deeper than {MAX_DEPTH} levels, or its brackets do not match")
        try:
            row = self._decode(line)
        except _NOT_JSON as error:
            found = _COLUMN.search(str(error))
            return _Wrong(shown(str(error)), found and (found[1] or found[2]))
        if _may_be_odd(line, [line]) or not self._have_keys_once(line, [row]):
            return _twice(_keys(line), self._expected) or row
        return row


@dataclass(frozen=True, slots=True)
class _Wrong:
    reason: str
    column: str | None = None


def _may_be_odd(block: bytes, lines: Sequence[bytes]) -> bool:
    """Whether a line is too deep, or may have a key twice that is spelled with escapes."""
    # A line has one bracket at least: as long as there are few more, none can be too deep.
    if block.count(b"[") + block.count(b"{") >= len(lines) + MAX_DEPTH and any(map(is_too_deep, lines)):
        return True
    return b"\\" in block and _ESCAPED_KEY.search(block) is not None


def _decoder(expected: Expected) -> Callable[[bytes], Any]:
    """Reads a line as a row with the fields ``app_record_id``, ``external_record_id`` and ``direction``."""
    number_or_text = str | int | float
    others = expected.known[len(_FIELDS) :]
    row = msgspec.defstruct(
        "Row",
        [
            ("app_record_id", number_or_text),
            ("external_record_id", number_or_text),
            ("direction", str | None | UnsetType, UNSET),
            *((f"other_{at}", msgspec.Raw | UnsetType, UNSET) for at in range(len(others))),
        ],
        rename=dict(
            zip([*_FIELDS, *(f"other_{at}" for at in range(len(others)))], expected.known, strict=True),
        ).get,
        forbid_unknown_fields=not expected.ignore_unknown_columns,
        # Rows hold no cycles, and the collector would walk over all of them again and again.
        gc=False,
    )
    return msgspec.json.Decoder(row).decode


def _in_columns(numbers: range | list[int], rows: list[Any], texts: list[bytes], bad: list[BadRow]) -> Rows:
    return Rows(
        numbers,
        _as_text(list(map(attrgetter("app_record_id"), rows))),
        _as_text(list(map(attrgetter("external_record_id"), rows))),
        list(map(attrgetter("direction"), rows)),
        lambda at: shown(texts[at]),
        bad,
    )


def _as_text(ids: list[Any]) -> list[str]:
    """Ids as they are kept; numbers become their decimal text."""
    if set(map(type, ids)) <= {str}:
        return ids
    return [text if isinstance(text, str) else number_text(text) for text in ids]


def _keys(line: bytes) -> list[str]:
    """The keys of an object, each as often as it is there; none if it is no JSON, which is found out elsewhere."""
    try:
        pairs = json.loads(line, object_pairs_hook=list, parse_int=str)
    except ValueError:
        return []
    return [key for key, _ in pairs]


def _twice(keys: list[str], expected: Expected) -> _Wrong | None:
    """What is wrong if a column's key is there twice: readers disagree on what that means."""
    for name in expected.known[: len(_FIELDS)]:
        if keys.count(name) > 1:
            return _Wrong(f"The key `{name}` stands twice in the object", name)
    return None
