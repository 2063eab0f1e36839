"""How many links instances have: counted now, or kept from when they were counted."""

from dataclasses import dataclass

from datalinks.store.database import Database, Reader


@dataclass(frozen=True, slots=True)
class InstanceCount:
    """An instance's links. counted_at: when, in microseconds since 1970; None if it never was."""

    instance_no: int
    import_links: int
    export_links: int
    counted_at: int | None


async def list_counts(
    reader: Reader, workspace_id: str, *, table_id: str | None, no: int | None, customer_id: str | None
) -> list[InstanceCount]:
    """What is kept of the live instances of a table, or of one instance; those counted longest ago first."""
    rows = await reader.fetch(
        "list_counts", workspace_id=workspace_id, table_id=table_id, no=no, customer_id=customer_id
    )
    return [
        InstanceCount(row["no"], row["import_links"] or 0, row["export_links"] or 0, row["counted_at"]) for row in rows
    ]


async def count_instance(database: Database, instance_no: int, now: int) -> InstanceCount:
    """Count an instance's links and keep the count."""
    async with database.snapshot() as reader:
        row = await reader.fetch_one("count_links", instance_no=instance_no)
    assert row is not None, "counting always answers"
    counted = InstanceCount(instance_no, row["import_links"], row["export_links"], now)
    async with database.transaction() as tx:
        await tx.execute(
            "put_count",
            instance_no=instance_no,
            import_links=counted.import_links,
            export_links=counted.export_links,
            counted_at=now,
        )
    return counted
