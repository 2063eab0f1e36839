"""Endpoints of data link tables. A table's instances are the same resource on the layer ``connection``."""

from enum import StrEnum

from datalinks.api import instances
from datalinks.api.queries import CountsQuery, ListQuery
from datalinks.model.page import Page
from datalinks.model.record import JsonObject
from datalinks.model.table import (
    DataLinkTable,
    DataLinkTableDraft,
    DataLinkTableExport,
    DataLinkTableInstance,
)
from datalinks.services.caller import Caller
from datalinks.services.instances import InstanceFilter, InstanceSelector
from datalinks.services.services import Services


class Layer(StrEnum):
    """Whose data link table is meant: the workspace's own, or its instance for one connection."""

    UNIVERSAL = "universal"
    CONNECTION = "connection"


class LayerQuery(InstanceFilter, frozen=True, kw_only=True):
    """Which layer is meant, and which connection's instance on the layer ``connection``.

    layer: without it, connection if anything else names a connection or an instance, else universal.
    """

    layer: Layer | None = None

    @property
    def lists_instances(self) -> bool:
        """Whether a list is one of instances: the layer says so, or a filter that only instances have."""
        only_instances = (self.connection_id, self.connection_key, self.data_link_table_id, self.instance_key)
        return self._is_connection_layer(any(only_instances))

    @property
    def means_instance(self) -> bool:
        """Whether an element is an instance: the layer says so, or a connection is named in any way."""
        connection = (self.connection_id, self.connection_key, self.integration_id, self.integration_key)
        return self._is_connection_layer(any((*connection, self.instance_key)))

    def _is_connection_layer(self, otherwise: bool) -> bool:
        return otherwise if self.layer is None else self.layer is Layer.CONNECTION


async def list_tables(
    services: Services, caller: Caller, page: ListQuery, layer: LayerQuery, counts: CountsQuery
) -> Page[DataLinkTable] | Page[DataLinkTableInstance]:
    """List the workspace's data link tables, newest first; on the layer ``connection`` their instances.

    With ``includeCounts=true`` each table says how many ``links`` and ``instances`` it has.
    """
    if layer.lists_instances:
        return await instances.list_instances(services, caller, page, layer, counts)
    found = await services.tables.list_page(caller, page.listing)
    return await services.counts.with_links_of_tables(caller, found) if counts.include_counts else found


async def create_table(
    services: Services, caller: Caller, body: DataLinkTableDraft
) -> DataLinkTable | DataLinkTableInstance:
    """Create a data link table from a name, a key or both. Admins only.

    With ``connectionId`` and the table's ``dataLinkTableId`` (or ``key``) it creates the table's instance instead.
    """
    if body.connection_id:
        wanted = InstanceSelector(
            data_link_table_id=body.data_link_table_id or None,
            data_link_table_key=body.key or None,
            connection_id=body.connection_id,
            instance_key=body.instance_key or None,
        )
        return await services.instances.create(caller, wanted)
    return await services.tables.create(caller, body)


async def get_table(
    services: Services, caller: Caller, selector: str, layer: LayerQuery
) -> DataLinkTable | DataLinkTableInstance:
    """Get a data link table by id, key or uuid; with a connection, its instance, made if there is none."""
    return await _find_instance(services, caller, selector, layer) or await services.tables.get(caller, selector)


async def put_table(
    services: Services, caller: Caller, selector: str, layer: LayerQuery, body: DataLinkTableDraft
) -> DataLinkTable | DataLinkTableInstance:
    """Replace a data link table; fields that are left out are emptied, but key, name and uuid stay. Admins only.

    An instance has nothing to write and is answered as it is.
    """
    instance = await _find_instance(services, caller, selector, layer)
    return instance or await services.tables.put(caller, selector, body)


async def patch_table(
    services: Services, caller: Caller, selector: str, layer: LayerQuery, body: DataLinkTableDraft
) -> DataLinkTable | DataLinkTableInstance:
    """Change some of a data link table's fields. Admins only.

    An instance has nothing to write and is answered as it is.
    """
    instance = await _find_instance(services, caller, selector, layer)
    return instance or await services.tables.patch(caller, selector, body)


async def archive_table(
    services: Services, caller: Caller, selector: str, layer: LayerQuery
) -> DataLinkTable | DataLinkTableInstance:
    """Archive a data link table: its instances and links are hidden and kept. Admins only."""
    if (instance := await _find_instance(services, caller, selector, layer)) is not None:
        return await services.instances.archive(caller, InstanceSelector(id=instance.id))
    return await services.tables.archive(caller, selector)


async def restore_table(
    services: Services, caller: Caller, selector: str, layer: LayerQuery
) -> DataLinkTable | DataLinkTableInstance:
    """Restore an archived data link table with its instances and links. Admins only."""
    if (instance := await _find_instance(services, caller, selector, layer)) is not None:
        return await services.instances.restore(caller, InstanceSelector(id=instance.id))
    return await services.tables.restore(caller, selector)


async def refresh_table(
    services: Services, caller: Caller, selector: str, layer: LayerQuery
) -> DataLinkTable | DataLinkTableInstance:
    """Bring a data link table's state up to date. It is always ready, so this answers it as it is."""
    return await get_table(services, caller, selector, layer)


async def list_table_dependencies(
    services: Services, caller: Caller, selector: str, layer: LayerQuery
) -> list[JsonObject]:
    """What a data link table needs to work: nothing."""
    await get_table(services, caller, selector, layer)
    return []


async def export_table(services: Services, caller: Caller, selector: str, layer: LayerQuery) -> DataLinkTableExport:
    """Export a data link table, to be created in another workspace; of an instance its table and instance key."""
    instance = await _find_instance(services, caller, selector, layer)
    if instance is None:
        return await services.tables.export(caller, selector)
    return await services.tables.export(caller, instance.data_link_table_id, instance.instance_key)


async def _find_instance(
    services: Services, caller: Caller, selector: str, layer: LayerQuery
) -> DataLinkTableInstance | None:
    if layer.means_instance:
        return await services.instances.get(caller, _instance_of(selector, layer))
    return await services.instances.find(caller, selector)


def _instance_of(table: str, layer: LayerQuery) -> InstanceSelector:
    """The instance of a table that a query's connection means; the connection's mention creates it."""
    return InstanceSelector(
        data_link_table_id=table, instance_key=layer.instance_key, auto_create=True, **layer.connection
    )
