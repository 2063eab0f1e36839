"""Schedules: runs that are launched again and again, by whichever worker looks first.

An instance with schedule nodes has a row with the next time of each. It says for which revisions of instance and flow the times
were made, so a change is noticed by whoever looks next. Who launches a run moves the time on in the same transaction, and only if
nobody else has.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from datalinks.errors import BadRequest, NotFound, RateLimited
from datalinks.model.element import READY
from datalinks.model.flow_run import LaunchedBy
from datalinks.model.trigger import SCHEDULE_TRIGGER, planned, schedule_intervals
from datalinks.services.caller import Caller
from datalinks.services.flow_instances import FlowInstanceSelector
from datalinks.services.flow_runs import FlowRuns
from datalinks.store import flow_instances, schedules
from datalinks.store.ambient import AmbientDatabase
from datalinks.store.database import Transaction
from datalinks.store.flow_instances import KeptFlowInstance

_log = structlog.get_logger(__name__)

_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class _Instance:
    """A flow instance that is looked at."""

    workspace_id: str
    id: str


class Schedules:
    """Launches what is due."""

    def __init__(self, database: AmbientDatabase, flow_runs: FlowRuns) -> None:
        self._database = database
        self._flow_runs = flow_runs

    async def launch_due(self, now: int) -> int:
        """Launch a run for every schedule node whose time has come; how many.

        now: microseconds since 1970. Any number of workers may call this at once, as often as they like.

        Raises:
            Unavailable, StorageFull: as a transaction; what was launched before stays launched.
        """
        launched = 0
        # What is new or has changed comes first, as its times may be other ones now.
        while changed := await schedules.list_changed(self._database, limit=_AT_ONCE):
            launched += await self._attend(changed, now)
        while due := await schedules.list_due(self._database, now, limit=_AT_ONCE):
            launched += await self._attend(due, now)
        return launched

    async def _attend(self, found: Sequence[tuple[str, str]], now: int) -> int:
        launched = 0
        for workspace_id, id in found:
            async with self._database.one_transaction() as tx:
                launched += await self._attend_one(tx, _Instance(workspace_id, id), now)
        return launched

    async def _attend_one(self, tx: Transaction, instance: _Instance, now: int) -> int:
        """Move the times of an instance on, and launch the nodes that were due; how many runs."""
        known = await schedules.find_schedule(tx, instance.id)
        kept = await flow_instances.find_flow_instance(tx, instance.workspace_id, instance.id, None)
        assert kept is not None, "an instance is never deleted"
        times, due = planned({} if known is None else known.times, schedule_intervals(kept.nodes), now)
        seen = f"{kept.instance.revision}/{kept.flow_revision}"
        if not await schedules.put_schedule(tx, instance.id, known, seen, times):
            # Another worker has just done all this.
            return 0
        if not _is_on(kept):
            return 0
        return sum([await self._launch(instance, node_key) for node_key in due])

    async def _launch(self, instance: _Instance, node_key: str) -> int:
        try:
            await self._flow_runs.launch(
                Caller(instance.workspace_id, "", "", is_admin=True),
                FlowInstanceSelector(id=instance.id),
                node_key=node_key,
                input=[{}],
                launched_by=LaunchedBy(type=SCHEDULE_TRIGGER),
            )
        except (NotFound, BadRequest, RateLimited) as error:
            # This time is missed; the next one comes.
            _log.warning("scheduled run is not launched", flow_instance=instance.id, error=error.message)
            return 0
        return 1


def _is_on(kept: KeptFlowInstance) -> bool:
    return kept.hidden_by is None and kept.instance.enabled and kept.instance.state == READY
