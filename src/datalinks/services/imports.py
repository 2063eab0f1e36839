"""Imports: the links of a whole file written in stretches, each durable when it is done, so that an import can go on.

A stretch is sorted by its pairs before it is written, as writing in the order of the index costs a fraction of writing in
any other, and then written in turns, so that others who write need not wait for all of it. Turns and the progress of the
import commit together: whatever breaks, the rows that count as done are those whose links are there.
"""

import asyncio
import zlib
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from itertools import islice

from datalinks.errors import AlreadyExists
from datalinks.files import BadRow, Chunk
from datalinks.ids import Clock, new_salt
from datalinks.model.importing import Change, ImportReport, Reject
from datalinks.model.link import RequestedDirection
from datalinks.services.activity import LinkActivity
from datalinks.services.caller import Caller
from datalinks.services.instances import Instances, InstanceSelector
from datalinks.services.stretches import Stretch, read_ahead, sorted_stretch
from datalinks.store.database import Database, UniqueViolation
from datalinks.store.imports import Overtaken, Progress, compare_links, find_progress, put_new_links, put_progress
from datalinks.store.instances import InstanceNo

# The larger, the fewer times the indexes are gone through; what it costs in memory is measured in docs/explanation.
ROWS_PER_STRETCH = 100_000
_MAX_SHOWN = 1_000
_DIRECTIONS = {1: RequestedDirection.IMPORT, 2: RequestedDirection.EXPORT, 3: RequestedDirection.BOTH}


@dataclass(slots=True)
class _Seen:
    """What was read of the file in this call, whether or not it was written before.

    checksum: of its links so far. changes, displacing: what would change, only found out by a comparison.
    """

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
    """Imports into the instances that a caller may see.

    rows_per_stretch: how many rows of a file are written at once and must be in memory; an import goes on under the
    number that it was begun with.
    """

    def __init__(
        self,
        database: Database,
        instances: Instances,
        activity: LinkActivity,
        clock: Clock,
        rows_per_stretch: int = ROWS_PER_STRETCH,
    ) -> None:
        self.rows_per_stretch = rows_per_stretch
        self._database = database
        self._instances = instances
        self._activity = activity
        self._clock = clock

    async def write(
        self, caller: Caller, wanted: InstanceSelector, chunks: AsyncGenerator[Chunk], import_id: str | None = None
    ) -> AsyncGenerator[ImportReport]:
        """Write the links of a file that are not there; those that are stay as they are. Reports after each stretch.

        chunks: its rows in stretches of ``rows_per_stretch``. import_id: goes on with the import of this name, or begins it.
        Several uploads of one import at the same time share the work.

        Raises:
            NotFound, BadRequest: as finding links; or the file cannot be read any further: what was reported stays done.
            AlreadyExists: the import of this name has read other rows.
        """
        instance = await self._instances.resolve(caller, wanted)
        progress = await self._progress(instance, import_id)
        seen = _Seen()
        async with aclosing(read_ahead(chunks)) as stretches:
            async for chunk in stretches:
                seen.read(chunk)
                if seen.rows > progress.done_rows:
                    progress = await self._write_stretch(instance, chunk, progress, seen, import_id)
                _check_same(seen, progress)
                yield _report(progress, seen, import_id, finished=False)
        progress = await self._finish(instance, progress, seen, import_id)
        yield _report(progress, seen, import_id, finished=True)

    async def compare(
        self, caller: Caller, wanted: InstanceSelector, chunks: AsyncGenerator[Chunk]
    ) -> AsyncGenerator[ImportReport]:
        """What writing a file would change; nothing is written. Reports after each stretch.

        Each stretch is compared with the links that are there, not with those of the stretches before it.

        Raises:
            NotFound, BadRequest: as ``write``.
        """
        instance = await self._instances.resolve(caller, wanted)
        progress, seen = Progress(), _Seen()
        async with aclosing(read_ahead(chunks)) as stretches:
            async for chunk in stretches:
                seen.read(chunk)
                stretch = await asyncio.to_thread(sorted_stretch, chunk)
                pairs = stretch.numbered(0, len(stretch), 1, 0)
                # For each stretch anew: while the next one arrives, no connection waits.
                async with self._database.aside() as tx:
                    changed = await compare_links(tx, instance, pairs)
                progress = _done(_counted(progress, len(pairs), len(changed)), stretch)
                seen.displacing += sum(changed.values())
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

    async def _progress(self, instance: InstanceNo, import_id: str | None) -> Progress:
        found = None if import_id is None else await find_progress(self._database, instance, import_id)
        return found or Progress()

    async def _write_stretch(
        self, instance: InstanceNo, chunk: Chunk, progress: Progress, seen: _Seen, import_id: str | None
    ) -> Progress:
        """Write what is not written yet of the stretch that was read last; the progress behind it.

        Raises:
            AlreadyExists: the import of this name has read other rows.
        """
        stretch = await asyncio.to_thread(sorted_stretch, chunk)
        first, salt = self._clock.reserve(len(chunk)), new_salt()
        while progress.done_rows < seen.rows:
            _check_next(stretch, seen, progress)
            try:
                progress = await self._write_turn(instance, stretch, (first, salt), progress, seen.checksum, import_id)
            except Overtaken:
                progress = await self._progress(instance, import_id)
            except UniqueViolation:
                first, salt = self._clock.reserve(len(chunk)), new_salt()
        return progress

    async def _write_turn(
        self,
        instance: InstanceNo,
        stretch: Stretch,
        numbers: tuple[int, int],
        progress: Progress,
        checksum: int,
        import_id: str | None,
    ) -> Progress:
        """Write as many pairs of a stretch as others may wait for; the progress behind them.

        numbers: the microsecond of the stretch's first row, and the salt, for the numbers of its links.

        Raises:
            Overtaken: another upload of the import wrote them. UniqueViolation: as ``put_new_links``.
        """
        end = min(progress.position + self._database.stage_size, len(stretch))
        pairs = await asyncio.to_thread(stretch.numbered, progress.position, end, *numbers)
        async with self._database.transaction() as tx:
            new = await put_new_links(tx, instance, pairs) if pairs else 0
            behind = replace(_counted(progress, len(pairs), new), position=end, checksum=checksum)
            if end == len(stretch):
                behind = _done(behind, stretch)
            if import_id is not None:
                await put_progress(tx, instance, import_id, progress, behind, self._clock.now())
        self._activity.written(instance.no, new)
        return behind

    async def _finish(self, instance: InstanceNo, progress: Progress, seen: _Seen, import_id: str | None) -> Progress:
        """Keep that the file has ended.

        Raises:
            AlreadyExists: the import of this name has read more rows.
        """
        if import_id is None:
            return progress
        if seen.rows < progress.done_rows or progress.position:
            raise _other_file()
        if progress.finished_at is not None:
            return progress
        now = self._clock.now()
        finished = replace(progress, finished_at=now)
        try:
            async with self._database.transaction() as tx:
                await put_progress(tx, instance, import_id, progress, finished, now)
        except Overtaken as error:
            raise _other_file() from error
        return finished


