"""The nouns of the API: where each lives, how it is listed, what may be written and what is answered."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, ParamSpec, TypeVar

from datalinks.client.queries import ConnectionsQuery, CustomersQuery, InstancesQuery, ListQuery
from datalinks.model.connection import Connection, ConnectionDraft
from datalinks.model.customer import Customer, CustomerDraft
from datalinks.model.integration import Integration, IntegrationDraft
from datalinks.model.page import Page
from datalinks.model.record import Draft, JsonObject, Record
from datalinks.model.table import DataLinkTable, DataLinkTableDraft, DataLinkTableInstance

Query = ParamSpec("Query")
Fields = ParamSpec("Fields")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Noun(Generic[Query, Fields, T]):
    """One noun.

    path: of one of them; with an ``s`` it is that of their list.
    query, draft: the structs of the list's filters and of what may be written. A method takes their fields as its own
    keyword arguments, so each field has one definition for server, client and type checker.
    answer, page: what comes back.
    """

    path: str
    query: Callable[Query, Draft]
    draft: Callable[Fields, Draft]
    answer: type[T]
    page: type[Page[T]]


CUSTOMERS = Noun("/customer", CustomersQuery, CustomerDraft, Customer, Page[Customer])
INTEGRATIONS = Noun("/integration", ListQuery, IntegrationDraft, Integration, Page[Integration])
CONNECTIONS = Noun("/connection", ConnectionsQuery, ConnectionDraft, Connection, Page[Connection])
TABLES = Noun("/data-link-table", ListQuery, DataLinkTableDraft, DataLinkTable, Page[DataLinkTable])
# An instance has nothing to write: it is nothing but its place.
INSTANCES = Noun("/data-link-table-instance", InstancesQuery, Draft, DataLinkTableInstance, Page[DataLinkTableInstance])


class Identity(Record, frozen=True, kw_only=True):
    """Who a token speaks for: a customer, or, under an admin token that names none, the workspace itself.

    internal_id: the customer's id in the caller's product, or the workspace's key.
    The fields from is_test on are a customer's and None for a workspace.
    """

    id: str
    name: str
    internal_id: str
    is_admin: bool
    workspace_key: str
    is_test: bool | None = None
    is_active: bool | None = None
    fields: JsonObject | None = None
    meta: JsonObject | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    last_active_at: datetime | None = None
