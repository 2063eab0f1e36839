"""The parent's side of one child process."""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Sequence
from contextlib import suppress
from typing import cast

from datalinks.sandbox.errors import EvaluationDied, EvaluationTooLarge, EvaluationTooSlow, SandboxError
from datalinks.sandbox.frames import Outcome, take_frame
from datalinks.sandbox.limits import Limits
from datalinks.sandbox.turn import Answers, Turn

_STDOUT = 1
_START_SECONDS = 10.0
# An engine that notices by itself that time is over may still say so, which spares the child.
_GRACE_SECONDS = 0.1
# A parent that was busy itself looks once more whether an answer has come meanwhile; some loops run timers first.
_LOOK_AGAIN_SECONDS = 0.02
# How long a child that closed its output may take to end.
_END_SECONDS = 1.0
# Requests that are on their way before they are answered: enough that a child never waits, few enough that the pipe's
# buffer in this process stays small.
_WINDOW_BYTES = 256 * 1024


async def start_process(program: Sequence[str], limits: Limits) -> "Process":
    """A child of this interpreter, ready to be asked; it has no environment and no open file but its pipes.

    Raises:
        SandboxError: it did not start.
    """
    loop = asyncio.get_running_loop()
    # -I: neither the environment nor the working directory says what is imported.
    command = [sys.executable, "-I", *program, *limits.to_arguments()]
    try:
        _, process = await loop.subprocess_exec(
            lambda: Process(limits), *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={}, cwd="/", close_fds=True
        )
    except OSError as error:
        raise SandboxError(f"The process that evaluates expressions cannot be started: {error.strerror}.") from error
    return process


class Process(asyncio.SubprocessProtocol):
    """One child, which answers requests in their order.

    gone: done when the process has ended and nothing of it is left. answered: how many requests it has answered.
    """

    def __init__(self, limits: Limits) -> None:
        self._loop = asyncio.get_running_loop()
        self._patience_seconds = limits.deadline_seconds + _GRACE_SECONDS
        self._longest = len(Outcome.ANSWERED) + limits.max_answer_bytes
        self._buffer = bytearray()
        self._ready: asyncio.Future[None] = self._loop.create_future()
        self.gone: asyncio.Future[None] = self._loop.create_future()
        self.answered = 0
        self.is_usable = True
        self._turn: Turn | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._killer: asyncio.TimerHandle | None = None
        self._due = 0.0
        self._has_exited = False
        self._is_drained = False

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._transport.get_pid()

    async def wait_until_ready(self) -> None:
        """Wait until the child has loaded its engine.

        Raises:
            SandboxError: it ended instead, or takes too long.
        """
        try:
            async with asyncio.timeout(_START_SECONDS):
                await self._ready
        except TimeoutError as error:
            raise SandboxError("The process that evaluates expressions does not start in time.") from error

    async def ask(self, requests: Sequence[bytes], *, one_by_one: bool) -> Answers:
        """The answers to the first requests, not to all of them if the child ends.

        Asked one by one, the request that ended it has the error as its answer; else it may be any of those that are not
        answered. Whoever does not wait for the end leaves a child that is not usable any more.

        Raises:
            SandboxError: the child ended before it was asked.
        """
        if not self.is_usable:
            raise _not_started()
        turn = self._turn = Turn(requests, self._loop.create_future(), 0 if one_by_one else _WINDOW_BYTES)
        self._send(turn)
        self._restart_clock()
        try:
            await turn.done
        except asyncio.CancelledError:
            self.kill()
            raise
        finally:
            self._turn = None
        return turn.answers

    def kill(self) -> None:
        """End the process now; whoever waits for its answers learns that it died."""
        self._stop(EvaluationDied("The evaluation was stopped."))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called once, by the loop."""
        self._transport = cast("asyncio.SubprocessTransport", transport)
        # Typed as one of the base classes, as the number could be that of an output.
        self._input = cast("asyncio.WriteTransport", self._transport.get_pipe_transport(0))

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Called with any part of the answers."""
        self._buffer += data
        try:
            while self.is_usable and (payload := take_frame(self._buffer, self._longest)) is not None:
                self._accept(payload)
        except ValueError:
            self._stop(_too_large())
            return
        if self._turn is not None and self.is_usable:
            self._restart_clock()
            self._send(self._turn)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        """Called after the last data of a pipe: here ends what the child has to say, though it may be dead for longer."""
        if fd == _STDOUT:
            self._is_drained = True
            self._give_up(
                EvaluationDied("The evaluation ended its process; mostly it needed more memory than it may have.")
            )
            # Dead already, as a rule. To kill it at once would reap it behind the loop's back, which then complains.
            self._killer = self._loop.call_later(_END_SECONDS, self._kill_if_alive)
            self._close_if_over()

    def process_exited(self) -> None:
        """Called when the process has ended and is reaped."""
        self._has_exited = True
        self._close_if_over()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called last."""
        if not self.gone.done():
            self.gone.set_result(None)

    def _close_if_over(self) -> None:
        # Not earlier: to close reaps the process, which the loop wants to do itself.
        if self._has_exited and self._is_drained:
            self._transport.close()
            if self._killer is not None:
                self._killer.cancel()

    def _accept(self, payload: bytes) -> None:
        turn = self._turn
        if not self._ready.done():
            self._ready.set_result(None)
        elif turn is None or not turn.is_under_way:
            # It says more than it was asked: nobody would know any more what an answer belongs to.
            self.kill()
        else:
            self.answered += 1
            turn.accept(_read_answer(payload))

    def _send(self, turn: Turn) -> None:
        frames = turn.next_frames()
        if frames and self.is_usable:
            self._input.write(frames)

    def _stop(self, error: SandboxError) -> None:
        if self.is_usable:
            self._kill_if_alive()
            self._give_up(error)

    def _kill_if_alive(self) -> None:
        if not self._has_exited:
            with suppress(ProcessLookupError):
                self._transport.kill()

    def _give_up(self, error: SandboxError) -> None:
        """Nothing is expected of this child any more."""
        if not self.is_usable:
            return
        self.is_usable = False
        if not self._ready.done():
            self._ready.set_exception(_not_started())
            # Nobody may be left to look at it.
            self._ready.exception()
        if self._turn is not None:
            self._turn.fail(error)

    def _restart_clock(self) -> None:
        self._due = self._loop.time() + self._patience_seconds
        if self._timer is None:
            # One timer serves many answers: it looks at the time it stands for when it fires.
            self._timer = self._loop.call_at(self._due, self._look_at_clock, False)

    def _look_at_clock(self, is_second_look: bool) -> None:
        self._timer = None
        if self._turn is None or not self.is_usable:
            return
        if self._loop.time() < self._due:
            self._timer = self._loop.call_at(self._due, self._look_at_clock, False)
        elif is_second_look:
            self._stop(_too_slow())
        else:
            self._timer = self._loop.call_later(_LOOK_AGAIN_SECONDS, self._look_at_clock, True)


def _read_answer(payload: bytes) -> bytes | SandboxError:
    match payload[:1]:
        case Outcome.ANSWERED:
            return payload[1:]
        case Outcome.TOO_LARGE:
            return _too_large()
        case _:
            return _too_slow()


def _not_started() -> SandboxError:
    return SandboxError("The process that evaluates expressions ended when it started.")


def _too_slow() -> SandboxError:
    return EvaluationTooSlow("The evaluation took too long and was stopped.")


def _too_large() -> SandboxError:
    return EvaluationTooLarge("The evaluation needed too much memory, or its answer is too large.")
