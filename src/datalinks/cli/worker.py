"""``datalinks worker``: works runs of flows off, and answers no requests."""

import asyncio
import signal
from collections.abc import Generator
from contextlib import contextmanager

import uvloop
from prometheus_client import CollectorRegistry, start_http_server

from datalinks.cli.logs import set_up_logs
from datalinks.cli.options import Options, print_json
from datalinks.errors import InvalidSettings
from datalinks.ids import Clock
from datalinks.settings import Settings
from datalinks.wiring import open_services, open_worker

_DEFAULT = Options()


def worker(*, options: Options = _DEFAULT) -> None:
    """Work runs of flows off until told to stop; any number of these share a database, also with servers.

    When it is told to stop it begins nothing more, and gives back what does not end soon.
    """
    settings = options.settings()
    set_up_logs(settings)
    uvloop.run(_work(settings, options))


async def _work(settings: Settings, options: Options) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    clock, registry = Clock(), CollectorRegistry()
    async with open_services(settings, clock) as services:
        with _shown(settings, registry):
            async with open_worker(settings, services, clock, registry):
                _announce(settings, options)
                await stop.wait()


@contextmanager
def _shown(settings: Settings, registry: CollectorRegistry) -> Generator[None]:
    """The metrics can be read meanwhile, if the settings say where."""
    if not settings.flow_metrics_port:
        yield
        return
    try:
        server, thread = start_http_server(settings.flow_metrics_port, settings.host, registry)
    except OSError as error:
        place = f"{settings.host}:{settings.flow_metrics_port}"
        raise InvalidSettings(f"Cannot show metrics on {place}: {error.strerror}") from error
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _announce(settings: Settings, options: Options) -> None:
    if options.json:
        print_json({"database": settings.database_name})
    else:
        print(f"Datalinks works runs of flows off in {settings.database_name}.", flush=True)
