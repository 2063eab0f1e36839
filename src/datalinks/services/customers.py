"""Customers: managed by admins; a customer sees itself at ``/self``."""

from typing import Any

import msgspec
from msgspec import UNSET

from datalinks.errors import AlreadyExists, BadRequest, NotFound
from datalinks.ids import Clock, as_datetime, is_id, new_id
from datalinks.model.customer import CredentialsDraft, Customer, CustomerDraft
from datalinks.model.page import Listing, Page, after_id, page_of
from datalinks.services.caller import Caller
from datalinks.services.secrets import Secrets
from datalinks.store import customers
from datalinks.store.database import Database, Reader, UniqueViolation
from datalinks.store.workspaces import changing

_ADMIN = "Managing customers"


class Customers:
    """The customers of the caller's workspace."""

    def __init__(self, database: Database, secrets: Secrets, clock: Clock) -> None:
        self._database = database
        self._secrets = secrets
        self._clock = clock

    async def list_page(
        self, caller: Caller, listing: Listing, is_test: bool | None = None, is_active: bool | None = None
    ) -> Page[Customer]:
        """A page of customers, newest first.

        Raises:
            AccessDenied: the caller is a customer. BadRequest: an unknown cursor.
        """
        caller.require_admin(_ADMIN)
        found = await customers.list_customers(
            self._database,
            caller.workspace_id,
            self._clock.now(),
            limit=listing.limit + 1,
            after=after_id(listing.cursor),
            live=not listing.include_archived,
            search=listing.search,
            is_test=is_test,
            is_active=is_active,
        )
        return page_of(found, listing.limit, lambda customer: customer.id)

    async def find(self, reader: Reader, caller: Caller, selector: str) -> Customer | None:
        """The customer with this id or internal id, archived or not, or None. Checks no rights."""
        now = self._clock.now()
        if is_id(selector) and (found := await customers.find_customer(reader, caller.workspace_id, now, id=selector)):
            return found
        return await customers.find_customer(reader, caller.workspace_id, now, internal_id=selector)

    async def get(self, caller: Caller, selector: str, include_secrets: bool = False) -> Customer:
        """The customer with this id or internal id, archived or not.

        Raises:
            AccessDenied: the caller is a customer. NotFound: there is none.
        """
        caller.require_admin(_ADMIN)
        customer = await self._get(self._database, caller, selector)
        if not include_secrets:
            return customer
        sealed = await customers.find_credentials(self._database, caller.workspace_id, customer.id)
        return msgspec.structs.replace(customer, credentials=self._secrets.open_json(sealed, _row(customer)))

    async def create(self, caller: Caller, draft: CustomerDraft) -> Customer:
        """A new customer; without an internal id it is known by its own id.

        Raises:
            AccessDenied: the caller is a customer. BadRequest: no name and no internal id.
            AlreadyExists: the internal id is taken.
        """
        caller.require_admin(_ADMIN)
        now = self._clock.now()
        given = _writable(draft)
        id = new_id(now)
        name = given.pop("name", None) or given.get("internal_id")
        if name is None:
            raise BadRequest("A customer needs a name.", {"path": "$.name"})
        moment = as_datetime(now)
        fields: dict[str, Any] = {"internal_id": id, "is_test": False, **given}
        customer = Customer(
            **fields,
            id=id,
            name=name,
            is_active=False,
            created_at=moment,
            updated_at=moment,
            is_deactivated=False,
        )
        async with self._database.transaction() as tx:
            if not await customers.insert_customer(tx, caller.workspace_id, customer):
                raise _taken(customer)
            if draft.credentials is not UNSET:
                sealed = self._secrets.seal_json(draft.credentials, _row(customer))
                await customers.set_credentials(tx, caller.workspace_id, customer.id, sealed)
        return customer

    async def put(self, caller: Caller, selector: str, draft: CustomerDraft) -> Customer:
        """Replace what may be written: fields and meta that the draft leaves out are emptied.

        Raises:
            AccessDenied: the caller is a customer. NotFound: there is none. BadRequest: it is archived.
            AlreadyExists: another customer has the internal id.
        """
        caller.require_admin(_ADMIN)
        cleared = {"fields": None, "meta": None, "is_test": False}
        return await self._change(caller, selector, {**cleared, **_writable(draft)}, draft.credentials)

    async def patch(self, caller: Caller, selector: str, draft: CustomerDraft) -> Customer:
        """Change what the draft has.

        Raises:
            AccessDenied: the caller is a customer. NotFound: there is none. BadRequest: it is archived.
            AlreadyExists: another customer has the internal id.
        """
        caller.require_admin(_ADMIN)
        return await self._change(caller, selector, _writable(draft), draft.credentials)

    async def archive(self, caller: Caller, selector: str) -> Customer:
        """Hide a customer with its connections and links; its tokens are refused from now on.

        Raises:
            AccessDenied: the caller is a customer. NotFound: there is none.
        """
        caller.require_admin(_ADMIN)
        return await self._set_archived(caller, selector, archive=True)

    async def restore(self, caller: Caller, selector: str) -> Customer:
        """Bring a customer back with its connections and links.

        Raises:
            AccessDenied: the caller is a customer. NotFound: there is none.
        """
        caller.require_admin(_ADMIN)
        return await self._set_archived(caller, selector, archive=False)

    async def change_own(self, caller: Caller, draft: CredentialsDraft) -> Customer:
        """Keep the credentials of the caller's own customer.

        Raises:
            BadRequest: an admin token that names no customer.
        """
        if caller.customer is None:
            raise BadRequest("This token names no customer: send one with the claim id or tenantKey.")
        return await self._change(caller, caller.customer.id, {}, draft.credentials)

    async def _get(self, reader: Reader, caller: Caller, selector: str) -> Customer:
        found = await self.find(reader, caller, selector)
        if found is None:
            raise NotFound(f"There is no customer with the id or internal id {selector[:200]!r}.")
        return found

    async def _change(self, caller: Caller, selector: str, values: dict[str, Any], credentials: Any) -> Customer:
        async with changing(self._database, caller.workspace_id) as tx:
            current = await self._get(tx, caller, selector)
            if current.archived_at is not None:
                raise BadRequest(f"The customer {selector[:200]!r} is archived: restore it first.")
            moment = as_datetime(self._clock.now())
            changed = msgspec.structs.replace(current, **values, updated_at=moment)
            try:
                await customers.update_customer(tx, caller.workspace_id, changed)
            except UniqueViolation as error:
                raise _taken(changed) from error
            if credentials is not UNSET:
                sealed = self._secrets.seal_json(credentials, _row(changed))
                await customers.set_credentials(tx, caller.workspace_id, changed.id, sealed)
        return changed

    async def _set_archived(self, caller: Caller, selector: str, *, archive: bool) -> Customer:
        async with changing(self._database, caller.workspace_id) as tx:
            current = await self._get(tx, caller, selector)
            if (current.archived_at is not None) == archive:
                return current
            moment = as_datetime(self._clock.now())
            changed = msgspec.structs.replace(
                current, archived_at=moment if archive else None, is_deactivated=archive, updated_at=moment
            )
            await customers.update_customer(tx, caller.workspace_id, changed)
        return changed


def _writable(draft: CustomerDraft) -> dict[str, Any]:
    """The record's values in the draft; null leaves a name, an internal id and the test mark as they are."""
    never_null = ("name", "internal_id", "is_test")
    given = draft.given()
    given.pop("credentials", None)
    return {name: value for name, value in given.items() if value is not None or name not in never_null}


def _row(customer: Customer) -> str:
    """What sealed credentials are bound to."""
    return f"customers/{customer.id}"


def _taken(customer: Customer) -> AlreadyExists:
    return AlreadyExists(
        f"There is a customer with the internal id {customer.internal_id!r} already.", {"path": "$.internalId"}
    )
