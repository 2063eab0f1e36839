"""The worker: claims runs of flows that are due and takes them to their end, many at a time.

Any number of workers share a store. A run is a worker's for a while, its lease, and for longer as long as it is at it; if
the worker dies, another claims the run when that time is over and goes on from what was kept. Whoever keeps something of a
run must still have it, so clocks that differ cost work that is done twice, and never a link that is written twice.
"""

import asyncio
import random
from collections import OrderedDict
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import msgspec
import structlog
from prometheus_client import CollectorRegistry

from datalinks.errors import DataLinksError, StorageFull, Unavailable
from datalinks.flows.engine import Engine
from datalinks.flows.metrics import FlowMetrics
from datalinks.flows.outside import Outside
from datalinks.flows.world import LoadedFlow, RunWorld
from datalinks.ids import Clock, new_id
from datalinks.model.error_data import ErrorData
from datalinks.model.flow_run import RunState
from datalinks.services.caller import Caller
from datalinks.services.formula_engines import FormulaEngines
from datalinks.services.instances import Instances
from datalinks.services.link_answers import LinkFinder
from datalinks.store import flow_runs
from datalinks.store.database import Database
from datalinks.store.flow_runs import Claim, ClaimedRun, LeaseLost

_log = structlog.get_logger(__name__)

_MICROSECONDS = 1_000_000
_DAY = 86_400 * _MICROSECONDS
# Flows that are remembered, read and compiled.
_FLOWS = 256
# How often a worker says that it still has its runs: so many times in a lease.
_RENEWALS = 3
# Waits for a store that is out of reach: the first, and the longest.
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 5.0
# After other workers were faster.
_YIELD_SECONDS = 0.01
# How long a worker that was full waits for more places than one.
_GATHER_SECONDS = 0.005
_RELEASE_SECONDS = 5.0
# How often a worker looks at the queue and at what is old, and how much it deletes in one transaction.
_LOOK_SECONDS = 15.0
_OLD_RUNS = 100
_OLD_NODE_RUNS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerLimits:
    """How a worker works.

    runs: how many it takes at a time. places: how many runs of one connection go on at a time, whoever has them.
    lease_seconds: for how long a run is a worker's before it must say that it is still there.
    poll_seconds: how long it waits when nothing was due. run_seconds: how long one run may take in one go.
    claims: how often a run is begun or gone on with, without anything of it being kept, before it is given up.
    stop_seconds: how long runs under way may go on when the worker is stopped. keep_days: how long ended runs are kept.
    """

    runs: int = 16
    places: int = 1
    lease_seconds: float = 30.0
    poll_seconds: float = 0.5
    run_seconds: float = 3_000.0
    claims: int = 5
    stop_seconds: float = 10.0
    keep_days: float = 14.0


@dataclass(slots=True)
class _Held:
    """A run that this worker has, and the task that is at it."""

    run: ClaimedRun
    task: "asyncio.Task[None] | None" = None
    is_let_go: bool = False
    _ending: asyncio.TimerHandle | None = field(default=None)

    def keep_until(self, moment: float) -> None:
        """The run is this worker's until a moment of the loop's clock; whatever still goes on then ends."""
        if self._ending is not None:
            self._ending.cancel()
        self._ending = asyncio.get_running_loop().call_at(moment, self.lose)

    def lose(self) -> None:
        """End the work: the run is not this worker's any more."""
        if self.task is not None:
            self.task.cancel()

    def let_go(self) -> None:
        """End the work and give the run back."""
        self.is_let_go = True
        self.lose()

    def close(self) -> None:
        """Nothing goes on any more."""
        if self._ending is not None:
            self._ending.cancel()


