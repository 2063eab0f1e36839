"""The loop of a child: read a request, evaluate it, write the answer, until the parent closes the pipe.

A kind of child is a module that loads its engine and calls ``serve``; everything it needs must be imported by then.
"""

import os
import time
from collections.abc import Callable

from datalinks.sandbox.confinement import allow_cpu, confine
from datalinks.sandbox.frames import Outcome, take_frame, to_frame
from datalinks.sandbox.limits import Limits

_STDIN, _STDOUT = 0, 1
_READ_BYTES = 256 * 1024
# To wake the parent costs several times what a small evaluation does, so answers are held back while more requests are at
# hand; but few and briefly, as the parent's clock restarts with every answer it sees.
_HELD_BACK = 16
_HELD_BACK_SECONDS = 0.001


def serve(evaluate: Callable[[bytes], bytes], limits: Limits) -> None:
    """Answer requests until there are no more.

    ``evaluate`` raises TimeoutError or MemoryError where an engine stops itself. Anything else it raises ends the
    process: an engine that failed in a way it does not know is not asked again.
    """
    confine(limits.memory_bytes)
    answers = _Answers(limits.deadline_seconds)
    # An empty message tells the parent that the start is over and the clock may run.
    answers.add(b"")
    requests = bytearray()
    while True:
        answers.send()
        chunk = os.read(_STDIN, _READ_BYTES)
        if not chunk:
            return
        requests += chunk
        while (request := take_frame(requests)) is not None:
            started = time.perf_counter()
            answers.add(_answer(evaluate, request, limits))
            if time.perf_counter() - started > _HELD_BACK_SECONDS:
                answers.send()


class _Answers:
    """Answers that are held back for a moment. Each time they are sent, the processor time allowed begins anew."""

    def __init__(self, deadline_seconds: float) -> None:
        self._deadline_seconds = deadline_seconds
        self._frames: list[bytes] = []

    def add(self, payload: bytes) -> None:
        self._frames.append(to_frame(payload))
        if len(self._frames) == _HELD_BACK:
            self.send()

    def send(self) -> None:
        unsent = memoryview(b"".join(self._frames))
        self._frames.clear()
        while unsent:
            unsent = unsent[os.write(_STDOUT, unsent) :]
        allow_cpu(self._deadline_seconds)


def _answer(evaluate: Callable[[bytes], bytes], request: bytes, limits: Limits) -> bytes:
    try:
        answer = evaluate(request)
    except TimeoutError:
        return Outcome.TOO_SLOW
    except MemoryError:
        return Outcome.TOO_LARGE
    if len(answer) > limits.max_answer_bytes:
        return Outcome.TOO_LARGE
    return Outcome.ANSWERED + answer
