"""One test body for both forms of the client: what the sync one returns, the async one is awaited for."""

from collections.abc import AsyncIterable, Awaitable, Callable, Iterable
from inspect import isawaitable
from typing import Any, TypeAlias, TypeVar

from datalinks import AsyncClient, Client

T = TypeVar("T")

AnyClient: TypeAlias = Client | AsyncClient
Connect: TypeAlias = Callable[..., AnyClient]


async def done(value: T | Awaitable[T]) -> T:
    """What a method returned, or returns when it is awaited."""
    # No checker can tell that T itself is nothing to wait for.
    result: Any = await value if isawaitable(value) else value
    return result


async def collected(found: Iterable[T] | AsyncIterable[T]) -> list[T]:
    """Everything that an iteration yields."""
    return [item async for item in found] if isinstance(found, AsyncIterable) else list(found)
