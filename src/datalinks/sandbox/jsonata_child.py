"""A child that evaluates JSONata, with the engine jlens.

A request is an expression and a document (``frames.join_parts``); the answer begins with one byte, which says what follows.
"""

import os
import sys
from functools import lru_cache

# The engine's allocator would map a gigabyte in advance, and no limit of a process's memory could then be smaller.
os.environ["MIMALLOC_ARENA_RESERVE"] = "0"

from jlens import Expression, JlensError

from datalinks.sandbox.child import serve
from datalinks.sandbox.frames import split_parts
from datalinks.sandbox.limits import Limits

VALUE, UNDEFINED, FAILED = b"v", b"u", b"f"
_TIMEOUT = "D1012"
# A formula over many records has one expression for all of them. Long ones are not kept, as they could fill the memory.
_KEPT_EXPRESSIONS = 64
_LONGEST_KEPT = 2_000
_MAX_MESSAGE_LENGTH = 1_000


def evaluate(request: bytes, timeout_seconds: float) -> bytes:
    """The answer to a request; an engine's error is one.

    Raises:
        TimeoutError: the engine noticed that time is over.
    """
    source, document = split_parts(request)
    try:
        expression = _compiled(source.decode())
        value = expression.evaluate_json(document.decode(), timeout=timeout_seconds)
    except JlensError as error:
        if error.code == _TIMEOUT:
            raise TimeoutError from error
        return _failure(f"{error.code}: {error}")
    except ValueError as error:
        # The document is no JSON to the engine, which knows no lone surrogates and nothing nested 128 levels deep.
        return _failure(str(error))
    return UNDEFINED if value is None else VALUE + value.encode()


def _compiled(source: str) -> Expression:
    return _kept(source) if len(source) <= _LONGEST_KEPT else Expression(source)


@lru_cache(_KEPT_EXPRESSIONS)
def _kept(source: str) -> Expression:
    return Expression(source)


def _failure(message: str) -> bytes:
    return FAILED + message[:_MAX_MESSAGE_LENGTH].encode(errors="replace")


def main() -> None:
    """Serve with the limits that the arguments give."""
    limits = Limits.from_arguments(sys.argv[1:])
    # The engine finds out how large its stack is when it first evaluates, from a file, which can be opened only now; if
    # it cannot, it maps a new stack for every evaluation, which costs four times the evaluation.
    Expression("1").evaluate_json("{}")
    serve(lambda request: evaluate(request, limits.deadline_seconds), limits)


if __name__ == "__main__":
    main()
