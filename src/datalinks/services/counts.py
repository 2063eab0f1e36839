"""Counts of links, at a bounded cost: small instances are counted at every call, large ones the more seldom the larger."""

from datalinks.ids import Clock, as_datetime
from datalinks.model.counts import LinkCount
from datalinks.services.caller import Caller
from datalinks.services.instances import Instances, InstanceSelector
from datalinks.services.tables import Tables
from datalinks.store.counts import InstanceCount, count_instance, list_counts
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
        """The links of a table, or of one of its instances where the selector names a connection or an instance.

        Raises:
            NotFound: there is no such table or instance, or it is hidden. BadRequest: the selector is not clear.
        """
        resolved = await self._instances.of_table(caller, selector, wanted)
        no = table_id = None
        if resolved.id or wanted.names_connection:
            no = (await self._instances.resolve(caller, resolved)).no
        else:
            table_id = (await self._tables.elements.get_live(caller, selector)).id
        kept = await list_counts(
            self._database, caller.workspace_id, table_id=table_id, no=no, customer_id=caller.customer_scope
        )
        began = self._clock.now()
        return self._sum([await self._fresh(each, number) for number, each in enumerate(kept)], began)

    async def _fresh(self, kept: InstanceCount, number: int) -> InstanceCount:
        """The count anew if it is due, unless enough others were counted in this call."""
        now = self._clock.now()
        links = kept.import_links + kept.export_links
        max_age = links * _MICROSECONDS_PER_LINK if links > _FEW_LINKS else 0
        if number < _MOST_AT_ONCE and (kept.counted_at is None or now - kept.counted_at > max_age):
            return await count_instance(self._database, kept.instance_no, now)
        return kept

    def _sum(self, counts: list[InstanceCount], began: int) -> LinkCount:
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
