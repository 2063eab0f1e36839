"""The formats of link files."""

from enum import StrEnum
from pathlib import PurePath
from typing import Literal, TypeAlias

from datalinks.errors import BadRequest, UnsupportedMediaType

# A format as it is written in code and on the command line, where an enum's options would be the names of its members.
FileFormatName: TypeAlias = Literal["csv", "jsonl", "parquet"]


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
