"""Access tokens of connections: kept with their credentials, and renewed by one request at a time wherever it runs.

A refresh token may be good for one use, so two who use it at once would lose the connection. Whoever renews first becomes the
holder: a mark in the connection's row that only one can set, whichever process or machine it runs in, and that expires later than
any request to a token endpoint can last. The others wait until the tokens have changed and use those. No transaction is open
meanwhile.
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, cast
from weakref import WeakValueDictionary

import structlog

from datalinks.errors import BadRequest, Disconnected, NotFound, OutgoingFailed, OutgoingTimeout, OutgoingTooLarge
from datalinks.ids import Clock, new_id
from datalinks.model.auth import Auth, ClientCredentialsAuth, OAuth, OAuth2Auth
from datalinks.model.record import JsonObject
from datalinks.outgoing import Outgoing
from datalinks.services.authentication import Values
from datalinks.services.secrets import Secrets, connection_row
from datalinks.services.token_endpoints import TokenRefused, Tokens, ask_for_tokens
from datalinks.store import connections
from datalinks.store.database import Database, Reader, Transaction
from datalinks.store.workspaces import changing

# A token that ends sooner counts as ended: the request takes time, and clocks differ.
_SKEW_SECONDS = 30.0
# How much longer than its request a holder keeps the mark, so that it is not taken from one who is still at it.
_MARGIN_SECONDS = 30.0
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.02, 0.5
# Their own word for a client that is not known, which says nothing of the grant.
_CLIENT_REFUSED = frozenset({"invalid_client", "unauthorized_client"})
TROUBLES = (OutgoingFailed, OutgoingTimeout, OutgoingTooLarge)
_log = structlog.get_logger("datalinks.connections")


@dataclass(frozen=True, slots=True)
class Owner:
    """A connection and the authentication of its integration."""

    workspace_id: str
    connection_id: str
    auth: Auth


@dataclass(frozen=True, slots=True)
class Usable:
    """Values to make a request with. may_renew: whether it is worth renewing them if they are refused."""

    values: Values
    may_renew: bool


class AccessTokens:
    """The secrets of connections, with tokens that are good. Not to be asked inside a transaction."""

    def __init__(self, database: Database, secrets: Secrets, outgoing: Outgoing, clock: Clock) -> None:
        self._database = database
        self._secrets = secrets
        self._outgoing = outgoing
        self._clock = clock
        # Requests of this process wait here instead of asking the store again and again.
        self._locks = WeakValueDictionary[str, asyncio.Lock]()
        self._renewing = set["asyncio.Task[Values]"]()

    async def kept(self, owner: Owner) -> Values:
        """The secrets of a connection as they are.

        Raises:
            Disconnected: it is.
        """
        return await self._values(self._database, owner)

    async def usable(self, owner: Owner) -> Usable:
        """The secrets of a connection, their access token renewed if it has ended and can be.

        Raises:
            Disconnected: the connection is, or is from now on as its credentials were refused.
            BadRequest: there is no token, nor what one could be had for.
            OutgoingFailed, OutgoingTimeout, OutgoingTooLarge: there is no token yet and the endpoint gives none.
        """
        values = await self._values(self._database, owner)
        if not isinstance(owner.auth, ClientCredentialsAuth | OAuth2Auth):
            return Usable(values, may_renew=False)
        tokens, may_renew = tokens_of(values), _is_renewable(owner.auth, values)
        if tokens.access_token is not None and (not may_renew or self._is_good(tokens)):
            return Usable(values, may_renew)
        try:
            return Usable(await self.renewed(owner, values), may_renew=False)
        except TROUBLES:
            if tokens.access_token is None:
                raise
            # It may still be good for the moment.
            return Usable(values, may_renew=False)

    async def renewed(self, owner: Owner, used: Values) -> Values:
        """The secrets with another access token than the one in ``used``, be it renewed here or by somebody else.

        Raises:
            Disconnected: the connection is, or is from now on as its credentials were refused.
            BadRequest: its tokens cannot be renewed, or the integration's own client was refused.
            OutgoingFailed, OutgoingTimeout, OutgoingTooLarge: the token endpoint does not help; nothing has changed.
        """
        if not isinstance(owner.auth, ClientCredentialsAuth | OAuth2Auth):
            raise BadRequest("The credentials of this connection are as they are: they cannot be renewed.")
        if not _is_renewable(owner.auth, used):
            raise BadRequest(
                "The connection has no refresh token: write its credentials with access_token and refresh_token.",
                {"path": "$.credentials.refresh_token"},
            )
        lock = self._locks.setdefault(owner.connection_id, asyncio.Lock())
        async with lock:
            return await self._wait_or_renew(owner, owner.auth, tokens_of(used))

    async def _wait_or_renew(self, owner: Owner, auth: OAuth, used: Tokens) -> Values:
        patience = self._outgoing.timeout_seconds + _MARGIN_SECONDS
        pause, given_up_at = _FIRST_PAUSE_SECONDS, asyncio.get_running_loop().time() + patience
        while True:
            values = await self._values(self._database, owner)
            if tokens_of(values).access_token != used.access_token:
                return values
            if holder := await self._hold(owner, patience):
                return await self._to_its_end(self._renew(owner, auth, used, holder))
            if asyncio.get_running_loop().time() > given_up_at:
                raise OutgoingTimeout("Another request is renewing the connection's access token, and takes too long.")
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    async def _to_its_end(self, renewing: Coroutine[Any, Any, Values]) -> Values:
        """Renew, also if whoever asked for it is gone: a refresh token that is used up must not be lost with the new one."""
        task = asyncio.create_task(renewing)
        self._renewing.add(task)
        task.add_done_callback(self._renewing.discard)
        return await asyncio.shield(task)

    async def _hold(self, owner: Owner, seconds: float) -> str | None:
        """Become the one who renews; the mark it has in the row, or None if somebody else is."""
        now = self._clock.now()
        holder, until = new_id(now), now + int(seconds * 1_000_000)
        async with self._database.transaction() as tx:
            place = (tx, owner.workspace_id, owner.connection_id)
            return holder if await connections.hold_refresh(*place, holder=holder, now=now, until=until) else None

    async def _renew(self, owner: Owner, auth: OAuth, used: Tokens, holder: str) -> Values:
        """Ask for tokens and keep them, as the holder, and be the holder no more."""
        sent = used
        try:
            # Read again, as somebody may have been done just before.
            values = await self._values(self._database, owner)
            sent = tokens_of(values)
            if sent.access_token == used.access_token:
                now = self._clock.seconds()
                made = await ask_for_tokens(self._outgoing, auth, values, sent.refresh_token or "", now)
                return await self._keep(owner, holder, sent, made)
        except TokenRefused as refused:
            raise await self._refused(owner, auth, holder, sent, refused) from refused
        except BaseException:
            await self._release(owner, holder)
            raise
        await self._release(owner, holder)
        return values

    async def _keep(self, owner: Owner, holder: str, sent: Tokens, made: Tokens) -> Values:
        """Keep new tokens with the credentials, unless somebody has written others meanwhile, which then are the good ones."""
        async with self._database.transaction() as tx:
            # The row is locked by this, so that what is read next stays.
            await connections.release_refresh(tx, owner.workspace_id, owner.connection_id, holder=holder)
            values = await self._values(tx, owner)
            if tokens_of(values) != sent:
                return values
            secrets = {**values.secrets, "credentials": _with_tokens(values.secrets.get("credentials"), made)}
            sealed = self._secrets.seal_json(secrets, connection_row(owner.connection_id))
            await connections.set_secrets(tx, owner.workspace_id, owner.connection_id, sealed)
        return Values(secrets)

    async def _refused(
        self, owner: Owner, auth: OAuth, holder: str, sent: Tokens, refused: TokenRefused
    ) -> Disconnected | BadRequest:
        """The error for a refusal; the connection is marked as disconnected if it is its credentials that were refused."""
        reason = f"{refused.place} refused with {refused.code}" if refused.code else f"{refused.place} refused"
        _log.warning("access token refused", connection_id=owner.connection_id, place=refused.place, code=refused.code)
        if refused.code in _CLIENT_REFUSED and _is_own_client(auth):
            await self._release(owner, holder)
            return BadRequest(
                f"No access token for the integration's own client: {reason}. An admin must correct its auth.",
                {"path": "$.auth.clientSecret"},
            )
        message = f"The access token could not be renewed: {reason}. Connect again, or write new credentials."
        async with changing(self._database, owner.workspace_id) as tx:
            await connections.release_refresh(tx, owner.workspace_id, owner.connection_id, holder=holder)
            if tokens_of(await self._values(tx, owner)) == sent:
                await self._disconnect(tx, owner, message)
        return Disconnected(message, {"connectionId": owner.connection_id})

    async def _disconnect(self, tx: Transaction, owner: Owner, message: str) -> None:
        now = self._clock.now()
        error = {"type": "connection", "key": Disconnected.code, "message": message}
        place = (tx, owner.workspace_id, owner.connection_id)
        await connections.disconnect(*place, error=error, revision=new_id(now), now=now)

    async def _release(self, owner: Owner, holder: str) -> None:
        async with self._database.transaction() as tx:
            await connections.release_refresh(tx, owner.workspace_id, owner.connection_id, holder=holder)

    async def _values(self, reader: Reader, owner: Owner) -> Values:
        """A connection's secrets.

        Raises:
            Disconnected: it is.
        """
        state = await connections.find_refresh(reader, owner.workspace_id, owner.connection_id)
        if state is None:
            raise NotFound("The connection is gone.")
        if state.disconnected:
            raise Disconnected(
                state.error or "The connection is disconnected: connect it again.",
                {"connectionId": owner.connection_id},
            )
        return Values(self._secrets.open_json(state.sealed, connection_row(owner.connection_id)) or {})

    def _is_good(self, tokens: Tokens) -> bool:
        return tokens.expires_at is None or tokens.expires_at - _SKEW_SECONDS > self._clock.seconds()


def tokens_of(values: Values) -> Tokens:
    """The tokens among a connection's credentials; what is no token counts as none."""
    given = _object(values.secrets.get("credentials"))
    texts = (given.get(name) for name in ("access_token", "refresh_token"))
    access_token, refresh_token = (text if isinstance(text, str) and text else None for text in texts)
    expires_at = given.get("expires_at")
    if not isinstance(expires_at, int | float) or isinstance(expires_at, bool):
        expires_at = None
    return Tokens(access_token, refresh_token, expires_at)


def _object(value: Any) -> JsonObject:
    return cast("JsonObject", value) if isinstance(value, dict) else {}


def _with_tokens(credentials: Any, made: Tokens) -> JsonObject:
    """Credentials with new tokens. An endpoint that gives no new refresh token means the old one to stay."""
    # What a token endpoint has said to somebody before is not true of the new token.
    old = ("expires_in", "expires_at")
    others = {name: value for name, value in _object(credentials).items() if name not in old}
    expires_at = None if made.expires_at is None else int(made.expires_at)
    given = {"access_token": made.access_token, "refresh_token": made.refresh_token, "expires_at": expires_at}
    return {**others, **{name: value for name, value in given.items() if value is not None}}


def _is_renewable(auth: OAuth, values: Values) -> bool:
    return isinstance(auth, ClientCredentialsAuth) or tokens_of(values).refresh_token is not None


def _is_own_client(auth: OAuth) -> bool:
    """Whether the client is the integration's, not one that the connection's credentials name."""
    return isinstance(auth.client_id, str)
