"""What an import or an export has done, file by file."""

from typing import Literal, TypeAlias

import msgspec

from datalinks.model.record import Record

Action: TypeAlias = Literal["created", "changed", "unchanged", "left"]


class Note(Record, frozen=True, kw_only=True):
    """Something to know of a file. path, line: what it is about, if that is a part of the file."""

    path: str | None = None
    line: int | None = None
    message: str


class FileReport(Record, frozen=True, kw_only=True):
    """What came of one file.

    kind, key, integration: which element it is. changes: the properties that are others now.
    notes: what was left out, and why. problems: what keeps a flow from running.
    """

    file: str
    action: Action
    kind: str | None = None
    key: str | None = None
    integration: str | None = None
    changes: list[str] = msgspec.field(default_factory=list[str])
    notes: list[Note] = msgspec.field(default_factory=list[Note])
    problems: list[Note] = msgspec.field(default_factory=list[Note])


class ImportReport(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What came of a folder. dry_run: nothing was written."""

    dry_run: bool
    created: int
    changed: int
    unchanged: int
    left: int
    files: list[FileReport]


class ExportReport(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Which files there are now. stale: files of elements that the workspace does not have; an import makes these."""

    created: list[str]
    changed: list[str]
    unchanged: list[str]
    stale: list[str]


def import_report(files: list[FileReport], *, dry_run: bool) -> ImportReport:
    """The report on a folder with these files."""
    counts = {action: sum(each.action == action for each in files) for action in ("created", "changed", "unchanged")}
    left = sum(each.action == "left" for each in files)
    return ImportReport(dry_run=dry_run, **counts, left=left, files=files)
