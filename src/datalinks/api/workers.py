"""Several processes that answer requests on one port, kept alive by this one, which answers none."""

import asyncio
import multiprocessing
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from time import monotonic

import structlog

from datalinks.errors import DataLinksError

# Serves until SIGTERM, and sends one message once it takes connections. Pickled, so a function of a module or a partial one.
Work = Callable[[Connection], object]

_log = structlog.get_logger("datalinks.workers")
# A worker that ends sooner than this after its start is not started again at once: something is wrong with more than it.
_SOON_SECONDS = 5.0
_PAUSE_SECONDS = 1.0
# How long requests under way may take to end when the server is stopped.
_GRACE_SECONDS = 30.0


class Workers:
    """The worker processes of a server."""

    def __init__(self, count: int, work: Work) -> None:
        self._count = count
        self._work = work
        self._context = multiprocessing.get_context("spawn")
        self._processes: set[SpawnProcess] = set()

    async def run(self, started: Callable[[], None]) -> None:
        """Run until SIGINT or SIGTERM; ``started`` is called once every worker takes connections.

        A worker that ends is followed by another; all end with this process, however it ends.

        Raises:
            DataLinksError: a worker ended before it took any connection the first time.
        """
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        stopped = asyncio.create_task(stop.wait())
        working = asyncio.create_task(self._start_and_keep(started))
        try:
            await asyncio.wait((stopped, working), return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                working.result()
        finally:
            stopped.cancel()
            working.cancel()
            await asyncio.wait((stopped, working))
            await self._end()

    async def _start_and_keep(self, started: Callable[[], None]) -> None:
        first = [self._start() for _ in range(self._count)]
        for _, ready in first:
            with ready:
                await _readable(ready.fileno())
                try:
                    ready.recv_bytes()
                except EOFError as error:
                    raise DataLinksError("A worker process did not start: what is printed above is why.") from error
        started()
        await asyncio.gather(*(self._keep(process) for process, _ in first))

    def _start(self) -> tuple[SpawnProcess, Connection]:
        """A new worker, and what gets a message once it takes connections, or just ends if it never does."""
        ready, sending = self._context.Pipe(duplex=False)
        with sending:
            process = self._context.Process(target=self._work, args=(sending,), name="datalinks-worker")
            process.start()
        self._processes.add(process)
        return process, ready

    async def _keep(self, process: SpawnProcess) -> None:
        """Let a worker be followed by another whenever it ends."""
        while True:
            since = monotonic()
            await _readable(process.sentinel)
            self._processes.discard(process)
            _log.error("a worker ended, another follows", process=process.pid, exit_code=process.exitcode)
            if monotonic() - since < _SOON_SECONDS:
                await asyncio.sleep(_PAUSE_SECONDS)
            process, ready = self._start()
            ready.close()

    async def _end(self) -> None:
        """End every worker, when its requests have ended or after a while."""
        for process in self._processes:
            process.terminate()
        with suppress(TimeoutError):
            async with asyncio.timeout(_GRACE_SECONDS):
                for process in self._processes:
                    await _readable(process.sentinel)
        for process in self._processes:
            process.kill()
            process.join()


async def _readable(descriptor: int) -> None:
    """Wait until there is something to read, or nothing will come any more."""
    loop = asyncio.get_running_loop()
    found = asyncio.Event()
    loop.add_reader(descriptor, found.set)
    try:
        await found.wait()
    finally:
        loop.remove_reader(descriptor)
