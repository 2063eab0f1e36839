"""The file for the bad rows of another file."""

import os
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from datalinks.errors import BadRequest
from datalinks.files import BadRow, RejectsWriter


class Rejects:
    """Bad rows on their way to a file, which is made anew when there is one. A context manager.

    A file of an earlier import that went to its end without any is removed. path: the file.
    """

    def __init__(self, path: Path, source: Path) -> None:
        """source: the file that the rows are of, which must not be overwritten.

        Raises:
            BadRequest: the file cannot be written.
        """
        if path.exists() and path.samefile(source):
            raise BadRequest(f"The bad rows of {source} cannot go to the same file: give another with --rejects.")
        if not os.access(path if path.exists() else path.parent, os.W_OK):
            raise _unwritable(path, "not there, or not allowed")
        self.path = path
        self._stack = ExitStack()
        self._writer: RejectsWriter | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.close()
        if kind is None and self._writer is None and self.path.is_file():
            self.path.unlink()

    def add(self, rows: list[BadRow]) -> None:
        """Write rows, in the order given.

        Raises:
            BadRequest: the file cannot be written.
        """
        if not rows:
            return
        try:
            if self._writer is None:
                self._writer = self._stack.enter_context(RejectsWriter(self.path))
            self._writer.add(rows)
        except OSError as error:
            raise _unwritable(self.path, str(error.strerror)) from error


def _unwritable(path: Path, why: str) -> BadRequest:
    return BadRequest(f"Bad rows cannot be written to {path}: {why}. Give another file with --rejects.")
