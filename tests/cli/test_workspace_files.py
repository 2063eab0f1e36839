"""``datalinks import`` and ``datalinks export``, by real processes."""

import json
import shutil
from pathlib import Path

import pytest

from support.server import Server, datalinks

WORKSPACES = Path(__file__).parent.parent / "workspace_files" / "workspaces"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a database that has one workspace, and with files of elements."""
    Server(tmp_path).create_workspace("One")
    shutil.copytree(WORKSPACES / "cli", tmp_path / "elements")
    return tmp_path


def test_an_import_says_what_it_did_and_what_is_missing(folder: Path) -> None:
    done = datalinks("import", "elements", folder=folder)

    assert "created    flows/remind/remind.yaml" in done.stdout
    assert "$.nodes.create.retries (line 25): Not a property of the node here: it is left out." in done.stdout
    assert "cannot run: $.nodes.list-people.type: Nodes of this type work on data collections" in done.stdout
    assert "left out   actions/list-people/list-people.yaml\n    This server has no actions." in done.stdout
    assert done.stdout.endswith("8 created, 0 changed, 0 unchanged, 2 left out.\n")


def test_a_dry_run_writes_nothing(folder: Path) -> None:
    dry = json.loads(datalinks("import", "elements", "--dry-run", "--json", folder=folder).stdout)
    real = json.loads(datalinks("import", "elements", "--json", folder=folder).stdout)

    assert (dry["dryRun"], dry["created"]) == (True, 8)
    assert real == {**dry, "dryRun": False}


def test_a_broken_file_is_an_error_with_its_place(folder: Path) -> None:
    (folder / "elements/flows/remind/remind.yaml").write_text("key: remind\nkey: again\n")

    done = datalinks("import", "elements", folder=folder, check=False)
    as_json = datalinks("import", "elements", "--json", folder=folder, check=False)

    assert done.returncode == 3
    assert "flows/remind/remind.yaml:2:1: The key 'key' is there twice" in done.stderr
    assert json.loads(as_json.stdout)["error"]["code"] == "bad_request"
    assert json.loads(datalinks("tables", "list", "--json", folder=folder).stdout)["items"] == []


def test_what_is_exported_is_imported_elsewhere(folder: Path) -> None:
    datalinks("import", "elements", folder=folder)
    key, _ = Server(folder).create_workspace("Two")

    exported = datalinks("export", "out", "--workspace", "one", "--layout", "spec", folder=folder)
    imported = json.loads(datalinks("import", "out", "--workspace", key, "--json", folder=folder).stdout)

    assert exported.stdout == "The files are in out: 8 created, 0 changed, 0 unchanged.\n"
    assert (imported["created"], imported["left"]) == (8, 0)
    assert (folder / "out/integrations/crm/flows/import-people/spec.yaml").exists()


def test_files_that_an_import_would_make_again_are_named(folder: Path) -> None:
    exported = json.loads(datalinks("export", "elements", "--json", folder=folder).stdout)
    shown = datalinks("export", "elements", folder=folder)

    assert len(exported["stale"]) == 8
    assert "an import would make them; delete what is not wanted:\n    app-event-types/" in shown.stdout


def test_a_folder_that_is_not_there_is_told(folder: Path) -> None:
    done = datalinks("import", "missing", folder=folder, check=False)

    assert done.returncode == 3
    assert "The folder 'missing' cannot be opened" in done.stderr
