"""The OpenAPI document and the server say the same: schemathesis reads the one and asks the other.

Every operation is asked with values that the document allows and with values that it forbids, as an admin and as a customer, always
the same ones, so that a failure repeats itself. Every check of schemathesis is on but where a comment says why not.
"""

import zlib
from collections.abc import Iterator
from typing import Any

import httpx2
import msgspec
import pytest
import requests
import schemathesis
from schemathesis.checks import positive_data_acceptance

from datalinks.api.bulk import UPLOAD_TYPES
from datalinks.api.openapi import openapi
from datalinks.api.routes import routes
from support.server import Server

DOCUMENT: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(openapi(routes())))
SECONDS = 20
LINKS = "/data-link-table-instance/links"
# What the document can say of a value on its own is checked. These want one of several properties, or a customer; and every query
# wants one of several selectors, or a cursor that a list has given, which a schema of single parameters cannot say.
NEEDS_MORE_THAN_THE_DOCUMENT_SAYS = {
    "POST /app-event-types": "a name or a key",
    "POST /customers": "a name or an internal id",
    "POST /data-link-tables": "a name or a key",
    "POST /integrations": "a name or a key",
    "POST /flows": "a name or a key, and an integration if it follows a flow",
    "POST /integrations/{integration}/flows": "a name or a key",
    "POST /flows/{selector}/apply": "integrations that are there",
    "POST /integrations/{integration}/flows/{selector}/reset": "one that is not archived, perhaps by the request before",
    "PUT /integrations/{integration}/flows/{selector}": "one that is not archived, perhaps by the request before",
    "PATCH /integrations/{integration}/flows/{selector}": "one that is not archived, perhaps by the request before",
    "PATCH /self": "a token that names a customer",
    "POST /console/session": "a token, or a key and a secret",
    "POST /connections/{selector}/refresh-credentials": "credentials that can be renewed, and a connection that is not disconnected",
    **{
        f"{method} /connections/{{selector}}/{path}": "an integration with a base address"
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
        for path in ("proxy", "proxy/{path}", "api/{path}")
    },
    **{
        f"{method} /{elements}/{{selector}}": "one that is not archived, perhaps by the request before"
        for method in ("PUT", "PATCH")
        for elements in ("customers", "integrations", "connections", "data-link-tables")
    },
}
# The parameters that choose an instance.
SELECTORS = {
    *("id", "dataLinkTableId", "dataLinkTableKey", "parentId", "parentKey", "connectionId", "connectionKey"),
    *("integrationId", "integrationKey", "userId", "tenantId", "instanceKey", "flowId", "flowKey"),
}


def as_flags_are_read(document: dict[str, Any]) -> dict[str, Any]:
    """The document with every yes or no of a query open to any text.

    It calls them booleans, which is what a caller should send; the server takes whatever the reference SDKs send for one
    ("everything but false and 0 is yes") and so refuses nothing.
    """
    copy = msgspec.json.decode(msgspec.json.encode(document))
    for operations in copy["paths"].values():
        for operation in operations.values():
            for parameter in operation["parameters"]:
                if parameter["in"] == "query" and parameter["schema"].get("type") == "boolean":
                    parameter["schema"] = {"type": ["boolean", "string", "number"]}
    return copy


@schemathesis.serializer(*UPLOAD_TYPES)
def as_it_is(context: Any, value: Any) -> bytes:
    """A file as it is sent: any bytes, of which some are no file."""
    return value if isinstance(value, bytes) else str(value).encode()


class Bearer:
    """Gives requests the token of a caller, which is known once the server runs."""

    token = ""

    def get(self, case: Any, context: Any) -> str:
        """The token."""
        return self.token

    def set(self, case: Any, data: str, context: Any) -> None:
        """Put the token into a request."""
        case.headers["Authorization"] = f"Bearer {data}"


class Admin(Bearer):
    """The workspace's admin."""


class Customer(Bearer):
    """A customer of the workspace."""


