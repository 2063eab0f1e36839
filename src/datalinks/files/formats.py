"""The formats of link files, and how a file that is in none of them looks."""

from enum import StrEnum
from pathlib import PurePath

from datalinks.errors import BadRequest, UnsupportedMediaType

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class FileFormat(StrEnum):
    """How a link file is written down. The value is also the file name suffix, without its dot."""

    CSV = "csv"
    JSON_LINES = "jsonl"
    PARQUET = "parquet"

    @property
    def media_type(self) -> str:
        """What a file of this format is declared as."""
        return _MEDIA_TYPES[self]

    @classmethod
    def from_media_type(cls, declared: str) -> "FileFormat":
        """The format of a ``Content-Type``; its parameters are allowed, in any case.

        Raises:
            UnsupportedMediaType: no format of ours, or text in another charset than UTF-8.
        """
        kind, *parameters = (part.strip().lower() for part in declared.split(";"))
        file_format = _FORMATS_BY_MEDIA_TYPE.get(kind)
        if file_format is None:
            raise UnsupportedMediaType(
                f"A file cannot be {kind[:100]!r}: send one of {', '.join(_FORMATS_BY_MEDIA_TYPE)}."
            )
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip() == "charset" and value.strip(' "') not in ("utf-8", "utf8", "us-ascii"):
                raise UnsupportedMediaType(f"The file is declared as {value[:100]}: send it as UTF-8.")
        return file_format

    @classmethod
    def from_name(cls, name: str) -> "FileFormat":
        """The format that a file name's suffix says.

        Raises:
            BadRequest: another suffix, or none.
        """
        suffix = PurePath(name).suffix.lower()
        file_format = _FORMATS_BY_SUFFIX.get(suffix)
        if file_format is None:
            known = ", ".join(_FORMATS_BY_SUFFIX)
            raise BadRequest(f"The format of {name[-100:]!r} is unknown: its name must end in one of {known}.")
        return file_format


_MEDIA_TYPES = {
    FileFormat.CSV: "text/csv",
    FileFormat.JSON_LINES: "application/jsonl",
    FileFormat.PARQUET: "application/vnd.apache.parquet",
}
_FORMATS_BY_MEDIA_TYPE = {
    **{media_type: file_format for file_format, media_type in _MEDIA_TYPES.items()},
    "application/x-ndjson": FileFormat.JSON_LINES,
}
_FORMATS_BY_SUFFIX = {
    ".csv": FileFormat.CSV,
    ".jsonl": FileFormat.JSON_LINES,
    ".ndjson": FileFormat.JSON_LINES,
    ".parquet": FileFormat.PARQUET,
}

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
