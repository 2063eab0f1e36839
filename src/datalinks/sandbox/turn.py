"""Requests that one child is asked together."""

import asyncio
from collections.abc import Sequence
from typing import TypeAlias

from datalinks.sandbox.errors import SandboxError
from datalinks.sandbox.frames import to_frame

Answers: TypeAlias = "list[bytes | SandboxError]"


class Turn:
    """Requests that one child is asked, and what it has answered so far.

    window_bytes: how much may be on its way unanswered, besides one request.
    """

    def __init__(self, requests: Sequence[bytes], done: "asyncio.Future[None]", window_bytes: int) -> None:
        self._requests = requests
        self._window_bytes = window_bytes
        self._sent = 0
        self._bytes_under_way = 0
        self.answers: Answers = []
        self.done = done

    @property
    def is_under_way(self) -> bool:
        """Whether a request is sent and not answered."""
        return self._sent > len(self.answers)

    def next_frames(self) -> bytes:
        """The requests that may be sent now; empty while enough are on their way."""
        if self._bytes_under_way > self._window_bytes // 2:
            return b""
        frames: list[bytes] = []
        while self._sent < len(self._requests) and (not self._bytes_under_way or self._has_room()):
            request = self._requests[self._sent]
            self._bytes_under_way += len(request)
            self._sent += 1
            frames.append(to_frame(request))
        return b"".join(frames)

    def accept(self, answer: bytes | SandboxError) -> None:
        """Keep an answer to the next request."""
        self._bytes_under_way -= len(self._requests[len(self.answers)])
        self.answers.append(answer)
        if len(self.answers) == len(self._requests):
            self._finish()

    def fail(self, error: SandboxError) -> None:
        """There will be no more answers; the error is one if it is clear to which request."""
        if self.done.done():
            return
        if self._sent - len(self.answers) <= 1:
            self.answers.append(error)
        self._finish()

    def _has_room(self) -> bool:
        return self._bytes_under_way < self._window_bytes

    def _finish(self) -> None:
        if not self.done.done():
            self.done.set_result(None)
