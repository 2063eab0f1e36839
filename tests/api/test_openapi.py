"""The OpenAPI document and the page say what the route table serves."""

import json
import re
from typing import Any

import msgspec
import pytest

from datalinks.api.endpoint import Endpoint
from datalinks.api.openapi import openapi
from datalinks.api.routes import routes
from support.app import App

ROUTES = {f"{endpoint.method} {endpoint.path}": endpoint for endpoint in routes()}


@pytest.fixture(scope="module")
def document() -> Any:
    """The document, which is the one that is served: see test_schemathesis.py."""
    return msgspec.json.decode(msgspec.json.encode(openapi(routes())))


def test_the_document_has_exactly_the_routes_that_are_served(document: Any) -> None:
    documented = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}

    assert documented == ROUTES.keys()


async def test_every_route_answers_other_than_not_found_or_not_allowed_without_a_token(app: App) -> None:
    for endpoint in ROUTES.values():
        path = re.sub(r"{\w+}", "x", endpoint.path)
        response = await app.bearing(None).request(endpoint.method, path)
        # A webhook asks for a key in its path instead.
        expected = 404 if "delivery" in endpoint.parameters else endpoint.status if endpoint.is_open else 401
        # Only the console may sign in, which says who it is.
        expected = 403 if endpoint.is_sign_in else expected
        assert response.status_code == expected, (endpoint.method, path)


def documented_types(operation: dict[str, Any]) -> tuple[set[str], bool, str | None]:
    parameters = {each["name"] for each in operation["parameters"] if each["in"] == "query"}
    success = next(code for code in operation["responses"] if code.startswith("2"))
    content = operation["responses"][success].get("content")
    return parameters, "requestBody" in operation, success if content else None


@pytest.mark.parametrize("endpoint", ROUTES.values(), ids=ROUTES.keys())
def test_an_operation_documents_what_its_function_takes_and_returns(document: Any, endpoint: Endpoint) -> None:
    operation = document["paths"][endpoint.path][endpoint.method.lower()]

    parameters, has_body, answers = documented_types(operation)

    wanted = {field for kind in endpoint.query_parameters.values() for field in kind.__struct_encode_fields__}
    assert wanted <= parameters
    forwards_body = endpoint.is_forwarded and endpoint.method not in ("GET", "OPTIONS")
    receives_body = "delivery" in endpoint.parameters and endpoint.method != "GET"
    assert has_body == (forwards_body or receives_body or bool({"body", "upload"} & endpoint.parameters.keys()))
    assert (answers is not None) == (endpoint.returns is not type(None))
    assert operation["summary"].endswith((".", ".\n"))
    assert bool(operation["security"]) != endpoint.is_open


def test_every_reference_in_the_document_leads_somewhere(document: Any) -> None:
    for reference in set(re.findall(r'"\$ref":\s*"#([^"]+)"', json.dumps(document))):
        place = document
        for step in reference.strip("/").split("/"):
            place = place[step]
        assert place


def test_operation_ids_are_unique(document: Any) -> None:
    ids = [operation["operationId"] for methods in document["paths"].values() for operation in methods.values()]

    assert len(ids) == len(set(ids))


async def test_the_page_needs_nothing_from_elsewhere(app: App) -> None:
    response = await app.bearing(None).request("GET", "/docs")

    assert response.headers["content-type"].startswith("text/html")
    assert not re.search(r"(src|href)=[\"'](https?:)?//|@import|url\(|<script", response.text)
    for endpoint in ROUTES.values():
        assert endpoint.path in response.text


async def test_metrics_count_requests_by_route_and_not_by_path(app: App) -> None:
    await app.admin.get("/data-link-tables/some-secret-key", status=404)

    text = (await app.bearing(None).request("GET", "/metrics")).text

    assert 'datalinks_requests_total{method="GET",route="/data-link-tables/{selector}",status="404"} 1.0' in text
    assert "some-secret-key" not in text


async def test_a_request_id_is_given_back_or_made(app: App) -> None:
    given = await app.admin.request("GET", "/self", headers={"x-request-id": "my-id.1"})
    made = await app.admin.request("GET", "/self", headers={"x-request-id": "not\tan id"})

    assert given.headers["x-request-id"] == "my-id.1"
    assert re.fullmatch("[0-9a-f]{16}", made.headers["x-request-id"])
