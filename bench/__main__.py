"""``python -m bench``: runs the measurements, prints a table and keeps it in the folder ``results``."""

import signal
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console

from bench.lab import Lab
from bench.machine import this_machine
from bench.measurement import Measurement
from bench.measurements import ALL
from bench.options import Options
from bench.processes.handrolled import ENVIRONMENT
from bench.processes.programs import ROOT
from bench.report import Report, print_report, save_report
from bench.rounds import run

_LARGE = 10_000_000
_DEFAULTS = Options()
_TERMINATED = 143
app = App(name="bench", help="Measure the server and its peers side by side on this machine.")


@app.default
def bench(
    *,
    links: int = _DEFAULTS.links,
    seconds: float = _DEFAULTS.seconds,
    rounds: int = _DEFAULTS.rounds,
    only: Annotated[tuple[str, ...], Parameter(negative=())] = (),
    large: bool = False,
    save: bool = True,
) -> int:
    """Run the measurements.

    Parameters
    ----------
    links
        Links in the tables that are asked, and rows of an import.
    seconds
        How long a timed round lasts.
    rounds
        Rounds of each contender; medians over them count.
    only
        A measurement to run, or the beginning of its name; may be given several times.
    large
        Let the large table of the latency rows have 10,000,000 links.
    save
        Keep the results.
    """
    console = Console()
    chosen = [each for each in ALL if not only or each.name.startswith(only)]
    if not chosen:
        console.print(f"There is no such measurement: choose from {', '.join(each.name for each in ALL)}.")
        return 2
    options = Options(links=links, seconds=seconds, rounds=rounds, large_links=_LARGE if large else links)
    # Whoever ends the run ends what it started too.
    signal.signal(signal.SIGTERM, _stop)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True)))
        report = _run(chosen, Lab(options, folder, stack), Console(stderr=True))
    print_report(report, console)
    if save:
        for path in save_report(report, (folder, ROOT)):
            console.print(f"Kept in {path.relative_to(ROOT)}")
    return int(any(outcome.has_failed for outcome in report.outcomes))


def _stop(_number: int, _frame: FrameType | None) -> None:
    sys.exit(_TERMINATED)


def _run(chosen: list[Measurement], lab: Lab, console: Console) -> Report:
    with console.status("") as status:
        outcomes = [run(measurement, lab, status.update) for measurement in chosen]
    return Report(this_machine(ENVIRONMENT, lab.postgres_version), lab.options, outcomes)


if __name__ == "__main__":
    sys.exit(app())
