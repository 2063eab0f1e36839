"""Endpoints of customers, and of the customer that a token speaks for."""

from datalinks.api.queries import ListQuery, SecretsQuery
from datalinks.model.customer import CredentialsDraft, Customer, CustomerDraft
from datalinks.model.page import Page
from datalinks.model.record import Draft, Record
from datalinks.services.caller import Caller
from datalinks.services.services import Services


class AdminSelf(Record, frozen=True, kw_only=True):
    """What ``/self`` says to an admin token that names no customer: the workspace it administers."""

    id: str
    name: str
    internal_id: str
    is_admin: bool
    workspace_key: str


class SelfCustomer(Customer, frozen=True, kw_only=True):
    """The customer that a token speaks for, and its workspace."""

    workspace_key: str
    is_admin: bool


class CustomersQuery(Draft, frozen=True, kw_only=True):
    """Which customers are listed. is_active: seen within the last 30 days, or not."""

    is_test: bool | None = None
    is_active: bool | None = None


async def get_self(caller: Caller) -> SelfCustomer | AdminSelf:
    """The customer the token speaks for; under an admin token without a customer, the workspace."""
    if caller.customer is not None:
        return _self(caller, caller.customer)
    return AdminSelf(
        id=caller.workspace_id,
        name=caller.workspace_name,
        internal_id=caller.workspace_key,
        is_admin=True,
        workspace_key=caller.workspace_key,
    )


async def patch_self(services: Services, caller: Caller, body: CredentialsDraft) -> SelfCustomer:
    """Keep the credentials for the customer's own API; they are encrypted and never part of this answer."""
    return _self(caller, await services.customers.change_own(caller, body))


async def list_customers(services: Services, caller: Caller, page: ListQuery, wanted: CustomersQuery) -> Page[Customer]:
    """List customers, newest first. Admins only."""
    return await services.customers.list_page(caller, page.listing, wanted.is_test, wanted.is_active)


async def create_customer(services: Services, caller: Caller, body: CustomerDraft) -> Customer:
    """Create a customer. Customers also come into being the first time a token names them. Admins only."""
    return await services.customers.create(caller, body)


async def get_customer(services: Services, caller: Caller, selector: str, secrets: SecretsQuery) -> Customer:
    """Get a customer by id or internal id. Admins only."""
    return await services.customers.get(caller, selector, secrets.include_secrets)


async def put_customer(services: Services, caller: Caller, selector: str, body: CustomerDraft) -> Customer:
    """Replace a customer's name, fields and meta. Admins only."""
    return await services.customers.put(caller, selector, body)


async def patch_customer(services: Services, caller: Caller, selector: str, body: CustomerDraft) -> Customer:
    """Change some of a customer's fields. Admins only."""
    return await services.customers.patch(caller, selector, body)


async def archive_customer(services: Services, caller: Caller, selector: str) -> Customer:
    """Archive a customer: its connections and links are hidden and kept, its tokens refused. Admins only."""
    return await services.customers.archive(caller, selector)


async def restore_customer(services: Services, caller: Caller, selector: str) -> Customer:
    """Restore an archived customer with its connections and links. Admins only."""
    return await services.customers.restore(caller, selector)


def _self(caller: Caller, customer: Customer) -> SelfCustomer:
    fields = {name: getattr(customer, name) for name in customer.__struct_fields__}
    return SelfCustomer(**fields, workspace_key=caller.workspace_key, is_admin=caller.is_admin)
