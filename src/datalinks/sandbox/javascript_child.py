"""A child that runs JavaScript, with the engine quickjs-ng.

A request is code and a document (``frames.join_parts``). The answer begins with one byte, which says what follows: a text
and, as JSON, the line of a failure and what the code has written.

Every request has an engine of its own, so nothing that code does is there for the next.
"""

import os
import re
import sys
import time
from collections.abc import Callable
from typing import Any, Protocol, cast

# The package's own module loads threads, and starts one.
import _quickjs

from datalinks.sandbox.child import serve
from datalinks.sandbox.frames import join_parts, split_parts
from datalinks.sandbox.limits import Limits

VALUE, UNDEFINED, FAILED = b"v", b"u", b"f"
_PRELUDE = os.path.join(os.path.dirname(__file__), "javascript_prelude.js")  # noqa: PTH118, PTH120 - as in confinement
# Of what the process may have, as variables and answers are in it besides, in more than one form.
_SHARE_OF_MEMORY = 0.75
_STACK_BYTES = 512 * 1024
_MAX_MESSAGE_LENGTH = 1_000
# Readers of JSON recurse, and so must not be given more.
_MAX_DEPTH = 200

# A form's name, what stands before the code, what is cut off its end, and what stands after it.
_FORMS = (
    ("expression", "(async (module, exports) => (", "; \t\r\n", "\n))"),
    ("statements", "(async function (module, exports) {", "", "\n})"),
    ("module", "", "", ""),
)
_MODULE_WORD = re.compile(r"\b(?:export|import)\b")
_FRAME = re.compile(r"^ +at (?:(.*) \()?<input>:(\d+):(\d+)\)?$", re.MULTILINE)
# A line of the prelude; a line of a text that was given to eval, JSON.parse or the like.
_OTHER_FRAMES = {"sandboxRun", "madeBy", "defaultOf", "<eval>", None}
_OUT_OF_MEMORY = "InternalError: out of memory"
_INTERRUPTED = "InternalError: interrupted"
_HALF_OR_BACKSLASH = re.compile(r"\\(?:\\|u[dD][89a-fA-F][0-9a-fA-F]{2})")
_AS_SQUARE = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


class _Context(Protocol):
    """What is used of an engine. Strings that JavaScript has put together are none to it."""

    def set_memory_limit(self, limit: int, /) -> None: ...
    def set_max_stack_size(self, limit: int, /) -> None: ...
    def set_time_limit(self, seconds: float, /) -> None: ...
    def eval(self, code: str, /) -> Any: ...
    def module(self, code: str, /) -> Any: ...
    def execute_pending_job(self) -> bool: ...


# The binding has no types.
_new_context = cast("Callable[[], _Context]", _quickjs.Context)  # pyright: ignore[reportUnknownMemberType]
_JSException = cast("type[Exception]", _quickjs.JSException)  # pyright: ignore[reportUnknownMemberType]


