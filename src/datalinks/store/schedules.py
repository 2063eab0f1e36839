"""When flow instances with schedule nodes are to run, as rows."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from datalinks.model.trigger import Time
from datalinks.store.database import Reader, Transaction

_times = msgspec.json.Decoder(dict[str, Time])


@dataclass(frozen=True, slots=True)
class KeptSchedule:
    """The times of an instance's schedule nodes. seen: the revisions they were made for. text: as they are kept."""

    seen: str
    times: Mapping[str, Time]
    text: str


async def list_changed(reader: Reader, *, limit: int) -> list[tuple[str, str]]:
    """Some instances that may have schedule nodes and have changed since their times were made: workspace's id, own id."""
    following = await reader.fetch("list_changed_schedules", limit=limit)
    own = await reader.fetch("list_changed_own_schedules", limit=limit)
    return [(row["workspace_id"], row["id"]) for row in (*following, *own)]


async def list_due(reader: Reader, now: int, *, limit: int) -> list[tuple[str, str]]:
    """Some instances with a time that has come, the earliest first: workspace's id, own id."""
    rows = await reader.fetch("list_due_schedules", now=now, limit=limit)
    return [(row["workspace_id"], row["id"]) for row in rows]


async def find_schedule(reader: Reader, flow_instance_id: str) -> KeptSchedule | None:
    """The times of an instance, or None if none were made yet."""
    row = await reader.fetch_one("find_schedule", flow_instance_id=flow_instance_id)
    return None if row is None else KeptSchedule(row["seen"], _times.decode(row["times"]), row["times"])


async def put_schedule(
    tx: Transaction, flow_instance_id: str, known: KeptSchedule | None, seen: str, times: Mapping[str, Time]
) -> bool:
    """Keep times in the place of those that are known; False, and nothing is kept, if another worker was faster."""
    values = {
        "flow_instance_id": flow_instance_id,
        "seen": seen,
        "times": msgspec.json.encode(times).decode(),
        "next_at": min((each.next_at for each in times.values()), default=None),
    }
    if known is None:
        return await tx.execute("insert_schedule", **values) > 0
    return await tx.execute("update_schedule", known_seen=known.seen, known_times=known.text, **values) > 0
