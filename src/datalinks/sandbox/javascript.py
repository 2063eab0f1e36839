"""JavaScript, run in the sandbox."""

import msgspec

from datalinks.sandbox.answers import Answer, Log, Status, to_request
from datalinks.sandbox.errors import EvaluationDied, SandboxError
from datalinks.sandbox.frames import split_parts
from datalinks.sandbox.limits import Limits
from datalinks.sandbox.pool import Pool

# The engine is not to be loaded into this process, so the child is named and not imported.
_CHILD = ("-m", "datalinks.sandbox.javascript_child")


class _Report(msgspec.Struct):
    line: int | None
    logs: tuple[Log, ...]


class JavaScript:
    """Runs JavaScript in killable processes; none is started before it is needed."""

    def __init__(self, limits: Limits, *, size: int = 2, max_waiting: int = 1000) -> None:
        self.pool = Pool(_CHILD, limits, size=size, max_waiting=max_waiting)

    async def run(self, code: str, variables_json: str | bytes) -> Answer:
        """What code gives for its variables, a JSON object; an error that it throws is an answer too.

        The code is a module with a default export, sets ``module.exports``, or is a function: it is called with the
        variables, and what it returns is the value. Or it is an expression, or statements with ``return``, which see each
        variable by its name. A promise is awaited.

        Raises:
            EvaluationTooSlow, EvaluationTooLarge, EvaluationDied: it was stopped.
            SandboxError, Unavailable: it was not run at all.
        """
        [answer] = await self.pool.run([to_request(code, variables_json)])
        if isinstance(answer, SandboxError):
            raise answer
        return _read(answer)

    async def close(self) -> None:
        """End the processes; whoever waits hears that they are gone."""
        await self.pool.close()


def _read(answer: bytes) -> Answer:
    text, report = split_parts(answer[1:])
    try:
        read = msgspec.json.decode(report, type=_Report)
        return Answer(Status(answer[:1].decode()), text.decode(), read.line, read.logs)
    except ValueError as error:
        raise EvaluationDied("The process that runs code answered what cannot be read.") from error
