"""The Python client of the API: ``Client``, and ``AsyncClient`` for asyncio, with the same methods."""

from datalinks.client._async.client import AsyncClient
from datalinks.client._async.links import AsyncLinksOfInstance
from datalinks.client._sync.client import Client
from datalinks.client._sync.links import LinksOfInstance
from datalinks.client.nouns import Identity

__all__ = ["AsyncClient", "AsyncLinksOfInstance", "Client", "Identity", "LinksOfInstance"]
