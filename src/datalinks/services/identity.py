"""Who a token speaks for. Customers come into being the first time a token names them."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import msgspec

from datalinks.errors import AccessDenied, NotAuthenticated, StorageFull, Unavailable
from datalinks.ids import Clock, as_datetime, new_id
from datalinks.model.customer import Customer
from datalinks.model.link import number_text
from datalinks.model.record import InternalId, JsonObject, Name
from datalinks.model.workspace import Workspace
from datalinks.services.caller import Caller
from datalinks.services.secrets import Secrets
from datalinks.services.tokens import Claims, TokenVerifier, unverified_claims
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
        if len(names) == 1 and (workspace := await workspaces.find_workspace(self._database, names.pop())):
            return workspace
        raise NotAuthenticated("The token names no workspace of this server (claim iss or workspaceKey).")

    async def _customer(self, workspace: Workspace, internal_id: str, claims: Claims) -> Customer:
        now = self._clock.now()
        claimed = _claimed_fields(claims)
        known = await customers.find_customer(self._database, workspace.id, now, internal_id=internal_id)
        if known is None:
            return await self._keep(workspace.id, internal_id, claimed)
        _check_live(known)
        if msgspec.structs.replace(known, **claimed) != known:
            return await self._keep(workspace.id, internal_id, claimed)
        if _is_stale(known, now):
            # Nobody is refused because this could not be noted.
            with suppress(Unavailable, StorageFull):
                return await self._keep(workspace.id, internal_id, claimed)
        return known

    async def _keep(self, workspace_id: str, internal_id: str, claimed: dict[str, Any]) -> Customer:
        """Keep what a token claims of its customer, who comes into being here if nobody has met it before."""
        now = self._clock.now()
        moment = as_datetime(now)
        async with self._database.transaction() as tx:
            await customers.insert_customer(tx, workspace_id, _new_customer(internal_id, now))
            known = await customers.find_customer(tx, workspace_id, now, internal_id=internal_id)
            assert known is not None, "customers are never deleted, and this one was just made if it was not there"
            _check_live(known)
            changed = msgspec.structs.replace(known, **claimed, is_active=True, last_active_at=moment)
            await customers.update_customer(tx, workspace_id, changed)
        return changed


def _new_customer(internal_id: str, now: int) -> Customer:
    return Customer(
        id=new_id(now),
        internal_id=internal_id,
        name=internal_id,
        is_test=False,
        is_active=False,
        created_at=as_datetime(now),
        updated_at=as_datetime(now),
        is_deactivated=False,
    )


def _check_live(customer: Customer) -> None:
    if customer.archived_at is not None:
        raise AccessDenied(f"The customer {customer.internal_id!r} is archived: restore it first.")


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
