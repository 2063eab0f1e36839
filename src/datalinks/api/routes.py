"""The route table: every method of every path. Serving, the OpenAPI document and the tests of rights all read it."""

from collections.abc import Iterator
from typing import Any

from datalinks.api import (
    bulk,
    connections,
    customers,
    formulas,
    health,
    instances,
    integrations,
    links,
    tables,
    workspace_tools,
)
from datalinks.api.endpoint import Endpoint


def routes() -> list[Endpoint]:
    """Every endpoint of the API, the busiest first."""
    return [
        *_links(),
        *_bulk(),
        *_instances(),
        *_tables(),
        *_connections(),
        *_integrations(),
        *_customers(),
        *_workspace_tools(),
        Endpoint("POST", "/formulas/evaluate", formulas.evaluate_formula, "Formulas", is_read=True),
        Endpoint("GET", "/health", health.get_health, "Operations"),
        Endpoint("GET", "/ready", health.get_ready, "Operations"),
    ]


def _links() -> Iterator[Endpoint]:
    tag = "Data links"
    path = "/data-link-table-instance/links"
    yield Endpoint("GET", path, links.find_links, tag)
    yield Endpoint("POST", path, links.create_link, tag, 201)
    yield Endpoint("DELETE", path, links.delete_link, tag)
    path = "/data-link-tables/{selector}/links"
    yield Endpoint("GET", path, links.find_links_of_table, tag)
    yield Endpoint("POST", path, links.create_link_of_table, tag, 204)
    yield Endpoint("DELETE", path, links.delete_link_of_table, tag)
    path = "/data-link-table-instances/{id}/links"
    yield Endpoint("GET", path, links.find_links_of_instance, tag)
    yield Endpoint("POST", path, links.create_link_of_instance, tag, 201)
    yield Endpoint("DELETE", path, links.delete_link_of_instance, tag)
    yield Endpoint("GET", "/data-links", links.find_data_links, tag)
    yield Endpoint("DELETE", "/data-links/{id}", links.delete_data_link, tag)


def _bulk() -> Iterator[Endpoint]:
    tag = "Bulk"
    path = "/data-link-tables/{selector}/links"
    yield Endpoint("POST", f"{path}/batch", bulk.run_batch, tag)
    yield Endpoint("POST", f"{path}/import", bulk.import_links, tag, media_types=bulk.UPLOAD_TYPES)
    yield Endpoint("GET", f"{path}/imports/{{import_id}}", bulk.get_import, tag)
    yield Endpoint("GET", f"{path}/export", bulk.export_links, tag, media_types=bulk.MEDIA_TYPES)
    yield Endpoint("GET", f"{path}/count", bulk.count_links, tag)


def _instances() -> Iterator[Endpoint]:
    tag = "Data link table instances"
    yield Endpoint("GET", "/data-link-table-instances", instances.list_instances, tag)
    path = "/data-link-table-instance"
    yield Endpoint("GET", path, instances.get_instance, tag)
    yield Endpoint("POST", path, instances.create_instance, tag, 201)
    yield Endpoint("PUT", path, instances.put_instance, tag)
    yield Endpoint("PATCH", path, instances.put_instance, tag)
    yield Endpoint("DELETE", path, instances.archive_instance, tag)
    yield Endpoint("POST", f"{path}/restore", instances.restore_instance, tag)


def _tables() -> Iterator[Endpoint]:
    tag = "Data link tables"
    yield Endpoint("GET", "/data-link-tables", tables.list_tables, tag)
    yield Endpoint("POST", "/data-link-tables", tables.create_table, tag, 201)
    yield from _element("/data-link-table", tag, tables, "table")
    path = "/data-link-tables/{selector}"
    yield Endpoint("POST", f"{path}/refresh", tables.refresh_table, tag)
    yield Endpoint("GET", f"{path}/dependencies", tables.list_table_dependencies, tag)
    yield Endpoint("GET", f"{path}/export", tables.export_table, tag)


def _connections() -> Iterator[Endpoint]:
    tag = "Connections"
    yield Endpoint("GET", "/connections", connections.list_connections, tag)
    yield Endpoint("POST", "/connections", connections.create_connection, tag, 201)
    yield Endpoint("POST", "/connections/ensure", connections.ensure_connection, tag)
    yield from _element("/connection", tag, connections, "connection")


def _integrations() -> Iterator[Endpoint]:
    tag = "Integrations"
    yield Endpoint("GET", "/integrations", integrations.list_integrations, tag)
    yield Endpoint("POST", "/integrations", integrations.create_integration, tag, 201)
    yield from _element("/integration", tag, integrations, "integration")
    path = "/integrations/{selector}"
    yield Endpoint("POST", f"{path}/setup", integrations.set_up_integration, tag)
    yield Endpoint("GET", f"{path}/connector-spec", integrations.get_connector_spec, tag)
    yield Endpoint("POST", f"{path}/disconnect", integrations.disconnect_integration, tag)


def _customers() -> Iterator[Endpoint]:
    tag = "Customers"
    yield Endpoint("GET", "/self", customers.get_self, tag)
    yield Endpoint("PATCH", "/self", customers.patch_self, tag)
    yield Endpoint("GET", "/customers", customers.list_customers, tag)
    yield Endpoint("POST", "/customers", customers.create_customer, tag, 201)
    yield from _element("/customer", tag, customers, "customer")


def _workspace_tools() -> Iterator[Endpoint]:
    tag = "Workspace tools"
    yield Endpoint("GET", "/org-workspace-id", workspace_tools.get_workspace_id, tag)
    yield Endpoint("GET", "/connectors", workspace_tools.list_connectors, tag)
    yield Endpoint("GET", "/connectors/{id}", workspace_tools.get_connector, tag)
    for kind in workspace_tools.EMPTY_KINDS:
        yield Endpoint("GET", f"/{kind}", workspace_tools.list_nothing, tag)


def _element(singular: str, tag: str, module: Any, noun: str) -> Iterator[Endpoint]:
    """The routes of one element: ``/nouns/{selector}``, and ``/noun`` with the selector in the query."""
    for path in (f"{singular}s/{{selector}}", singular):
        for method, verb in (("GET", "get"), ("PUT", "put"), ("PATCH", "patch"), ("DELETE", "archive")):
            yield Endpoint(method, path, getattr(module, f"{verb}_{noun}"), tag)
        yield Endpoint("POST", f"{path}/restore", getattr(module, f"restore_{noun}"), tag)
