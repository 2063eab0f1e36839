"""Files that are there as a whole or not at all."""

import os
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4


class WholeFile:
    """A file that is written beside its place and moved there once it is complete. A context manager.

    Leaving it without ``finish`` leaves what was at the place, if anything, as it was.
    size_bytes: how much is written.
    """

    def __init__(self, path: Path) -> None:
        self.size_bytes = 0
        # A link stays, and what it points to is replaced.
        self._path = path.resolve()
        self._part = self._path.with_name(f".{self._path.name[:100]}.{uuid4().hex[:12]}.part")

    def __enter__(self) -> Self:
        """Begin to write.

        Raises:
            OSError: the folder cannot be written, or something else than a file is in the place.
        """
        if self._path.exists() and not self._path.is_file():
            raise OSError(0, "it is there and no file", str(self._path))
        self._file = self._part.open("xb")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._file.close()
        self._part.unlink(missing_ok=True)

    def restart(self) -> None:
        """Forget what is written."""
        self._file.seek(0)
        self._file.truncate()
        self.size_bytes = 0

    def write(self, data: bytes) -> None:
        """Write what comes next."""
        self._file.write(data)
        self.size_bytes += len(data)

    def finish(self) -> None:
        """Put the file in its place, once it is on disk."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._part.replace(self._path)
