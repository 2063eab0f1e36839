"""How many links instances have: counted now, or kept from when they were counted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from datalinks.store.database import Database, Reader, Row


@dataclass(frozen=True, slots=True)
class InstanceCount:
    """An instance's links. counted_at: when, in microseconds since 1970; None if it never was."""

    instance_no: int
    table_id: str
    import_links: int
    export_links: int
    counted_at: int | None

    @property
    def links(self) -> int:
        """Those of both directions, as far as they were counted."""
        return self.import_links + self.export_links


async def list_counts(
    reader: Reader,
    workspace_id: str,
    *,
    table_id: str | None = None,
    no: int | None = None,
    customer_id: str | None = None,
) -> list[InstanceCount]:
    """What is kept of all live instances, of those of a table, or of one; those counted longest ago first."""
    rows = await reader.fetch(
        "list_counts", workspace_id=workspace_id, table_id=table_id, no=no, customer_id=customer_id
    )
    return [_kept(row) for row in rows]


async def list_counts_of(reader: Reader, instance_ids: Sequence[str]) -> list[InstanceCount]:
    """What is kept of instances, hidden or not, in their order. Checks no rights."""
    found = await reader.fetch_each("find_count", [{"id": id} for id in instance_ids])
    return [_kept(row) for rows in found for row in rows]


async def count_instance(database: Database, kept: InstanceCount, now: int) -> InstanceCount:
    """Count an instance's links anew and keep the count."""
    instance_no = kept.instance_no
    async with database.snapshot() as reader:
        row = await reader.fetch_one("count_links", instance_no=instance_no)
    assert row is not None, "counting always answers"
    counted = replace(kept, import_links=row["import_links"], export_links=row["export_links"], counted_at=now)
    async with database.transaction() as tx:
        await tx.execute(
            "put_count",
            instance_no=instance_no,
            import_links=counted.import_links,
            export_links=counted.export_links,
            counted_at=now,
        )
    return counted


def _kept(row: Row) -> InstanceCount:
    return InstanceCount(
        row["no"], row["table_id"], row["import_links"] or 0, row["export_links"] or 0, row["counted_at"]
    )
