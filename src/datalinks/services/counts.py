"""Counts of links, at a bounded cost: small instances are counted at every call, large ones the more seldom the larger."""

from collections.abc import Sequence

from msgspec.structs import replace

from datalinks.ids import Clock, as_datetime
from datalinks.model.counts import LinkCount
from datalinks.model.page import Page
from datalinks.model.table import DataLinkTable, DataLinkTableInstance
from datalinks.services.caller import Caller
from datalinks.services.instances import Instances, InstanceSelector
from datalinks.services.tables import Tables
from datalinks.store.counts import InstanceCount, count_instance, list_counts, list_counts_of
from datalinks.store.database import Database

# Counting takes well under a microsecond a link, so this spends less than a hundredth of one processor on any instance.
_MICROSECONDS_PER_LINK = 1_000_000 // 15_000
# So many links are counted at every call.
_FEW_LINKS = 10_000
_MOST_AT_ONCE = 50


class Counts:
    """Counts of the tables and instances that a caller may see."""

    def __init__(self, database: Database, instances: Instances, tables: Tables, clock: Clock) -> None:
        self._database = database
        self._instances = instances
        self._tables = tables
        self._clock = clock

    async def count(self, caller: Caller, selector: str, wanted: InstanceSelector) -> LinkCount:
        """The links of a table, or of one of its instances where the selector says anything of which one.

        Raises:
            NotFound: there is no such table or instance, or it is hidden. BadRequest: the selector is not clear.
        """
        resolved = await self._instances.of_table(caller, selector, wanted)
        no = table_id = None
        if _names_instance(resolved):
            no = (await self._instances.resolve(caller, resolved)).no
        else:
            table_id = (await self._tables.elements.get_live(caller, selector)).id
        return (await self._count(caller, table_id, no))[0]

    async def count_all(self, caller: Caller) -> tuple[LinkCount, list[InstanceCount]]:
        """All links that the caller may see, and those of each live instance."""
        return await self._count(caller)

    async def with_links_of_tables(self, caller: Caller, page: Page[DataLinkTable]) -> Page[DataLinkTable]:
        """The tables with how many instances each has, and links where any instance was counted."""
        _, counted = await self._count(caller)
        by_table: dict[str, list[InstanceCount]] = {table.id: [] for table in page.items}
        for each in counted:
            if each.table_id in by_table:
                by_table[each.table_id].append(each)
        return Page(
            [
                replace(table, links=_links(by_table[table.id]), instances=len(by_table[table.id]))
                for table in page.items
            ],
            page.cursor,
        )

    async def with_links(self, page: Page[DataLinkTableInstance]) -> Page[DataLinkTableInstance]:
        """The instances with how many links each has, None where it was never counted. Checks no rights."""
        kept = await list_counts_of(self._database, [each.id for each in page.items])
        oldest_first = sorted(kept, key=lambda each: each.counted_at or 0)
        counted = {each.instance_no: each for each in await self._renewed(oldest_first)}
        in_order = [counted[each.instance_no] for each in kept]
        return Page(
            [replace(item, links=_links([of])) for item, of in zip(page.items, in_order, strict=True)], page.cursor
        )

    async def _count(
        self, caller: Caller, table_id: str | None = None, no: int | None = None
    ) -> tuple[LinkCount, list[InstanceCount]]:
        kept = await list_counts(
            self._database, caller.workspace_id, table_id=table_id, no=no, customer_id=caller.customer_scope
        )
        began = self._clock.now()
        renewed = await self._renewed(kept)
        return _sum(renewed, began), renewed

    async def _renewed(self, kept: list[InstanceCount]) -> list[InstanceCount]:
        """The counts, those that are due counted anew as far as one call may go."""
        renewed: list[InstanceCount] = []
        left = _MOST_AT_ONCE
        for each in kept:
            now = self._clock.now()
            if left and _is_due(each, now):
                left -= 1
                renewed.append(await count_instance(self._database, each, now))
            else:
                renewed.append(each)
        return renewed


def _names_instance(wanted: InstanceSelector) -> bool:
    """Whether one instance is meant and not the whole table."""
    if wanted.id is not None or wanted.instance_key is not None:
        return True
    return wanted.names_connection or bool(wanted.user_id or wanted.tenant_id)


def _is_due(kept: InstanceCount, now: int) -> bool:
    """Whether a count is to be renewed: that of few links always, that of many the more seldom the more they are."""
    if kept.counted_at is None or kept.links <= _FEW_LINKS:
        return True
    return now - kept.counted_at > kept.links * _MICROSECONDS_PER_LINK


def _links(counts: Sequence[InstanceCount]) -> int | None:
    """The links of all that was counted; None if there are instances and none of them was."""
    if counts and all(each.counted_at is None for each in counts):
        return None
    return sum(each.links for each in counts)


def _sum(counts: list[InstanceCount], began: int) -> LinkCount:
    """All counts as one. began: the microsecond since which all must have been counted for it to be exact."""
    counted = [each for each in counts if each.counted_at is not None]
    oldest = min((each.counted_at or began for each in counted), default=began)
    import_links = sum(each.import_links for each in counted)
    export_links = sum(each.export_links for each in counted)
    return LinkCount(
        links=import_links + export_links,
        import_links=import_links,
        export_links=export_links,
        exact=len(counted) == len(counts) and oldest >= began,
        counted_at=as_datetime(oldest),
        instances=len(counted),
        uncounted=len(counts) - len(counted),
    )
