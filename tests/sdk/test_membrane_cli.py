"""The reference product's command line, unmodified, pulls and pushes data link tables and flows of the real server."""

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from sdk.process import FOLDER, node_command
from support.server import Server
from support.tokens import mint

MEMBRANE = FOLDER / "node_modules" / "@integration-app" / "membrane-cli" / "dist" / "index.js"
# What belongs to one server stays there; the rest of an element travels.
OWN_FIELDS = ("id: ",)
NODES = """\
nodes:
  start:
    type: api-trigger
    links:
      - key: shape
        filter:
          $eval:
            $var: $.output.type
          is: created
  shape:
    type: transform-data
    config:
      output:
        '2': second
        day: '2024-01-01'
        answer: 'no'
        text:
          $concat:
            - a
            - $var: $.input.start.name
    onError: continue
    links: []
"""


@dataclass(frozen=True)
class Workspace:
    """A workspace of the server, called as its admin."""

    url: str
    key: str
    secret: str

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """The decoded answer, which must be a success."""
        headers = {"authorization": f"Bearer {mint(self.key, self.secret)}"}
        response = httpx2.request(method, f"{self.url}{path}", headers=headers, json=body)
        assert response.is_success, response.text
        return response.json()

    def create_table(self, **fields: Any) -> Any:
        """A new data link table."""
        return self.call("POST", "/data-link-tables", fields)

    def tables(self) -> dict[str, Any]:
        """The live tables by key."""
        return {table["key"]: table for table in self.call("GET", "/data-link-tables")["items"]}


