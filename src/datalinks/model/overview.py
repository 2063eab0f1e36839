"""What a workspace has and what happens in it, at a glance."""

from datetime import datetime

from datalinks.model.record import Record
from datalinks.model.references import DataLinkTableRef, IntegrationRef


class OverviewCounts(Record, frozen=True, kw_only=True):
    """How many live elements the caller sees. links_exact: all links were counted for this answer."""

    customers: int
    integrations: int
    connections: int
    data_link_tables: int
    data_link_table_instances: int
    links: int
    links_exact: bool


class Activity(Record, frozen=True, kw_only=True):
    """What was done with links from the full hour ``hour`` on, for as long as it lasts. A find counts once for each record."""

    hour: datetime
    links_written: int
    links_deleted: int
    finds_hit: int
    finds_missed: int


class OverviewEdge(Record, frozen=True, kw_only=True):
    """A table that has live instances for connections of an integration, and the links that were counted in them."""

    data_link_table: DataLinkTableRef
    integration: IntegrationRef
    instances: int
    connections: int
    links: int


class Overview(Record, frozen=True, kw_only=True):
    """hours: as many as were asked for, the oldest first. edges: those with most links first.

    edges_left_off: how many more there are.
    """

    counts: OverviewCounts
    hours: list[Activity]
    edges: list[OverviewEdge]
    edges_left_off: int
