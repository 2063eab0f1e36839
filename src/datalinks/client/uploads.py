"""Link files on their way to the server: where their bytes come from, and whether they can come again."""

import asyncio
import io
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TypeAlias

from datalinks.errors import BadRequest
from datalinks.model.file_format import FileFormat, FileFormatName

# A path, a whole file as bytes, or its bytes piece by piece.
LinkFile: TypeAlias = str | PathLike[str] | bytes | Iterable[bytes]
AsyncLinkFile: TypeAlias = str | PathLike[str] | bytes | AsyncIterable[bytes]

_PIECE_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Upload:
    """The body of a call that may be of any length."""

    media_type: str
    source: io.BufferedIOBase | Iterable[bytes] | AsyncIterable[bytes]

    @property
    def is_repeatable(self) -> bool:
        """Whether its bytes can be had again from the beginning; an iterator gives them once."""
        return isinstance(self.source, io.BufferedIOBase) or not isinstance(self.source, Iterator | AsyncIterator)


@contextmanager
def opened(source: LinkFile | AsyncLinkFile, file_format: FileFormatName | None) -> Generator[Upload]:
    """A link file as a body.

    file_format: what the name of a path says, when it is None.

    Raises:
        BadRequest: the format is none of ours, or nothing says which it is. OSError: the file cannot be opened.
    """
    if isinstance(source, str | PathLike):
        path = Path(source)
        media_type = format_of(path, file_format).media_type
        with path.open("rb") as file:
            yield Upload(media_type, file)
    else:
        media_type = format_of(None, file_format).media_type
        yield Upload(media_type, io.BytesIO(source) if isinstance(source, bytes) else source)


def format_of(path: Path | None, file_format: FileFormatName | None) -> FileFormat:
    """The format that is given, or else what a path's name says.

    Raises:
        BadRequest: the format is none of ours, or nothing says which it is.
    """
    try:
        return FileFormat(file_format) if file_format else FileFormat.from_name(path.name if path else "")
    except (ValueError, BadRequest) as error:
        message = "The format of the link file is not clear: give format='csv', 'jsonl' or 'parquet'."
        raise BadRequest(message) from error


def pieces(upload: Upload) -> Iterable[bytes]:
    """The bytes, from the beginning if they can be had again."""
    assert not isinstance(upload.source, AsyncIterable), "the types of the client's methods say so"
    return _read(upload.source) if isinstance(upload.source, io.BufferedIOBase) else upload.source


def async_pieces(upload: Upload) -> AsyncIterable[bytes]:
    """The bytes, from the beginning if they can be had again."""
    if isinstance(upload.source, io.BufferedIOBase):
        return _async_read(upload.source)
    assert isinstance(upload.source, AsyncIterable), "the types of the client's methods say so"
    return upload.source


def _read(file: io.BufferedIOBase) -> Generator[bytes]:
    file.seek(0)
    while piece := file.read(_PIECE_BYTES):
        yield piece


async def _async_read(file: io.BufferedIOBase) -> AsyncGenerator[bytes]:
    file.seek(0)
    while piece := await asyncio.to_thread(file.read, _PIECE_BYTES):
        yield piece
