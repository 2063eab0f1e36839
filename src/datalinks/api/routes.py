"""The route table: every method of every path. Serving, the OpenAPI document and the tests of rights all read it."""

from collections.abc import Iterator
from typing import Any

from datalinks.api import (
    app_event_subscriptions,
    app_event_types,
    app_events,
    bulk,
    connections,
    customers,
    flow_instances,
    flow_runs,
    flows,
    formulas,
    health,
    instances,
    integrations,
    links,
    overviews,
    proxy,
    sessions,
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
        *_proxy(),
        *_integrations(),
        *_flows(),
        *_flow_instances(),
        *_flow_runs(),
        *_app_events(),
        *_customers(),
        *_workspace_tools(),
        Endpoint("GET", "/overview", overviews.get_overview, "Overview"),
        *_console(),
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
    yield Endpoint("GET", "/data-links/search", links.search_data_links, tag)
    yield Endpoint("GET", "/data-links/{id}", links.get_data_link, tag)
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
    path = "/connections/{selector}"
    yield Endpoint(
        "POST", f"{path}/refresh-credentials", connections.refresh_credentials, tag, status=204, is_read=True
    )


def _proxy() -> Iterator[Endpoint]:
    tag = "Requests to apps"
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        yield Endpoint(method, "/connections/{selector}/proxy", proxy.call_app_at_its_base, tag)
        yield Endpoint(method, "/connections/{selector}/proxy/{path}", proxy.call_app, tag)
    yield Endpoint("POST", "/connections/{selector}/api/{path}", proxy.call_app, tag)


def _integrations() -> Iterator[Endpoint]:
    tag = "Integrations"
    yield Endpoint("GET", "/integrations", integrations.list_integrations, tag)
    yield Endpoint("POST", "/integrations", integrations.create_integration, tag, 201)
    yield from _element("/integration", tag, integrations, "integration")
    path = "/integrations/{selector}"
    yield Endpoint("POST", f"{path}/setup", integrations.set_up_integration, tag)
    yield Endpoint("GET", f"{path}/connector-spec", integrations.get_connector_spec, tag)
    yield Endpoint("POST", f"{path}/disconnect", integrations.disconnect_integration, tag)


def _flows() -> Iterator[Endpoint]:
    tag = "Flows"
    yield Endpoint("GET", "/flows", flows.list_flows, tag)
    yield Endpoint("POST", "/flows", flows.create_flow, tag, 201)
    yield from _element("/flow", tag, flows, "flow")
    for path in ("/flows/{selector}", "/flow"):
        yield Endpoint("POST", f"{path}/apply", flows.apply_flow, tag)
        yield Endpoint("POST", f"{path}/reset", flows.reset_flow, tag)
    path = "/integrations/{integration}/flows"
    yield Endpoint("GET", path, flows.list_integration_flows, tag)
    yield Endpoint("POST", path, flows.create_integration_flow, tag, 201)
    path = f"{path}/{{selector}}"
    yield Endpoint("GET", path, flows.get_integration_flow, tag)
    yield Endpoint("PUT", path, flows.put_integration_flow, tag)
    yield Endpoint("PATCH", path, flows.patch_integration_flow, tag)
    yield Endpoint("DELETE", path, flows.archive_integration_flow, tag)
    yield Endpoint("POST", f"{path}/reset", flows.reset_integration_flow, tag)


def _flow_instances() -> Iterator[Endpoint]:
    tag = "Flow instances"
    yield Endpoint("GET", "/flow-instances", flow_instances.list_flow_instances, tag)
    yield Endpoint("POST", "/flow-instances", flow_instances.create_flow_instance, tag, 201)
    path = "/flow-instance"
    yield Endpoint("GET", path, flow_instances.get_flow_instance, tag)
    yield Endpoint("POST", path, flow_instances.create_flow_instance, tag, 201)
    yield Endpoint("PUT", path, flow_instances.put_flow_instance, tag)
    yield Endpoint("PATCH", path, flow_instances.patch_flow_instance, tag)
    yield Endpoint("DELETE", path, flow_instances.archive_flow_instance, tag)
    yield Endpoint("POST", f"{path}/restore", flow_instances.restore_flow_instance, tag)
    path = "/flow-instances/{id}"
    yield Endpoint("POST", f"{path}/setup", flow_instances.set_up_flow_instance, tag)
    yield Endpoint("POST", f"{path}/reset", flow_instances.reset_flow_instance, tag)
    yield Endpoint("POST", f"{path}/update-to-latest-flow", flow_instances.update_flow_instance_to_latest_flow, tag)
    path = "/connections/{connection}/flows"
    yield Endpoint("GET", path, flow_instances.list_connection_flows, tag)
    path = f"{path}/{{selector}}"
    yield Endpoint("GET", path, flow_instances.get_connection_flow, tag)
    yield Endpoint("PUT", path, flow_instances.put_connection_flow, tag)
    yield Endpoint("PATCH", path, flow_instances.patch_connection_flow, tag)
    yield Endpoint("DELETE", path, flow_instances.archive_connection_flow, tag)
    yield Endpoint("POST", f"{path}/setup", flow_instances.set_up_connection_flow, tag)
    yield Endpoint("POST", f"{path}/reset", flow_instances.reset_connection_flow, tag)


def _flow_runs() -> Iterator[Endpoint]:
    tag = "Flow runs"
    yield Endpoint("GET", "/flow-runs", flow_runs.list_flow_runs, tag)
    yield Endpoint("POST", "/flow-runs", flow_runs.create_flow_run, tag, 201)
    yield Endpoint("POST", "/flows/{selector}/run", flow_runs.run_flow, tag, 201)
    yield Endpoint("POST", "/connections/{connection}/flows/{selector}/run", flow_runs.run_connection_flow, tag, 201)
    path = "/flow-runs/{id}"
    yield Endpoint("GET", path, flow_runs.get_flow_run, tag)
    yield Endpoint("POST", f"{path}/stop", flow_runs.stop_flow_run, tag, 204)
    yield Endpoint("GET", f"{path}/output", flow_runs.get_flow_run_output, tag)
    yield Endpoint("GET", f"{path}/output/{{node_key}}", flow_runs.get_output_of_node, tag)
    path = f"{path}/nodes/{{node_key}}"
    yield Endpoint("GET", f"{path}/runs", flow_runs.list_node_runs, tag)
    yield Endpoint("GET", f"{path}/runs/", flow_runs.list_first_node_runs, tag)
    yield Endpoint("GET", f"{path}/runs/{{node_run_id}}", flow_runs.get_node_run, tag)
    yield Endpoint("GET", f"{path}/outputs", flow_runs.list_node_outputs, tag)
    # The reference SDKs ask for one output in the singular, the vendor's API in the plural.
    yield Endpoint("GET", f"{path}/output/{{output_id}}", flow_runs.get_node_output, tag)
    yield Endpoint("GET", f"{path}/outputs/{{output_id}}", flow_runs.get_node_output, tag)


def _app_events() -> Iterator[Endpoint]:
    tag = "App events"
    yield Endpoint("GET", "/app-event-types", app_event_types.list_app_event_types, tag)
    yield Endpoint("POST", "/app-event-types", app_event_types.create_app_event_type, tag, 201)
    yield from _element("/app-event-type", tag, app_event_types, "app_event_type")
    yield Endpoint("GET", "/app-event-subscriptions", app_event_subscriptions.list_app_event_subscriptions, tag)
    path = "/app-event-subscription"
    yield Endpoint("GET", path, app_event_subscriptions.get_app_event_subscription, tag)
    yield Endpoint("POST", path, app_event_subscriptions.create_app_event_subscription, tag, 201)
    yield Endpoint("PUT", path, app_event_subscriptions.put_app_event_subscription, tag)
    yield Endpoint("PATCH", path, app_event_subscriptions.put_app_event_subscription, tag)
    yield Endpoint("DELETE", path, app_event_subscriptions.archive_app_event_subscription, tag)
    yield Endpoint("POST", f"{path}/restore", app_event_subscriptions.restore_app_event_subscription, tag)
    # Asks another server, for which no transaction waits; asking twice is no harm.
    subscribe = app_event_subscriptions.subscribe_to_app_events
    yield Endpoint("POST", f"{path}/subscribe", subscribe, tag, is_read=True)
    yield Endpoint("GET", "/app-events", app_events.list_app_events, tag)
    yield Endpoint("GET", "/app-events/{id}", app_events.get_app_event, tag)
    for method in ("POST", "PUT", "PATCH", "DELETE", "GET"):
        yield Endpoint(method, "/webhooks/app-events/{webhook_key}", app_events.receive_app_events, tag)


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


def _console() -> Iterator[Endpoint]:
    tag = "Console"
    path = "/console/session"
    yield Endpoint("POST", path, sessions.open_session, tag, 201)
    yield Endpoint("GET", path, sessions.get_session, tag)
    yield Endpoint("DELETE", path, sessions.close_session, tag, 204)


def _element(singular: str, tag: str, module: Any, noun: str) -> Iterator[Endpoint]:
    """The routes of one element: ``/nouns/{selector}``, and ``/noun`` with the selector in the query."""
    for path in (f"{singular}s/{{selector}}", singular):
        for method, verb in (("GET", "get"), ("PUT", "put"), ("PATCH", "patch"), ("DELETE", "archive")):
            yield Endpoint(method, path, getattr(module, f"{verb}_{noun}"), tag)
        yield Endpoint("POST", f"{path}/restore", getattr(module, f"restore_{noun}"), tag)
