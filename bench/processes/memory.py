"""The resident memory of processes, as the kernel counts it."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

_SAMPLE_SECONDS = 0.05
_KIBIBYTE = 1024
_PROCESSES = Path("/proc")


def resident_bytes(pid: int) -> int:
    """The resident size of a process and of those it started; 0 for one that has ended."""
    folder = _PROCESSES / str(pid)
    try:
        status = (folder / "status").read_text()
        children = (folder / "task" / str(pid) / "children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    lines = dict(line.split(":", 1) for line in status.splitlines())
    own = int(lines.get("VmRSS", "0 kB").split()[0]) * _KIBIBYTE
    return own + sum(resident_bytes(int(child)) for child in children)


@contextmanager
def highest_resident(pid: int) -> Generator[list[int]]:
    """Looks at a process again and again; the list's only item is the highest size so far."""
    highest = [resident_bytes(pid)]
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.wait(_SAMPLE_SECONDS):
            highest[0] = max(highest[0], resident_bytes(pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield highest
    finally:
        is_over.set()
        watcher.join()
