"""Lookups from either side and every page are served by an index, whatever is asked."""

import itertools
from collections import defaultdict
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import apsw
import pytest

from datalinks.store.queries import Form, Query, load_queries
from datalinks.store.sqlite import SqliteDatabase
from datalinks.store.sqlite_connection import connect

# A list of a handful of rows that only an operator reads.
SCANS_ALLOWED = {"list_workspaces"}
# What a query is asked for is a list, which is read from end to end; and so is what it has found step by step, h and due.
# And so are indexes that have nothing but what is asked for: flows and instances with schedules.
WHAT_IS_ASKED_FOR = {
    *("SCAN k VIRTUAL TABLE INDEX 1:", "SCAN json_each VIRTUAL TABLE INDEX 1:", "SCAN CONSTANT ROW"),
    *("SCAN f USING INDEX flows_scheduled", "SCAN i USING INDEX flow_instances_scheduled"),
} | {f"SCAN {name}" for name in ("staged_links", "s", "h", "due", "(subquery-3)")}
QUERIES = load_queries()


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncGenerator[Any]:
    database = SqliteDatabase(tmp_path / "plans.db")
    await database.migrate()
    await database.close()
    opened = connect(tmp_path / "plans.db")
    # An index that is made for one query and thrown away would hide that one is missing.
    opened.execute("PRAGMA automatic_index = OFF")
    opened.execute("CREATE TEMP TABLE staged_links (app_record_id, external_record_id, import_no, export_no)")
    yield opened
    opened.close()


def is_asked(given: set[str], optional: tuple[str, ...]) -> bool:
    """Whether a combination of optional values can be asked for: a query of one direction is always asked for one."""
    directions, numbers = {"is_import", "is_export"}, {"no", "first_no"}
    if not directions & set(optional):
        return True
    if "no" in optional and len(given & numbers) + ("app_record_id" in given) != 1:
        return False
    both = {"app_record_id", "external_record_id"}
    if "no" in optional and len(given & both) == 1:
        return False
    if both <= set(optional) and "no" not in optional and not given & both:
        return False
    return len(given & directions) == 1


def plans(connection: Any, query: Query) -> list[tuple[str, list[str]]]:
    """The text and the plan's steps of a query, for every combination of its optional values and in each form."""
    found: list[tuple[str, list[str]]] = []
    for given in itertools.product([None, 1], repeat=len(query.optional)):
        values = dict(zip(query.optional, given, strict=True))
        if not is_asked({name for name, value in values.items() if value}, query.optional):
            continue
        forms: tuple[Form, ...] = ("one", "many") if query.joins("sqlite") else ("one",)
        for form in forms:
            text = query.text("sqlite", values, form)
            found.append((text, steps(connection, text)))
    return found


def steps(connection: Any, text: str) -> list[str]:
    return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", defaultdict[str, int](lambda: 1))]


@pytest.mark.parametrize("name", sorted(set(QUERIES) - SCANS_ALLOWED))
def test_no_query_reads_a_whole_table(connection: Any, name: str) -> None:
    for text, found in plans(connection, QUERIES[name]):
        assert not [step for step in found if step.startswith("SCAN") and step not in WHAT_IS_ASKED_FOR], (text, found)


def steps_of(connection: Any, name: str, *given: str) -> list[str]:
    return steps(connection, QUERIES[name].text("sqlite", dict.fromkeys(given, 1)))


