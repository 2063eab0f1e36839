"""Answers by the idempotency keys of their requests, as rows that commit together with what the requests did."""

import hashlib
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from datalinks.store.database import Reader, Transaction

_headers = msgspec.json.Decoder(tuple[tuple[str, str], ...])


@dataclass(frozen=True, slots=True)
class OwnedKey:
    """A key as its owner chose it. scope: who that is inside the workspace."""

    workspace_id: str
    scope: str
    key: str

    @property
    def name(self) -> str:
        """The same as one text; a workspace's id and a scope have no spaces."""
        return f"{self.workspace_id} {self.scope} {self.key}"


class KeptAnswer(NamedTuple):
    """An answer as it was given. headers: its own ones, in their order."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class KeptRequest:
    """What a request was answered. sealed_hash: tells it from another one."""

    sealed_hash: str
    answer: KeptAnswer


async def hold_key(tx: Transaction, key: OwnedKey) -> bool:
    """Have a key alone until the transaction ends; False if another transaction has it, without waiting for that."""
    digest = hashlib.sha256(key.name.encode()).digest()
    row = await tx.fetch_one("hold_idempotency_key", lock=int.from_bytes(digest[:8], signed=True))
    return row is not None and bool(row["is_held"])


async def find_answered(reader: Reader, key: OwnedKey, now: int) -> KeptRequest | None:
    """What was answered under a key, or None if nothing was or its time is over."""
    row = await reader.fetch_one(
        "find_idempotent_answer", workspace_id=key.workspace_id, scope=key.scope, key=key.key, now=now
    )
    if row is None:
        return None
    return KeptRequest(row["request_hash"], KeptAnswer(row["status"], _headers.decode(row["headers"]), row["body"]))


async def put_answered(tx: Transaction, key: OwnedKey, request: KeptRequest, now: int, expires_at: int) -> bool:
    """Keep what was answered under a key; False if there is an answer whose time is not over."""
    changed = await tx.execute(
        "put_idempotent_answer",
        workspace_id=key.workspace_id,
        scope=key.scope,
        key=key.key,
        request_hash=request.sealed_hash,
        status=request.answer.status,
        headers=msgspec.json.encode(request.answer.headers).decode(),
        body=request.answer.body,
        expires_at=expires_at,
        now=now,
    )
    return bool(changed)


async def delete_expired(tx: Transaction, now: int) -> int:
    """Delete a few answers whose time is over, the oldest first; how many."""
    return await tx.execute("delete_expired_answers", now=now)
