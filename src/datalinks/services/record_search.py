"""Finding a record: its links on either side, in every instance that a caller may see."""

from typing import Annotated

from msgspec import Meta

from datalinks.model.link import Direction
from datalinks.model.link_search import (
    ConnectionName,
    FoundLink,
    IdRange,
    InstanceName,
    Match,
    Side,
    matching,
    position_of,
)
from datalinks.model.page import Cursor, Limit, Page
from datalinks.model.record import Draft
from datalinks.services.caller import Caller
from datalinks.store import instances
from datalinks.store.database import Database
from datalinks.store.instances import InstanceNo, KeptInstance
from datalinks.store.link_search import Found, search_links

# Somebody looks at them, as there may be one or two of each instance.
_FEW = 50


class RecordQuery(Draft, frozen=True, kw_only=True):
    """Which record is meant: the one with this id on either side, or all whose ids begin with it."""

    record_id: Annotated[str, Meta(description="A record's id, or its beginning.")]
    match: Match = Match.EXACT
    limit: Limit = _FEW
    cursor: Cursor | None = None


class RecordSearch:
    """Links of a record in the live instances that a caller may see."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, caller: Caller, query: RecordQuery) -> Page[FoundLink]:
        """A page of links with what they hang on, in the order of side, instance and record ids.

        Raises:
            BadRequest: record id or cursor are not valid.
        """
        matches = matching(query.record_id, query.match, "$.recordId")
        after = position_of(query.cursor, matches)
        async with self._database.snapshot() as reader:
            nos = await instances.list_live_instance_nos(reader, caller.workspace_id, caller.customer_scope)
            page = await search_links(reader, nos, matches, tuple(Direction), query.limit, after)
            of_page = {each.position.instance_no for each in page.items}
            kept = await instances.list_instances(reader, caller.workspace_id, limit=len(of_page), nos=of_page)
        by_no = {each.no: each for each in kept}
        return Page(
            [
                _found_link(each, by_no[each.position.instance_no], both=_on_both_sides(each, matches))
                for each in page.items
            ],
            page.cursor,
        )


def _on_both_sides(found: Found, matches: IdRange) -> bool:
    return found.position.app_record_id in matches and found.position.external_record_id in matches


def _found_link(found: Found, kept: KeptInstance, *, both: bool) -> FoundLink:
    instance = kept.instance
    return FoundLink(
        link=found.link(InstanceNo(instance.id, kept.no, is_archived=False)),
        side=Side.BOTH if both else found.position.side,
        data_link_table_instance=InstanceName(id=instance.id, instance_key=instance.instance_key),
        data_link_table=instance.data_link_table,
        connection=ConnectionName(id=instance.connection_id, name=instance.connection.name),
        customer=instance.user,
        integration=instance.integration,
    )
