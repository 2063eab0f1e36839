"""The overview: what there is and what happens, as far as a caller may see it."""

from datalinks.ids import Clock
from datalinks.model.overview import Overview, OverviewCounts
from datalinks.services.activity import LinkActivity
from datalinks.services.caller import Caller
from datalinks.services.counts import Counts
from datalinks.store.activity import list_activity
from datalinks.store.database import Database
from datalinks.store.overview import count_elements, list_edges

_MOST_EDGES = 200


class Overviews:
    """Overviews of a workspace for its admins, and of their own things for customers."""

    def __init__(self, database: Database, counts: Counts, activity: LinkActivity, clock: Clock) -> None:
        self._database = database
        self._counts = counts
        self._activity = activity
        self._clock = clock

    async def get(self, caller: Caller, hours: int) -> Overview:
        """Counts of everything live, the last ``hours`` hours with the one under way, and what links what.

        Integrations and tables are those of the workspace, which customers see too.
        """
        scope = caller.customer_scope
        links, instances = await self._counts.count_all(caller)
        elements = await count_elements(self._database, caller.workspace_id, scope)
        edges, left_off = await list_edges(self._database, caller.workspace_id, scope, _MOST_EDGES)
        await self._activity.flush()
        return Overview(
            counts=OverviewCounts(
                customers=elements["customers"],
                integrations=elements["integrations"],
                connections=elements["connections"],
                data_link_tables=elements["tables"],
                data_link_table_instances=len(instances),
                links=links.links,
                links_exact=links.exact,
            ),
            hours=await list_activity(self._database, caller.workspace_id, scope, hours, self._clock.now()),
            edges=edges,
            edges_left_off=left_off,
        )
