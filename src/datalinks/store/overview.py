"""What a workspace has: elements counted, and tables with the integrations that they link."""

from datalinks.model.overview import OverviewEdge
from datalinks.model.references import DataLinkTableRef
from datalinks.store.connections import integration_reference
from datalinks.store.database import Reader, Row


async def count_elements(reader: Reader, workspace_id: str, customer_id: str | None) -> Row:
    """How many live ``customers``, ``integrations``, ``connections`` and ``tables`` there are; a customer id narrows it."""
    row = await reader.fetch_one("count_elements", workspace_id=workspace_id, customer_id=customer_id)
    assert row is not None, "counting always answers"
    return row


async def list_edges(
    reader: Reader, workspace_id: str, customer_id: str | None, limit: int
) -> tuple[list[OverviewEdge], int]:
    """Up to ``limit`` edges of what is live, those with most counted links first, and how many more there are."""
    rows = await reader.fetch("list_edges", workspace_id=workspace_id, customer_id=customer_id)
    return [_edge(row) for row in rows[:limit]], max(len(rows) - limit, 0)


def _edge(row: Row) -> OverviewEdge:
    return OverviewEdge(
        data_link_table=DataLinkTableRef(id=row["table_id"], key=row["table_key"], name=row["table_name"]),
        integration=integration_reference(row),
        instances=row["instances"],
        connections=row["connections"],
        links=row["links"],
    )
