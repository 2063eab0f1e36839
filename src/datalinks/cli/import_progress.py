"""How far an import has come: a bar on a terminal, lines elsewhere, both on standard error."""

import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TypeAlias

from rich.console import Console

# Told the rows that are done, and how many there seem to be in all, or None while nobody knows.
Show: TypeAlias = Callable[[int, int | None], None]
# Reports come seconds apart: the usual half minute would hold too few of them to tell a speed.
_SPEED_SECONDS = 180


@contextmanager
def showing_progress(start: int, *, is_quiet: bool) -> Generator[Show]:
    """What to call after each step. start: how many rows were done before. is_quiet: show nothing."""
    console = Console(stderr=True)
    if is_quiet:
        yield _nothing
    elif console.is_terminal:
        with _bar(start, console) as show:
            yield show
    else:
        yield _lines(start)


def _nothing(rows: int, total: int | None) -> None:
    pass


def _lines(start: int) -> Show:
    began = time.monotonic()

    def show(rows: int, total: int | None) -> None:
        of = "" if total is None else f" of about {total:,}"
        print(f"{rows:,}{of} rows, {_rate(rows - start, began)}", file=sys.stderr, flush=True)

    return show


@contextmanager
def _bar(start: int, console: Console) -> Generator[Show]:
    # A tenth of a second that no other command should spend.
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (
        SpinnerColumn(),
        TextColumn("{task.completed:,} rows"),
        BarColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    began = time.monotonic()
    with Progress(*columns, console=console, speed_estimate_period=_SPEED_SECONDS, transient=True) as bar:
        task = bar.add_task("", total=None, completed=start, rate="")
        yield lambda rows, total: bar.update(task, completed=rows, total=total, rate=_rate(rows - start, began))


def _rate(rows: int, began: float) -> str:
    return f"{rows / max(time.monotonic() - began, 0.001):,.0f} rows/s"
