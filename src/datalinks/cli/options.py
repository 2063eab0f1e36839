"""What every command takes and how every command answers."""

import os
import sys
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

import msgspec
from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import Console
from rich.table import Table

from datalinks.errors import BadRequest
from datalinks.model.page import MAX_LIMIT
from datalinks.model.record import Draft
from datalinks.model.workspace import Workspace
from datalinks.services.caller import Caller
from datalinks.services.services import Services
from datalinks.settings import Settings, load_settings
from datalinks.wiring import open_services

D = TypeVar("D", bound=Draft)
Limit = Annotated[int, Parameter(validator=Number(gte=1, lte=MAX_LIMIT))]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Options:
    """Options of every command.

    Parameters
    ----------
    database
        The database, e.g. sqlite:///datalinks.db. Also DATALINKS_DATABASE.
    workspace
        The workspace to work in, by its key; not needed when there is only one. Also DATALINKS_WORKSPACE.
    json
        Print one JSON document instead of text.
    """

    database: str | None = None
    workspace: str | None = None
    json: Annotated[bool, Parameter(negative="")] = False

    def settings(self, **given: Any) -> Settings:
        """The settings in force; what the command line gives comes first."""
        return load_settings(os.environ, {"database": self.database, "workspace": self.workspace, **given})

    @asynccontextmanager
    async def services(self) -> AsyncGenerator[Services]:
        """The services of the database."""
        async with open_services(self.settings()) as services:
            yield services

    async def admin(self, services: Services) -> Caller:
        """The caller that commands act as: an admin of the workspace."""
        return services.workspaces.operator(await self.chosen(services))

    async def chosen(self, services: Services) -> Workspace:
        """The workspace to work in."""
        return await services.workspaces.get_only(self.settings().workspace or None)

    def show(self, value: Any, text: Callable[[], Any]) -> None:
        """Print an answer: the value as one JSON document, or its text form."""
        if self.json:
            print_json(value)
        else:
            Console(soft_wrap=True, highlight=False, markup=False).print(text())


def checked(draft: D) -> D:
    """The draft, once its values are known to be allowed: the API checks them while it decodes, here nobody has yet.

    Raises:
        BadRequest: a value is not.
    """
    try:
        return msgspec.convert(msgspec.to_builtins(draft), type(draft))
    except msgspec.ValidationError as error:
        raise BadRequest(f"This is not valid: {error}") from error


def print_json(value: Any) -> None:
    """One JSON document on standard output, flushed, so that a program reading it need not wait for the end."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n")
    sys.stdout.flush()


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Table | str:
    """Rows for people, or a word when there are none."""
    if not rows:
        return "None."
    shown = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        shown.add_row(*("" if value is None else str(value) for value in row))
    return shown
