"""Endpoints of integrations."""

from datalinks.api.queries import ListQuery, OwnerQuery, SecretsQuery
from datalinks.model.integration import Integration, IntegrationDraft
from datalinks.model.page import Page
from datalinks.model.record import JsonObject, Record
from datalinks.services.caller import Caller
from datalinks.services.services import Services


class ConnectorSpec(Record, frozen=True, kw_only=True):
    """What a connection to an integration asks for: nothing here, as connections are made through the API."""

    type: str
    options: dict[str, JsonObject]


async def list_integrations(services: Services, caller: Caller, page: ListQuery) -> Page[Integration]:
    """List integrations, newest first. Under a customer's token each has that customer's newest connection."""
    return await services.integrations.list_page(caller, page.listing)


async def create_integration(services: Services, caller: Caller, body: IntegrationDraft) -> Integration:
    """Create an integration from a name, a key or both. Admins only."""
    return await services.integrations.create(caller, body)


async def get_integration(services: Services, caller: Caller, selector: str, secrets: SecretsQuery) -> Integration:
    """Get an integration by id, key or uuid. Parameters and authentication are for admins only."""
    return await services.integrations.get(caller, selector, secrets.include_secrets)


async def put_integration(services: Services, caller: Caller, selector: str, body: IntegrationDraft) -> Integration:
    """Replace an integration; fields that are left out are emptied, but key, name and uuid stay. Admins only."""
    return await services.integrations.put(caller, selector, body)


async def patch_integration(services: Services, caller: Caller, selector: str, body: IntegrationDraft) -> Integration:
    """Change some of an integration's fields. Admins only."""
    return await services.integrations.patch(caller, selector, body)


async def archive_integration(services: Services, caller: Caller, selector: str) -> Integration:
    """Archive an integration: its connections and their links are hidden and kept. Admins only."""
    return await services.integrations.archive(caller, selector)


async def restore_integration(services: Services, caller: Caller, selector: str) -> Integration:
    """Restore an archived integration with its connections and links. Admins only."""
    return await services.integrations.restore(caller, selector)


async def set_up_integration(services: Services, caller: Caller, selector: str) -> Integration:
    """Set an integration up. There is nothing to wait for here: it is ready when it is created."""
    return await services.integrations.get(caller, selector)


async def get_connector_spec(services: Services, caller: Caller, selector: str) -> ConnectorSpec:
    """What connecting to an integration asks the customer for."""
    await services.integrations.get(caller, selector)
    return ConnectorSpec(type="none", options={})


async def disconnect_integration(services: Services, caller: Caller, selector: str, owner: OwnerQuery) -> Integration:
    """Mark the customer's connections of an integration as disconnected. Their links stay."""
    await services.connections.disconnect(caller, selector, owner.owner)
    return await services.integrations.get(caller, selector)
