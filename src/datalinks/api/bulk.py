"""Endpoints for many links at once: batches, imports, exports and counts. They are our own; the reference product has none."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated

from msgspec import Meta

from datalinks.api.answers import Download
from datalinks.api.bodies import Upload
from datalinks.errors import DataLinksError, NotFound
from datalinks.files import Columns, FileFormat, read_chunks
from datalinks.model.batch import BatchDraft, BatchReport
from datalinks.model.counts import LinkCount
from datalinks.model.importing import ImportId, ImportReport
from datalinks.model.link import RequestedDirection
from datalinks.model.record import Draft
from datalinks.services.caller import Caller
from datalinks.services.instances import InstanceSelector
from datalinks.services.services import Services

MEDIA_TYPES = tuple(each.media_type for each in FileFormat)
UPLOAD_TYPES = (*MEDIA_TYPES, "application/x-ndjson")
_Column = Annotated[str, Meta(min_length=1, max_length=500)]


class ImportQuery(Draft, frozen=True, kw_only=True):
    """How a file is read, and whether it is written.

    import_id: sending the same file again under it goes on where the import was. dry_run: only say what would change.
    direction: what a row means that gives none; both when it is left out.
    app_column, external_column, direction_column: the names of the file's columns where they are not ``appRecordId``,
    ``externalRecordId`` and ``direction``. ignore_unknown_columns: the file may have others.
    """

    import_id: ImportId | None = None
    dry_run: bool = False
    direction: RequestedDirection = RequestedDirection.BOTH
    app_column: _Column = "appRecordId"
    external_column: _Column = "externalRecordId"
    direction_column: _Column = "direction"
    ignore_unknown_columns: bool = False


class ExportQuery(Draft, frozen=True, kw_only=True):
    """What an export holds.

    format: csv when it is left out. direction: only links that are read this way. search: only links with a record on either
    side whose id begins with this, as finding links by it finds them.
    """

    format: FileFormat = FileFormat.CSV
    direction: RequestedDirection | None = None
    search: str | None = None


async def run_batch(
    services: Services, caller: Caller, selector: str, instance: InstanceSelector, body: BatchDraft
) -> BatchReport:
    """Find, create and delete many links of a table and a connection; each operation is answered for itself.

    Operations are done in their order, all writes in one transaction. With ``mode`` ``atomic`` nothing is done if one of them is
    wrong. A write that repeats an earlier one of the batch is reported as a duplicate.
    """
    wanted = await services.instances.of_table(caller, selector, instance)
    return await services.batches.run(caller, wanted, body)


async def import_links(
    services: Services, caller: Caller, selector: str, instance: InstanceSelector, options: ImportQuery, upload: Upload
) -> ImportReport:
    """Write the links of a file, CSV, JSON lines or Parquet of any length; links that are there already stay as they are.

    Rows that are no links are reported and the others are written, in stretches of 100,000 rows that are durable one by one.
    If the connection breaks, send the same file again: nothing doubles, and under the same ``importId`` it goes on where it was.
    """
    wanted = await services.instances.of_table(caller, selector, instance)
    chunks = read_chunks(
        aiter(upload),
        FileFormat.from_media_type(upload.content_type),
        columns=Columns(options.app_column, options.external_column, options.direction_column),
        direction=options.direction,
        rows_per_chunk=services.imports.rows_per_stretch,
        ignore_unknown_columns=options.ignore_unknown_columns,
    )
    if options.dry_run:
        return await _last(services.imports.compare(caller, wanted, chunks))
    return await _last(services.imports.write(caller, wanted, chunks, options.import_id))


async def _last(reports: AsyncIterator[ImportReport]) -> ImportReport:
    """The last report. An error says how many rows are done and stay so, if there are any."""
    report: ImportReport | None = None
    try:
        async for each in reports:
            report = each
    except DataLinksError as error:
        if report is not None and not report.dry_run:
            error.data["doneRows"] = report.rows
        raise
    assert report is not None, "the last report always comes"
    return report


async def get_import(
    services: Services, caller: Caller, selector: str, import_id: str, instance: InstanceSelector
) -> ImportReport:
    """How far an import has come that was begun with an ``importId``; its rejects are in its own answer only."""
    wanted = await services.instances.of_table(caller, selector, instance)
    found = await services.imports.find(caller, wanted, import_id)
    if found is None:
        raise NotFound(f"There is no import {import_id[:200]!r} into this instance.")
    return found


async def export_links(
    services: Services, caller: Caller, selector: str, instance: InstanceSelector, options: ExportQuery
) -> Download:
    """The links of a table and a connection as they are at one moment, as a file: one row for each link."""
    wanted = await services.instances.of_table(caller, selector, instance)
    pieces = await services.exports.read(caller, wanted, options.format, options.direction, options.search)
    name = f"links-{datetime.now(UTC):%Y%m%d-%H%M%S}.{options.format}"
    return Download(options.format.media_type, name, pieces)


async def count_links(services: Services, caller: Caller, selector: str, instance: InstanceSelector) -> LinkCount:
    """How many links a table has, or its instance for a connection; large ones are counted now and then only."""
    return await services.counts.count(caller, selector, instance)
