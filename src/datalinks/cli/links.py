"""``datalinks links``: find, create and delete data links."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from cyclopts import App, Parameter

from datalinks.cli.options import Limit, Options, checked, table
from datalinks.model.link import DataLink, DataLinkDraft, RequestedDirection
from datalinks.model.page import DEFAULT_LIMIT
from datalinks.services.instances import InstanceSelector
from datalinks.services.links import LinkQuery

_DEFAULT = Options()


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Place:
    """Which instance is meant: its id, or a table and a connection.

    Parameters
    ----------
    table
        The table's key or id.
    connection
        The connection's id.
    integration
        Instead of the connection: the integration's key, together with --customer.
    customer
        The customer's id in your product.
    instance_key
        Which of several instances of one table and connection.
    instance
        The instance's id, instead of all of these.
    """

    table: str | None = None
    connection: str | None = None
    integration: str | None = None
    customer: str | None = None
    instance_key: str | None = None
    instance: str | None = None

    @property
    def selector(self) -> InstanceSelector:
        """The instance as services understand it."""
        selector = InstanceSelector(
            id=self.instance,
            data_link_table_id=self.table,
            connection_id=self.connection,
            integration_key=self.integration,
            user_id=self.customer,
            instance_key=self.instance_key,
        )
        return checked(selector)


_NOWHERE = Place()


def make_app(name: str) -> App:
    """The group of commands."""
    app = App(name=name, help="Find, create and delete data links.")
    for command in (find, create, delete):
        app.command(command)
    return app


async def find(
    *,
    place: Place = _NOWHERE,
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
    place: Place = _NOWHERE,
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
    place: Place = _NOWHERE,
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


def _table(found: Sequence[DataLink]) -> object:
    rows = [(each.app_record_id, each.external_record_id, each.direction, each.id) for each in found]
    return table(("APP RECORD", "EXTERNAL RECORD", "DIRECTION", "ID"), rows)
