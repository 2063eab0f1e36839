"""``datalinks links``: find, create, delete and count data links; the commands for whole files are added to them."""

from collections.abc import Sequence
from typing import Annotated

from cyclopts import App, Parameter

from datalinks.cli.link_export import export_links
from datalinks.cli.link_import import import_links
from datalinks.cli.options import Limit, Options, table
from datalinks.cli.places import NOWHERE, Place
from datalinks.errors import BadRequest
from datalinks.model.counts import LinkCount
from datalinks.model.link import DataLink, DataLinkDraft, RequestedDirection
from datalinks.model.page import DEFAULT_LIMIT
from datalinks.services.links import LinkQuery

_DEFAULT = Options()


def make_app(name: str) -> App:
    """The group of commands."""
    app = App(name=name, help="Find, create and delete data links, one by one or by files.")
    for command in (find, create, delete, count):
        app.command(command)
    app.command(import_links, name="import")
    app.command(export_links, name="export")
    return app


async def find(
    *,
    place: Place = NOWHERE,
    app_id: Annotated[str | None, Parameter(name="--app")] = None,
    external_id: Annotated[str | None, Parameter(name="--external")] = None,
    direction: RequestedDirection | None = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: str | None = None,
    options: Options = _DEFAULT,
) -> None:
    """Find links, the most recently written first.

    Parameters
    ----------
    app_id
        Only links of this app record.
    external_id
        Only links of this external record.
    direction
        Only links that are read this way.
    limit
        How many at most.
    cursor
        The cursor of the page before.
    """
    query = LinkQuery(
        direction=direction, app_record_id=app_id, external_record_id=external_id, limit=limit, cursor=cursor
    )
    async with options.services() as services:
        page = await services.links.find(await options.admin(services), place.selector, query)
    options.show(page, lambda: _table(page.items))


async def create(
    *,
    app_id: Annotated[str, Parameter(name="--app")],
    external_id: Annotated[str, Parameter(name="--external")],
    place: Place = NOWHERE,
    direction: RequestedDirection = RequestedDirection.BOTH,
    options: Options = _DEFAULT,
) -> None:
    """Link an app record and an external record. Links that exist keep their ids and become the newest.

    Parameters
    ----------
    app_id
        The app record's id.
    external_id
        The external record's id.
    direction
        Which way the link can be read.
    """
    draft = DataLinkDraft(app_record_id=app_id, external_record_id=external_id, direction=direction)
    async with options.services() as services:
        written = await services.links.create(await options.admin(services), place.selector, draft)
    options.show({"items": written}, lambda: _table(written))


async def delete(
    *,
    app_id: Annotated[str, Parameter(name="--app")],
    external_id: Annotated[str, Parameter(name="--external")],
    place: Place = NOWHERE,
    direction: RequestedDirection = RequestedDirection.BOTH,
    options: Options = _DEFAULT,
) -> None:
    """Delete the links of exactly this pair of records. Deleting what is not there succeeds.

    Parameters
    ----------
    app_id
        The app record's id.
    external_id
        The external record's id.
    direction
        Only the link that is read this way.
    """
    draft = DataLinkDraft(app_record_id=app_id, external_record_id=external_id, direction=direction)
    async with options.services() as services:
        deleted = await services.links.delete(await options.admin(services), place.selector, draft)
    options.show({"deleted": deleted}, lambda: f"Deleted {deleted} link{'' if deleted == 1 else 's'}.")


async def count(*, place: Place = NOWHERE, options: Options = _DEFAULT) -> None:
    """Count the links of an instance, or of all instances of a table when no connection is named.

    Large instances are counted now and then only; the answer says when.
    """
    selector = place.table or place.instance
    if selector is None:
        raise BadRequest("Say what to count: --table, with or without a connection, or --instance.")
    async with options.services() as services:
        counted = await services.counts.count(await options.admin(services), selector, place.selector)
    options.show(counted, lambda: _count(counted))


def _count(counted: LinkCount) -> object:
    how = "now" if counted.exact else f"{counted.counted_at:%Y-%m-%d %H:%M:%S} UTC"
    columns = ("LINKS", "IMPORT", "EXPORT", "INSTANCES", "NOT YET COUNTED", "COUNTED")
    row = (counted.links, counted.import_links, counted.export_links, counted.instances, counted.uncounted, how)
    return table(columns, [row])


def _table(found: Sequence[DataLink]) -> object:
    rows = [(each.app_record_id, each.external_record_id, each.direction, each.id) for each in found]
    return table(("APP RECORD", "EXTERNAL RECORD", "DIRECTION", "ID"), rows)
