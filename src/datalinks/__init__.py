"""Datalinks keeps relations between records in a product and records in the apps its customers connect."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datalinks.client import AsyncClient, Client

__all__ = ["AsyncClient", "Client"]


def __getattr__(name: str) -> object:
    """The client, imported when it is first asked for: the server and its commands start without it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from datalinks import client  # noqa: PLC0415 - see above

    return getattr(client, name)
