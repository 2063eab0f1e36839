"""Endpoints of data links, in each of the ways that an instance can be named."""

from datalinks.model.link import DataLink, DataLinkDraft, WrittenLinks
from datalinks.model.link_search import FoundLink
from datalinks.model.page import Page
from datalinks.model.record import Draft
from datalinks.services.caller import Caller
from datalinks.services.instances import InstanceSelector
from datalinks.services.links import LinkQuery
from datalinks.services.record_search import RecordQuery
from datalinks.services.services import Services


class InstanceIdQuery(Draft, frozen=True, kw_only=True):
    """The instance that is meant, by its id."""

    data_link_table_instance_id: str


async def find_links(
    services: Services, caller: Caller, instance: InstanceSelector, query: LinkQuery
) -> Page[DataLink]:
    """Find links of an instance, the most recently written first; without filters, all of them."""
    return await services.links.find(caller, instance, query)


async def create_link(
    services: Services, caller: Caller, instance: InstanceSelector, body: DataLinkDraft
) -> WrittenLinks:
    """Create a link, or two without a direction or with ``both``. One that exists keeps its id and becomes the newest."""
    return _written(await services.links.create(caller, instance, body))


async def delete_link(services: Services, caller: Caller, instance: InstanceSelector, body: DataLinkDraft) -> None:
    """Delete exactly this pair, in both directions unless one is given. Deleting what is not there succeeds."""
    await services.links.delete(caller, instance, body)


async def find_links_of_instance(services: Services, caller: Caller, id: str, query: LinkQuery) -> Page[DataLink]:
    """Find links of the instance with this id, the most recently written first."""
    return await services.links.find(caller, InstanceSelector(id=id), query)


async def create_link_of_instance(services: Services, caller: Caller, id: str, body: DataLinkDraft) -> WrittenLinks:
    """Create a link in the instance with this id."""
    return _written(await services.links.create(caller, InstanceSelector(id=id), body))


async def delete_link_of_instance(services: Services, caller: Caller, id: str, body: DataLinkDraft) -> None:
    """Delete a link of the instance with this id."""
    await services.links.delete(caller, InstanceSelector(id=id), body)


async def find_links_of_table(
    services: Services, caller: Caller, selector: str, instance: InstanceSelector, query: LinkQuery
) -> Page[DataLink]:
    """Find links of a table and a connection, the most recently written first."""
    return await services.links.find(caller, await services.instances.of_table(caller, selector, instance), query)


async def create_link_of_table(
    services: Services, caller: Caller, selector: str, instance: InstanceSelector, body: DataLinkDraft
) -> None:
    """Create a link of a table and a connection, or two without a direction or with ``both``."""
    await services.links.create(caller, await services.instances.of_table(caller, selector, instance), body)


async def delete_link_of_table(
    services: Services, caller: Caller, selector: str, instance: InstanceSelector, body: DataLinkDraft
) -> None:
    """Delete a link of a table and a connection. Deleting what is not there succeeds."""
    await services.links.delete(caller, await services.instances.of_table(caller, selector, instance), body)


async def find_data_links(
    services: Services, caller: Caller, instance: InstanceIdQuery, query: LinkQuery
) -> Page[DataLink]:
    """Find links of the instance that ``dataLinkTableInstanceId`` names, the most recently written first."""
    return await services.links.find(caller, InstanceSelector(id=instance.data_link_table_instance_id), query)


async def search_data_links(services: Services, caller: Caller, query: RecordQuery) -> Page[FoundLink]:
    """Find the links of a record, whichever side it is on, in every live instance that the caller may see.

    With ``match=prefix`` those of all records whose id begins with ``recordId``. First those whose app record matches.
    """
    return await services.record_search.find(caller, query)


async def get_data_link(services: Services, caller: Caller, id: str) -> DataLink:
    """Get one link by its id."""
    return await services.links.get(caller, id)


async def delete_data_link(services: Services, caller: Caller, id: str) -> None:
    """Delete one link by its id."""
    await services.links.delete_by_id(caller, id)


def _written(written: list[DataLink]) -> WrittenLinks:
    first = written[0]
    return WrittenLinks(**{name: getattr(first, name) for name in first.__struct_fields__}, items=written)
