"""Imports: the links of a whole file written in stretches, each durable when it is done, so that an import can go on.

A stretch is sorted by its pairs before it is written, as writing in the order of the index costs a fraction of writing in
any other, and then written in turns, so that others who write need not wait for all of it. Turns and the progress of the
import commit together: whatever breaks, the rows that count as done are those whose links are there.
"""

import asyncio
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from datalinks.errors import AlreadyExists
from datalinks.files import BadRow, Chunk
from datalinks.ids import Clock, new_link_no, new_salt
from datalinks.model.importing import Change, ImportReport, Reject
from datalinks.model.link import RequestedDirection
from datalinks.services.caller import Caller
from datalinks.services.instances import Instances, InstanceSelector
from datalinks.store.database import Database
from datalinks.store.imports import Progress, compare_links, find_progress, put_new_links, put_progress
from datalinks.store.instances import InstanceNo
from datalinks.store.links import Pair

# The larger, the fewer times the indexes are gone through; what it costs in memory is measured in docs/explanation.
ROWS_PER_STRETCH = 100_000
_MAX_SHOWN = 1_000
_IMPORT, _EXPORT = 1, 2
_DIRECTIONS = {1: RequestedDirection.IMPORT, 2: RequestedDirection.EXPORT, 3: RequestedDirection.BOTH}


@dataclass(slots=True)
class _Stretch:
    """The distinct pairs of a stretch in the order of their ids. order: where in the stretch each stands first."""

    pairs: list[tuple[str, str]]
    masks: list[int]
    order: list[int]

    def __len__(self) -> int:
        return len(self.pairs)

    def numbered(self, start: int, end: int, first: int, salt: int) -> list[Pair]:
        """Some of the pairs with the numbers of their writes: a later row of the file is a later write."""
        numbered: list[Pair] = []
        for (app_id, external_id), mask, place in zip(
            self.pairs[start:end], self.masks[start:end], self.order[start:end], strict=True
        ):
            number = new_link_no(first + place, salt)
            numbered.append(
                Pair(app_id, external_id, number if mask & _IMPORT else None, number + 1 if mask & _EXPORT else None)
            )
        return numbered


@dataclass(slots=True)
class _Seen:
    """What was read of the file in this call, whether or not it was written before."""

    rows: int = 0
    checksum: int = 0
    rejects: list[BadRow] = field(default_factory=list[BadRow])
    changes: list[Change] = field(default_factory=list[Change])
    displacing: int = 0

    def read(self, chunk: Chunk) -> None:
        """Take note of a stretch."""
        self.rows += len(chunk)
        text = "\0".join((*chunk.app_record_ids, *chunk.external_record_ids, *map(str, chunk.directions)))
        self.checksum = zlib.crc32(text.encode(), self.checksum)
        self.rejects.extend(chunk.bad[: _MAX_SHOWN - len(self.rejects)])


class Imports:
    """Imports into the instances that a caller may see."""

    def __init__(self, database: Database, instances: Instances, clock: Clock) -> None:
        self._database = database
        self._instances = instances
        self._clock = clock

    async def write(
        self, caller: Caller, wanted: InstanceSelector, chunks: AsyncIterator[Chunk], import_id: str | None = None
    ) -> AsyncIterator[ImportReport]:
        """Write the links of a file that are not there; those that are stay as they are. Reports after each stretch.

        chunks: its rows in stretches of ``ROWS_PER_STRETCH``. import_id: goes on with the import of this name, or begins it.

        Raises:
            NotFound, BadRequest: as finding links; or the file cannot be read any further: what was reported stays done.
            AlreadyExists: the import of this name has read other rows.
        """
        instance = await self._instances.resolve(caller, wanted)
        progress = (import_id and await find_progress(self._database, instance, import_id)) or Progress()
        if progress.finished_at is not None:
            progress = replace(progress, finished_at=None)
        seen = _Seen()
        async with aclosing(_ahead(chunks)) as stretches:
            async for chunk in stretches:
                before = seen.rows
                seen.read(chunk)
                if seen.rows <= progress.done_rows:
                    _check_same(seen, progress)
                    continue
                if before != progress.done_rows:
                    raise _other_file()
                progress = await self._write_stretch(instance, chunk, progress, seen.checksum, import_id)
                yield _report(progress, seen, import_id, finished=False)
        if seen.rows < progress.done_rows:
            raise _other_file()
        if import_id is not None:
            now = self._clock.now()
            async with self._database.transaction() as tx:
                await put_progress(tx, instance, import_id, replace(progress, finished_at=now), now)
        yield _report(progress, seen, import_id, finished=True)

    async def compare(
        self, caller: Caller, wanted: InstanceSelector, chunks: AsyncIterator[Chunk]
    ) -> AsyncIterator[ImportReport]:
        """What writing a file would change; nothing is written. Reports after each stretch.

        Raises:
            NotFound, BadRequest: as ``write``.
        """
        instance = await self._instances.resolve(caller, wanted)
        progress, seen = Progress(), _Seen()
        async with self._database.aside() as tx, aclosing(_ahead(chunks)) as stretches:
            async for chunk in stretches:
                seen.read(chunk)
                stretch = await asyncio.to_thread(_sorted, chunk)
                pairs = stretch.numbered(0, len(stretch), 1, 0)
                changed = await compare_links(tx, instance, pairs)
                progress = _counted(progress, chunk, len(stretch), len(changed))
                seen.displacing += sum(changed.values())
                if len(seen.changes) < _MAX_SHOWN:
                    seen.changes.extend(_changes(chunk, stretch, changed, _MAX_SHOWN - len(seen.changes)))
                yield _report(progress, seen, None, finished=False, dry_run=True)
        yield _report(progress, seen, None, finished=True, dry_run=True)

    async def find(self, caller: Caller, wanted: InstanceSelector, import_id: str) -> ImportReport | None:
        """How far the import of this name has come, without its rejects; None if there is none.

        Raises:
            NotFound, BadRequest: as ``write``.
        """
        instance = await self._instances.resolve(caller, wanted)
        progress = await find_progress(self._database, instance, import_id)
        if progress is None:
            return None
        seen = _Seen(rows=progress.done_rows)
        return _report(progress, seen, import_id, finished=progress.finished_at is not None)

    async def _write_stretch(
        self, instance: InstanceNo, chunk: Chunk, progress: Progress, checksum: int, import_id: str | None
    ) -> Progress:
        """Write one stretch, from where an earlier try has come to; the progress behind it."""
        stretch = await asyncio.to_thread(_sorted, chunk)
        first, salt = self._clock.reserve(len(chunk)), new_salt()
        start = progress.position
        while True:
            end = min(start + self._database.stage_size, len(stretch))
            pairs = stretch.numbered(start, end, first, salt)
            now = self._clock.now()
            async with self._database.transaction() as tx:
                new = await put_new_links(tx, instance, pairs) if pairs else 0
                progress = replace(
                    progress,
                    position=end,
                    new_rows=progress.new_rows + new,
                    unchanged_rows=progress.unchanged_rows + len(pairs) - new,
                )
                if end == len(stretch):
                    progress = _done(progress, chunk, len(stretch), checksum)
                if import_id is not None:
                    await put_progress(tx, instance, import_id, progress, now)
            start = end
            if start == len(stretch):
                return progress


