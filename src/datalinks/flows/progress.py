"""How far a run is: what has run, what runs next, and what leads where. It knows nothing of time, store or nodes' work.

A node run is one run of a node for one input. What it puts out goes on through the node's links; each output that passes
a link's filter is one more node run behind it. The input of a node is what came with its origin and, by their keys, the
outputs of all nodes before it.

Whatever is asked while a run goes on costs as much for the last node run as for the first.
"""

import sys
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from datalinks.flows.definition import Definition
from datalinks.formulas.values import UNDEFINED, is_object
from datalinks.model.error_data import ErrorData
from datalinks.model.flow_run import NodeCounts, NodeRunStatus, RunState

# For-each runs that a node run is inside of: the number of each and the index of its item.
Scope = tuple[tuple[int, int], ...]


class TooManySteps(Exception):
    """A run would come to have more node runs than it may."""


@dataclass(slots=True)
class Step:
    """One node run.

    no: its number in the run, in the order of creation. root: that of the run of the first node that it comes from. origin: the node run and the index of the output behind which it
    runs, None for the first ones. outputs: values, UNDEFINED where the node gave nothing.
    """

    no: int
    node_key: str
    input: Any
    origin: tuple[int, int] | None = None
    scope: Scope = ()
    status: NodeRunStatus = NodeRunStatus.PENDING
    outputs: list[Any] = field(default_factory=list[Any])
    logs: list[Any] = field(default_factory=list[Any])
    errors: list[ErrorData] = field(default_factory=list[ErrorData])
    started_at: int | None = None
    ended_at: int | None = None
    root: int = 0


@dataclass(frozen=True, slots=True)
class Onward:
    """An output that passed a link. index: which output of its node run."""

    node_key: str
    index: int


@dataclass(slots=True)
class _Tally:
    """How the runs of one node are doing."""

    unfinished: int = 0
    over: int = 0
    errored: int = 0
    outputs: int = 0
    statuses: set[NodeRunStatus] = field(default_factory=set[NodeRunStatus])

    @property
    def state(self) -> str:
        if self.unfinished:
            return "running"
        for status in (NodeRunStatus.STOPPED, NodeRunStatus.FAILED):
            if status in self.statuses:
                return status.value
        return "completed"