class Worker:
    """Takes due runs until it is told to stop."""

    def __init__(
        self,
        database: Database,
        engine: Engine,
        engines: FormulaEngines,
        links: LinkFinder,
        instances: Instances,
        clock: Clock,
        limits: WorkerLimits,
        metrics: FlowMetrics | None = None,
        outside: Outside | None = None,
        launch_due: Callable[[int], Awaitable[int]] | None = None,
        forget_events: Callable[[], Awaitable[int]] | None = None,
        ask_for_events: Callable[[int], Awaitable[int]] | None = None,
    ) -> None:
        self._database = database
        self._engine = engine
        self._engines = engines
        self._links = links
        self._instances = instances
        self._clock = clock
        self._limits = limits
        self._outside = outside
        self._launch_due = launch_due
        self._forget_events = forget_events
        self._ask_for_events = ask_for_events
        self._metrics = metrics or FlowMetrics(CollectorRegistry())
        self._flows: OrderedDict[str, LoadedFlow] = OrderedDict()
        self._held: dict[asyncio.Task[None], _Held] = {}
        # The connection behind which to look for the next runs, so that each has its turn.
        self._after = ""
        self._woken = asyncio.Event()
        self._is_stopping = False

    def wake(self) -> None:
        """Look for due runs now."""
        self._woken.set()

    async def run(self) -> None:
        """Work until ``stop``; what is under way then has a while to end, and is given back if it does not."""
        async with self._at_work():
            while not self._is_stopping:
                self._woken.clear()
                if not await self._claim():
                    await self._rest()
            if self._held:
                await asyncio.wait(self._held, timeout=self._limits.stop_seconds)

    def stop(self) -> None:
        """Claim nothing more."""
        self._is_stopping = True
        self._woken.set()

    async def work_off(self) -> int:
        """Take every run that is due to its end, and whatever becomes due meanwhile; how many runs there were."""
        count = 0
        async with self._at_work():
            while claimed := await self._claim():
                count += claimed
                await asyncio.gather(*self._held)
        return count

    @asynccontextmanager
    async def _at_work(self) -> AsyncGenerator[None]:
        """Runs are kept while they go on, and old ones deleted; at the end none goes on."""
        chores = [
            asyncio.create_task(chore)
            for chore in (self._keep_leases(), self._look_after(), self._watch_schedules(), self._watch_subscriptions())
        ]
        try:
            yield
        finally:
            held = list(self._held.values())
            for each in held:
                each.let_go()
            await asyncio.gather(*self._held, return_exceptions=True)
            await self._engine.close()
            for chore in chores:
                chore.cancel()
            await asyncio.gather(*chores, return_exceptions=True)

    async def _watch_schedules(self) -> None:
        """Launch what is due by schedules, as often as runs are looked for."""
        while self._launch_due is not None:
            with suppress(DataLinksError):
                await self._launch_due(self._clock.now())
            await asyncio.sleep(self._limits.poll_seconds)

    async def _watch_subscriptions(self) -> None:
        """Ask products for events that flow instances wait for, where whoever set them up has left it to workers."""
        while self._ask_for_events is not None:
            asked = 0
            try:
                asked = await self._ask_for_events(self._clock.now())
            except DataLinksError as error:
                _log.warning("products cannot be asked for events", error=error.message)
            except Exception:  # noqa: BLE001 - the edge of a chore: whatever happens is told, and the work goes on
                _log.exception("products cannot be asked for events")
            await asyncio.sleep(_YIELD_SECONDS if asked else self._limits.poll_seconds)

    async def _rest(self) -> None:
        # Not all at the same moment, where there are many.
        with suppress(TimeoutError):
            async with asyncio.timeout(self._limits.poll_seconds * random.uniform(0.8, 1.2)):  # noqa: S311 - no secret
                await self._woken.wait()

    async def _claim(self) -> int:
        """Begin with due runs, as many as there is room for; how many runs there were, whoever got them."""
        room = self._limits.runs - len(self._held)
        if room <= 0:
            await asyncio.wait(self._held, return_when=asyncio.FIRST_COMPLETED)
            # Runs that are kept together end together, and what follows them is claimed together.
            await asyncio.sleep(_GATHER_SECONDS)
            return 1
        now, moment = self._clock.now(), asyncio.get_running_loop().time()
        claim = Claim(now=now, until=now + self._lease, lease=new_id(now), places=self._limits.places)
        try:
            claimed = await flow_runs.claim_runs(self._database, claim, after=self._after, limit=room)
        except DataLinksError as error:
            _log.warning("flow runs cannot be claimed", error=error.message)
            return 0
        except Exception:  # noqa: BLE001 - the edge of a claim: whatever happens is told, and the next may succeed
            _log.exception("flow runs cannot be claimed")
            return 0
        self._after = claimed.after
        for run in claimed.runs:
            self._begin(run, moment)
        if claimed.is_any and not claimed.runs:
            await asyncio.sleep(_YIELD_SECONDS)
        return len(claimed.runs) or int(claimed.is_any)

    def _begin(self, run: ClaimedRun, moment: float) -> None:
        if not run.is_begun and run.claims == 1:
            self._metrics.claimed.observe(max(0, self._clock.now() - run.created_at) / _MICROSECONDS)
        held = _Held(run)
        held.task = task = asyncio.create_task(self._take(held))
        held.keep_until(moment + self._limits.lease_seconds)
        self._held[task] = held
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._held.pop(task).close()
        # The next run of the same connection may be waiting for its place.
        self._woken.set()

    @property
    def _lease(self) -> int:
        return int(self._limits.lease_seconds * _MICROSECONDS)

    async def _take(self, held: _Held) -> None:
        """Take a run to its end; whatever fails here fails no other run."""
        run, began = held.run, asyncio.get_running_loop().time()
        try:
            state = await self._end(run)
        except LeaseLost:
            self._metrics.lost.inc()
            _log.info("flow run is somebody else's, or was stopped", run=run.id)
        except asyncio.CancelledError:
            if held.is_let_go:
                await self._release(run)
                return
            self._metrics.lost.inc()
            _log.warning("flow run was given up, as it could not be kept for longer", run=run.id)
        except Exception:  # noqa: BLE001 - the edge of a run: whatever happens is told, and other runs go on
            _log.exception("flow run failed inside the server", run=run.id)
        else:
            self._metrics.runs.labels(state.value).inc()
            self._metrics.seconds.observe(asyncio.get_running_loop().time() - began)
            _log.info("flow run ended", run=run.id, state=state.value)

    async def _end(self, run: ClaimedRun) -> RunState:
        """Take a run to its end, by giving it up if there is no other way; its state then.

        Raises:
            LeaseLost: it is not this worker's.
        """
        if run.claims > self._limits.claims:
            return await self._fail(
                run, f"The run was begun {self._limits.claims} times and ended its worker each time."
            )
        limit = asyncio.timeout(self._limits.run_seconds)
        try:
            async with limit:
                return await self._advance(run)
        except LeaseLost:
            raise
        except TimeoutError:
            if not limit.expired():
                raise
        except Exception:  # noqa: BLE001 - a mistake of ours: the run would fail again and again
            _log.exception("flow run failed inside the server", run=run.id)
            return await self._fail(run, "Something went wrong inside the server.", "internal")
        return await self._fail(run, f"The run took longer than {self._limits.run_seconds:g} seconds.")

    async def _advance(self, run: ClaimedRun) -> RunState:
        is_begun = run.is_begun

        async def go_on() -> RunState:
            nonlocal is_begun
            # What could not be kept may be kept all the same, so it is read again.
            kept, is_begun = is_begun, True
            return await self._engine.advance(self._world(run), is_begun=kept)

        return await self._insist(run, go_on)

    async def _fail(self, run: ClaimedRun, message: str, type: str = "flow_run") -> RunState:
        error = ErrorData(type=type, message=message)
        return await self._insist(run, lambda: self._engine.fail(run, error))

    async def _insist(self, run: ClaimedRun, work: Callable[[], Awaitable[RunState]]) -> RunState:
        """Do something again while the store is out of reach; as long as that may be, the run is this worker's."""
        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                return await work()
            except (Unavailable, StorageFull) as error:
                _log.warning("flow run waits for the store", run=run.id, error=error.message)
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    async def _release(self, run: ClaimedRun) -> None:
        """Give a run back; if that fails, others have it when the lease is over."""
        with suppress(DataLinksError, TimeoutError):
            async with asyncio.timeout(_RELEASE_SECONDS):
                await flow_runs.release_run(self._database, run.id, run.lease, self._clock.now())
        _log.info("flow run was given back", run=run.id)

    async def _keep_leases(self) -> None:
        """Say again and again that the runs are still at work."""
        while True:
            await asyncio.sleep(self._limits.lease_seconds / _RENEWALS)
            await asyncio.gather(*map(self._renew, list(self._held.values())))

    async def _renew(self, held: _Held) -> None:
        """Keep a run for longer, or end the work if it is somebody else's. If the store does not say, it ends with the lease."""
        moment = asyncio.get_running_loop().time()
        until = self._clock.now() + self._lease
        with suppress(DataLinksError, TimeoutError):
            async with asyncio.timeout(self._limits.lease_seconds / _RENEWALS):
                is_kept = await flow_runs.renew_lease(self._database, held.run.id, held.run.lease, until)
            if is_kept:
                held.keep_until(moment + self._limits.lease_seconds)
            else:
                held.lose()

    async def _look_after(self) -> None:
        """Count the queue and delete what is old, now and then."""
        while True:
            try:
                self._metrics.queue.set(await flow_runs.count_queued_runs(self._database))
                await self._delete_old()
            except DataLinksError as error:
                _log.warning("flow runs cannot be looked after", error=error.message)
            except Exception:  # noqa: BLE001 - the edge of a chore: whatever happens is told, and the work goes on
                _log.exception("flow runs cannot be looked after")
            await asyncio.sleep(_LOOK_SECONDS * random.uniform(0.8, 1.2))  # noqa: S311 - no secret

    async def _delete_old(self) -> None:
        before = self._clock.now() - int(self._limits.keep_days * _DAY)
        while deleted := await flow_runs.delete_old_runs(
            self._database, before=before, runs=_OLD_RUNS, node_runs=_OLD_NODE_RUNS
        ):
            self._metrics.deleted.inc(deleted)
            # Others have their turns between.
            await asyncio.sleep(_YIELD_SECONDS)
        while self._forget_events is not None and await self._forget_events():  # noqa: ASYNC110 - others have their turns
            await asyncio.sleep(_YIELD_SECONDS)

    def _world(self, run: ClaimedRun) -> RunWorld:
        return RunWorld(
            reader=self._database,
            run=run,
            flow=self._loaded(run.nodes),
            caller=Caller(run.workspace_id, "", "", is_admin=True),
            engines=self._engines,
            links=self._links,
            instances=self._instances,
            clock=self._clock,
            outside=self._outside,
        )

    def _loaded(self, nodes: str) -> LoadedFlow:
        flow = self._flows.pop(nodes, None) or LoadedFlow.read(msgspec.json.decode(nodes))
        self._flows[nodes] = flow
        if len(self._flows) > _FLOWS:
            self._flows.popitem(last=False)
        return flow
