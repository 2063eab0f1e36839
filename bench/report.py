"""Shows and keeps what a run gave."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from bench.machine import Machine
from bench.options import Options
from bench.rounds import Figures, Outcome, Verdict

RESULTS = Path(__file__).parent / "results"
_HEADINGS = ("contender", "median", "rounds", "ratio", "target")


class Report(msgspec.Struct, frozen=True):
    """A whole run."""

    machine: Machine
    options: Options
    outcomes: list[Outcome]


def print_report(report: Report, console: Console) -> None:
    """Print a table for each measurement."""
    console.print(_conditions(report))
    for outcome in report.outcomes:
        table = Table(*_HEADINGS, title=f"{outcome.name}: {outcome.title}", title_justify="left", box=SIMPLE)
        for row in _rows(outcome):
            table.add_row(*row)
        console.print(table)


def save_report(report: Report, hidden: Sequence[Path]) -> list[Path]:
    """Write the run as JSON and as a table in Markdown; the files. Folders that are hidden are not named in them."""
    stem = f"{report.machine.date[:16].replace(':', '')}-{report.machine.commit}"
    texts = {".json": msgspec.json.format(msgspec.json.encode(report), indent=2).decode(), ".md": _markdown(report)}
    RESULTS.mkdir(exist_ok=True)
    paths: list[Path] = []
    for ending, text in texts.items():
        for folder in hidden:
            text = text.replace(str(folder), "...")  # noqa: PLW2901 - one text after the other
        paths.append(RESULTS / f"{stem}{ending}")
        paths[-1].write_text(text.rstrip() + "\n")
    return paths


def _markdown(report: Report) -> str:
    machine = report.machine
    versions = ", ".join(f"{name} {version}" for name, version in machine.versions.items())
    lines = [
        f"# Benchmark of {machine.date[:10]}, commit {machine.commit}",
        "",
        f"- Machine: {machine.cpu}, {machine.cores} cores, {machine.memory_gib} GiB, Linux {machine.kernel}",
        f"- Versions: {versions}",
        f"- Run: {_conditions(report)}",
        "",
        f"| measurement | {' | '.join(_HEADINGS)} |",
        f"|{'---|' * (1 + len(_HEADINGS))}",
        *(f"| {' | '.join(row)} |" for outcome in report.outcomes for row in _named_rows(outcome)),
    ]
    return "\n".join(lines)


def _conditions(report: Report) -> str:
    options = report.options
    return (
        f"{options.links:,} links, {options.large_links:,} in the large table, "
        f"{options.rounds} rounds of {options.seconds:g} s, medians"
    )


def _named_rows(outcome: Outcome) -> Iterator[tuple[str, ...]]:
    """The lines of a measurement, which the first one names."""
    for number, row in enumerate(_rows(outcome)):
        yield (f"**{outcome.name}**: {outcome.title}" if number == 0 else "", *row)


def _rows(outcome: Outcome) -> Iterator[tuple[str, ...]]:
    """A line for each contender; the first target is beside the contender that has it, each other one on a line of its own."""
    for name, figures in outcome.figures.items():
        verdicts = [_verdict(each) for each in outcome.verdicts if each.ours == name] or [("", "")]
        yield (name, _median(figures, outcome.unit), _each_round(figures), *verdicts[0])
        for verdict in verdicts[1:]:
            yield ("", "", "", *verdict)


def _verdict(verdict: Verdict) -> tuple[str, str]:
    words = {True: "met", False: "missed", None: "not run"}
    ratio = "" if verdict.ratio is None else f"{verdict.ratio:.2f}"
    return ratio, f"{verdict.target}: {words[verdict.is_met]}"


def _median(figures: Figures, unit: str) -> str:
    if figures.median is None:
        return f"{'failed' if figures.failed else 'not run'}: {figures.reason}"
    return f"{_number(figures.median)} {unit}"


def _each_round(figures: Figures) -> str:
    return " ".join(_number(value) for value in figures.rounds)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"  # noqa: PLR2004 - where digits after the point stop telling