class Progress:
    """The node runs of a run, and what follows from them. ``changed`` has those that are not kept yet.

    steps: those that were kept, in the order of their numbers. most: how many there may be.
    """

    def __init__(self, definition: Definition, steps: Iterable[Step] = (), most: int = sys.maxsize) -> None:
        self.definition = definition
        self._most = most
        self.steps: dict[int, Step] = {}
        self.changed: dict[int, Step] = {}
        # Of each root and node, as they are taken from the front.
        self._pending: dict[tuple[int, str], OrderedDict[int, Step]] = {}
        self._tallies: dict[str, _Tally] = {}
        self._unfinished = 0
        # For-each runs under way, how many node runs inside of each are not over, and those whose number has come to zero.
        self._iterating: set[int] = set()
        self._busy: dict[int, int] = defaultdict(int)
        self._idle: set[int] = set()
        # The node runs that are directly inside of a for-each run.
        self._inner: dict[int, list[Step]] = defaultdict(list[Step])
        for step in steps:
            self._register(step)
        self._next_no = max(self.steps, default=0) + 1

    def begin(self, node_key: str, inputs: Sequence[Any]) -> None:
        """Let the first node run once for each input."""
        for value in inputs:
            self._add(node_key, value, None, ())

    def next_wave(self, most: int) -> list[Step]:
        """The node runs that are next: pending ones of one node, the oldest first, at most so many; empty at the end.

        What came of one input of the run comes to its end before the next one begins: an input may be about what the one
        before has made.
        """
        if not self._pending:
            return []
        root = min(root for root, _ in self._pending)
        waiting = [pending for (each, _), pending in self._pending.items() if each == root]
        return list(islice(min(waiting, key=_first_no).values(), most))

    def finish(self, step: Step, status: NodeRunStatus, outputs: Sequence[Any], now: int) -> None:
        """Keep what came of a node run, which was not over."""
        step.status, step.outputs, step.ended_at = status, list(outputs), now
        self.changed[step.no] = step
        self._take(step)
        self._iterating.discard(step.no)
        tally = self._tallies[step.node_key]
        tally.unfinished -= 1
        self._unfinished -= 1
        self._count_over(tally, step)
        for no, _ in step.scope:
            self._busy[no] -= 1
            if not self._busy[no]:
                self._idle.add(no)

    def add_error(self, step: Step, error: ErrorData) -> None:
        """Note what else went wrong with a node run, which is over."""
        if not step.errors:
            self._tallies[step.node_key].errored += 1
        step.errors.append(error)
        self.changed[step.no] = step

    def go_on(self, step: Step, onward: Sequence[Onward]) -> None:
        """Let what stands behind a node run, which is over, run.

        Raises:
            TooManySteps: there would be more than there may be.
        """
        for each in onward:
            output = step.outputs[each.index]
            self._add(each.node_key, with_output(step.input, step.node_key, output), (step.no, each.index), step.scope)

    def iterate(self, step: Step, root_node_key: str, items: Sequence[Any]) -> None:
        """Let a sub flow run for each item; the node run itself is over when all of that is.

        Raises:
            TooManySteps: there would be more than there may be.
        """
        step.status = NodeRunStatus.RUNNING
        self.changed[step.no] = step
        self._take(step)
        self._iterating.add(step.no)
        self._idle.add(step.no)
        for index, item in enumerate(items):
            value = with_output(step.input, step.node_key, {"item": item})
            self._add(root_node_key, value, None, (*step.scope, (step.no, index)))

    def finished_iterations(self) -> list[Step]:
        """The for-each runs whose sub flows have all come to their end, the innermost first."""
        return [self.steps[no] for no in sorted(self._idle & self._iterating, reverse=True)]

    def collect(self, step: Step) -> dict[str, list[Any]]:
        """What the sub flow of a for-each put out: by the inner nodes' keys, in the order of the items."""
        collected: dict[str, list[Any]] = {}
        for each in sorted(self._inner[step.no], key=lambda each: (each.scope[-1][1], each.no)):
            values = [output for output in each.outputs if output is not UNDEFINED]
            if values:
                collected.setdefault(each.node_key, []).extend(values)
        return collected

    def end_all(self, status: NodeRunStatus, now: int) -> None:
        """End whatever has not ended."""
        for step in self.steps.values():
            if not step.status.is_over:
                self.finish(step, status, (), now)

    @property
    def state(self) -> RunState:
        """What the run has come to: running as long as something is to be done."""
        if self._unfinished:
            return RunState.RUNNING
        is_failed = any(NodeRunStatus.FAILED in tally.statuses for tally in self._tallies.values())
        return RunState.FAILED if is_failed else RunState.COMPLETED

    @property
    def counts(self) -> dict[str, NodeCounts]:
        """How each node that has run, or is to run, is doing."""
        return {
            key: NodeCounts(state=tally.state, runs=tally.over, errored_runs=tally.errored, outputs=tally.outputs)
            for key, tally in self._tallies.items()
        }

    def _add(self, node_key: str, value: Any, origin: tuple[int, int] | None, scope: Scope) -> None:
        if len(self.steps) >= self._most:
            raise TooManySteps
        step = Step(self._next_no, node_key, value, origin, scope)
        self._next_no += 1
        self.changed[step.no] = step
        self._register(step)

    def _register(self, step: Step) -> None:
        self.steps[step.no] = step
        step.root = self._root_of(step)
        tally = self._tallies.get(step.node_key)
        if tally is None:
            tally = self._tallies[step.node_key] = _Tally()
        if step.scope:
            self._inner[step.scope[-1][0]].append(step)
        if step.status.is_over:
            self._count_over(tally, step)
            return
        tally.unfinished += 1
        self._unfinished += 1
        if step.status is NodeRunStatus.PENDING:
            self._pending.setdefault((step.root, step.node_key), OrderedDict())[step.no] = step
        else:
            self._iterating.add(step.no)
            self._idle.add(step.no)
        for no, _ in step.scope:
            self._busy[no] += 1
            self._idle.discard(no)

    def _root_of(self, step: Step) -> int:
        if step.origin is not None:
            return self.steps[step.origin[0]].root
        return self.steps[step.scope[-1][0]].root if step.scope else step.no

    def _take(self, step: Step) -> None:
        """Let a node run wait no longer, if it does."""
        place = (step.root, step.node_key)
        waiting = self._pending.get(place)
        if waiting is not None and waiting.pop(step.no, None) is not None and not waiting:
            del self._pending[place]

    def _count_over(self, tally: _Tally, step: Step) -> None:
        tally.over += 1
        tally.errored += bool(step.errors)
        tally.outputs += len(step.outputs)
        tally.statuses.add(step.status)


def _first_no(pending: OrderedDict[int, Step]) -> int:
    return next(iter(pending))


def with_output(value: Any, node_key: str, output: Any) -> Mapping[str, Any]:
    """The input of whatever stands behind a node: what the node got, and its output under its key, if it gave one."""
    before: Mapping[str, Any] = value if is_object(value) else {}
    return before if output is UNDEFINED else {**before, node_key: output}
