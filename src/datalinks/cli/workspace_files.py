"""``datalinks import`` and ``datalinks export``: a workspace's elements as files."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from datalinks.cli.options import Options
from datalinks.workspace_files.exporting import Layout, export_folder
from datalinks.workspace_files.folder import Folder, make_folder
from datalinks.workspace_files.importing import import_folder
from datalinks.workspace_files.report import Action, ExportReport, FileReport, ImportReport

_DEFAULT = Options()
_WORDS: dict[Action, str] = {
    "created": "created  ",
    "changed": "changed  ",
    "unchanged": "unchanged",
    "left": "left out ",
}


async def import_workspace(
    directory: Path,
    /,
    *,
    dry_run: Annotated[bool, Parameter(negative="")] = False,
    options: Options = _DEFAULT,
) -> None:
    """Create and change integrations, data link tables, app event types and flows as the files of a folder say.

    All of it is written, or nothing. What no file speaks of stays as it is, and nothing is executed.

    Parameters
    ----------
    directory
        The folder with folders like flows/ and data-link-tables/, or the one around membrane/.
    dry_run
        Write nothing, and say what would change.
    """
    with Folder(directory) as folder:
        async with options.services() as services:
            report = await import_folder(services, await options.admin(services), folder, dry_run=dry_run)
    options.show(report, lambda: "\n".join(_import_lines(report)))


async def export_workspace(directory: Path, /, *, layout: Layout | None = None, options: Options = _DEFAULT) -> None:
    """Write integrations, data link tables, app event types and flows into a folder, a file each, without secrets.

    Parameters
    ----------
    directory
        The folder; it is made if it is not there.
    layout
        cli (flows/KEY/KEY.yaml) or spec (flows/KEY/spec.yaml); as the folder has it when it is left out, and cli in a new one.
    """
    async with options.services() as services:
        caller = await options.admin(services)
        make_folder(directory)
        with Folder(directory) as folder:
            report = await export_folder(services, caller, folder, layout)
    options.show(report, lambda: "\n".join(_export_lines(report, directory)))


def _import_lines(report: ImportReport) -> Iterator[str]:
    """The report for people."""
    for file in report.files:
        if file.action != "unchanged" or file.notes or file.problems:
            yield from _file_lines(file)
    counts = (
        f"{report.created} created, {report.changed} changed, {report.unchanged} unchanged, {report.left} left out."
    )
    yield f"{counts} Nothing was written, as this was a dry run." if report.dry_run else counts


def _file_lines(file: FileReport) -> Iterator[str]:
    changes = f": {', '.join(file.changes)}" if file.changes else ""
    yield f"{_WORDS[file.action]}  {file.file}{changes}"
    for note in file.notes:
        line = f" (line {note.line})" if note.line else ""
        yield f"    {note.path}{line}: {note.message}" if note.path else f"    {note.message}"
    for problem in file.problems:
        yield f"    cannot run: {problem.path}: {problem.message}"


def _export_lines(report: ExportReport, directory: Path) -> Iterator[str]:
    counts = f"{len(report.created)} created, {len(report.changed)} changed, {len(report.unchanged)} unchanged"
    yield f"The files are in {directory}: {counts}."
    if report.stale:
        yield "The workspace has no elements for these files, and an import would make them; delete what is not wanted:"
        yield from (f"    {file}" for file in report.stale)
