"""What came of runs, kept: links, node runs and the state of a run in one transaction, while the run is the worker's own.

Runs that have something to keep at the same time share a transaction and its statements. Whose lease is over is left out of it,
so nothing of that run is written.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from datalinks.errors import StorageFull, Unavailable
from datalinks.flows.progress import Progress
from datalinks.flows.record import kept_node_run
from datalinks.store import flow_runs
from datalinks.store.database import Database, Transaction
from datalinks.store.flow_runs import ClaimedRun, Kept, LeaseLost

# One transaction waits for the disk while another is written.
_LANES = 2
# How many runs share a transaction: as many as usually wait, and few enough that none waits long for the others.
_MOST = 32


class NotKeptTogether(Exception):
    """Something went wrong with one of the runs that shared a transaction; each can be kept alone."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """A run that has something to keep.

    kept: what it has come to. write: writes what is to be kept with it and takes that into the run, if there is anything.
    is_short: it keeps nobody waiting who shares a transaction with it.
    """

    run: ClaimedRun
    progress: Progress
    kept: Callable[[], Kept]
    write: Callable[[Transaction], Awaitable[None]] | None = None
    is_short: bool = True


class Keeper:
    """Keeps what runs have to keep, those that wait at the same time together."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._free_lanes = _LANES
        self._waiting: list[tuple[Keeping, asyncio.Future[None]]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def keep(self, keeping: Keeping) -> None:
        """Keep a run as it is, with others if it is a short matter.

        Raises:
            LeaseLost: it is not the worker's; nothing of it is kept. NotKeptTogether: nothing of it is kept, as something went
                wrong with one of several. Unavailable, StorageFull: as a transaction.
        """
        if not keeping.is_short:
            await self.keep_alone(keeping)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((keeping, future))
        if self._free_lanes:
            self._free_lanes -= 1
            # The lane begins after everything that is ready to be kept has come.
            task = asyncio.create_task(self._work())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        await future

    async def keep_alone(self, keeping: Keeping) -> None:
        """As ``keep``, in a transaction that nobody shares.

        Raises:
            LeaseLost, Unavailable, StorageFull: as ``keep``.
        """
        if keeping.run.id not in await _keep(self._database, [keeping]):
            raise LeaseLost

    async def close(self) -> None:
        """Wait until nothing is under way."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _work(self) -> None:
        """One lane: keep what waits until nothing does."""
        try:
            while self._waiting:
                together, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
                # Who has gone away meanwhile keeps nothing.
                await self._keep_together([each for each in together if not each[1].done()])
        finally:
            self._free_lanes += 1

    async def _keep_together(self, together: Sequence[tuple[Keeping, asyncio.Future[None]]]) -> None:
        try:
            held = await _keep(self._database, [keeping for keeping, _ in together])
        except Exception as error:  # noqa: BLE001 - whatever happens, those who wait hear of it
            is_everybodys = len(together) == 1 or isinstance(error, (Unavailable, StorageFull))
            told = error if is_everybodys else NotKeptTogether()
            _answer(together, lambda _: told)
        except BaseException:
            # The lane itself is given up, as the loop ends: nobody must wait for it.
            for _, future in together:
                future.cancel()
            raise
        else:
            _answer(together, lambda keeping: None if keeping.run.id in held else LeaseLost())


def _answer(
    together: Sequence[tuple[Keeping, asyncio.Future[None]]], error_of: Callable[[Keeping], Exception | None]
) -> None:
    for keeping, future in together:
        if future.done():
            continue
        if (error := error_of(keeping)) is None:
            future.set_result(None)
        else:
            future.set_exception(error)


async def _keep(database: Database, keepings: Sequence[Keeping]) -> set[str]:
    """Keep runs in one transaction; the ids of those that are the worker's own, as nothing is kept of the others."""
    async with database.transaction() as tx:
        held = await flow_runs.hold_runs(tx, [each.run for each in keepings])
        ours = [each for each in keepings if each.run.id in held]
        for each in ours:
            if each.write is not None:
                await each.write(tx)
        await put_changed(tx, *((each.run, each.progress) for each in ours))
        await flow_runs.keep_runs(tx, [(each.run, each.kept()) for each in ours])
    return held


async def put_changed(tx: Transaction, *runs: tuple[ClaimedRun, Progress]) -> None:
    """Keep the node runs of runs that have changed."""
    await flow_runs.put_node_runs(
        tx,
        [(run.id, kept_node_run(step, progress.steps)) for run, progress in runs for step in progress.changed.values()],
    )
