"""More workspaces on a running server."""

import asyncio

from datalinks.settings import Settings, load_settings
from datalinks.wiring import open_services
from support.server import Server


def create_workspace(server: Server, name: str) -> tuple[str, str]:
    """Key and secret of a new workspace, made in this process: starting the command line would take seconds."""
    return asyncio.run(_create(load_settings(server.variables), name))


async def _create(settings: Settings, name: str) -> tuple[str, str]:
    async with open_services(settings) as services:
        made = await services.workspaces.create(name)
    return made.key, made.secret
