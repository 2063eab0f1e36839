"""A stream of bytes as blocks of whole lines, in bounded memory whatever comes."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

# How much is parsed at once: long enough to be cheap per row, short enough (a few milliseconds) not to hold up others.
BLOCK_BYTES = 64 * 1024
MAX_LINE_BYTES = 1024 * 1024

_LINE_END = re.compile(rb"\n|\r\n?")
_SHOWN_BYTES = 4_096


@dataclass(slots=True)
class LongLine:
    """A line longer than ``MAX_LINE_BYTES``, which was not kept.

    beginning: its first 4,096 bytes. quotes: how many ``"`` it has.
    """

    beginning: bytes
    quotes: int


async def line_blocks(source: AsyncIterator[bytes], block_bytes: int = BLOCK_BYTES) -> AsyncIterator[bytes | LongLine]:
    """The same bytes in blocks that end where a line ends: LF, CRLF or CR. The last line may have no end.

    A block has about ``block_bytes``, and never more than a line may have and one block.
    """
    cutter = _Cutter(block_bytes)
    async for piece in source:
        for start in range(0, len(piece), block_bytes):
            for block in cutter.add(piece[start : start + block_bytes]):
                yield block
    for block in cutter.end():
        yield block


class _Cutter:
    """Collects bytes and gives them out in blocks."""

    def __init__(self, block_bytes: int) -> None:
        self._block_bytes = block_bytes
        self._buffer = bytearray()
        # How much of the buffer has been searched for a line end in vain.
        self._searched = 0
        # The line that is being skipped.
        self._long: LongLine | None = None

    def add(self, piece: bytes) -> Iterator[bytes | LongLine]:
        self._buffer += piece
        if self._long is not None:
            yield from self._skip(self._long)
        if self._long is None and len(self._buffer) - self._searched >= self._block_bytes:
            yield from self._cut()

    def end(self) -> Iterator[bytes | LongLine]:
        """What is left."""
        if self._long is not None:
            yield self._long
        elif self._buffer:
            yield bytes(self._buffer)

    def _cut(self) -> Iterator[bytes]:
        # A CR at the very end may be half of a CRLF.
        size = max(self._buffer.rfind(b"\n"), self._buffer.rfind(b"\r", 0, len(self._buffer) - 1)) + 1
        if size:
            yield bytes(self._buffer[:size])
            del self._buffer[:size]
        self._searched = len(self._buffer)
        if self._searched > MAX_LINE_BYTES:
            self._long = LongLine(bytes(self._buffer[:_SHOWN_BYTES]), 0)
            self._drop(self._long)

    def _skip(self, line: LongLine) -> Iterator[LongLine]:
        """Drop bytes up to the end of a line that is too long; it is given out when its end is there."""
        found = _LINE_END.search(self._buffer)
        if found is None or (found[0] == b"\r" and found.end() == len(self._buffer)):
            self._drop(line)
            return
        line.quotes += self._buffer.count(b'"', 0, found.start())
        end = found.end()
        # A match holds on to the buffer, which could not shrink then.
        del found
        del self._buffer[:end]
        self._searched = 0
        self._long = None
        yield line

    def _drop(self, line: LongLine) -> None:
        line.quotes += self._buffer.count(b'"')
        # A CR may be half of a CRLF: it stays until the next byte is known.
        self._buffer = bytearray(b"\r" if self._buffer.endswith(b"\r") else b"")
        self._searched = 0
