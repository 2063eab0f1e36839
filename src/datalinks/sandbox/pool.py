"""A few warm processes of one kind, and those who wait for them.

A request that needs too much costs its process and nothing else: those behind it are answered by a fresh one.
"""

import asyncio
from collections.abc import Generator, Sequence
from contextlib import contextmanager

from datalinks.errors import Unavailable
from datalinks.sandbox.errors import SandboxError
from datalinks.sandbox.limits import Limits
from datalinks.sandbox.process import Process, start_process
from datalinks.sandbox.turn import Answers

# How many requests of one ask are answered before others have their turn: slow ones must not keep a process for long.
_TURN = 200


class Pool:
    """Evaluates requests in processes of its own, which are started when they are first needed.

    program: the arguments with which this interpreter becomes a child, e.g. ``("-m", "package.module")``.
    size: how many processes there are at most. max_waiting: how many asks wait at most while all of them are busy.
    """

    def __init__(self, program: Sequence[str], limits: Limits, *, size: int = 2, max_waiting: int = 1000) -> None:
        self._program = tuple(program)
        self._limits = limits
        self._size = size
        self._max_asks = size + max_waiting
        self._asks = 0
        self._free = asyncio.Semaphore(size)
        self._idle: list[Process] = []
        self._processes: set[Process] = set()
        self._is_closed = False

    @property
    def pids(self) -> list[int]:
        """The numbers of the processes there are now."""
        return [process.pid for process in self._processes]

    async def run(self, requests: Sequence[bytes]) -> Answers:
        """An answer, or the error that took its place, for each request in their order.

        They are asked one after the other, in one process if all goes well. Whoever is cancelled meanwhile ends it.

        Raises:
            Unavailable: too many wait already, or the pool is closed. SandboxError: a process does not start.
        """
        answers: Answers = []
        with self._counted():
            while len(answers) < len(requests):
                answers += await self._take_turns(requests[len(answers) : len(answers) + _TURN])
        return answers

    async def close(self) -> None:
        """End all processes; whoever waits hears that the pool is closed."""
        if self._is_closed:
            return
        self._is_closed = True
        self._kill_all()
        # Whoever has a process gives it back now, and nobody gets another.
        for _ in range(self._size):
            await self._free.acquire()
        self._kill_all()
        for process in list(self._processes):
            await process.gone
        # Whoever asks from now on is refused, and not left waiting.
        for _ in range(self._size):
            self._free.release()

    @contextmanager
    def _counted(self) -> Generator[None]:
        if self._asks >= self._max_asks:
            raise Unavailable("Too many expressions wait to be evaluated; try again in a moment.")
        self._asks += 1
        try:
            yield
        finally:
            self._asks -= 1

    async def _take_turns(self, requests: Sequence[bytes]) -> Answers:
        """Some answers, one at least: if the process ends, until it is known which request ended it."""
        answers = await self._take_turn(requests, one_by_one=False)
        if len(answers) < len(requests) and not (answers and isinstance(answers[-1], SandboxError)):
            answers += await self._take_turn(requests[len(answers) :], one_by_one=True)
        return answers

    async def _take_turn(self, requests: Sequence[bytes], *, one_by_one: bool) -> Answers:
        async with self._free:
            process = await self._ready_process()
            try:
                answers = await process.ask(requests, one_by_one=one_by_one)
            finally:
                self._put_back(process)
        self._check_open()
        return answers

    async def _ready_process(self) -> Process:
        self._check_open()
        while self._idle:
            process = self._idle.pop()
            if process.is_usable:
                return process
        process = await start_process(self._program, self._limits)
        self._processes.add(process)
        process.gone.add_done_callback(lambda _: self._processes.discard(process))
        try:
            await process.wait_until_ready()
            self._check_open()
        except BaseException:
            process.kill()
            raise
        return process

    def _put_back(self, process: Process) -> None:
        if process.answered >= self._limits.evaluations:
            process.kill()
        if process.is_usable:
            self._idle.append(process)

    def _kill_all(self) -> None:
        for process in self._processes:
            process.kill()

    def _check_open(self) -> None:
        if self._is_closed:
            raise Unavailable("The server is stopping.")
