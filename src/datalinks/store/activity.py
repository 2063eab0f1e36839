"""What was done with links as rows: sums for each hour, of each customer and of the whole workspace."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from datalinks.ids import as_datetime
from datalinks.model.overview import Activity
from datalinks.store.database import Reader, Row, Transaction

HOUR = 3_600_000_000
# The whole workspace, where a customer's id would stand.
_WORKSPACE = ""


@dataclass(slots=True)
class Done:
    """How much was done with links."""

    links_written: int = 0
    links_deleted: int = 0
    finds_hit: int = 0
    finds_missed: int = 0

    def add(self, other: "Done") -> None:
        """Add what else was done."""
        self.links_written += other.links_written
        self.links_deleted += other.links_deleted
        self.finds_hit += other.finds_hit
        self.finds_missed += other.finds_missed


async def add_activity(tx: Transaction, done: Mapping[int, Done], now: int) -> None:
    """Add what was done in instances, by their numbers, to the hour of a moment."""
    owners = await tx.fetch_each("find_instance_owner", [{"no": no} for no in done])
    sums: dict[tuple[str, str], Done] = defaultdict(Done)
    for each, rows in zip(done.values(), owners, strict=True):
        for row in rows:
            sums[row["workspace_id"], row["customer_id"]].add(each)
            sums[row["workspace_id"], _WORKSPACE].add(each)
    # In their order, so that two processes never wait for each other.
    for (workspace_id, customer_id), each in sorted(sums.items(), key=lambda item: item[0]):
        await tx.execute(
            "add_activity",
            workspace_id=workspace_id,
            customer_id=customer_id,
            hour=now - now % HOUR,
            links_written=each.links_written,
            links_deleted=each.links_deleted,
            finds_hit=each.finds_hit,
            finds_missed=each.finds_missed,
        )


async def delete_old_activity(tx: Transaction, before: int) -> int:
    """Forget the hours that began before a moment; how many rows that were."""
    return await tx.execute("delete_old_activity", before=before)


async def list_activity(
    reader: Reader, workspace_id: str, customer_id: str | None, hours: int, now: int
) -> list[Activity]:
    """The last hours with the one of ``now``, the oldest first; of a customer, or of the whole workspace with None."""
    first = now - now % HOUR - (hours - 1) * HOUR
    rows = await reader.fetch(
        "list_activity", workspace_id=workspace_id, customer_id=customer_id or _WORKSPACE, since=first
    )
    kept = {row["hour"]: _done(row) for row in rows}
    return [_activity(hour, kept.get(hour, Done())) for hour in range(first, first + hours * HOUR, HOUR)]


def _done(row: Row) -> Done:
    return Done(row["links_written"], row["links_deleted"], row["finds_hit"], row["finds_missed"])


def _activity(hour: int, done: Done) -> Activity:
    return Activity(
        hour=as_datetime(hour),
        links_written=done.links_written,
        links_deleted=done.links_deleted,
        finds_hit=done.finds_hit,
        finds_missed=done.finds_missed,
    )
