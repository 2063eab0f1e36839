"""One test body for both forms of the client: what the sync one returns, the async one is awaited for."""

from collections.abc import AsyncIterable, Awaitable, Callable, Iterable
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, TypeAlias, TypeVar

from datalinks import AsyncClient, Client
from datalinks.client import AsyncLinksOfInstance, LinksOfInstance

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


@dataclass
class Scene:
    """A customer with a connection to the integration whose key is that of the table, too."""

    client: AnyClient
    key: str

    @property
    def links(self) -> LinksOfInstance | AsyncLinksOfInstance:
        """The links of the table and the connection."""
        return self.client.links_of(table=self.key, integration=self.key)
