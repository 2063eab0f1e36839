"""The engine: takes a run as far as it goes, and keeps what happened so that it happens once.

Node runs are computed in waves of one node. What a wave computed, the links that it wrote and the state of the run are
kept in one transaction, while the run is the worker's own (``keeping``): a worker that was thought dead keeps nothing.
Waves that change nothing wait for the next transaction; if the server dies they are computed again. A wave that is seen
outside comes after a transaction of its own, so that it is the same wave if it must be done again.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import structlog
from msgspec import structs, to_builtins

from datalinks.errors import DataLinksError, Unavailable
from datalinks.flows.definition import Definition, Link, Node
from datalinks.flows.keeping import Keeper, Keeping, NotKeptTogether, put_changed
from datalinks.flows.kinds import UNAVAILABLE, kinds
from datalinks.flows.node import Done, Failed, Iterating, NodeKind, Outcome, Prepared, Skipped
from datalinks.flows.progress import Onward, Progress, Step, TooManySteps
from datalinks.flows.record import read_step
from datalinks.flows.world import RunWorld
from datalinks.formulas.errors import FormulaError
from datalinks.formulas.filters import matches
from datalinks.formulas.javascript.coercion import is_true
from datalinks.formulas.values import UNDEFINED, is_array, is_nothing
from datalinks.ids import Clock
from datalinks.model.error_data import ErrorData
from datalinks.model.flow_run import NodeRunStatus, RunState
from datalinks.store import flow_runs
from datalinks.store.database import Database, Reader, Transaction
from datalinks.store.flow_runs import ClaimedRun, Kept, LeaseLost

_log = structlog.get_logger(__name__)

# How many node runs are read at once.
_PAGE = 1_000
# What has more node runs to keep keeps them in a transaction that no other run waits for.
_SHORT = 100
# How many errors a run itself has, as it is written whole whenever something of it is kept.
_ERRORS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineLimits:
    """What one run may use.

    node_runs: how many node runs there may be. wave: how many are computed together.
    unkept: how many may be done again after a crash, as nothing of them is kept yet; nothing outside comes of them.
    """

    node_runs: int = 100_000
    wave: int = 1_000
    unkept: int = 5_000


# How a run is kept: with others, or alone.
Keep: TypeAlias = Callable[[Keeping], Awaitable[None]]


def _count_nothing(_: int) -> None:
    pass


class Engine:
    """Takes runs from where they are to their end. count: is told how many more node runs are over and kept."""

    def __init__(
        self, database: Database, clock: Clock, limits: EngineLimits, count: Callable[[int], object] = _count_nothing
    ) -> None:
        self._database = database
        self._clock = clock
        self._limits = limits
        self._count = count
        self._keeper = Keeper(database)

    async def advance(self, world: RunWorld, *, is_begun: bool = True) -> RunState:
        """Take a run to its end, from wherever it is; its state then.

        is_begun: whether something of it may be kept.

        Raises:
            LeaseLost: it is another worker's, or was stopped; nothing more of it was kept.
            Unavailable, StorageFull: the store is out of reach or full; the run goes on from what was kept.
        """
        try:
            return await self._advance(world, self._keeper.keep, is_begun=is_begun)
        except NotKeptTogether:
            return await self._advance(world, self._keeper.keep_alone, is_begun=True)

    async def close(self) -> None:
        """Wait until nothing is being kept any more."""
        await self._keeper.close()

    async def fail(self, run: ClaimedRun, error: ErrorData) -> RunState:
        """End a run where it is, with everything of it that has not ended; its state then.

        Raises:
            LeaseLost, Unavailable, StorageFull: as ``advance``.
        """
        now = self._clock.now()
        async with self._database.transaction() as tx:
            # Held first, as the last of it may be on its way to be kept.
            if not await flow_runs.hold_runs(tx, [run]):
                raise LeaseLost
            progress = Progress(Definition({}, ()), await _steps(tx, run))
            progress.end_all(NodeRunStatus.FAILED, now)
            kept = Kept(state=RunState.FAILED, counts=progress.counts, errors=shown([*run.errors, error]), ended_at=now)
            await put_changed(tx, (run, progress))
            await flow_runs.keep_runs(tx, [(run, kept)])
        return kept.state

    async def _advance(self, world: RunWorld, keep: Keep, *, is_begun: bool) -> RunState:
        kept = await _steps(self._database, world.run) if is_begun else ()
        progress = Progress(world.flow.definition, kept, self._limits.node_runs)
        if not kept:
            progress.begin(world.run.start_node_key, world.run.input)
        advance = _Advance(keep, self._clock, self._limits, world, progress, self._count)
        while await advance.next_wave():
            pass
        return await advance.end()


class _Advance:
    """One run on its way."""

    def __init__(
        self,
        keep: Keep,
        clock: Clock,
        limits: EngineLimits,
        world: RunWorld,
        progress: Progress,
        count: Callable[[int], object],
    ) -> None:
        self._keep_run = keep
        self._clock = clock
        self._limits = limits
        self._world = world
        self._progress = progress
        self._count = count
        self._errors = list(world.run.errors)
        # Filters that are formulas may take their time.
        self._is_quick = all(
            is_nothing(link.filter) or is_array(link.filter)
            for node in progress.definition.nodes.values()
            for link in node.links
        )

    async def next_wave(self) -> bool:
        """Compute what is next and keep what must be kept now; whether there was anything."""
        wave = self._progress.next_wave(self._limits.wave)
        if not wave:
            return False
        node = self._node(wave[0])
        kind = kinds().get(node.type)
        if kind is None:
            await self._take(node, wave, [_unavailable(node, step) for step in wave])
            return True
        if kind.reaches_out:
            wave = wave[: node.concurrency]
            if self._progress.changed:
                await self._keep()
        await self._run(node, kind, wave)
        return True

    async def end(self) -> RunState:
        """Keep what the run has come to."""
        if self._progress.changed or self._progress.state.is_over:
            await self._keep()
        return self._state()

    async def _run(self, node: Node, kind: NodeKind, wave: Sequence[Step]) -> None:
        now = self._clock.now()
        for step in wave:
            step.started_at = now
        outcomes = await _computed(node, kind, wave, self._world)
        if not kind.writes:
            await self._take(node, wave, outcomes)
            if kind.reaches_out or len(self._progress.changed) > self._limits.unkept:
                await self._keep()
            return

        async def write(tx: Transaction) -> None:
            written = await self._write(node, kind, outcomes, tx)
            await self._take(node, wave, written)

        await self._keep(write, more=len(wave))

    async def _write(self, node: Node, kind: NodeKind, outcomes: Sequence[Outcome], tx: Transaction) -> list[Outcome]:
        prepared = [outcome.value for outcome in outcomes if isinstance(outcome, Prepared)]
        written = iter(await kind.write(node, prepared, self._world, tx) if prepared else [])
        return [next(written) if isinstance(outcome, Prepared) else outcome for outcome in outcomes]

    async def _take(self, node: Node, wave: Sequence[Step], outcomes: Sequence[Outcome]) -> None:
        """Put what came of a wave into the run, and what follows from it."""
        try:
            for step, outcome in zip(wave, outcomes, strict=True):
                self._finish(node, step, outcome)
            await self._go_on(node, [step for step in wave if step.status.is_over])
            while finished := self._progress.finished_iterations():
                for step in finished:
                    collected = self._progress.collect(step)
                    self._progress.finish(step, NodeRunStatus.COMPLETED, [collected], self._clock.now())
                    await self._go_on(self._node(step), [step])
        except TooManySteps:
            self._give_up()

    def _node(self, step: Step) -> Node:
        # Where a run begins, or what it repeats, is written by somebody; a node that is not there is of no known type.
        return self._progress.definition.nodes.get(step.node_key) or Node(step.node_key, "")

    def _finish(self, node: Node, step: Step, outcome: Outcome) -> None:
        now = self._clock.now()
        match outcome:
            case Done(outputs, logs):
                step.logs = list(logs)
                self._progress.finish(step, NodeRunStatus.COMPLETED, outputs, now)
            case Skipped(logs):
                step.logs = list(logs)
                self._progress.finish(step, NodeRunStatus.SKIPPED, (), now)
            case Failed(error, logs):
                step.logs, step.errors = list(logs), [error]
                self._fail(node, step, error, now)
            case Iterating(root_node_key, items):
                self._progress.iterate(step, root_node_key, items)
            case Prepared():
                raise AssertionError("what was prepared was written")

    def _fail(self, node: Node, step: Step, error: ErrorData, now: int) -> None:
        if node.on_error == "continue":
            # What stands behind it runs, and its links' filters see the error.
            self._progress.finish(step, NodeRunStatus.COMPLETED, [UNDEFINED], now)
            return
        self._errors.append(error)
        self._progress.finish(step, NodeRunStatus.FAILED, (), now)

    def _give_up(self) -> None:
        message = f"The run has more than {self._limits.node_runs:,} node runs."
        self._errors.append(ErrorData(type="flow_run", message=message))
        self._progress.end_all(NodeRunStatus.FAILED, self._clock.now())

    async def _go_on(self, node: Node, steps: Sequence[Step]) -> None:
        """Let what stands behind finished node runs run, by the filters of the node's links."""
        cases = [(step, index) for step in steps for index in range(len(step.outputs))]
        passed = [await self._passed(node, place, link, cases) for place, link in enumerate(node.links)]
        for number, (step, index) in enumerate(cases):
            onward = [Onward(link.key, index) for link, each in zip(node.links, passed, strict=True) if each[number]]
            self._progress.go_on(step, onward)

    async def _passed(self, node: Node, place: int, link: Link, cases: Sequence[tuple[Step, int]]) -> list[bool]:
        """Which outputs pass a link."""
        if is_nothing(link.filter):
            return [True] * len(cases)
        seen = [(step, self._seen(step, index)) for step, index in cases]
        path = f"$.links[{place}].filter"
        if is_array(link.filter):
            return [self._matches(node, link, path, step, variables) for step, variables in seen]
        values = await self._world.compute(node, link.filter, seen, path)
        return [self._holds(step, value) for (step, _), value in zip(seen, values, strict=True)]

    def _seen(self, step: Step, index: int) -> dict[str, Any]:
        variables = self._world.variables(step)
        if step.outputs[index] is not UNDEFINED:
            variables["output"] = step.outputs[index]
        if step.errors:
            variables["error"] = to_builtins(step.errors[0])
        return variables

    def _matches(self, node: Node, link: Link, path: str, step: Step, variables: Any) -> bool:
        try:
            return matches(variables, link.filter)
        except FormulaError as error:
            data = {"nodeKey": node.key, "runId": str(step.no), "path": path}
            return self._holds(step, ErrorData(type="bad_request", message=error.message, data=data))

    def _holds(self, step: Step, value: Any) -> bool:
        if isinstance(value, ErrorData):
            # A filter that cannot be computed holds nothing up but its own link.
            self._progress.add_error(step, value)
            self._errors.append(value)
            return False
        return is_nothing(value) or is_true(value)

    async def _keep(self, write: Callable[[Transaction], Awaitable[None]] | None = None, more: int = 0) -> None:
        """Keep the run as it is after something is written with it, and as many more node runs with that."""
        is_short = self._is_quick and len(self._progress.changed) + more <= _SHORT
        await self._keep_run(Keeping(self._world.run, self._progress, self._kept, write, is_short))
        self._count(sum(step.status.is_over for step in self._progress.changed.values()))
        self._progress.changed.clear()

    def _state(self) -> RunState:
        state = self._progress.state
        return RunState.FAILED if state is RunState.COMPLETED and self._errors else state

    def _kept(self) -> Kept:
        state = self._state()
        return Kept(
            state=state,
            counts=self._progress.counts,
            errors=shown(self._errors),
            ended_at=self._clock.now() if state.is_over else None,
        )


