"""``datalinks serve``: the server."""

import os
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from multiprocessing.connection import Connection
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import uvloop
from cyclopts import Parameter
from cyclopts.validators import Number

from datalinks.cli.logs import set_up_logs
from datalinks.cli.options import Options, print_json
from datalinks.ids import Clock
from datalinks.services.services import Services
from datalinks.settings import Settings
from datalinks.wiring import open_services, open_worker

if TYPE_CHECKING:
    from datalinks.api.app import App
    from datalinks.api.server import Address

_DEFAULT = Options()
# Says the address once it can be reached.
Announce = Callable[[str], None]


def serve(
    *,
    host: str | None = None,
    port: int | None = None,
    workers: Annotated[int | None, Parameter(validator=Number(gte=1))] = None,
    options: Options = _DEFAULT,
) -> None:
    """Start the server and run until it is told to stop.

    Parameters
    ----------
    host
        The address to listen on; 0.0.0.0 for every one of this machine.
    port
        The port; 0 takes a free one and prints it.
    workers
        How many processes answer requests; more than one use more than one core.
    """
    settings = options.settings(host=host, port=port, workers=workers)
    set_up_logs(settings)
    run = _serve_here if settings.workers == 1 else _serve_in_workers
    uvloop.run(run(settings, partial(_announce, settings, options)))


async def _serve_here(settings: Settings, announce: Announce) -> None:
    from datalinks.api.server import listen, reserve  # noqa: PLC0415

    async with reserve(settings) as address, _open_app(settings) as app:
        await listen(app, address, partial(announce, address.url))


@asynccontextmanager
async def _open_app(settings: Settings, *, advises: bool = True) -> "AsyncGenerator[App]":
    """The application, and beside it a worker of flows unless the settings say that there is none."""
    from prometheus_client import CollectorRegistry  # noqa: PLC0415

    from datalinks.api.app import make_app  # noqa: PLC0415

    clock, registry = Clock(), CollectorRegistry()
    async with open_services(settings, clock) as services:
        if advises:
            await _advise(services)
        app = make_app(services, settings, registry=registry)
        if not settings.flow_worker:
            yield app
            return
        async with open_worker(settings, services, clock, registry):
            yield app


async def _serve_in_workers(settings: Settings, announce: Announce) -> None:
    from datalinks.api.observing import SHARED_COUNTERS  # noqa: PLC0415
    from datalinks.api.server import reserve  # noqa: PLC0415
    from datalinks.api.workers import Workers  # noqa: PLC0415

    async with reserve(settings) as address:
        # The schema is brought up to date, and everything else is found usable, before there is any worker.
        async with open_services(settings) as services:
            await _advise(services)
        with TemporaryDirectory(prefix="datalinks-") as folder:
            os.environ[SHARED_COUNTERS] = folder
            await Workers(settings.workers, partial(_work, settings, address)).run(partial(announce, address.url))


def _work(settings: Settings, address: "Address", ready: Connection) -> None:
    """All that a worker process does."""
    set_up_logs(settings)
    uvloop.run(_serve_for_parent(settings, address, ready))


async def _serve_for_parent(settings: Settings, address: "Address", ready: Connection) -> None:
    from datalinks.api.server import listen  # noqa: PLC0415

    def started() -> None:
        # One that replaces another is not waited for.
        with suppress(OSError):
            ready.send_bytes(b"ready")

    async with _open_app(settings, advises=False) as app:
        await listen(app, address, started)


async def _advise(services: Services) -> None:
    if not await services.workspaces.list_all():
        print("There is no workspace yet: make one with `datalinks workspace create NAME`.", file=sys.stderr)


def _announce(settings: Settings, options: Options, url: str) -> None:
    if options.json:
        print_json({"url": url, "database": settings.database_name})
    else:
        print(f"Datalinks listens on {url} (documentation: {url}/docs)", flush=True)
