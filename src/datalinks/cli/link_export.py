"""``datalinks links export``: the links of one instance as a file."""

import os
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from datalinks.cli.options import Options
from datalinks.cli.places import NOWHERE, Place
from datalinks.errors import BadRequest
from datalinks.files import FileFormat
from datalinks.model.file_format import FileFormatName
from datalinks.model.link import RequestedDirection

_DEFAULT = Options()
_STANDARD_OUTPUT = Path("-")


async def export_links(
    # A dash alone is no option.
    file: Annotated[Path, Parameter(allow_leading_hyphen=True)] = _STANDARD_OUTPUT,
    /,
    *,
    place: Place = NOWHERE,
    format: FileFormatName | None = None,
    direction: RequestedDirection | None = None,
    options: Options = _DEFAULT,
) -> None:
    """Write all links of an instance, as they are at one moment, to a file: one row for each link.

    Parameters
    ----------
    file
        The file, which is there once it is complete; - for standard output.
    format
        csv, jsonl or parquet; what the file's name says when it is left out, and csv on standard output.
    direction
        Only links that are read this way.
    """
    to_output = file == _STANDARD_OUTPUT
    file_format = FileFormat(format or ("csv" if to_output else FileFormat.from_name(file.name)))
    async with options.services() as services:
        pieces = await services.exports.read(await options.admin(services), place.selector, file_format, direction)
        async with aclosing(pieces):
            if to_output:
                await _print(pieces)
                return
            size = await _save(pieces, file)
    options.show({"file": str(file), "bytes": size}, lambda: f"Wrote {size:,} bytes to {file}.")


async def _print(pieces: AsyncGenerator[bytes]) -> None:
    try:
        async for piece in pieces:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # Whoever reads has seen enough. What is left must not be tried again when the program ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


async def _save(pieces: AsyncGenerator[bytes], path: Path) -> int:
    """Write a file as a whole; its size in bytes."""
    # The client's package is more than other commands should load.
    from datalinks.client.whole_file import WholeFile  # noqa: PLC0415

    try:
        with WholeFile(path) as file:
            async for piece in pieces:
                file.write(piece)
            file.finish()
    except OSError as error:
        raise BadRequest(f"Cannot write {path}: {error.strerror}") from error
    return file.size_bytes
