"""Stretches of a file as they are written: sorted, each pair once, the next one read while one is written."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass

from datalinks.files import Chunk
from datalinks.ids import new_link_no
from datalinks.store.links import Pair

_IMPORT, _EXPORT = 1, 2


@dataclass(frozen=True, slots=True)
class Stretch:
    """The distinct pairs of a stretch in the order of their ids, in parallel lists.

    pairs: app and external record id. masks: their directions; import is 1, export 2, both 3.
    places: the row of the stretch, from 0, in which each stands last. rows, bad_rows: how many rows it has, and of them bad.
    """

    pairs: list[tuple[str, str]]
    masks: list[int]
    places: list[int]
    rows: int
    bad_rows: int

    def __len__(self) -> int:
        return len(self.pairs)

    def numbered(self, start: int, end: int, first: int, salt: int) -> list[Pair]:
        """Some of the pairs with the numbers of their writes: a later row of the file is a later write.

        first: the microsecond of the stretch's first row; each row has one of its own.
        """
        numbered: list[Pair] = []
        for (app_id, external_id), mask, place in zip(
            self.pairs[start:end], self.masks[start:end], self.places[start:end], strict=True
        ):
            number = new_link_no(first + place, salt)
            numbered.append(
                Pair(app_id, external_id, number if mask & _IMPORT else None, number + 1 if mask & _EXPORT else None)
            )
        return numbered


def sorted_stretch(chunk: Chunk) -> Stretch:
    """The pairs of a chunk; the directions of one that stands there again are joined, and its later place counts."""
    masks: dict[tuple[str, str], int] = {}
    places: dict[tuple[str, str], int] = {}
    for place, (app_id, external_id, mask) in enumerate(
        zip(chunk.app_record_ids, chunk.external_record_ids, chunk.directions, strict=True)
    ):
        pair = (app_id, external_id)
        masks[pair] = masks.get(pair, 0) | mask
        places[pair] = place
    pairs = sorted(masks)
    return Stretch(pairs, [masks[pair] for pair in pairs], [places[pair] for pair in pairs], len(chunk), len(chunk.bad))


async def read_ahead(chunks: AsyncGenerator[Chunk]) -> AsyncGenerator[Chunk]:
    """The same chunks, the next one read while whoever asked works on the one before; closed when it is closed."""
    async with aclosing(chunks):
        reading = asyncio.create_task(_next(chunks))
        try:
            while (chunk := await reading) is not None:
                reading = asyncio.create_task(_next(chunks))
                yield chunk
        finally:
            reading.cancel()
            # Also looks at what failed in it, which nobody else may be left to do.
            await asyncio.gather(reading, return_exceptions=True)


async def _next(chunks: AsyncIterator[Chunk]) -> Chunk | None:
    return await anext(chunks, None)
