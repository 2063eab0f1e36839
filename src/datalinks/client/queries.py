"""What lists can be asked for, and how an instance is named."""

from collections.abc import Sequence
from typing import Literal, TypeAlias

import msgspec
from msgspec import field

from datalinks.client.calls import path_part
from datalinks.errors import BadRequest
from datalinks.model.batch import Mode, Operation
from datalinks.model.file_format import FileFormat
from datalinks.model.link import Direction, RequestedDirection, record_id
from datalinks.model.link_search import Match
from datalinks.model.record import Draft

RecordId: TypeAlias = str | int
AnyDirection: TypeAlias = RequestedDirection | Direction | Literal["import", "export", "both"]
AnyMatch: TypeAlias = Match | Literal["exact", "prefix"]


class Selector(Draft, frozen=True, kw_only=True):
    """The element that is meant. It stands in the query, where ids of customers may have any character, even a slash."""

    id: str


class SecretsQuery(Draft, frozen=True, kw_only=True):
    """include_secrets: with the secrets in the clear, for admins only. customer: whose, by id or internal id."""

    customer: str | None = field(default=None, name="userId")
    include_secrets: bool = False


class ListQuery(Draft, frozen=True, kw_only=True):
    """Which page of a list is wanted.

    limit: items per page, 1 to 1000, which is also what None means. cursor: that of the page before; None for the first.
    search: text in name or key, without regard to case. include_archived: archived ones too.
    """

    limit: int | None = None
    cursor: str | None = None
    search: str | None = None
    include_archived: bool = False


class NextPage(Draft, frozen=True, kw_only=True):
    """The cursor that takes the place of a query's own."""

    cursor: str


class CustomersQuery(ListQuery, frozen=True, kw_only=True):
    """is_test, is_active: only those marked as tests, only those seen within the last 30 days; False for only the others."""

    is_test: bool | None = None
    is_active: bool | None = None


class ConnectionsQuery(ListQuery, frozen=True, kw_only=True):
    """customer: only this customer's, by id or internal id. Every filter given must match."""

    customer: str | None = field(default=None, name="userId")
    integration_id: str | None = None
    integration_key: str | None = None
    disconnected: bool | None = None
    is_test: bool | None = None


class InstancesQuery(ListQuery, frozen=True, kw_only=True):
    """customer: only this customer's, by id or internal id. Every filter given must match."""

    data_link_table_id: str | None = None
    connection_id: str | None = None
    integration_id: str | None = None
    integration_key: str | None = None
    customer: str | None = field(default=None, name="userId")
    instance_key: str | None = None


class LinksQuery(Draft, frozen=True, kw_only=True):
    """Which links of an instance are wanted; every filter given must match, ``both`` filters nothing.

    search: instead of record ids, the beginning of one on either side.

    Raises:
        BadRequest: a record id is empty, too long or has a NUL.
    """

    app_record_id: RecordId | None = None
    external_record_id: RecordId | None = None
    direction: AnyDirection | None = None
    search: RecordId | None = None
    limit: int | None = None
    cursor: str | None = None

    def __post_init__(self) -> None:
        if self.app_record_id is not None:
            record_id(self.app_record_id, "$.appRecordId")
        if self.external_record_id is not None:
            record_id(self.external_record_id, "$.externalRecordId")
        if self.search is not None:
            record_id(self.search, "$.search")


class RecordQuery(Draft, frozen=True, kw_only=True):
    """Which record is looked for in all instances.

    Raises:
        BadRequest: the record id is empty, too long or has a NUL.
    """

    record_id: RecordId
    match: AnyMatch
    limit: int | None = None
    cursor: str | None = None

    def __post_init__(self) -> None:
        record_id(self.record_id, "$.recordId")


class Place(Draft, frozen=True, kw_only=True):
    """Which instance is meant: by its own id, or by a table and a connection.

    table: its key or id. connection: its id; or connection_key; or integration, by key or id, with the customer whose
    only connection to it is meant, by id or internal id; a customer's own client need not name it.
    instance_key: which of several instances of one table and connection. instance: its id, instead of all of these.
    """

    table: str | None = field(default=None, name="dataLinkTableKey")
    connection: str | None = field(default=None, name="connectionId")
    connection_key: str | None = None
    integration: str | None = field(default=None, name="integrationKey")
    customer: str | None = field(default=None, name="userId")
    instance_key: str | None = None
    instance: str | None = field(default=None, name="id")

    def under_table(self, path: str) -> tuple[str, "Place"]:
        """A path of the routes that name the table, or the instance instead of it, and what is left for the query.

        Raises:
            BadRequest: the place names neither.
        """
        selector = self.table or self.instance
        if selector is None:
            raise BadRequest("Say where: the place names neither a table nor an instance.")
        rest = msgspec.structs.replace(self, table=None, instance=self.instance if self.table else None)
        return f"/data-link-tables/{path_part(selector)}/links/{path}", rest


class BatchBody(Draft, frozen=True, kw_only=True):
    """A batch as it is sent."""

    mode: Mode
    operations: Sequence[Operation]


class ImportQuery(Draft, frozen=True, kw_only=True):
    """How a file is read, and whether it is written; None is what the server takes for usual."""

    import_id: str | None = None
    dry_run: bool = False
    direction: RequestedDirection = RequestedDirection.BOTH
    app_column: str | None = None
    external_column: str | None = None
    direction_column: str | None = None
    ignore_unknown_columns: bool = False


class ExportQuery(Draft, frozen=True, kw_only=True):
    """What an export holds. search: only the links that a search for this finds."""

    format: FileFormat
    direction: RequestedDirection | None = None
    search: str | None = None


def requested(direction: AnyDirection) -> RequestedDirection:
    """A direction as it is sent.

    Raises:
        BadRequest: it is none.
    """
    try:
        return RequestedDirection(direction)
    except ValueError as error:
        raise BadRequest(
            f"{direction!r} is no direction: give import, export or both.", {"path": "$.direction"}
        ) from error
