"""Kinds of nodes for tests alone: one that waits at a gate, and one that counts how many are at it at a time."""

import asyncio
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import contextmanager

from datalinks.flows.definition import Node
from datalinks.flows.kinds import kinds
from datalinks.flows.node import Done, NodeKind, Outcome, World
from datalinks.flows.progress import Step
from datalinks.flows.world import RunWorld


class Gate(NodeKind):
    """Holds the first ``most`` that come up until it is opened; whoever comes later passes."""

    type = "test-gate"

    def __init__(self, most: int = 1) -> None:
        self._most = most
        self._opened = asyncio.Event()
        self.reached = asyncio.Event()
        self.ended = asyncio.Event()

    def open(self) -> None:
        """Let them pass."""
        self._opened.set()

    async def compute(self, node: Node, steps: Sequence[Step], world: World) -> list[Outcome]:
        self._most -= 1
        if self._most >= 0:
            self.reached.set()
            try:
                await self._opened.wait()
            finally:
                self.ended.set()
        return [Done([{}]) for _ in steps]


class Crowd(NodeKind):
    """Counts, for each connection, how many of its runs are here at a time. seconds: how long each stays."""

    type = "test-crowd"

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._here = Counter[str]()
        self.most = 0

    async def compute(self, node: Node, steps: Sequence[Step], world: World) -> list[Outcome]:
        assert isinstance(world, RunWorld)
        here = world.run.connection_id
        self._here[here] += 1
        self.most = max(self.most, self._here[here])
        await asyncio.sleep(self._seconds)
        self._here[here] -= 1
        return [Done([{}]) for _ in steps]


@contextmanager
def known(kind: NodeKind) -> Generator[None]:
    """Flows may have nodes of a kind meanwhile."""
    all_kinds = kinds()
    assert isinstance(all_kinds, dict)
    all_kinds[kind.type] = kind
    try:
        yield
    finally:
        del all_kinds[kind.type]
