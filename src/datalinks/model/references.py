"""How records stand inside other records: short forms with the fields that the reference SDKs require there."""

from datetime import datetime

from datalinks.model.record import Record


class CustomerRef(Record, frozen=True, kw_only=True):
    """A customer, e.g. the owner of a connection."""

    id: str
    name: str
    internal_id: str


class IntegrationRef(Record, frozen=True, kw_only=True):
    """An integration, e.g. of a connection."""

    id: str
    key: str
    name: str
    logo_uri: str


class ConnectionRef(Record, frozen=True, kw_only=True):
    """A connection, e.g. of a table instance. ``user_id`` is its customer's id."""

    id: str
    name: str
    user_id: str
    integration_id: str
    disconnected: bool
    created_at: datetime
    updated_at: datetime


class DataLinkTableRef(Record, frozen=True, kw_only=True):
    """A data link table, e.g. of a table instance."""

    id: str
    key: str
    name: str


class FlowRef(Record, frozen=True, kw_only=True):
    """A flow, e.g. of a flow instance."""

    id: str
    key: str
    name: str
    integration_id: str | None = None
    universal_flow_id: str | None = None
    revision: str
