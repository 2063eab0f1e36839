"""JSONata, evaluated in the sandbox."""

from collections.abc import Sequence
from typing import TypeAlias

from datalinks.sandbox.answers import Answer, Status, to_request
from datalinks.sandbox.errors import SandboxError
from datalinks.sandbox.limits import Limits
from datalinks.sandbox.pool import Pool

# The engine is not to be loaded into this process, so the child is named and not imported.
_CHILD = ("-m", "datalinks.sandbox.jsonata_child")

Answered: TypeAlias = Answer | SandboxError


class Jsonata:
    """Evaluates JSONata expressions in killable processes; none is started before it is needed."""

    def __init__(self, limits: Limits, *, size: int = 2, max_waiting: int = 1000) -> None:
        self.pool = Pool(_CHILD, limits, size=size, max_waiting=max_waiting)

    async def evaluate(self, expression: str, variables_json: str | bytes) -> Answer:
        """What an expression gives for a document; a mistake in the expression is an answer too.

        Raises:
            EvaluationTooSlow, EvaluationTooLarge, EvaluationDied: it was stopped.
            SandboxError, Unavailable: it was not evaluated at all.
        """
        [answer] = await self.evaluate_many([(expression, variables_json)])
        if isinstance(answer, SandboxError):
            raise answer
        return answer

    async def evaluate_many(self, asks: Sequence[tuple[str, str | bytes]]) -> list[Answered]:
        """What each expression gives for its document, in their order; each has a deadline of its own.

        One that is stopped has the error in place of the answer, and the others are evaluated all the same.

        Raises:
            SandboxError, Unavailable: they were not evaluated, or not all of them.
        """
        answers = await self.pool.run([to_request(expression, text) for expression, text in asks])
        return [_read(answer) for answer in answers]

    async def close(self) -> None:
        """End the processes; whoever waits hears that they are gone."""
        await self.pool.close()


def _read(answer: bytes | SandboxError) -> Answered:
    if isinstance(answer, SandboxError):
        return answer
    return Answer(Status(answer[:1].decode()), answer[1:].decode())
