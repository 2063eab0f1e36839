"""Many links of one instance at once: batches, files and counts."""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Literal
from uuid import uuid4

from datalinks.client._async.http import AsyncHttp
from datalinks.client.calls import make_call, path_part
from datalinks.client.queries import AnyDirection, BatchBody, ExportQuery, ImportQuery, Place, RecordId, requested
from datalinks.client.uploads import AsyncLinkFile, format_of, opened
from datalinks.client.whole_file import WholeFile
from datalinks.errors import BadRequest, DataLinksError
from datalinks.model.batch import BatchReport, Mode, Operation
from datalinks.model.counts import LinkCount
from datalinks.model.file_format import FileFormatName
from datalinks.model.importing import ImportReport
from datalinks.model.link import record_id


class AsyncBulk:
    """Batches, imports, exports and counts of one instance; see ``AsyncLinksOfInstance`` for what every method raises."""

    def __init__(self, http: AsyncHttp, place: Place) -> None:
        self._http = http
        self._place = place

    async def batch(
        self, operations: Sequence[Operation], *, mode: Mode | Literal["each", "atomic"] = Mode.EACH
    ) -> BatchReport:
        """Find, create and delete up to 10,000 links in their order, all writes in one transaction.

        A wrong operation has an outcome of its own and raises nothing; in mode ``atomic`` it keeps all others from
        being done.

        Raises:
            BadRequest: there are no operations or too many.
        """
        path, place = self._place.under_table("batch")
        call = make_call("POST", path, place, body=BatchBody(mode=_mode(mode), operations=operations))
        return await self._http.fetch(call, BatchReport)

    async def import_file(
        self,
        source: AsyncLinkFile,
        *,
        format: FileFormatName | None = None,
        direction: AnyDirection = "both",
        app_column: str | None = None,
        external_column: str | None = None,
        direction_column: str | None = None,
        ignore_unknown_columns: bool = False,
        dry_run: bool = False,
        import_id: str | None = None,
    ) -> ImportReport:
        """Write the links of a file that are not there yet; those that are stay as they are.

        The file is sent as it is read, and sent again under the same import id when the connection breaks; the server
        goes on where it was. An iterator can be sent once only.

        source: a path, a whole file as bytes, or its bytes piece by piece. format: what a path's name says when it is
        None. direction: what a row means that gives none. The columns are ``appRecordId``, ``externalRecordId`` and
        ``direction`` unless others are named. dry_run: write nothing and say what would change.
        import_id: what the import is known by; made for this call when it is None. A DataLinksError has it in
        ``data["importId"]``, so that the caller can send the same file again under it.

        Raises:
            BadRequest: the file cannot be read to its end; ``data["doneRows"]`` are written. Rows that are no links
                are in the report instead.
            AlreadyExists: the import of this id has read another file. OSError: the file cannot be opened.
        """
        query = ImportQuery(
            import_id=None if dry_run else (uuid4().hex if import_id is None else import_id),
            dry_run=dry_run,
            direction=requested(direction),
            app_column=app_column,
            external_column=external_column,
            direction_column=direction_column,
            ignore_unknown_columns=ignore_unknown_columns,
        )
        path, place = self._place.under_table("import")
        with opened(source, format) as upload:
            try:
                return await self._http.fetch(make_call("POST", path, place, query, body=upload), ImportReport)
            except DataLinksError as error:
                error.data = error.data if dry_run else {"importId": query.import_id, **error.data}
                raise

    async def import_progress(self, import_id: str) -> ImportReport:
        """How far an import has come, without its rejects.

        Raises:
            NotFound: there is no import of this id into the instance.
        """
        path, place = self._place.under_table(f"imports/{path_part(import_id)}")
        return await self._http.fetch(make_call("GET", path, place), ImportReport)

    async def export_file(
        self,
        path: str | PathLike[str],
        *,
        format: FileFormatName | None = None,
        direction: AnyDirection | None = None,
        search: RecordId | None = None,
    ) -> int:
        """Write all links, as they are at one moment, to a file: one row for each link; its size in bytes.

        The file is there once it is complete, and what was in its place stays until then.

        format: what the path's name says when it is None. direction: only links that are read this way. search: only links
        with a record on either side whose id begins with this.

        Raises:
            BadRequest: nothing says which format is meant, or no id begins with ``search``. OSError: the file cannot be written.
        """
        target = Path(path)
        query = ExportQuery(
            format=format_of(target, format),
            direction=None if direction is None else requested(direction),
            search=None if search is None else record_id(search, "$.search"),
        )
        route, place = self._place.under_table("export")
        with WholeFile(target) as file:
            await self._http.download(make_call("GET", route, place, query), file)
            file.finish()
        return file.size_bytes

    async def count(self) -> LinkCount:
        """How many links there are, in the instance, or in all instances of a table where no connection is named.

        Large instances are counted now and then only; the answer says when.
        """
        path, place = self._place.under_table("count")
        return await self._http.fetch(make_call("GET", path, place), LinkCount)


def _mode(mode: str) -> Mode:
    try:
        return Mode(mode)
    except ValueError as error:
        raise BadRequest(f"{mode!r} is no mode: give each or atomic.", {"path": "$.mode"}) from error
