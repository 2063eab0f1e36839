"""Endpoints of data link table instances."""

from datalinks.api.queries import CountsQuery, ListQuery
from datalinks.model.page import Page
from datalinks.model.table import DataLinkTableInstance
from datalinks.services.caller import Caller
from datalinks.services.instances import InstanceFilter, InstanceSelector
from datalinks.services.services import Services


async def list_instances(
    services: Services, caller: Caller, page: ListQuery, wanted: InstanceFilter, counts: CountsQuery
) -> Page[DataLinkTableInstance]:
    """List data link table instances, newest first: those of a customer's connections, or of all under an admin token.

    With ``includeCounts=true`` each says how many ``links`` it has, or null if they have not been counted yet.
    """
    found = await services.instances.list_page(caller, page.listing, wanted)
    return await services.counts.with_links(found) if counts.include_counts else found


async def get_instance(services: Services, caller: Caller, wanted: InstanceSelector) -> DataLinkTableInstance:
    """Get an instance by its id, or by table and connection; ``autoCreate=true`` makes it if there is none."""
    return await services.instances.get(caller, wanted)


async def create_instance(services: Services, caller: Caller, wanted: InstanceSelector) -> DataLinkTableInstance:
    """Create the instance of a table and a connection. One that exists is answered, restored if it was archived."""
    return await services.instances.create(caller, wanted)


async def put_instance(services: Services, caller: Caller, wanted: InstanceSelector) -> DataLinkTableInstance:
    """An instance has nothing to write: this answers it as it is."""
    return await services.instances.get(caller, wanted)


async def archive_instance(services: Services, caller: Caller, wanted: InstanceSelector) -> DataLinkTableInstance:
    """Archive an instance: its links are hidden and kept."""
    return await services.instances.archive(caller, wanted)


async def restore_instance(services: Services, caller: Caller, wanted: InstanceSelector) -> DataLinkTableInstance:
    """Restore an archived instance with its links."""
    return await services.instances.restore(caller, wanted)
