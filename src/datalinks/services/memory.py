"""What was read of a workspace, remembered for as long as its epoch stays.

A caller carries the epoch that was read when its request arrived. Whatever is remembered under it is still true, in whichever
process or machine somebody changes the workspace: a change begins a new epoch in the same transaction.
"""

from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar

from datalinks.services.caller import Caller

T = TypeVar("T")

_SIZE = 10_000


class Memory:
    """Answers of one kind for callers; only what was found is remembered, never that something is missing."""

    def __init__(self, size: int = _SIZE) -> None:
        self._size = size
        self._known: dict[tuple[Hashable, ...], Any] = {}

    async def recall(self, caller: Caller, wanted: Hashable, find: Callable[[], Awaitable[T]]) -> T:
        """What ``find`` gives for this caller and what it wants; whatever it raises is not remembered."""
        if caller.epoch is None:
            return await find()
        key = (caller.workspace_id, caller.epoch, caller.customer_scope, caller.customer and caller.customer.id, wanted)
        known = self._known.get(key)
        if known is None:
            known = await find()
            remember(self._known, key, known, self._size)
        return known


def remember(known: dict[Any, Any], key: Hashable, value: Any, size: int) -> None:
    """Keep a value, and forget the oldest when there are more than ``size``: a dict keeps the order of its insertions."""
    known[key] = value
    if len(known) > size:
        del known[next(iter(known))]
