"""Sessions of the console: a token of a caller, or a workspace's secret, exchanged for a token that only a cookie carries.

A session's token is signed with a key of its own (``Secrets.session_key``), so it is no bearer token and a bearer token is no
session. Nothing of a session is kept: whatever ends it changes that key, the caller or the time.
"""

import hmac
import math
import secrets as random_secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jwt
import msgspec

from datalinks.errors import BadRequest, NotAuthenticated
from datalinks.ids import Clock, as_datetime
from datalinks.model.session import ConsoleSession, SessionCustomer, SessionWorkspace, SignInDraft
from datalinks.model.workspace import Workspace
from datalinks.services.caller import Caller
from datalinks.services.identity import Identity
from datalinks.services.secrets import Secrets
from datalinks.services.tokens import Claims, unverified_claims
from datalinks.store import workspaces
from datalinks.store.database import Database

_ALGORITHM = "HS256"
_AUDIENCE = "datalinks-console"
# The last second that a datetime can say.
_LAST_SECOND = 253_402_300_799


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A session that has just begun. token: what its cookie holds. seconds: how long it lasts."""

    token: str = field(repr=False)
    seconds: int
    session: ConsoleSession


class SessionVerifier:
    """Verifies the tokens of sessions, in the place of ``TokenVerifier``."""

    def __init__(self, secrets: Secrets, clock: Clock) -> None:
        self._secrets = secrets
        self._clock = clock

    async def verify(self, token: str, workspace: Workspace, secret: Callable[[], str]) -> Claims:
        """The claims of a session that this server began and that lasts.

        Raises:
            NotAuthenticated: it is none, has ended, or how tokens of the workspace are signed was changed since.
        """
        # The end is looked at by our own clock.
        options: Any = {"require": ["aud", "exp"], "verify_exp": False, "verify_iat": False}
        key = self._secrets.session_key(workspace)
        try:
            claims: Claims = jwt.decode(token, key, [_ALGORITHM], options, audience=_AUDIENCE)
        except (jwt.PyJWTError, ValueError, RecursionError) as error:
            raise NotAuthenticated("No key of the workspace signed it.") from error
        if claims["exp"] <= self._clock.seconds():
            raise NotAuthenticated("It has expired.")
        return claims

    def good_until(self, workspace: Workspace, claims: Claims) -> float:
        """Until when (seconds since 1970) verified claims need no second look."""
        return claims["exp"]


class Sessions:
    """Begins sessions and tells whose they are.

    identity: tells whose tokens are; session_identity: the same for sessions. lifetime_seconds: how long one lasts at most.
    """

    def __init__(
        self,
        database: Database,
        identity: Identity,
        session_identity: Identity,
        secrets: Secrets,
        clock: Clock,
        lifetime_seconds: int,
    ) -> None:
        self._database = database
        self._identity = identity
        self._session_identity = session_identity
        self._secrets = secrets
        self._clock = clock
        self._lifetime_seconds = lifetime_seconds

    async def authenticate(self, token: str) -> Caller:
        """The caller a session speaks for.

        Raises:
            NotAuthenticated: it has ended, or it is none. AccessDenied: its customer is archived.
        """
        try:
            return await self._session_identity.authenticate(token)
        except NotAuthenticated as error:
            raise NotAuthenticated("The session of the console has ended: sign in again.") from error

    async def open(self, draft: SignInDraft) -> OpenedSession:
        """A new session for whoever a token or a workspace's secret lets in.

        Raises:
            BadRequest: neither is given, or both. NotAuthenticated: it lets nobody in. AccessDenied: its customer is archived.
        """
        token, key, secret = draft.token or None, draft.workspace_key or None, draft.workspace_secret or None
        if token is not None:
            if key is not None or secret is not None:
                raise BadRequest(
                    "Sign in with a token or with a workspace's secret, not with both.", {"path": "$.token"}
                )
            return await self._open_by_token(token)
        if key is None and secret is None:
            message = "Say who signs in: give a `token`, or `workspaceKey` and `workspaceSecret`."
            raise BadRequest(message, {"path": "$.token"})
        if key is None or secret is None:
            missing = "workspaceKey" if key is None else "workspaceSecret"
            raise BadRequest(f"`{missing}` is missing: a workspace has a key and a secret.", {"path": f"$.{missing}"})
        return await self._open_by_secret(key, secret)

    def describe(self, caller: Caller, token: str) -> ConsoleSession:
        """Who a caller is, whom a token or a session's token has let in."""
        return _session(caller, unverified_claims(token).get("exp"))

    async def _open_by_token(self, token: str) -> OpenedSession:
        caller = await self._identity.authenticate(token.strip())
        workspace = await workspaces.find_workspace(self._database, caller.workspace_key)
        if workspace is None:
            raise NotAuthenticated("The workspace is gone.")
        return self._open(caller, workspace, unverified_claims(token.strip()).get("exp"))

    async def _open_by_secret(self, key: str, secret: str) -> OpenedSession:
        # A name with NUL is none, and not every store can be asked for it.
        workspace = None if "\0" in key else await workspaces.find_workspace(self._database, key)
        # Compared in any case, so that the time tells nothing of which workspaces there are.
        expected = random_secrets.token_urlsafe(64) if workspace is None else self._secrets.open(workspace)
        is_right = hmac.compare_digest(secret.encode(), expected.encode())
        if workspace is None or not is_right or workspace.settings.disable_secret_key_auth:
            raise NotAuthenticated("No workspace has this key and this secret, or it lets nobody in by its secret.")
        caller = Caller(workspace.id, workspace.key, workspace.name, is_admin=True)
        return self._open(caller, workspace, None)

    def _open(self, caller: Caller, workspace: Workspace, token_expires: float | str | None) -> OpenedSession:
        """token_expires: the claim ``exp`` of the token that the session is made from, which it does not outlive."""
        now = math.ceil(self._clock.seconds())
        expires = min(now + self._lifetime_seconds, _LAST_SECOND if token_expires is None else int(token_expires))
        claims: Claims = {"iss": caller.workspace_key, "aud": _AUDIENCE, "exp": expires}
        if caller.is_admin:
            claims["isAdmin"] = True
        if caller.customer is not None:
            claims["id"] = caller.customer.internal_id
        # Encoded here, as the library escapes what is not ASCII, and a cookie has 4 kB.
        token = jwt.PyJWS().encode(msgspec.json.encode(claims), self._secrets.session_key(workspace), _ALGORITHM)
        return OpenedSession(token, max(expires - now, 0), _session(caller, expires))


def _session(caller: Caller, expires: float | str | None) -> ConsoleSession:
    customer = caller.customer
    return ConsoleSession(
        workspace=SessionWorkspace(id=caller.workspace_id, key=caller.workspace_key, name=caller.workspace_name),
        is_admin=caller.is_admin,
        customer=None
        if customer is None
        else SessionCustomer(id=customer.id, internal_id=customer.internal_id, name=customer.name),
        expires_at=None if expires is None else as_datetime(min(int(expires), _LAST_SECOND) * 1_000_000),
    )
