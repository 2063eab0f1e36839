"""Data links: which app record is which external record."""

from collections.abc import AsyncGenerator

import msgspec

from datalinks.client._async.bulk import AsyncBulk
from datalinks.client._async.http import AsyncHttp
from datalinks.client.calls import Call, make_call, path_part
from datalinks.client.queries import AnyDirection, AnyMatch, LinksQuery, NextPage, RecordId, RecordQuery, requested
from datalinks.model.link import DataLink, DataLinkDraft, Direction, WrittenLinks, record_id
from datalinks.model.link_search import FoundLink
from datalinks.model.page import Page
from datalinks.model.record import Draft

_PATH = "/data-link-table-instance/links"


class AsyncLinks:
    """Links by their own ids, whatever instance they are in; ``links_of`` of the client has those of one instance."""

    def __init__(self, http: AsyncHttp) -> None:
        self._http = http

    async def search_page(
        self, record_id: RecordId, *, match: AnyMatch = "exact", limit: int | None = None, cursor: str | None = None
    ) -> Page[FoundLink]:
        """One page of the links of a record on either side, in every instance that the caller may see.

        First come those whose app record it is, in the order of instances and record ids. match: ``prefix`` for all
        records whose id begins with ``record_id``. limit: 1 to 1000; None means 50.

        Raises:
            BadRequest: record id, match or cursor are not valid.
        """
        return await self._found(RecordQuery(record_id=record_id, match=match, limit=limit, cursor=cursor))

    async def search(
        self, record_id: RecordId, *, match: AnyMatch = "exact", limit: int | None = None
    ) -> AsyncGenerator[FoundLink]:
        """Every link of ``search_page``, fetched page by page while the loop runs; ``limit`` is the size of a page.

        Raises:
            BadRequest: record id or match are not valid.
        """
        query = RecordQuery(record_id=record_id, match=match, limit=limit)
        page = await self._found(query)
        while True:
            for found in page.items:
                yield found
            if page.cursor is None:
                return
            page = await self._found(query, NextPage(cursor=page.cursor))

    async def _found(self, *query: Draft) -> Page[FoundLink]:
        return await self._http.fetch(make_call("GET", "/data-links/search", *query), Page[FoundLink])

    async def get(self, link_id: str) -> DataLink:
        """One link.

        Raises:
            NotFound: there is no such link, or its instance is hidden.
        """
        return await self._http.fetch(make_call("GET", _path_of(link_id)), DataLink)

    async def delete(self, link_id: str) -> None:
        """Delete one link.

        A call whose answer was lost is sent again, so a link that the first try deleted raises NotFound too.

        Raises:
            NotFound: there is no such link, or its instance is hidden.
        """
        await self._http.send(make_call("DELETE", _path_of(link_id)))


class AsyncLinksOfInstance(AsyncBulk):
    """The links of one instance, which its place names. The first write or search makes the instance if need be.

    Record ids are texts of 1 to 512 characters; a number stands for its decimal text. Every method may raise

    - NotFound: the table or the connection is not there, or hidden.
    - BadRequest: the place is incomplete, several connections match, or a record id is not valid.
    - Unavailable when the server does not answer, NotAuthenticated and AccessDenied.
    """

    async def external_record_id(self, app_record_id: RecordId) -> str | None:
        """The external record that an app record is linked to, or None; of several the most recently written."""
        found = await self.find(app_record_id=app_record_id, direction=Direction.EXPORT)
        return found and found.external_record_id

    async def app_record_id(self, external_record_id: RecordId) -> str | None:
        """The app record that an external record is linked to, or None; of several the most recently written."""
        found = await self.find(external_record_id=external_record_id, direction=Direction.IMPORT)
        return found and found.app_record_id

    async def find(
        self,
        *,
        app_record_id: RecordId | None = None,
        external_record_id: RecordId | None = None,
        direction: AnyDirection | None = None,
    ) -> DataLink | None:
        """The most recently written link that matches every filter, or None; no direction and ``both`` filter nothing."""
        page = await self.list_page(
            app_record_id=app_record_id, external_record_id=external_record_id, direction=direction, limit=1
        )
        return page.items[0] if page.items else None

    async def list_page(
        self,
        *,
        app_record_id: RecordId | None = None,
        external_record_id: RecordId | None = None,
        direction: AnyDirection | None = None,
        search: RecordId | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Page[DataLink]:
        """One page of the links that match every filter, the most recently written first.

        search: instead of record ids, the beginning of one on either side; first come the links whose app record
        matches, in the order of the app record ids, then the others, in the order of their external record ids.
        limit: 1 to 1000, which is also what None means. cursor: that of the page before; None for the first.
        """
        query = LinksQuery(
            app_record_id=app_record_id,
            external_record_id=external_record_id,
            direction=direction,
            search=search,
            limit=limit,
            cursor=cursor,
        )
        return await self._page(query)

    async def iterate(
        self,
        *,
        app_record_id: RecordId | None = None,
        external_record_id: RecordId | None = None,
        direction: AnyDirection | None = None,
        search: RecordId | None = None,
        limit: int | None = None,
    ) -> AsyncGenerator[DataLink]:
        """Every link that matches every filter, in the order of ``list_page``, fetched page by page.

        limit: the size of a page. Without search a link that is written again meanwhile moves to the front, behind the loop's back.
        """
        query = LinksQuery(
            app_record_id=app_record_id,
            external_record_id=external_record_id,
            direction=direction,
            search=search,
            limit=limit,
        )
        page = await self._page(query)
        while True:
            for link in page.items:
                yield link
            if page.cursor is None:
                return
            page = await self._page(msgspec.structs.replace(query, cursor=page.cursor))

    async def create(
        self, *, app_record_id: RecordId, external_record_id: RecordId, direction: AnyDirection = "both"
    ) -> list[DataLink]:
        """Link two records: one link for ``import`` or ``export``, both of them for ``both``, in this order.

        A link that is there keeps its id and becomes the most recently written.
        """
        call = self._write("POST", app_record_id, external_record_id, direction)
        return (await self._http.fetch(call, WrittenLinks)).items

    async def delete(
        self, *, app_record_id: RecordId, external_record_id: RecordId, direction: AnyDirection = "both"
    ) -> None:
        """Delete the links of exactly this pair in the direction, or in both. Deleting what is not there succeeds."""
        await self._http.send(self._write("DELETE", app_record_id, external_record_id, direction))

    async def _page(self, query: LinksQuery) -> Page[DataLink]:
        return await self._http.fetch(make_call("GET", _PATH, self._place, query), Page[DataLink])

    def _write(self, method: str, app: RecordId, external: RecordId, direction: AnyDirection) -> Call:
        draft = DataLinkDraft(
            app_record_id=record_id(app, "$.appRecordId"),
            external_record_id=record_id(external, "$.externalRecordId"),
            direction=requested(direction),
        )
        return make_call(method, _PATH, self._place, body=draft)


def _path_of(link_id: str) -> str:
    return f"/data-links/{path_part(link_id)}"