SELECTIVE: list[tuple[str, list[str], str]] = [
    ("links_of_app_record", [], "data_links_1 (instance_no=? AND app_record_id=?)"),
    ("links_of_external_record", [], "data_links_by_external_record (instance_no=? AND external_record_id=?)"),
    (
        "list_links_of_record",
        ["is_import", "app_record_id", "external_record_id"],
        "data_links_1 (instance_no=? AND app_record_id=? AND external_record_id=?)",
    ),
    ("list_links_of_record", ["is_export", "app_record_id"], "data_links_1 (instance_no=? AND app_record_id=?)"),
    (
        "list_links_of_record",
        ["is_export", "external_record_id"],
        "data_links_by_external_record (instance_no=? AND external_record_id=?)",
    ),
    ("find_link", ["is_import", "no"], "data_links_import (instance_no=? AND import_no=?)"),
    ("find_link", ["is_export", "no"], "data_links_export (instance_no=? AND export_no=?)"),
    ("find_link", ["is_import", "first_no"], "data_links_import_first (instance_no=? AND import_first_no=?)"),
    ("find_link", ["is_export", "first_no"], "data_links_export_first (instance_no=? AND export_first_no=?)"),
    ("delete_pair", [], "data_links_1 (instance_no=? AND app_record_id=? AND external_record_id=?)"),
    (
        "clear_link",
        ["is_import", "app_record_id", "external_record_id"],
        "data_links_1 (instance_no=? AND app_record_id=? AND external_record_id=?)",
    ),
    ("clear_link", ["is_import", "no"], "data_links_import (instance_no=? AND import_no=?)"),
    ("clear_link", ["is_export", "first_no"], "data_links_export_first (instance_no=? AND export_first_no=?)"),
    ("delete_empty_pair", [], "data_links_1 (instance_no=? AND app_record_id=? AND external_record_id=?)"),
    ("search_links", ["is_app", "end"], "data_links_1 (instance_no=? AND app_record_id>? AND app_record_id<?)"),
    ("search_links", ["is_app"], "data_links_1 (instance_no=? AND app_record_id>?)"),
    (
        "search_links",
        ["is_app", "end", "after_app"],
        "data_links_1 (instance_no=? AND (app_record_id,external_record_id)>(?,?) AND app_record_id<?)",
    ),
    (
        "search_links",
        ["end"],
        "data_links_by_external_record (instance_no=? AND external_record_id>? AND external_record_id<?)",
    ),
    (
        "search_links",
        ["end", "after_app"],
        "data_links_by_external_record (instance_no=? AND external_record_id>? AND external_record_id<?)",
    ),
    ("find_instance_owner", [], "INTEGER PRIMARY KEY (rowid=?)"),
    ("list_activity", [], "(workspace_id=? AND customer_id=? AND hour>?)"),
    ("delete_old_activity", [], "activity_hour (hour<?)"),
    ("list_live_instance_nos", [], "instances_page (workspace_id=?"),
    ("list_live_instance_nos", ["customer_id"], "instances_customer (workspace_id=? AND customer_id=?"),
    ("list_abandoned_runs", [], "flow_runs_leases (due_at<?)"),
    ("list_first_runs", [], "flow_runs_queue (connection_id>?)"),
    ("list_first_runs", [], "flow_runs_queue (connection_id=?)"),
    ("count_unended_runs", [], "flow_runs_queue (connection_id=?)"),
    ("list_old_runs", [], "flow_runs_ended (ended_at<?)"),
    ("delete_node_runs", [], "(run_id=?)"),
    ("find_customer", ["internal_id"], "(workspace_id=? AND internal_id=?)"),
    ("find_table", ["key"], "(workspace_id=? AND key=?)"),
    ("find_table", ["uuid"], "(workspace_id=? AND uuid=?)"),
    ("find_integration", ["key"], "(workspace_id=? AND key=?)"),
    ("find_workspace", [], "(key=?)"),
    ("find_workspace_by_id", [], "(id=?)"),
    ("find_instance_no", [], "(table_id=? AND connection_id=? AND instance_key=?)"),
    (
        "find_visible_instance_no",
        ["table_key", "customer_id"],
        "instances_connection (workspace_id=? AND connection_id=?)",
    ),
    ("find_type_of_webhook", [], "(webhook_key=?)"),
    ("find_subscription_of_webhook", [], "(webhook_key=?)"),
    ("find_app_event_subscription_id", [], "(app_event_type_id=? AND customer_id=? AND instance_key=?)"),
    ("list_due_askings", [], "app_event_subscriptions_due (ask_at<?"),
    ("list_due_askings", ["workspace_id", "customer_id"], "app_event_subscriptions_due (ask_at<?"),
    ("find_customer_of_event", [], "(workspace_id=? AND internal_id=?)"),
    ("list_app_event_subscriptions", ["customer_id", "live"], "app_event_subscriptions_customer (workspace_id=?"),
    ("list_app_events", ["app_event_type_id"], "app_events_type (workspace_id=? AND app_event_type_id=?"),
    ("list_app_events", ["app_event_subscription_id"], "app_events_subscription (workspace_id=?"),
    ("list_app_events", ["customer_id", "since"], "app_events_customer (workspace_id=? AND customer_id=? AND id>?"),
    ("list_app_events", ["since"], "app_events_page (workspace_id=? AND id>?"),
    ("delete_expired_app_events", [], "app_events_time (received_at<?"),
    ("list_changed_schedules", [], "flows_scheduled"),
    ("list_changed_schedules", [], "flow_instances_flow (workspace_id=? AND flow_id=?)"),
    ("list_changed_own_schedules", [], "flow_instances_scheduled"),
    ("list_due_schedules", [], "schedules_due (next_at<?"),
    ("list_connections", ["customer_id", "live"], "connections_customer (workspace_id=? AND customer_id=?"),
    ("list_connections", ["integration_id", "live"], "connections_integration (workspace_id=? AND integration_id=?"),
    ("list_connections", ["integration_key"], "connections_integration (workspace_id=? AND integration_id=?"),
    ("list_connections", ["key"], "connections_any_key (workspace_id=? AND key=?"),
    ("list_connections", ["id", "customer_id", "live"], "id=?"),
    ("list_instances", ["no", "customer_id"], "INTEGER PRIMARY KEY (rowid=?)"),
    ("list_instances", ["nos", "live"], "INTEGER PRIMARY KEY (rowid=?)"),
    ("list_instances", ["table_id", "live"], "instances_table (workspace_id=? AND table_id=?"),
    ("list_instances", ["connection_id", "live"], "instances_connection (workspace_id=? AND connection_id=?"),
    ("list_instances", ["customer_id", "live"], "instances_customer (workspace_id=? AND customer_id=?"),
    ("list_flows", ["id"], "id=?"),
    ("list_flows", ["key", "is_universal", "live"], "(workspace_id=? AND key=?"),
    ("list_flows", ["uuid"], "(workspace_id=? AND uuid=?"),
    ("list_flows", ["key", "integration_id"], "(workspace_id=? AND "),
    ("list_flows", ["integration_id", "live"], "flows_integration (workspace_id=? AND integration_id=?"),
    ("list_flows", ["universal_flow_id", "integration_id"], "flows_universal (workspace_id=? AND universal_flow_id=?"),
    ("list_applied_flows", [], "flows_applied (universal_flow_id=?)"),
    ("find_flow_instance_id", [], "(root_flow_id=? AND connection_id=? AND instance_key=?)"),
    ("list_flow_instances", ["id", "customer_id"], "id=?"),
    ("list_flow_instances", ["root_flow_id", "live"], "flow_instances_root (workspace_id=? AND root_flow_id=?"),
    ("list_flow_instances", ["flow_id", "live"], "flow_instances_flow (workspace_id=? AND flow_id=?"),
    ("list_flow_instances", ["connection_id", "live"], "flow_instances_connection (workspace_id=? AND connection_id=?"),
    ("list_flow_instances", ["customer_id", "live"], "flow_instances_customer (workspace_id=? AND customer_id=?"),
    ("list_flow_instances", ["integration_id"], "flow_instances_integration (workspace_id=? AND integration_id=?"),
    ("move_flow_instances", [], "flow_instances_integration (workspace_id=? AND integration_id=?)"),
    ("list_instances", ["integration_key"], "instances_integration (workspace_id=? AND integration_id=?"),
]


