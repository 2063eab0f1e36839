"""Imports of links: what came of each row of a file."""

from typing import Annotated

from msgspec import Meta

from datalinks.model.link import RequestedDirection
from datalinks.model.record import Record

ImportId = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=128,
        # It also stands in a path, so it is made of what may. No line end at the end, before which $ would match too.
        pattern=r"^(?!\.{1,2}$)[A-Za-z0-9._~:@!$&'()*+,;=-]+$(?!\n)",
        description="Chosen by the caller; sending the same file again under it goes on where the import was.",
    ),
]


class Reject(Record, frozen=True, kw_only=True):
    """A row that is no link. line: where it begins in the file, from 1; in Parquet the row's number.

    column: which column is wrong; absent where it is the row itself. row: its text, cut to 1,000 characters.
    """

    line: int
    reason: str
    column: str | None = None
    row: str


class Change(Record, frozen=True, kw_only=True):
    """A row whose links are not there yet. displaces: a record of it has a link to another record already."""

    line: int
    app_record_id: str
    external_record_id: str
    direction: RequestedDirection
    displaces: bool


class ImportReport(Record, frozen=True, kw_only=True):
    """What came, or with ``dryRun`` would come, of the rows of a file.

    import_id: what resumes it; absent when the caller chose none. rows: how many the file has, as far as it was read;
    each of them is one of new, unchanged, repeated or bad. new: at least one link was not there. unchanged: all were.
    repeated: another row of the same stretch of the file (100,000 rows) has the same pair; their directions are joined.
    displacing: how many of the new ones displace (only with ``dryRun``). finished: whether all rows are done.
    changes: the first 1,000 new rows (only with ``dryRun``). rejects: the first 1,000 bad rows.
    """

    import_id: str | None = None
    dry_run: bool
    finished: bool
    rows: int
    new: int
    unchanged: int
    repeated: int
    bad: int
    displacing: int | None = None
    changes: list[Change] | None = None
    rejects: list[Reject]
