"""The rows of a file that are no links, as a file for who has to mend them."""

import csv
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from datalinks.files.chunks import BadRow


class RejectsWriter:
    """Writes bad rows to a CSV file with the columns line, reason, column and row. A context manager.

    The file is made, or emptied, when the writer is entered, so that a path that cannot be written is found out first.
    count: how many rows have been written.
    """

    def __init__(self, path: Path) -> None:
        self.count = 0
        self._path = path

    def __enter__(self) -> Self:
        self._file = self._path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, lineterminator="\r\n")
        self._writer.writerow(("line", "reason", "column", "row"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, rows: Iterable[BadRow]) -> None:
        """Write rows, in the order given."""
        for row in rows:
            self._writer.writerow((row.line, row.reason, row.column, row.row))
            self.count += 1
