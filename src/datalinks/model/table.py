"""Data link tables and their instances.

A table is one kind of relation of a workspace ("users-to-users"); an instance is that table for one connection, and
the scope of links.
"""

from msgspec import UNSET, UnsetType

from datalinks.model.element import Element, ElementDraft, Moment
from datalinks.model.record import InternalId, JsonObject, Optional, Record, Text
from datalinks.model.references import ConnectionRef, CustomerRef, DataLinkTableRef, IntegrationRef


class DataLinkTable(Element, frozen=True, kw_only=True):
    """One kind of relation, of the whole workspace.

    links, instances: how many live ones the caller sees; only in lists that are asked for counts. Links are null where none
    of the instances has been counted yet.
    """

    links: int | None | UnsetType = UNSET
    instances: int | UnsetType = UNSET


class DataLinkTableDraft(ElementDraft, frozen=True, kw_only=True):
    """What may be written of a table.

    archived_at: a time archives, null restores, absent changes nothing.
    connection_id, data_link_table_id, instance_key: given to *create*, they ask for the table's instance instead.
    """

    archived_at: Optional[Moment] = UNSET
    connection_id: Optional[Text] = UNSET
    data_link_table_id: Optional[Text] = UNSET
    instance_key: Optional[InternalId] = UNSET


class DataLinkTableExport(Record, frozen=True, kw_only=True):
    """A table as it travels between workspaces."""

    uuid: str
    key: str
    name: str
    description: str | None = None
    meta: JsonObject | None = None
    instance_key: str | None = None


class DataLinkTableInstance(Element, frozen=True, kw_only=True):
    """A table for one connection, and possibly one ``instance_key``; name and key are its table's.

    user_id and tenant_id both name the customer whose connection it is. links: how many there are, or null where they have
    not been counted yet; only in lists that are asked for counts.
    """

    data_link_table_id: str
    data_link_table: DataLinkTableRef
    connection_id: str
    connection: ConnectionRef
    integration_id: str
    integration: IntegrationRef
    user_id: str
    tenant_id: str
    user: CustomerRef
    instance_key: str | None = None
    links: int | None | UnsetType = UNSET