async def _steps(reader: Reader, run: ClaimedRun) -> list[Step]:
    """What is kept of a run."""
    steps: dict[int, Step] = {}
    after = None
    while True:
        page = await flow_runs.list_own_node_runs(reader, run.id, limit=_PAGE, after=after)
        for kept in page:
            steps[kept.no] = read_step(kept, steps)
            after = kept.no
        if len(page) < _PAGE:
            return list(steps.values())


def shown(errors: Sequence[ErrorData]) -> Sequence[ErrorData]:
    """As many errors as a run tells, the first and the last; each node run has its own."""
    return errors if len(errors) <= _ERRORS else [*errors[: _ERRORS - 1], errors[-1]]


async def _computed(node: Node, kind: NodeKind, wave: Sequence[Step], world: RunWorld) -> list[Outcome]:
    """What comes of a wave; a mistake of ours fails it and not the worker."""
    try:
        return await kind.compute(node, wave, world)
    except Unavailable:
        raise
    except DataLinksError as error:
        problem = ErrorData(type="bad_request", key=error.code, message=error.message, data={"nodeKey": node.key})
    except Exception:  # noqa: BLE001 - the edge of a run's step: whatever happens is told
        _log.exception("node failed", node=node.key, type=node.type, run=world.run.id)
        problem = ErrorData(
            type="internal", message="Something went wrong inside the server.", data={"nodeKey": node.key}
        )
    return [Failed(_of_step(problem, step)) for step in wave]


def _unavailable(node: Node, step: Step) -> Outcome:
    unknown = f"There is no type of node {node.type[:200]!r}." if node.type else "The flow has no such node."
    message = UNAVAILABLE.get(node.type) or unknown
    return Failed(_of_step(ErrorData(type="configuration", message=message, data={"nodeKey": node.key}), step))


def _of_step(error: ErrorData, step: Step) -> ErrorData:
    return structs.replace(error, data={**(error.data or {}), "runId": str(step.no)})
