"""Requests that are done once, however often they are sent: the first answer is kept and repeated.

The answer is a row that commits together with everything that the request changed. So there is either all of it or nothing,
whenever the process ends: without the answer nothing was done, and with it nothing is done again.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from datalinks.errors import IdempotencyConflict, IdempotencyMismatch
from datalinks.ids import Clock
from datalinks.services.caller import Caller
from datalinks.services.secrets import Secrets
from datalinks.store.ambient import AmbientDatabase
from datalinks.store.database import Transaction
from datalinks.store.idempotency import (
    KeptAnswer,
    KeptRequest,
    OwnedKey,
    delete_expired,
    find_answered,
    hold_key,
    put_answered,
)

KEPT_FOR = timedelta(hours=24)
# Does what a request asks for, as this caller, and says what it is answered.
Run = Callable[[Caller], Awaitable[KeptAnswer]]


@dataclass(frozen=True, slots=True)
class Once:
    """The answer of a request that is done once. is_repeated: it was done before."""

    answer: KeptAnswer
    is_repeated: bool


class Idempotency:
    """Does requests once for each caller and key."""

    def __init__(self, database: AmbientDatabase, secrets: Secrets, clock: Clock) -> None:
        self._database = database
        self._secrets = secrets
        self._clock = clock
        # The hashes of the requests that this process is at, so that those who repeat one need not queue up to hear of it.
        self._running: dict[OwnedKey, str] = {}

    async def once(self, caller: Caller, key: str, request_hash: str, run: Run) -> Once:
        """Do a request in one transaction with keeping its answer, or repeat the answer that it had under this key.

        key: the caller's own; it means nothing for another caller. request_hash: tells the request from others.
        run: raises what goes wrong: everything is undone then, nothing is kept, and the request can be sent again.

        Raises:
            IdempotencyMismatch: the key was given to another request. IdempotencyConflict: the request is under way.
            Unavailable, StorageFull: as a transaction. Whatever ``run`` raises.
        """
        owned = OwnedKey(caller.workspace_id, _scope(caller), key)
        if (running := self._running.get(owned)) is not None:
            raise _in_flight() if running == request_hash else _mismatch()
        self._running[owned] = request_hash
        try:
            async with self._database.one_transaction() as tx:
                return await self._once(tx, owned, caller, request_hash, run)
        finally:
            del self._running[owned]

    async def _once(self, tx: Transaction, key: OwnedKey, caller: Caller, request_hash: str, run: Run) -> Once:
        if not await hold_key(tx, key):
            raise _in_flight()
        # Asked after the key is held, and by a query of its own: whoever held it before has committed or done nothing.
        known = await find_answered(tx, key, self._clock.now())
        if known is not None:
            if self._secrets.open_json(known.sealed_hash, _row(key)) != request_hash:
                raise _mismatch()
            return Once(known.answer, is_repeated=True)
        # Without an epoch nothing is remembered of what is read here, as it may be undone.
        answer = await run(replace(caller, epoch=None))
        await self._keep(tx, key, request_hash, answer)
        return Once(answer, is_repeated=False)

    async def _keep(self, tx: Transaction, key: OwnedKey, request_hash: str, answer: KeptAnswer) -> None:
        sealed = self._secrets.seal_json(request_hash, _row(key))
        assert sealed is not None, "only None is sealed as None"
        now = self._clock.now()
        expires_at = now + KEPT_FOR // timedelta(microseconds=1)
        if not await put_answered(tx, key, KeptRequest(sealed, answer), now, expires_at):
            # Cannot be while the key is held; if it ever is, the answer that is there stands and this work is undone.
            raise _in_flight()
        await delete_expired(tx, now)


def _scope(caller: Caller) -> str:
    """Whose keys are apart from others': an admin's from those of the customer it acts for, as their rights differ."""
    return f"{'admin' if caller.is_admin else 'customer'}/{caller.customer.id if caller.customer else ''}"


def _row(key: OwnedKey) -> str:
    """What a sealed hash is bound to."""
    return f"idempotent_answers/{key.name}"


def _in_flight() -> IdempotencyConflict:
    return IdempotencyConflict("A request with this Idempotency-Key is under way: send it again for its answer.")


def _mismatch() -> IdempotencyMismatch:
    return IdempotencyMismatch(
        "This Idempotency-Key was sent with another request: a request that differs in path, query or body needs a new key."
    )
