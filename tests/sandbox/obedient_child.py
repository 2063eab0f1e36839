"""A child of a kind that only tests need: it does what the request says, however foolish."""

import os
import sys
import time

from datalinks.sandbox.child import serve
from datalinks.sandbox.frames import to_frame
from datalinks.sandbox.limits import Limits

_STDOUT = 1


def _obey(request: bytes) -> bytes:
    command, _, argument = request.decode().partition(" ")
    return _COMMANDS[command](argument)


def _echo(text: str) -> bytes:
    return text.encode()


def _end(_: str) -> bytes:
    os._exit(3)


def _fail(_: str) -> bytes:
    raise RuntimeError


def _give_up(_: str) -> bytes:
    raise TimeoutError


def _hang(_: str) -> bytes:
    while True:
        time.sleep(1)


def _take_memory(size: str) -> bytes:
    return str(len(bytearray(int(size)))).encode()


def _answer_at_length(size: str) -> bytes:
    return b"x" * int(size)


def _claim_length(size: str) -> bytes:
    """The first bytes of an answer that is longer than answers may be."""
    os.write(_STDOUT, int(size).to_bytes(4, "big"))
    return b""


def _chatter(text: str) -> bytes:
    """Two answers to one request."""
    os.write(_STDOUT, to_frame(b"a" + text.encode()))
    return text.encode()


def _hang_up(_: str) -> bytes:
    os.close(_STDOUT)
    return _hang("")


def _try(what: str) -> bytes:
    """The name of the error that an attempt to get out meets."""
    attempts = {"file": lambda: os.open("/etc/hosts", os.O_RDONLY), "pipe": os.pipe, "process": os.fork}
    try:
        attempts[what]()
    except OSError as error:
        return type(error).__name__.encode()
    return b"allowed"


_COMMANDS = {
    "echo": _echo,
    "end": _end,
    "fail": _fail,
    "give-up": _give_up,
    "hang": _hang,
    "take-memory": _take_memory,
    "answer": _answer_at_length,
    "claim": _claim_length,
    "chatter": _chatter,
    "hang-up": _hang_up,
    "try": _try,
}

if __name__ == "__main__":
    serve(_obey, Limits.from_arguments(sys.argv[1:]))