async def _ahead(chunks: AsyncIterator[Chunk]) -> AsyncGenerator[Chunk]:
    """The same, the next one read while the one before is written."""

    async def read() -> Chunk | None:
        return await anext(chunks, None)

    reading = asyncio.create_task(read())
    try:
        while (chunk := await reading) is not None:
            reading = asyncio.create_task(read())
            yield chunk
    finally:
        reading.cancel()


def _sorted(chunk: Chunk) -> _Stretch:
    """The pairs of a stretch, each once; of one that stands there again the later place counts."""
    found: dict[tuple[str, str], int] = {}
    places: dict[tuple[str, str], int] = {}
    for place, (app_id, external_id, mask) in enumerate(
        zip(chunk.app_record_ids, chunk.external_record_ids, chunk.directions, strict=True)
    ):
        pair = (app_id, external_id)
        found[pair] = found.get(pair, 0) | mask
        places[pair] = place
    pairs = sorted(found)
    return _Stretch(pairs, [found[pair] for pair in pairs], [places[pair] for pair in pairs])


def _counted(progress: Progress, chunk: Chunk, pairs: int, new: int) -> Progress:
    return _done(
        replace(progress, new_rows=progress.new_rows + new, unchanged_rows=progress.unchanged_rows + pairs - new),
        chunk,
        pairs,
        progress.checksum,
    )


def _done(progress: Progress, chunk: Chunk, pairs: int, checksum: int) -> Progress:
    """The progress with a whole stretch behind it."""
    return replace(
        progress,
        done_rows=progress.done_rows + len(chunk),
        position=0,
        checksum=checksum,
        repeated_rows=progress.repeated_rows + len(chunk.lines) - pairs,
        bad_rows=progress.bad_rows + len(chunk.bad),
    )


def _changes(chunk: Chunk, stretch: _Stretch, changed: dict[tuple[str, str], bool], most: int) -> Iterator[Change]:
    """The first rows of a stretch that change something, in the order of the file."""
    by_place = sorted(zip(stretch.order, stretch.pairs, stretch.masks, strict=True))
    found = ((place, pair, mask) for place, pair, mask in by_place if pair in changed)
    for place, (app_id, external_id), mask in [each for each, _ in zip(found, range(most), strict=False)]:
        yield Change(
            line=chunk.lines[place],
            app_record_id=app_id,
            external_record_id=external_id,
            direction=_DIRECTIONS[mask],
            displaces=changed[app_id, external_id],
        )


def _check_same(seen: _Seen, progress: Progress) -> None:
    if seen.rows == progress.done_rows and seen.checksum != progress.checksum:
        raise _other_file()


def _other_file() -> AlreadyExists:
    return AlreadyExists(
        "An import of this name has read another file: choose another importId, or send the same file again.",
        {"path": "$.importId"},
    )


def _report(
    progress: Progress, seen: _Seen, import_id: str | None, *, finished: bool, dry_run: bool = False
) -> ImportReport:
    return ImportReport(
        import_id=import_id,
        dry_run=dry_run,
        finished=finished,
        rows=seen.rows,
        new=progress.new_rows,
        unchanged=progress.unchanged_rows,
        repeated=progress.repeated_rows,
        bad=progress.bad_rows,
        displacing=seen.displacing if dry_run else None,
        changes=seen.changes if dry_run else None,
        rejects=_rejects(seen.rejects),
    )


def _rejects(bad: Sequence[BadRow]) -> list[Reject]:
    return [Reject(line=row.line, reason=row.reason, column=row.column, row=row.row) for row in bad]