def _counted(progress: Progress, pairs: int, new: int) -> Progress:
    return replace(progress, new_rows=progress.new_rows + new, unchanged_rows=progress.unchanged_rows + pairs - new)


def _done(progress: Progress, stretch: Stretch) -> Progress:
    """The progress with a whole stretch behind it."""
    return replace(
        progress,
        done_rows=progress.done_rows + stretch.rows,
        position=0,
        repeated_rows=progress.repeated_rows + stretch.rows - stretch.bad_rows - len(stretch),
        bad_rows=progress.bad_rows + stretch.bad_rows,
    )


def _changes(chunk: Chunk, stretch: Stretch, changed: dict[tuple[str, str], bool], most: int) -> Iterator[Change]:
    """The first rows of a stretch that change something, in the order of the file."""
    by_place = sorted(zip(stretch.places, stretch.pairs, stretch.masks, strict=True))
    for place, pair, mask in islice((each for each in by_place if each[1] in changed), most):
        yield Change(
            line=chunk.lines[place],
            app_record_id=pair[0],
            external_record_id=pair[1],
            direction=_DIRECTIONS[mask],
            displaces=changed[pair],
        )


def _check_same(seen: _Seen, progress: Progress) -> None:
    """Look whether the rows that are done are those of this file, where that can be told.

    Raises:
        AlreadyExists: they are not.
    """
    if seen.rows == progress.done_rows and not progress.position and seen.checksum != progress.checksum:
        raise _other_file()


def _check_next(stretch: Stretch, seen: _Seen, progress: Progress) -> None:
    """Look whether the stretch that was read last is the one to be written next.

    Raises:
        AlreadyExists: the import has ended before it, or was in the midst of another one.
    """
    is_next = progress.finished_at is None and seen.rows - stretch.rows == progress.done_rows
    if not is_next or (progress.position and seen.checksum != progress.checksum):
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
