"""The command line as a whole: its commands, how failures are shown, and the exit codes."""

import sys
import traceback
from collections.abc import Sequence

from cyclopts import App, CycloptsError
from rich.console import Console

from datalinks.cli import database, formula, links, serve, settings, tables, tokens, worker, workspace_files, workspaces
from datalinks.cli.options import print_json
from datalinks.errors import (
    AccessDenied,
    AlreadyExists,
    BadRequest,
    DataLinksError,
    FormulaError,
    InvalidSettings,
    NotAuthenticated,
    NotFound,
    StorageFull,
    Unavailable,
)

USAGE_EXIT_CODE = 2
EXIT_CODES: dict[type[DataLinksError], int] = {
    DataLinksError: 1,
    BadRequest: 3,
    FormulaError: 3,
    NotFound: 4,
    AlreadyExists: 5,
    NotAuthenticated: 6,
    AccessDenied: 6,
    InvalidSettings: 7,
    Unavailable: 8,
    StorageFull: 8,
}
_HELP = """\
Datalinks keeps relations between records in your product and records in the apps your customers connect.

Start here: `datalinks workspace create NAME` prints a key and a secret, `datalinks serve` starts the server,
`datalinks token --customer ID` prints a token to call it with.
"""
_EPILOGUE = """\
Exit codes: 0 done, 1 unexpected error, 2 wrong usage, 3 refused by a rule, 4 not found, 5 exists already,
6 not allowed, 7 wrong settings, 8 the database is busy, full or out of reach.
"""


def make_cli() -> App:
    """The command line."""
    app = App(name="datalinks", help=_HELP, help_epilogue=_EPILOGUE, help_format="markdown")
    app.command(serve.serve)
    app.command(worker.worker)
    app.command(tokens.token)
    app.command(workspace_files.import_workspace, name="import")
    app.command(workspace_files.export_workspace, name="export")
    app.command(database.migrate)
    app.command(settings.settings)
    groups = {"workspace": workspaces, "tables": tables, "links": links, "formula": formula, "database": database}
    for name, commands in groups.items():
        app.command(commands.make_app(name))
    # The library leaves the types of its extra parameters open.
    app.register_install_completion_command(help="Install completion.")  # pyright: ignore[reportUnknownMemberType]
    return app


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code."""
    try:
        make_cli()(list(arguments), exit_on_error=False, print_error=False, result_action="return_none")
    except CycloptsError as error:
        _fail(arguments, "usage", str(error))
        return USAGE_EXIT_CODE
    except DataLinksError as error:
        _fail(arguments, error.code, f"{error.message}{_place(error)}")
        return next(EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES)
    except Exception as error:  # noqa: BLE001 - the edge of a command: whatever happens is told
        traceback.print_exc()
        _fail(arguments, DataLinksError.code, f"Something went wrong inside the program: {error!r}")
        return EXIT_CODES[DataLinksError]
    return 0


def _place(error: DataLinksError) -> str:
    # Other messages name their places themselves.
    return f" - at `{error.data['path']}`" if isinstance(error, FormulaError) and "path" in error.data else ""


def _fail(arguments: Sequence[str], code: str, message: str) -> None:
    if "--json" in arguments:
        print_json({"error": {"code": code, "message": message}})
    else:
        console = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
        console.print(f"datalinks: {message}", style="red" if sys.stderr.isatty() else None)
