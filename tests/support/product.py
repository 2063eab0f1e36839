"""An application whose workspace belongs to a product: a server that can be asked for the events of customers."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from support.app import App, open_app
from support.targets import Target, running_target

# Where the product is told that events are to be sent to.
PUBLIC = "https://links.example"


@asynccontextmanager
async def with_product(folder: Path, engine: str, **settings: Any) -> AsyncGenerator[tuple[App, Target]]:
    """An application whose workspace belongs to a product that can be asked."""
    async with running_target() as product:
        allowed = {"outgoing_allow": f"127.0.0.1:{product.port}", **settings}
        async with open_app(folder, engine, **allowed) as app:
            await app.services.workspaces.configure(app.key, api_base_uri=f"{product.url}/api/")
            yield app, product