def read_for(bearer: type[Bearer], *, examples: int, coverage: bool) -> Any:
    """The document as schemathesis reads it, with the requests of one caller."""
    settings: dict[str, Any] = {
        "seed": 1,
        "generation": {"deterministic": True, "max-examples": examples, "database": "none"},
        "phases": {"coverage": {"enabled": coverage}},
    }
    # Untyped, as the library leaves its dictionaries.
    kind: Any = schemathesis.Config
    schema: Any = schemathesis.openapi.from_dict(as_flags_are_read(DOCUMENT), config=kind.from_dict(settings))
    # Without an interval it asks for the token each time.
    schema.auth(refresh_interval=None)(bearer)
    return schema


# The customer's requests are the same, so they need not cover every form of every value a second time.
admins = read_for(Admin, examples=3, coverage=True)
customers = read_for(Customer, examples=3, coverage=False)


@pytest.fixture(scope="module", autouse=True)
def _ready(server: Server) -> None:
    Admin.token, Customer.token = server.token(), server.token("0")
    # Schemathesis likes "0", so not everything it asks for is missing.
    with httpx2.Client(base_url=server.url) as http:
        for token, path, body in (
            (Admin.token, "/data-link-tables", {"key": "0"}),
            (Admin.token, "/integrations", {"key": "0"}),
            (Customer.token, "/connections", {"integrationKey": "0", "key": "0"}),
            (Customer.token, "/data-link-table-instance?dataLinkTableKey=0&connectionKey=0", {}),
            (Admin.token, "/flows", {"key": "0", "nodes": {"0": {"type": "api-trigger"}}}),
            (Admin.token, "/integrations/0/flows", {"key": "0", "universalFlowId": "0"}),
            (Customer.token, "/flow-instance?flowKey=0&connectionKey=0", {}),
            (Customer.token, f"{LINKS}?dataLinkTableKey=0&connectionKey=0", {"appRecordId": 0, "externalRecordId": 0}),
        ):
            assert http.post(path, json=body, headers={"authorization": f"Bearer {token}"}).status_code == 201


def is_asked(case: Any, server: Server) -> bool:
    """Whether a case is asked of this server: one of three is on PostgreSQL, the others on SQLite.

    Everything above the store is the same.
    """
    named = repr((case.path_parameters, case.query, case.body)).encode("utf-8", "replace")
    return (zlib.crc32(named) % 3 == 0) == server.is_postgres


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    """One for all requests: making one anew takes longer than what is asked with it."""
    with requests.Session() as session:
        session.trust_env = False
        yield session


def check(case: Any, server: Server, session: requests.Session) -> None:
    """Send a request and hold the answer against the document."""
    if not is_asked(case, server):
        return
    label = case.operation.label
    vague = bool(case.operation.query) or label in NEEDS_MORE_THAN_THE_DOCUMENT_SAYS
    excluded = [positive_data_acceptance] if vague else []
    case.call_and_validate(base_url=server.url, session=session, excluded_checks=excluded, timeout=SECONDS)


@admins.parametrize()
def test_an_admin_gets_what_the_document_says(case: Any, server: Server, session: requests.Session) -> None:
    check(case, server, session)


@customers.parametrize()
def test_a_customer_gets_what_the_document_says(case: Any, server: Server, session: requests.Session) -> None:
    if case.meta.generation.mode.is_positive and SELECTORS & {each.name for each in case.operation.query} > {
        "id",
        "userId",
    }:
        # An instance that is there, so that links are read and written.
        query: dict[str, Any] = dict(case.query or ())
        kept = {name: value for name, value in query.items() if name not in SELECTORS}
        case.query = {**kept, "dataLinkTableKey": "0", "flowKey": "0", "connectionKey": "0"}
        if case.path_parameters:
            case.path_parameters = {**case.path_parameters, "selector": "0"}
    check(case, server, session)


def test_the_server_hands_out_this_very_document(server: Server) -> None:
    assert msgspec.json.decode(httpx2.get(f"{server.url}/openapi.json").content) == DOCUMENT


def test_every_route_is_in_the_document() -> None:
    documented = {(method.upper(), path) for path, operations in DOCUMENT["paths"].items() for method in operations}

    assert documented == {(endpoint.method, endpoint.path) for endpoint in routes()}
