"""``datalinks links import``: a file of links into one instance."""

import asyncio
import sys
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import Parameter
from rich.console import Group

from datalinks.cli.import_progress import showing_progress
from datalinks.cli.link_source import LinkSource, Reading
from datalinks.cli.options import Options, table
from datalinks.cli.places import NOWHERE, Place
from datalinks.cli.rejects import Rejects
from datalinks.errors import BadRequest, DataLinksError
from datalinks.model.importing import ImportId, ImportReport
from datalinks.services.caller import Caller
from datalinks.services.instances import InstanceSelector
from datalinks.services.services import Services

_DEFAULT = Options()
_AS_USUAL = Reading()
# A script must not take a file with bad rows for one that is wholly there.
BAD_ROWS_EXIT_CODE = 3
_SHOWN_CHANGES = 20


async def import_links(
    file: Path,
    /,
    *,
    place: Place = NOWHERE,
    reading: Reading = _AS_USUAL,
    dry_run: Annotated[bool, Parameter(negative="")] = False,
    import_id: str | None = None,
    rejects: Path | None = None,
    options: Options = _DEFAULT,
) -> None:
    """Write the links of a file that are not there yet; those that are stay as they are.

    The same command goes on where it was when it was stopped, by Ctrl-C or by a crash.
    Rows that are no links go to a file of their own, the others are written, and the exit code is 3.

    Parameters
    ----------
    file
        A file of CSV, JSON lines or Parquet.
    dry_run
        Write nothing, and say what would change.
    import_id
        What the import is known by when it goes on; made of the file's name, size and time of change when left out.
    rejects
        Where bad rows go, with the reason; FILE.rejects.csv when it is left out. It is overwritten.
    """
    source = LinkSource(file, reading)
    with Rejects(rejects or file.with_name(f"{file.name}.rejects.csv"), file) as rejected:
        async with options.services() as services:
            work = _Work(services, await options.admin(services), place.selector, source, options)
            report = await (work.compare(rejected) if dry_run else work.write(rejected, import_id))
    shown: dict[str, Any] = {**msgspec.to_builtins(report), "rejectsFile": str(rejected.path) if report.bad else None}
    options.show(shown, lambda: Group(*_parts(report, rejected.path)))
    if report.bad:
        sys.exit(BAD_ROWS_EXIT_CODE)


class _Work:
    """One import of one file into one instance. done: how many rows are written, or compared."""

    def __init__(
        self, services: Services, caller: Caller, selector: InstanceSelector, source: LinkSource, options: Options
    ) -> None:
        self._imports = services.imports
        self._caller = caller
        self._selector = selector
        self._source = source
        self._is_quiet = options.json
        self.done = 0

    async def compare(self, rejects: Rejects) -> ImportReport:
        """What writing would change."""
        chunks = self._source.chunks(rejects, self._imports.rows_per_stretch)
        reports = self._imports.compare(self._caller, self._selector, chunks)
        return await self._follow(reports, 0)

    async def write(self, rejects: Rejects, import_id: str | None) -> ImportReport:
        """Write the rows that are not done, and say what is done if it stops before the end."""
        id, begun = await self._named(_checked(import_id)) if import_id else await self._by_file()
        self.done = 0 if begun is None else begun.rows
        if begun is not None:
            state = "has been finished before" if begun.finished else "goes on where it was"
            self._say(f"This import {state}: {begun.rows:,} rows are done.")
        chunks = self._source.chunks(rejects, self._imports.rows_per_stretch)
        reports = self._imports.write(self._caller, self._selector, chunks, id)
        try:
            return await self._follow(reports, self.done)
        except asyncio.CancelledError:
            self._say(f"Stopped: {self.done:,} rows are done. Run the same command again to go on from there.")
            raise
        except DataLinksError:
            if self.done:
                self._say(f"Stopped: {self.done:,} rows are done, and stay so.")
            raise

    async def _named(self, import_id: str) -> tuple[str, ImportReport | None]:
        return import_id, await self._imports.find(self._caller, self._selector, import_id)

    async def _by_file(self) -> tuple[str, ImportReport | None]:
        """The unfinished import of the file, or a new one: whoever imports a file again wants its links to be there."""
        first = self._source.import_id
        for number in count(1):
            id, begun = await self._named(first if number == 1 else f"{first}-{number}")
            if begun is None or not begun.finished:
                return id, begun
        raise AssertionError("there is always a next number")

    async def _follow(self, reports: AsyncIterator[ImportReport], start: int) -> ImportReport:
        last: ImportReport | None = None
        with showing_progress(start, is_quiet=self._is_quiet) as show:
            async for last in reports:
                self.done = last.rows
                if not last.finished:
                    show(last.rows, self._source.expected_rows)
        assert last is not None, "the last report always comes"
        return last

    def _say(self, text: str) -> None:
        if not self._is_quiet:
            print(text, file=sys.stderr, flush=True)


def _checked(import_id: str) -> str:
    try:
        return msgspec.convert(import_id, ImportId)
    except msgspec.ValidationError as error:
        message = "An import id has 1 to 128 printable characters of ASCII, and no spaces."
        raise BadRequest(message) from error


def _parts(report: ImportReport, rejected: Path) -> list[Any]:
    """The report for people."""
    parts: list[Any] = []
    if report.changes:
        parts += [_changes(report), ""]
    columns = ["ROWS", "NEW", "UNCHANGED", "REPEATED", "BAD"]
    row = [report.rows, report.new, report.unchanged, report.repeated, report.bad]
    if report.dry_run:
        columns.append("DISPLACING")
        row.append(report.displacing or 0)
    parts.append(table(columns, [[f"{number:,}" for number in row]]))
    if report.dry_run:
        parts.append("Nothing was written.")
    if report.bad:
        parts.append(f"The bad rows are in {rejected}.")
    return parts


def _changes(report: ImportReport) -> object:
    columns = ("LINE", "APP RECORD", "EXTERNAL RECORD", "DIRECTION", "")
    rows: list[tuple[Any, ...]] = [
        (each.line, each.app_record_id, each.external_record_id, each.direction, "displaces" if each.displaces else "")
        for each in (report.changes or [])[:_SHOWN_CHANGES]
    ]
    if report.new > len(rows):
        rows.append((f"and {report.new - len(rows):,} more", "", "", "", ""))
    return table(columns, rows)
