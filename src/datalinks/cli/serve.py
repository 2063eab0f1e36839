"""``datalinks serve``: the server."""

import sys

from datalinks.cli.logs import set_up_logs
from datalinks.cli.options import Options, print_json
from datalinks.wiring import open_services

_DEFAULT = Options()


async def serve(*, host: str | None = None, port: int | None = None, options: Options = _DEFAULT) -> None:
    """Start the server and run until it is told to stop.

    Parameters
    ----------
    host
        The address to listen on; 0.0.0.0 for every one of this machine.
    port
        The port; 0 takes a free one and prints it.
    """
    # Only this command needs the web: the others start in half the time without it.
    from datalinks.api.app import make_app  # noqa: PLC0415
    from datalinks.api.server import listen  # noqa: PLC0415

    settings = options.settings(host=host, port=port)
    set_up_logs(settings)

    def started(url: str) -> None:
        if options.json:
            print_json({"url": url, "database": settings.database_name})
        else:
            print(f"Datalinks listens on {url} (documentation: {url}/docs)", flush=True)

    async with open_services(settings) as services:
        if not await services.workspaces.list_all():
            print("There is no workspace yet: make one with `datalinks workspace create NAME`.", file=sys.stderr)
        await listen(make_app(services, settings), settings, started)
