"""How the beginning of a link file looks, in its format and in others."""

from datalinks.errors import BadRequest
from datalinks.model.file_format import FileFormat

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


_PARQUET = "a Parquet file"
# The longer of two beginnings stands first.
_BEGINNINGS = {
    b"\xff\xfe\0\0": "UTF-32 text",
    b"\0\0\xfe\xff": "UTF-32 text",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
    b"PAR1": _PARQUET,
    b"PARE": "an encrypted Parquet file",
    b"PK\x03\x04": "a ZIP archive or an Excel workbook",
    b"PK\x05\x06": "an empty ZIP archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF document",
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ\0": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"SQLite format 3\0": "a SQLite database",
    b"Obj\x01": "an Avro file",
    b"ARROW1": "an Arrow file",
}
_TEXT_BEGINNINGS = {
    b"<!doctype": "an HTML page",
    b"<html": "an HTML page",
    b"<?xml": "an XML document",
    b"[": "a JSON array",
    b"{": "JSON lines",
}
# How much of a file's beginning tells what it is.
BEGINNING_BYTES = 64


def check_beginning(beginning: bytes, file_format: FileFormat) -> None:
    """Look whether a file can be what it is said to be.

    beginning: at least its first 64 bytes, or all of it if it is shorter.

    Raises:
        BadRequest: it is something else; the message says what it looks like.
    """
    looks_like = _looks_like(beginning[:BEGINNING_BYTES])
    if file_format is FileFormat.PARQUET:
        if looks_like != _PARQUET:
            raise BadRequest(f"This is no Parquet file: it looks like {looks_like or 'text or something unknown'}.")
    elif looks_like and not (file_format is FileFormat.JSON_LINES and looks_like == "JSON lines"):
        wanted = "CSV" if file_format is FileFormat.CSV else "JSON lines, one object on each line"
        raise BadRequest(f"This looks like {looks_like}: send {wanted}, in UTF-8 and not compressed.")


def _looks_like(beginning: bytes) -> str | None:
    """What a file is by its first bytes, or None if it may be any text."""
    for signature, name in _BEGINNINGS.items():
        if beginning.startswith(signature):
            return name
    if b"\0" in beginning[:4]:
        return "UTF-16 text without a byte order mark, or no text at all"
    text = beginning.removeprefix(BYTE_ORDER_MARK).lstrip().lower()
    return next((name for signature, name in _TEXT_BEGINNINGS.items() if text.startswith(signature)), None)