class _Failure(Exception):
    """The code cannot be run."""

    def __init__(self, text: str, line: int | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.line = line


class _Deadline:
    """When a run must be over."""

    def __init__(self, seconds: float) -> None:
        self._until = time.perf_counter() + seconds

    @property
    def is_over(self) -> bool:
        return time.perf_counter() >= self._until

    def pass_on(self, context: _Context) -> None:
        """Give the engine what is left.

        Raises:
            TimeoutError: nothing is.
        """
        left = self._until - time.perf_counter()
        if left <= 0:
            raise TimeoutError
        context.set_time_limit(left)


class Runner:
    """Runs code, each in a new engine."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        with open(_PRELUDE, encoding="utf-8") as prelude:  # noqa: PTH123 - as in confinement
            self._prelude = prelude.read()

    def run(self, request: bytes) -> bytes:
        """The answer to a request; an error that the code throws is one.

        Raises:
            TimeoutError, MemoryError: the engine noticed that the code goes too far.
        """
        source, document = split_parts(request)
        deadline = _Deadline(self._limits.deadline_seconds)
        memory_bytes = int(self._limits.memory_bytes * _SHARE_OF_MEMORY)
        if len(source) + len(document) > memory_bytes // 4:
            # The binding does not notice when a text that it hands over has no room.
            raise MemoryError
        try:
            code, variables = source.decode(), document.decode()
        except UnicodeDecodeError as error:
            return _answer(FAILED, f"no UTF-8: {error.reason}")
        context = _new_context()
        context.set_memory_limit(memory_bytes)
        context.set_max_stack_size(_STACK_BYTES)
        try:
            return _run(context, context.eval(self._prelude), code, variables, deadline)
        except _Failure as failure:
            return _answer(FAILED, failure.text, failure.line)


def _run(context: _Context, ask: Callable[..., str], code: str, variables: str, deadline: _Deadline) -> bytes:
    deadline.pass_on(context)
    # Before the code has replaced anything; and it must not find the variables half read.
    _read_variables(ask, variables)
    problem = ""
    try:
        form, compiled = _compile(context, code, deadline)
        ask("run", form, compiled)
    except _JSException as error:
        problem = str(error)
    problem = _finish_jobs(context, deadline) or problem
    # What is asked from now on runs no code but the prelude's.
    context.set_time_limit(-1)
    try:
        return _result(ask, code, problem, deadline)
    except _JSException as error:
        # The code has left no memory to answer with.
        raise MemoryError from error


def _result(ask: Callable[..., str], code: str, problem: str, deadline: _Deadline) -> bytes:
    status, text, logs = ask("status"), ask("text"), ask("logs")
    if deadline.is_over and (not status or text == _INTERRUPTED):
        raise TimeoutError
    if not status:
        text = problem.partition("\n")[0] or "the code did not finish: it waits for what never happens"
    if text == _OUT_OF_MEMORY:
        raise MemoryError
    if status == "f" or not status:
        return _answer(FAILED, text, _line(ask("stack"), code), logs)
    if _is_too_deep(text):
        return _answer(FAILED, f"the value is nested over {_MAX_DEPTH} levels deep", None, logs)
    return _answer(status.encode(), text, None, logs)


def _read_variables(ask: Callable[..., str], variables: str) -> None:
    """Raises MemoryError or _Failure."""
    try:
        ask("read", variables)
    except _JSException as error:
        message = str(error).partition("\n")[0]
        # Where there is not even memory for the error, it is null.
        if message in {_OUT_OF_MEMORY, "null"}:
            raise MemoryError from error
        raise _Failure(f"the variables cannot be read: {message}") from error


def _compile(context: _Context, code: str, deadline: _Deadline) -> tuple[str, Any]:
    """The code in the first form that it can have: an expression, statements, or a module, which runs at once.

    Raises:
        _Failure: it has none, or is a module that cannot be loaded. TimeoutError, MemoryError: the engine stopped itself.
    """
    problems: list[tuple[int, int, str]] = []
    for form, before, cut, after in _FORMS:
        # What only modules have no other form can have, so a module is tried last, and is one only then.
        if form == "module" and not _MODULE_WORD.search(code):
            continue
        deadline.pass_on(context)
        # What stands before the code stands in its first line, so its lines keep their numbers.
        text = before + code.rstrip(cut) + after
        try:
            return form, context.module(text) if form == "module" else context.eval(text)
        except _JSException as error:
            problems.append(_syntax_problem(str(error), len(before), deadline))
        except (ValueError, TypeError) as error:
            raise _Failure("the code has characters, or is cut in a way, that cannot be read") from error
    # The form that could be read furthest is the one that was meant.
    line, _, message = max(problems, key=lambda problem: problem[:2])
    raise _Failure(message, min(line, code.count("\n") + 1))


def _syntax_problem(text: str, indent: int, deadline: _Deadline) -> tuple[int, int, str]:
    """Line, column and message of an error when code is read.

    Raises:
        _Failure: it is another error, which no other form can mend. TimeoutError, MemoryError: the engine stopped itself.
    """
    message = text.partition("\n")[0]
    frame = _FRAME.search(text)
    if message.startswith("SyntaxError") and frame:
        line, column = int(frame[2]), int(frame[3])
        return line, column - indent if line == 1 else column, message
    if deadline.is_over:
        raise TimeoutError
    if message == _OUT_OF_MEMORY:
        raise MemoryError
    raise _Failure(message)


def _finish_jobs(context: _Context, deadline: _Deadline) -> str:
    """Let promises settle until none is left that can; the last error that belongs to none of them."""
    problem = ""
    while True:
        deadline.pass_on(context)
        try:
            if not context.execute_pending_job():
                return problem
        except _JSException as error:
            problem = str(error)


def _line(stack: str, code: str) -> int | None:
    """The line of the code where an error began: code can change a stack, so it may be wrong, but is one of its lines."""
    last = code.count("\n") + 1
    lines = [int(frame[2]) for frame in _FRAME.finditer(stack) if frame[1] not in _OTHER_FRAMES]
    return lines[0] if lines and 1 <= lines[0] <= last else None


def _is_too_deep(text: str) -> bool:
    """Whether JSON is nested too deeply, found without a step of Python for each value."""
    if text.count("[") + text.count("{") <= _MAX_DEPTH:
        return False
    # Between quotes that are not escaped, every second part is outside of texts.
    outside = b"".join(text.encode().replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')[::2])
    brackets = outside.translate(_AS_SQUARE, _NO_BRACKETS)
    for _ in range(_MAX_DEPTH):
        brackets = brackets.replace(b"[]", b"")
    return bool(brackets)


def _answer(status: bytes, text: str, line: int | None = None, logs: str = "") -> bytes:
    text = _whole(text) if status == VALUE else text[:_MAX_MESSAGE_LENGTH]
    report = f'{{"line":{line or "null"},"logs":[{_whole(logs)}]}}'
    return status + join_parts(text.encode(errors="replace"), report.encode(errors="replace"))


def _whole(json: str) -> str:
    """JSON in which halves of surrogate pairs, which many readers refuse, are replaced."""
    if "\\u" not in json:
        return json
    return _HALF_OR_BACKSLASH.sub(lambda found: "\\ufffd" if found[0] != "\\\\" else found[0], json)


def main() -> None:
    """Serve with the limits that the arguments give."""
    limits = Limits.from_arguments(sys.argv[1:])
    # Local time is the same wherever the server stands.
    os.environ["TZ"] = "UTC"
    time.tzset()
    runner = Runner(limits)
    # What is loaded when it is first needed must be loaded before no file can be opened any more.
    runner.run(join_parts(b"new Date().toLocaleString()", b"{}"))
    serve(runner.run, limits)


if __name__ == "__main__":
    main()
