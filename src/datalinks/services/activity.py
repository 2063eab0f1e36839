"""What is done with links, counted in memory where it is done and added to the store every few seconds.

A process that is killed loses the last seconds of these statistics, and nothing else.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager, suppress

import structlog

from datalinks.ids import Clock
from datalinks.store.activity import HOUR, Done, add_activity, delete_old_activity
from datalinks.store.database import Database

FLUSH_SECONDS = 5.0
_KEPT_HOURS = 8 * 24

_log = structlog.get_logger(__name__)


class LinkActivity:
    """Counts what one process does with links, by the number of their instance.

    Counting is adding numbers in memory: it waits for nothing and cannot fail.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._done: dict[int, Done] = {}
        self._flushing = asyncio.Lock()
        self._forgot_at = 0

    def written(self, instance_no: int, links: int) -> None:
        """Links were written, new or again."""
        if links:
            self._of(instance_no).links_written += links

    def deleted(self, instance_no: int, links: int) -> None:
        """Links were deleted."""
        if links:
            self._of(instance_no).links_deleted += links

    def found(self, instance_no: int, is_hit: bool) -> None:
        """The links of one record were asked for, and there were some or none."""
        done = self._done.get(instance_no) or self._of(instance_no)
        if is_hit:
            done.finds_hit += 1
        else:
            done.finds_missed += 1

    def found_each(self, instance_no: int, are_hits: Iterable[bool]) -> None:
        """As ``found``, for each of many records."""
        for is_hit in are_hits:
            self.found(instance_no, is_hit)

    def _of(self, instance_no: int) -> Done:
        return self._done.setdefault(instance_no, Done())

    async def flush(self) -> None:
        """Add what was counted to the store. If that fails it stays counted, and the next time has it too."""
        async with self._flushing:
            done, self._done = self._done, {}
            if not done:
                return
            try:
                await self._keep(done)
            except BaseException as error:
                for no, each in done.items():
                    self._of(no).add(each)
                # Statistics are no reason to fail for whoever waits for them, whatever happened.
                if not isinstance(error, Exception):
                    raise
                _log.warning("activity was not kept", exc_info=error)

    async def _keep(self, done: dict[int, Done]) -> None:
        now = self._clock.now()
        is_time_to_forget = now - self._forgot_at > HOUR
        async with self._database.transaction() as tx:
            await add_activity(tx, done, now)
            if is_time_to_forget:
                await delete_old_activity(tx, now - _KEPT_HOURS * HOUR)
        if is_time_to_forget:
            self._forgot_at = now

    @asynccontextmanager
    async def kept(self, every_seconds: float = FLUSH_SECONDS) -> AsyncGenerator[None]:
        """Flush every few seconds, and once more when the block is left."""
        stop = asyncio.Event()
        flushing = asyncio.create_task(self._flush_until(stop, every_seconds))
        try:
            yield
        finally:
            stop.set()
            await flushing
            await self.flush()

    async def _flush_until(self, stop: asyncio.Event, every_seconds: float) -> None:
        while not stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), every_seconds)
            await self.flush()
