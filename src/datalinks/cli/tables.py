"""``datalinks tables``: data link tables of a workspace."""

from typing import Any

from cyclopts import App

from datalinks.cli.options import Limit, Options, checked, table
from datalinks.model.page import DEFAULT_LIMIT, Listing
from datalinks.model.table import DataLinkTable, DataLinkTableDraft

_DEFAULT = Options()


def make_app(name: str) -> App:
    """The group of commands."""
    app = App(name=name, help="Create and manage data link tables.")
    app.command(list_tables, name="list")
    for command in (get, create, update, archive, restore, export):
        app.command(command)
    return app


async def list_tables(
    *,
    search: str | None = None,
    include_archived: bool = False,
    limit: Limit = DEFAULT_LIMIT,
    cursor: str | None = None,
    options: Options = _DEFAULT,
) -> None:
    """List data link tables, newest first.

    Parameters
    ----------
    search
        Text to find in name or key.
    include_archived
        Archived ones too.
    limit
        How many at most.
    cursor
        The cursor of the page before.
    """
    listing = Listing(limit, cursor, search, include_archived)
    async with options.services() as services:
        page = await services.tables.list_page(await options.admin(services), listing)
    rows = [(each.key, each.name, each.id, each.archived_at and "archived") for each in page.items]
    options.show(page, lambda: table(("KEY", "NAME", "ID", ""), rows))


async def get(selector: str, /, *, options: Options = _DEFAULT) -> None:
    """Show a data link table.

    Parameters
    ----------
    selector
        Its id, key or uuid.
    """
    async with options.services() as services:
        found = await services.tables.get(await options.admin(services), selector)
    _show(options, found)


async def create(
    key: str, /, *, name: str | None = None, description: str | None = None, options: Options = _DEFAULT
) -> None:
    """Create a data link table.

    Parameters
    ----------
    key
        What programs call it, e.g. users-to-users.
    name
        What people call it; the key if it is not given.
    description
        What it is for.
    """
    draft = checked(DataLinkTableDraft(key=key, name=name, description=description))
    async with options.services() as services:
        made = await services.tables.create(await options.admin(services), draft)
    _show(options, made)


async def update(
    selector: str,
    /,
    *,
    key: str | None = None,
    name: str | None = None,
    description: str | None = None,
    options: Options = _DEFAULT,
) -> None:
    """Change a data link table; what is not given stays.

    Parameters
    ----------
    selector
        Its id, key or uuid.
    key
        Its new key.
    name
        Its new name.
    description
        Its new description.
    """
    given: dict[str, Any] = {"key": key, "name": name, "description": description}
    draft = checked(DataLinkTableDraft(**{name: value for name, value in given.items() if value is not None}))
    async with options.services() as services:
        changed = await services.tables.patch(await options.admin(services), selector, draft)
    _show(options, changed)


async def archive(selector: str, /, *, options: Options = _DEFAULT) -> None:
    """Hide a data link table with its instances and links, and keep them.

    Parameters
    ----------
    selector
        Its id, key or uuid.
    """
    async with options.services() as services:
        changed = await services.tables.archive(await options.admin(services), selector)
    _show(options, changed)


async def restore(selector: str, /, *, options: Options = _DEFAULT) -> None:
    """Bring an archived data link table back with its instances and links.

    Parameters
    ----------
    selector
        Its id, key or uuid.
    """
    async with options.services() as services:
        changed = await services.tables.restore(await options.admin(services), selector)
    _show(options, changed)


async def export(selector: str, /, *, options: Options = _DEFAULT) -> None:
    """Show a data link table as it travels to another workspace.

    Parameters
    ----------
    selector
        Its id, key or uuid.
    """
    async with options.services() as services:
        exported = await services.tables.export(await options.admin(services), selector)
    options.show(exported, lambda: f"{exported.key}  {exported.name}  {exported.uuid}")


def _show(options: Options, found: DataLinkTable) -> None:
    rows = [(found.key, found.name, found.id, found.archived_at and "archived")]
    options.show(found, lambda: table(("KEY", "NAME", "ID", ""), rows))
