"""What a child gives up before it reads its first request. Where a system has no such limit, the others must do."""

import contextlib
import ctypes
import math
import os
import resource
import signal
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_NOBODY = 65_534
# Standard input and output, and the error output, which leads nowhere: with no number left, nothing can be opened, no
# socket either.
_OPEN_FILES = 3


def confine(memory_bytes: int) -> None:
    """Give up, for good, all that evaluating needs not. Everything must be imported by now."""
    # The parent says when to end; what a terminal or a service manager sends to all processes is meant for the parent.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _leave_root()
    _ask_kernel()
    size_bytes = _address_space_bytes()
    if size_bytes is not None:
        _limit(resource.RLIMIT_AS, size_bytes + memory_bytes)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    # No new process and no new thread. Root is not held to it, which is one reason to leave root first.
    _limit(resource.RLIMIT_NPROC, 0)
    _limit(resource.RLIMIT_NOFILE, _OPEN_FILES)


def allow_cpu(seconds: float) -> None:
    """Let the kernel end this process once it has computed that much longer: a second net, should the parent be stuck."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = math.ceil(used.ru_utime + used.ru_stime + seconds) + 1
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (until, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _leave_root() -> None:
    """A server in a container often is root; a container may also forbid to change that."""
    if os.geteuid() != 0:
        return
    with contextlib.suppress(OSError):
        os.setgroups([])
        os.setgid(_NOBODY)
        os.setuid(_NOBODY)


def _ask_kernel() -> None:
    """On Linux: no program run from here gains rights, and this process dies with the one that started it."""
    if sys.platform != "linux":
        return
    # After the change of user, which would undo the second.
    prctl = ctypes.CDLL(None).prctl
    prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


def _address_space_bytes() -> int | None:
    """What this process has mapped; None where the system does not say, and would not hold it to a limit either."""
    try:
        with open("/proc/self/statm", "rb") as statm:  # noqa: PTH123 - pathlib would be one more import for a child
            pages = int(statm.read().split()[0])
    except OSError:
        return None
    return pages * resource.getpagesize()


def _limit(what: int, most: int) -> None:
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(what, (most, most))