class Checkout:
    """A folder in which the command line works, as a repository of configuration would be."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._config = "workspaces:\n"

    def knows(self, name: str, workspace: Workspace) -> None:
        """Add a workspace to the configuration."""
        self._config += (
            f"  {name}:\n    key: {workspace.key}\n    secret: {workspace.secret}\n    apiUri: {workspace.url}\n"
        )
        (self.folder / "membrane.config.yml").write_text(self._config)

    def run(self, command: str, workspace: str = "default") -> "subprocess.CompletedProcess[str]":
        """Run one command. It can contact only this machine, and its home folder is this one."""
        return subprocess.run(
            node_command(str(MEMBRANE), command, "--workspace", workspace),
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def must(self, command: str, workspace: str = "default") -> None:
        """Run one command, which must succeed."""
        done = self.run(command, workspace)
        assert done.returncode == 0, done.stdout + done.stderr

    def table(self, key: str) -> Path:
        """The file of a data link table."""
        return self.folder / "membrane" / "data-link-tables" / key / f"{key}.yaml"

    def write_table(self, key: str, *lines: str) -> None:
        """Write the file of a data link table by hand."""
        self.table(key).parent.mkdir(parents=True)
        self.table(key).write_text("\n".join(lines) + "\n")

    def edit_table(self, key: str, old: str, new: str) -> None:
        """Change a line of a table's file."""
        text = self.table(key).read_text()
        assert old in text
        self.table(key).write_text(text.replace(old, new))

    def flow(self, key: str, integration: str | None = None) -> Path:
        """The file of a flow, where *pull* writes it."""
        inside = (integration, f"{integration}.yaml") if integration else (f"{key}.yaml",)
        return self.folder.joinpath("membrane", "flows", key, *inside)

    def write_flow(self, key: str, text: str, integration: str | None = None) -> None:
        """Write the file of a flow where *push* reads it."""
        inside = ("integrations", integration, "flows") if integration else ("flows",)
        path = self.folder.joinpath("membrane", *inside, key, f"{key}.yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def files(self, without: tuple[str, ...] = ()) -> dict[str, list[str]]:
        """Every file's lines by its path, without lines that begin like one of these."""
        root = self.folder / "membrane"
        return {
            str(path.relative_to(root)): [
                line for line in path.read_text().splitlines() if not line.startswith(without or "\0")
            ]
            for path in sorted(root.rglob("*.yaml"))
        }


@pytest.fixture
def new_workspace(server: Server) -> Callable[[str], Workspace]:
    """Makes workspaces on the server of the module."""
    return lambda name: Workspace(server.url, *server.create_workspace(name))


@pytest.fixture
def workspace(new_workspace: Callable[[str], Workspace]) -> Workspace:
    """A workspace with an integration, without which the command line does not push."""
    made = new_workspace("First")
    made.call("POST", "/integrations", {"key": "hubspot", "name": "HubSpot"})
    return made


@pytest.fixture
def checkout(tmp_path: Path, workspace: Workspace) -> Checkout:
    """An empty folder that knows the workspace."""
    made = Checkout(tmp_path)
    made.knows("default", workspace)
    return made


def test_pull_writes_a_file_for_each_table(workspace: Workspace, checkout: Checkout) -> None:
    contacts = workspace.create_table(key="contacts", name="Kontakte & Übrige", meta={"owner": "crm", "none": None})
    users = workspace.create_table(key="users", description="People: on both sides")

    checkout.must("pull")

    assert sorted(checkout.files()) == [
        "data-link-tables/contacts/contacts.yaml",
        "data-link-tables/users/users.yaml",
        "integrations/hubspot/hubspot.yaml",
    ]
    assert checkout.table("contacts").read_text() == (
        f"id: {contacts['id']}\nname: Kontakte & Übrige\nkey: contacts\nuuid: {contacts['uuid']}\n"
        "meta:\n  owner: crm\n  none: null\nstate: READY\nisDeactivated: false\n"
    )
    assert f"id: {users['id']}" in checkout.table("users").read_text()
    assert "description: 'People: on both sides'" in checkout.table("users").read_text()


def test_push_changes_what_exists_and_creates_what_is_new(workspace: Workspace, checkout: Checkout) -> None:
    contacts = workspace.create_table(key="contacts", name="Contacts", description="old")
    users = workspace.create_table(key="users")
    checkout.must("pull")
    checkout.edit_table("contacts", "name: Contacts\n", "name: Renamed 👥\nmeta:\n  order: [b, a]\n")
    checkout.edit_table("contacts", "description: old\n", "")
    checkout.write_table("deals", f"id: {users['id']}", "key: deals", "name: Deals", "state: SETUP_FAILED")

    checkout.must("push")

    tables = workspace.tables()
    assert sorted(tables) == ["contacts", "deals", "users"]
    assert tables["contacts"]["id"] == contacts["id"]
    assert tables["contacts"]["name"] == "Renamed 👥"
    assert tables["contacts"]["meta"] == {"order": ["b", "a"]}
    assert "description" not in tables["contacts"]
    assert tables["deals"]["id"] not in (users["id"], contacts["id"])
    assert (tables["deals"]["name"], tables["deals"]["state"]) == ("Deals", "READY")
    assert tables["users"]["uuid"] == users["uuid"]


def test_push_into_another_workspace_copies_tables_under_ids_of_its_own(
    workspace: Workspace, checkout: Checkout, new_workspace: Callable[[str], Workspace]
) -> None:
    workspace.create_table(key="contacts", name="Contacts", description="d", meta={"deep": {"list": [1, None]}})
    workspace.create_table(key="users")
    second = new_workspace("Second")
    existing = second.create_table(key="users", name="Has another name here")
    checkout.knows("second", second)
    checkout.must("pull")
    pulled = checkout.files(without=OWN_FIELDS)

    checkout.must("push", "second")
    checkout.must("pull", "second")

    tables = second.tables()
    assert sorted(tables) == ["contacts", "users"]
    assert tables["contacts"]["id"] != workspace.tables()["contacts"]["id"]
    assert (tables["users"]["id"], tables["users"]["name"]) == (existing["id"], "users")
    assert second.call("GET", "/integrations/hubspot")["name"] == "HubSpot"
    assert checkout.files(without=OWN_FIELDS) == pulled


def test_pull_and_push_without_changes_change_nothing(workspace: Workspace, checkout: Checkout) -> None:
    workspace.create_table(key="contacts", name="Contacts", description="d", meta={"a": [1, {"b": None}]})
    checkout.must("pull")
    pulled = checkout.files()

    checkout.must("push")
    checkout.must("pull")

    assert checkout.files() == pulled


def test_push_makes_a_table_anew_where_the_remote_one_is_archived(workspace: Workspace, checkout: Checkout) -> None:
    contacts = workspace.create_table(key="contacts")
    checkout.must("pull")
    workspace.call("DELETE", "/data-link-tables/contacts")

    checkout.must("push")

    assert workspace.tables()["contacts"]["id"] != contacts["id"]


def test_push_is_not_disturbed_by_instances_of_tables(workspace: Workspace, checkout: Checkout) -> None:
    contacts = workspace.create_table(key="contacts")
    customer = workspace.call("POST", "/customers", {"internalId": "acme", "name": "Acme"})
    connection = workspace.call("POST", "/connections", {"integrationKey": "hubspot", "userId": customer["id"]})
    place = f"/data-link-table-instance?dataLinkTableKey=contacts&connectionId={connection['id']}&autoCreate=true"
    instance = workspace.call("GET", place)
    checkout.must("pull")
    checkout.edit_table("contacts", "name: contacts\n", "name: Contacts\n")

    checkout.must("push")

    assert {key: table["id"] for key, table in workspace.tables().items()} == {"contacts": contacts["id"]}
    assert workspace.call("GET", place)["id"] == instance["id"]


def test_a_wrong_secret_is_refused(workspace: Workspace, checkout: Checkout) -> None:
    checkout.knows("wrong", Workspace(workspace.url, workspace.key, "not-the-secret"))

    done = checkout.run("pull", "wrong")

    assert done.returncode == 1
    assert "not_authenticated" in done.stdout + done.stderr


def apply_flow(workspace: Workspace) -> None:
    """A universal flow that the integration has too."""
    workspace.call("POST", "/flows", {"key": "shape", "nodes": {"start": {"type": "api-trigger"}}})
    workspace.call("POST", "/flows/shape/apply", {"integrationKeys": ["hubspot"]})


def test_push_creates_flows_and_pull_writes_them_as_they_were(workspace: Workspace, checkout: Checkout) -> None:
    checkout.must("pull")
    checkout.write_flow("shape", f"key: shape\nname: Shape\n{NODES}")

    checkout.must("push")
    checkout.must("pull")

    flow = workspace.call("GET", "/flows/shape")
    assert flow["state"] == "READY"
    assert list(flow["nodes"]) == ["start", "shape"]
    assert list(flow["nodes"]["start"]["links"][0]["filter"]) == ["$eval", "is"]
    assert flow["nodes"]["shape"]["config"]["output"]["day"] == "2024-01-01"
    assert NODES in checkout.flow("shape").read_text()


def test_push_changes_a_flow(workspace: Workspace, checkout: Checkout) -> None:
    workspace.call("POST", "/flows", {"key": "shape", "nodes": {"start": {"type": "api-trigger"}}})
    checkout.must("pull")
    text = checkout.flow("shape").read_text()
    checkout.flow("shape").write_text(text.replace("type: api-trigger", "type: list-data-records"))

    checkout.must("push")

    flow = workspace.call("GET", "/flows/shape")
    assert flow["nodes"]["start"]["type"] == "list-data-records"
    assert flow["state"] == "CONFIGURATION_ERROR"


def test_pull_writes_the_flows_of_integrations(workspace: Workspace, checkout: Checkout) -> None:
    apply_flow(workspace)

    checkout.must("pull")

    text = checkout.flow("shape", "hubspot").read_text()
    assert "universalFlowId: " in text
    assert "  start:\n    type: api-trigger\n" in text


def test_push_leaves_the_flows_of_integrations(workspace: Workspace, checkout: Checkout) -> None:
    apply_flow(workspace)
    checkout.must("pull")

    checkout.must("push")

    assert len(workspace.call("GET", "/flows?layer=integration")["items"]) == 1


def test_push_applies_and_customises_a_flow_of_an_integration(workspace: Workspace, checkout: Checkout) -> None:
    checkout.must("pull")
    checkout.write_flow("shape", f"key: shape\nname: Shape\n{NODES}")
    own = f"key: shape\nname: Here\nuniversalFlowId: elsewhere\ncustomized: true\n{NODES.replace('second', 'third')}"
    checkout.write_flow("shape", own, "hubspot")

    checkout.must("push")

    flow = workspace.call("GET", "/flows/hubspot.shape")
    assert flow["universalFlowId"] == workspace.call("GET", "/flows/shape")["id"]
    assert flow["nodes"]["shape"]["config"]["output"]["2"] == "third"
    assert flow["isCustomized"]
