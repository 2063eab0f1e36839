"""Who a token speaks for. Customers come into being the first time a token names them."""

from datetime import timedelta
from typing import Any

import msgspec

from datalinks.errors import AccessDenied, NotAuthenticated
from datalinks.ids import Clock, as_datetime, new_id
from datalinks.model.customer import Customer
from datalinks.model.link import number_text
from datalinks.model.record import InternalId, JsonObject, Name
from datalinks.model.workspace import Workspace
from datalinks.services.caller import Caller
from datalinks.services.tokens import Claims, TokenVerifier, unverified_claims
from datalinks.services.workspaces import Secrets
from datalinks.store import customers, workspaces
from datalinks.store.database import Database

# lastActiveAt says "lately", not "when exactly": reads must not turn into writes.
_ACTIVITY_STEP = timedelta(minutes=10)


class Identity:
    """Turns tokens into callers. Workspace and customer are read anew each time; only signatures are remembered."""

    def __init__(self, database: Database, verifier: TokenVerifier, secrets: Secrets, clock: Clock) -> None:
        self._database = database
        self._verifier = verifier
        self._secrets = secrets
        self._clock = clock

    async def authenticate(self, token: str) -> Caller:
        """The caller a token speaks for.

        Raises:
            NotAuthenticated: no workspace of this server signed it, it has expired, or it names neither a customer nor an
                admin: nobody is assumed.
            AccessDenied: its customer is archived.
        """
        workspace = await self._workspace(unverified_claims(token))
        claims = await self._verifier.verify(token, workspace, lambda: self._secrets.open(workspace))
        is_admin = is_truthy(claims.get("isAdmin"))
        internal_id = _customer_id(claims)
        if internal_id is None and not is_admin:
            raise NotAuthenticated("The token names no customer (claim id or tenantKey) and is no admin token.")
        customer = None if internal_id is None else await self._customer(workspace, internal_id, claims)
        return Caller(workspace.id, workspace.key, workspace.name, is_admin, customer)

    async def _workspace(self, claims: Claims) -> Workspace:
        names = {claims[name] for name in ("iss", "workspaceKey") if isinstance(claims.get(name), str)}
        if len(names) == 1 and (workspace := await workspaces.find_workspace(self._database, key=names.pop())):
            return workspace
        raise NotAuthenticated("The token names no workspace of this server (claim iss or workspaceKey).")

    async def _customer(self, workspace: Workspace, internal_id: str, claims: Claims) -> Customer:
        now = self._clock.now()
        claimed = _claimed_fields(claims)
        known = await customers.find_customer(self._database, workspace.id, now, internal_id=internal_id)
        if known is None:
            return await self._meet(workspace.id, internal_id, claimed, now)
        if known.archived_at is not None:
            raise AccessDenied(f"The customer {internal_id!r} is archived: restore it first.")
        changed = msgspec.structs.replace(known, **claimed)
        if changed == known and not _is_stale(known, now):
            return known
        changed = msgspec.structs.replace(changed, is_active=True, last_active_at=as_datetime(now))
        async with self._database.transaction() as tx:
            await customers.update_customer(tx, workspace.id, changed)
        return changed

    async def _meet(self, workspace_id: str, internal_id: str, claimed: dict[str, Any], now: int) -> Customer:
        moment = as_datetime(now)
        customer = Customer(
            id=new_id(now),
            internal_id=internal_id,
            name=claimed.get("name") or internal_id,
            fields=claimed.get("fields"),
            is_test=False,
            is_active=True,
            last_active_at=moment,
            created_at=moment,
            updated_at=moment,
            is_deactivated=False,
        )
        async with self._database.transaction() as tx:
            if await customers.insert_customer(tx, workspace_id, customer):
                return customer
            # Another request met the customer in the same moment.
            met = await customers.find_customer(tx, workspace_id, now, internal_id=internal_id)
        assert met is not None, "customers are never deleted"
        return met


def is_truthy(value: Any) -> bool:
    """Whether an isAdmin claim means yes: JavaScript's truth, but the texts "false" and "0" mean no."""
    if isinstance(value, str):
        return value.strip().lower() not in ("", "false", "0")
    return value is not None and value is not False and value != 0


def _customer_id(claims: Claims) -> str | None:
    """The customer's id in the caller's own product; numbers stand for their decimal text.

    Raises:
        NotAuthenticated: it cannot be one, or two different ones are named.
    """
    given: set[Any] = set()
    for value in (claims.get("id"), claims.get("tenantKey")):
        if value is not None and value != "":
            given.add(_checked(number_text(value) if type(value) is int else value, InternalId, "id"))
    if len(given) > 1:
        raise NotAuthenticated("The token names two customers: its claims id and tenantKey differ.")
    return given.pop() if given else None


def _claimed_fields(claims: Claims) -> dict[str, Any]:
    claimed: dict[str, Any] = {}
    if claims.get("name"):
        claimed["name"] = _checked(claims["name"], Name, "name")
    if claims.get("fields") is not None:
        claimed["fields"] = _checked(claims["fields"], JsonObject, "fields")
    return claimed


def _checked(value: Any, kind: Any, claim: str) -> Any:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise NotAuthenticated(f"The token's claim {claim} is not valid: {error}") from error


def _is_stale(customer: Customer, now: int) -> bool:
    return customer.last_active_at is None or as_datetime(now) - customer.last_active_at > _ACTIVITY_STEP
