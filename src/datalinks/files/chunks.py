"""What reading a file gives: links in columns, and the rows that are none."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import attrgetter

MAX_SHOWN = 1_000


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is no link.

    line: where it begins, from 1, the header counted; in Parquet, which has no lines, the number of the row, from 1.
    reason: what is wrong, for people. row: its text as far as it can be shown, cut to 1,000 characters; what is no
    UTF-8, and NUL, is shown as U+FFFD. column: the name of the column that is wrong, or None if it is the row itself.
    """

    line: int
    reason: str
    row: str
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """What a stretch of a file holds, in the file's order.

    The first four lists are parallel: row ``i`` begins on ``lines[i]``. A direction is 1 for import, 2 for export and
    3 for both. Its length is the number of rows, the bad ones included.
    """

    lines: list[int] = field(default_factory=list[int])
    app_record_ids: list[str] = field(default_factory=list[str])
    external_record_ids: list[str] = field(default_factory=list[str])
    directions: list[int] = field(default_factory=list[int])
    bad: list[BadRow] = field(default_factory=list[BadRow])

    def __len__(self) -> int:
        return len(self.lines) + len(self.bad)

    def extend(self, other: "Chunk") -> None:
        """Take in the rows that follow."""
        self.lines.extend(other.lines)
        self.app_record_ids.extend(other.app_record_ids)
        self.external_record_ids.extend(other.external_record_ids)
        self.directions.extend(other.directions)
        self.bad.extend(other.bad)

    def split(self, size: int) -> Iterator["Chunk"]:
        """The same rows in chunks of ``size``; the last has 1 to ``size`` of them. There must be rows."""
        # No two rows begin on one line, so a line says how many good and how many bad rows stand before it.
        order = sorted([*self.lines, *(row.line for row in self.bad)])
        good = bad = 0
        for end in [*order[size::size], order[-1] + 1]:
            next_good, next_bad = bisect_left(self.lines, end), bisect_left(self.bad, end, key=attrgetter("line"))
            yield self._between(good, next_good, self.bad[bad:next_bad])
            good, bad = next_good, next_bad

    def _between(self, start: int, end: int, bad: list[BadRow]) -> "Chunk":
        return Chunk(
            self.lines[start:end],
            self.app_record_ids[start:end],
            self.external_record_ids[start:end],
            self.directions[start:end],
            bad,
        )


def shown(text: str | bytes) -> str:
    """Text as it can be shown and kept anywhere: at most 1,000 characters, no line end at the end, no NUL, real UTF-8.

    Bytes that are no UTF-8, also those that ``surrogateescape`` carries in a string, become U+FFFD.
    """
    if isinstance(text, str):
        text = text[: MAX_SHOWN + 2].encode("utf-8", "surrogateescape")
    return text[: 4 * MAX_SHOWN].decode("utf-8", "replace").rstrip("\r\n").replace("\0", "\ufffd")[:MAX_SHOWN]
