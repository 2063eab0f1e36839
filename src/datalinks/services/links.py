"""Links: created, found and deleted in the instances that a caller may see."""

from datalinks.errors import NotFound
from datalinks.ids import MAX_LINK_NO, Clock, new_link_no, parse_link_id
from datalinks.model.link import DataLink, DataLinkDraft, RequestedDirection, record_id
from datalinks.model.link_search import Match, matching, position_of, refuse_both
from datalinks.model.page import DEFAULT_LIMIT, Cursor, Limit, Page, before_link
from datalinks.model.record import Draft
from datalinks.services.activity import LinkActivity
from datalinks.services.caller import Caller
from datalinks.services.instances import Instances, InstanceSelector
from datalinks.store import links
from datalinks.store.database import Database
from datalinks.store.instances import InstanceNo
from datalinks.store.link_search import search_links
from datalinks.store.links import LinkFilter


class LinkQuery(Draft, frozen=True, kw_only=True):
    """Which links of an instance are wanted; every filter given must match.

    direction: only links that are read this way; both filters nothing.
    app_record_id, external_record_id: only links of this record.
    search: instead of them, only links with a record on either side whose id begins with this, in the order of the ids:
    first those whose app record does.
    """

    direction: RequestedDirection | None = None
    app_record_id: str | None = None
    external_record_id: str | None = None
    search: str | None = None
    limit: Limit = DEFAULT_LIMIT
    cursor: Cursor | None = None


class Links:
    """The links of the instances that a caller may see. Every write is durable when its method returns.

    An instance is nothing but its pair, so every method makes it where its table and connection are there.
    """

    def __init__(self, database: Database, instances: Instances, activity: LinkActivity, clock: Clock) -> None:
        self._database = database
        self._instances = instances
        self._activity = activity
        self._clock = clock

    async def find(self, caller: Caller, wanted: InstanceSelector, query: LinkQuery) -> Page[DataLink]:
        """A page of links, the most recently written first; empty when nothing matches. A search has an order of its own.

        Raises:
            NotFound: the instance is hidden, or its table or connection are not there.
            BadRequest: selector, record id or cursor are not valid.
        """
        if query.search is not None:
            return await self._search(caller, wanted, query, query.search)
        link_filter = _filter(query)
        before = before_link(query.cursor)
        instance = await self._instances.resolve(caller, wanted)
        page = await links.list_links(self._database, instance, link_filter, query.limit, before)
        # Not lists of all links, and once for all pages of a record.
        if link_filter.names_record and before == MAX_LINK_NO:
            self._activity.found(instance.no, bool(page.items))
        return page

    async def _search(self, caller: Caller, wanted: InstanceSelector, query: LinkQuery, text: str) -> Page[DataLink]:
        refuse_both(text, query.app_record_id, query.external_record_id)
        matches = matching(text, Match.PREFIX, "$.search")
        after = position_of(query.cursor, matches)
        instance = await self._instances.resolve(caller, wanted)
        directions = (query.direction or RequestedDirection.BOTH).directions
        async with self._database.snapshot() as reader:
            page = await search_links(reader, [instance.no], matches, directions, query.limit, after)
        return Page([each.link(instance) for each in page.items], page.cursor)

    async def create(self, caller: Caller, wanted: InstanceSelector, draft: DataLinkDraft) -> list[DataLink]:
        """Write a link in each direction that the draft means; links that were there keep their ids.

        Raises:
            NotFound: the instance is hidden, or its table or connection are not there.
            BadRequest: selector or record ids are not valid.
        """
        app_record_id, external_record_id = _record_ids(draft)
        instance = await self._instances.resolve(caller, wanted)
        pair = links.new_pair(app_record_id, external_record_id, draft.directions, new_link_no(self._clock.now()))
        written = await links.put_pair(self._database, instance, pair)
        self._activity.written(instance.no, len(written))
        return written

    async def delete(self, caller: Caller, wanted: InstanceSelector, draft: DataLinkDraft) -> int:
        """Delete exactly this pair in the directions that the draft means; how many links there were, possibly none.

        Raises:
            NotFound: the instance is hidden, or its table or connection are not there.
            BadRequest: selector or record ids are not valid.
        """
        app_record_id, external_record_id = _record_ids(draft)
        instance = await self._instances.resolve(caller, wanted)
        async with self._database.transaction() as tx:
            gone = await links.delete_links(tx, instance, draft.directions, app_record_id, external_record_id)
        self._activity.deleted(instance.no, len(gone))
        return len(gone)

    async def get(self, caller: Caller, id: str) -> DataLink:
        """One link.

        Raises:
            NotFound: there is no such link, or its instance is hidden.
        """
        instance, link_no = await self._place_of(caller, id)
        link = await links.find_link_no(self._database, instance, link_no)
        if link is None:
            raise _no_link(id)
        return link

    async def delete_by_id(self, caller: Caller, id: str) -> None:
        """Delete one link.

        Raises:
            NotFound: there is no such link, or its instance is hidden.
        """
        instance, link_no = await self._place_of(caller, id)
        async with self._database.transaction() as tx:
            is_gone = await links.delete_link_no(tx, instance, link_no)
        if not is_gone:
            raise _no_link(id)
        self._activity.deleted(instance.no, 1)

    async def _place_of(self, caller: Caller, id: str) -> tuple[InstanceNo, int]:
        """The instance that a link's id names, and the link's number in it."""
        position = parse_link_id(id)
        instance = position and await self._instances.find_by_no(caller, position[0])
        if position is None or instance is None:
            raise _no_link(id)
        return instance, position[1]


def _no_link(id: str) -> NotFound:
    return NotFound(f"There is no data link with the id {id[:200]!r}.")


def _record_ids(draft: DataLinkDraft) -> tuple[str, str]:
    return record_id(draft.app_record_id, "$.appRecordId"), record_id(draft.external_record_id, "$.externalRecordId")


def _optional_id(value: str | None, path: str) -> str | None:
    return None if value is None else record_id(value, path)


def _filter(query: LinkQuery) -> LinkFilter:
    directions = (query.direction or RequestedDirection.BOTH).directions
    return LinkFilter(
        direction=directions[0] if len(directions) == 1 else None,
        app_record_id=_optional_id(query.app_record_id, "$.appRecordId"),
        external_record_id=_optional_id(query.external_record_id, "$.externalRecordId"),
    )
