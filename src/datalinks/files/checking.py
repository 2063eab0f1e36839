"""Rows of any format become a chunk: ids and directions are checked, whole columns at once.

Millions of rows are nearly always good, so a column is asked a few questions as a whole, and its rows are looked at
one by one only if the answer is no.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from datalinks.errors import BadRequest
from datalinks.files.chunks import BadRow, Chunk, shown
from datalinks.files.columns import Columns
from datalinks.model.link import MAX_RECORD_ID_LENGTH, record_id


def _nothing(_: int) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows as a format gives them, in parallel columns; ids are not checked yet.

    text: the text of a row by its index, to show it. bad: rows that are none already, in the order of lines.
    """

    lines: Sequence[int] = ()
    app_record_ids: list[str] = field(default_factory=list[str])
    external_record_ids: list[str] = field(default_factory=list[str])
    directions: Sequence[object] = ()
    text: Callable[[int], str] = _nothing
    bad: list[BadRow] = field(default_factory=list[BadRow])


def checked(rows: Rows, columns: Columns, direction_bits: Mapping[object, int]) -> Chunk:
    """Rows as a chunk; those with an impossible id or direction are among the bad ones."""
    bits = list(map(direction_bits.get, rows.directions))
    given = [number for number in bits if number is not None]
    if len(given) == len(bits) and _are_ids(rows.app_record_ids) and _are_ids(rows.external_record_ids):
        return Chunk(list(rows.lines), rows.app_record_ids, rows.external_record_ids, given, rows.bad)
    return _one_by_one(rows, columns, bits)


def _are_ids(ids: list[str]) -> bool:
    """Whether all are record ids."""
    if not all(ids) or max(map(len, ids), default=1) > MAX_RECORD_ID_LENGTH:
        return False
    text = "".join(ids)
    return "\0" not in text and _is_unicode(text)


def _is_unicode(text: str) -> bool:
    """Whether text can be written as UTF-8: bytes that were none are carried as lone surrogates."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _one_by_one(rows: Rows, columns: Columns, bits: list[int | None]) -> Chunk:
    chunk = Chunk(bad=list(rows.bad))
    for at, (line, app, external, number) in enumerate(
        zip(rows.lines, rows.app_record_ids, rows.external_record_ids, bits, strict=True)
    ):
        wrong = _wrong_id(app, columns.app_record_id) or _wrong_id(external, columns.external_record_id)
        if wrong is None and number is None:
            reason = f"A direction is import, export or both, and not {shown(str(rows.directions[at])[:100])!r}"
            wrong = (reason, columns.direction)
        if wrong is not None:
            chunk.bad.append(BadRow(line, wrong[0], rows.text(at), wrong[1]))
            continue
        assert number is not None
        chunk.lines.append(line)
        chunk.app_record_ids.append(app)
        chunk.external_record_ids.append(external)
        chunk.directions.append(number)
    chunk.bad.sort(key=attrgetter("line"))
    return chunk


def _wrong_id(text: str, column: str) -> tuple[str, str] | None:
    """What is wrong with a record id, and the column's name; None if nothing is."""
    try:
        record_id(text, column)
    except BadRequest as error:
        return error.message, column
    return None if _is_unicode(text) else (f"A record id must be valid UTF-8 - at `{column}`", column)