@pytest.mark.parametrize(("name", "given", "index"), SELECTIVE)
def test_a_filter_that_leaves_few_rows_is_served_by_its_index(
    connection: Any, name: str, given: list[str], index: str
) -> None:
    found = steps_of(connection, name, *given)

    assert any(index in step for step in found), found


PAGES: list[tuple[str, list[str]]] = [
    ("list_links", ["is_import"]),
    ("list_links", ["is_export"]),
    ("search_links", ["is_app", "end"]),
    ("search_links", ["is_app", "end", "after_app"]),
    ("list_customers", ["live", "after"]),
    ("list_integrations", ["live", "after"]),
    ("list_connections", ["live", "after"]),
    ("list_connections", ["customer_id", "live", "after"]),
    ("list_tables", ["live", "after"]),
    ("list_app_event_types", ["live", "after"]),
    ("list_app_event_subscriptions", ["live", "after"]),
    ("list_app_event_subscriptions", ["app_event_type_id", "live", "after"]),
    ("list_app_events", ["after"]),
    ("list_app_events", ["customer_id", "since", "until", "after"]),
    ("list_due_schedules", []),
    ("list_instances", ["live", "after"]),
    ("list_instances", ["table_id", "live", "after"]),
    ("list_flows", ["live", "after"]),
    ("list_flows", ["integration_id", "live", "after"]),
    ("list_flow_instances", ["live", "after"]),
    ("list_flow_instances", ["customer_id", "live", "after"]),
    ("list_flow_instances", ["connection_id", "live", "after"]),
]


@pytest.mark.parametrize(("name", "given"), PAGES)
def test_a_page_is_read_in_the_order_of_its_index(connection: Any, name: str, given: list[str]) -> None:
    found = steps_of(connection, name, *given)

    assert not [step for step in found if "TEMP B-TREE" in step], found


@pytest.mark.parametrize("given", [["end"], ["end", "after_app"]])
def test_what_a_search_finds_on_the_external_side_is_put_in_order_within_each_record_only(
    connection: Any, given: list[str]
) -> None:
    found = steps_of(connection, "search_links", *given)

    assert [step for step in found if "TEMP B-TREE" in step] == ["USE TEMP B-TREE FOR LAST TERM OF ORDER BY"], found


def test_a_missing_index_of_links_is_noticed(connection: Any) -> None:
    connection.execute("DROP INDEX data_links_by_external_record")

    with pytest.raises(apsw.SQLError, match="no such index"):
        steps_of(connection, "links_of_external_record")
