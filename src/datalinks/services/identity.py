"""Who a token speaks for. Customers come into being the first time a token names them."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from math import inf
from typing import Any, Protocol

import msgspec

from datalinks.errors import AccessDenied, NotAuthenticated, StorageFull, Unavailable
from datalinks.ids import Clock, as_datetime, as_microseconds, new_id
from datalinks.model.customer import Customer
from datalinks.model.link import number_text
from datalinks.model.record import InternalId, JsonObject, Name
from datalinks.model.workspace import Workspace
from datalinks.services.caller import Caller
from datalinks.services.memory import remember
from datalinks.services.secrets import Secrets
from datalinks.services.tokens import Claims, unverified_claims
from datalinks.store import customers, workspaces
from datalinks.store.database import Database

# lastActiveAt says "lately", not "when exactly": reads must not turn into writes.
_ACTIVITY_STEP = timedelta(minutes=10)


class Verifier(Protocol):
    """Tells good tokens from others: ``TokenVerifier`` those of callers, ``SessionVerifier`` those of sessions."""

    async def verify(self, token: str, workspace: Workspace, secret: Callable[[], str]) -> Claims:
        """The claims of a good token.

        Raises:
            NotAuthenticated: it is none.
        """
        ...

    def good_until(self, workspace: Workspace, claims: Claims) -> float:
        """Until when (seconds since 1970) the claims need no second look, as long as the workspace is the same."""
        ...


@dataclass(frozen=True, slots=True)
class _Known:
    """A caller as it was found. good_until: when (seconds since 1970) its token or its activity want another look."""

    caller: Caller
    good_until: float


class Identity:
    """Turns tokens into callers, who are remembered for as long as nothing of their workspace changes."""

    def __init__(
        self, database: Database, verifier: Verifier, secrets: Secrets, clock: Clock, memory_size: int
    ) -> None:
        self._database = database
        self._verifier = verifier
        self._secrets = secrets
        self._clock = clock
        self._memory_size = memory_size
        self._known: dict[str, _Known] = {}

    async def authenticate(self, token: str) -> Caller:
        """The caller a token speaks for.

        Raises:
            NotAuthenticated: no workspace of this server signed it, it has expired, or it names neither a customer nor an
                admin: nobody is assumed.
            AccessDenied: its customer is archived.
        """
        known = self._known.get(token)
        if known is not None and self._clock.seconds() < known.good_until:
            epoch = await workspaces.find_epoch(self._database, known.caller.workspace_id)
            if epoch == known.caller.epoch:
                return known.caller
        return await self._authenticate(token)

    async def _authenticate(self, token: str) -> Caller:
        # The workspace is read first, with its epoch: what is read after it is as new or newer.
        workspace = await self._workspace(unverified_claims(token))
        claims = await self._verifier.verify(token, workspace, lambda: self._secrets.open(workspace))
        is_admin = is_truthy(claims.get("isAdmin"))
        internal_id = _customer_id(claims)
        if internal_id is None and not is_admin:
            raise NotAuthenticated("The token names no customer (claim id or tenantKey) and is no admin token.")
        customer = None if internal_id is None else await self._customer(workspace, internal_id, claims)
        caller = Caller(workspace.id, workspace.key, workspace.name, is_admin, customer, workspace.epoch)
        good_until = min(self._verifier.good_until(workspace, claims), _fresh_until(customer) / 1_000_000)
        remember(self._known, token, _Known(caller, good_until), self._memory_size)
        return caller

    async def _workspace(self, claims: Claims) -> Workspace:
        names = {claims[name] for name in ("iss", "workspaceKey") if isinstance(claims.get(name), str)}
        # A name with NUL is none, and not every store can be asked for it.
        name = names.pop() if len(names) == 1 else "\0"
        if "\0" not in name and (workspace := await workspaces.find_workspace(self._database, name)):
            return workspace
        raise NotAuthenticated("The token names no workspace of this server (claim iss or workspaceKey).")

    async def _customer(self, workspace: Workspace, internal_id: str, claims: Claims) -> Customer:
        now = self._clock.now()
        claimed = _claimed_fields(claims)
        known = await customers.find_customer(self._database, workspace.id, now, internal_id=internal_id)
        if known is None:
            met = await self._meet(workspace.id, internal_id, claimed)
            return met or await self._keep(workspace.id, internal_id, claimed)
        _check_live(known)
        if msgspec.structs.replace(known, **claimed) != known:
            return await self._keep(workspace.id, internal_id, claimed)
        if now >= _fresh_until(known):
            # Nobody is refused because this could not be noted.
            with suppress(Unavailable, StorageFull):
                return await self._touch(workspace.id, known)
        return known

    async def _meet(self, workspace_id: str, internal_id: str, claimed: dict[str, Any]) -> Customer | None:
        """A customer whom a token names for the first time; None if another token has done so in the same moment."""
        now = self._clock.now()
        customer = msgspec.structs.replace(_new_customer(internal_id, now), **claimed)
        async with self._database.transaction() as tx:
            return customer if await customers.insert_customer(tx, workspace_id, customer) else None

    async def _keep(self, workspace_id: str, internal_id: str, claimed: dict[str, Any]) -> Customer:
        """Keep what a token claims of its customer."""
        now = self._clock.now()
        async with workspaces.changing(self._database, workspace_id) as tx:
            known = await customers.find_customer(tx, workspace_id, now, internal_id=internal_id)
            assert known is not None, "customers are never deleted, and this one was there"
            _check_live(known)
            changed = msgspec.structs.replace(known, **claimed, is_active=True, last_active_at=as_datetime(now))
            await customers.update_customer(tx, workspace_id, changed)
        return changed

    async def _touch(self, workspace_id: str, known: Customer) -> Customer:
        """Note that a customer is active, which changes nothing that anybody remembers."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            await customers.touch_customer(tx, workspace_id, known.id, now)
        return msgspec.structs.replace(known, is_active=True, last_active_at=as_datetime(now))


def _new_customer(internal_id: str, now: int) -> Customer:
    return Customer(
        id=new_id(now),
        internal_id=internal_id,
        name=internal_id,
        is_test=False,
        is_active=True,
        last_active_at=as_datetime(now),
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


def _fresh_until(customer: Customer | None) -> float:
    """When (microseconds since 1970) a customer's activity is to be noted again; infinity where there is none."""
    if customer is None:
        return inf
    if customer.last_active_at is None:
        return 0
    return as_microseconds(customer.last_active_at + _ACTIVITY_STEP)
