"""Folders of elements are imported as a whole or not at all, and say what they leave out."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from datalinks.errors import AlreadyExists, BadRequest, NotFound
from datalinks.services.caller import Caller
from datalinks.workspace_files.folder import Folder
from datalinks.workspace_files.importing import import_folder
from datalinks.workspace_files.report import FileReport, ImportReport
from support.app import App

WORKSPACES = Path(__file__).parent / "workspaces"


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes files into a folder of the test; gives the folder."""

    def write_files(**files: str) -> Path:
        folder = tmp_path / "elements"
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return folder

    return write_files


async def admin(app: App) -> Caller:
    return app.services.workspaces.operator(await app.services.workspaces.get_only(None))


async def run(app: App, path: Path, *, dry_run: bool = False) -> ImportReport:
    with Folder(path) as folder:
        return await import_folder(app.services, await admin(app), folder, dry_run=dry_run)


def of(report: ImportReport, file: str) -> FileReport:
    return next(each for each in report.files if each.file == file)


def actions(report: ImportReport) -> dict[str, str]:
    return {each.file: each.action for each in report.files}


async def test_a_workspace_of_the_command_line_is_imported(app: App) -> None:
    report = await run(app, WORKSPACES / "cli")

    assert (report.created, report.changed, report.unchanged, report.left) == (8, 0, 0, 2)
    flow = await app.admin.get("/flows/send-person")
    assert list(flow["nodes"]) == ["event", "create", "tell"]
    assert flow["nodes"]["create"]["onError"] == "continue"
    assert flow["nodes"]["event"]["links"][0]["filter"] == {"$eval": {"$var": "$.output.type"}, "is": "created"}
    own = await app.admin.get("/flows/crm.import-people")
    assert own["universalFlowId"] == (await app.admin.get("/flows/import-people"))["id"]
    assert not own["isCustomized"]
    assert list(own["nodes"]) == ["start", "list-people", "new-person", "each", "link-person"]
    type = await app.admin.get("/app-event-types/person-changed")
    assert type["userIdFormula"] == {"$var": "$.customerId"}
    assert type["example"] == {"type": "created", "customerId": "007", "at": "2024-01-01"}
    assert (await app.admin.get("/integrations/helpdesk"))["uuid"] == "0b6f7c1e-6a55-4c4e-9d0c-3c5f2a9d1e01"


async def test_a_workspace_in_spec_files_is_imported(app: App) -> None:
    report = await run(app, WORKSPACES / "spec")

    assert (report.created, report.left) == (5, 2)
    own = await app.admin.get("/flows/billing.receive-invoices")
    assert own["name"] == "Receive invoices here"
    assert own["autoCreateInstances"]
    assert (own["state"], list(own["nodes"])) == ("READY", ["start", "send"])
    table = await app.admin.get("/data-link-tables/invoices")
    assert (table["uuid"], table["meta"]) == ("3e6f7c1e-6a55-4c4e-9d0c-3c5f2a9d1e04", {"owner": "billing"})


async def test_the_report_says_what_keeps_flows_from_running(app: App) -> None:
    report = await run(app, WORKSPACES / "cli")

    problems = of(report, "flows/import-people/import-people.yaml").problems
    assert {each.path for each in problems} == {"$.nodes.list-people.type", "$.nodes.new-person.type"}
    assert all("no data source is available" in each.message for each in problems)
    assert (await app.admin.get("/flows/import-people"))["state"] == "CONFIGURATION_ERROR"
    assert of(report, "flows/remind/remind.yaml").problems == []


async def test_the_report_says_what_is_left_out(app: App) -> None:
    report = await run(app, WORKSPACES / "cli")

    assert [each.file for each in report.files if each.action == "left"] == [
        "actions/list-people/crm/crm.yaml",
        "actions/list-people/list-people.yaml",
    ]
    notes = of(report, "flows/send-person/send-person.yaml").notes
    assert [(each.path, each.line) for each in notes] == [
        ("$.nodes.create.retries", 25),
        ("$.nodes.create.links[0].color", 35),
    ]
    assert [each.path for each in of(report, "integrations/helpdesk/helpdesk.yaml").notes] == ["$.somethingNew"]
    assert "connector" in of(report, "integrations/crm/crm.yaml").notes[0].message
    (note,) = of(report, "flows/import-people/crm/crm.yaml").notes
    assert "not customised" in note.message
    assert "baseUri" not in await app.admin.get("/integrations/crm")


async def test_importing_again_changes_nothing(app: App) -> None:
    await run(app, WORKSPACES / "cli")
    before = [await app.admin.get(f"/{kind}") for kind in ("flows", "integrations", "app-event-types")]

    report = await run(app, WORKSPACES / "cli")

    assert (report.created, report.changed, report.unchanged) == (0, 0, 8)
    assert [await app.admin.get(f"/{kind}") for kind in ("flows", "integrations", "app-event-types")] == before


async def test_a_dry_run_says_the_same_and_writes_nothing(app: App) -> None:
    dry = await run(app, WORKSPACES / "cli", dry_run=True)
    empty = [(await app.admin.get(f"/{kind}"))["items"] for kind in ("flows", "integrations", "data-link-tables")]
    real = await run(app, WORKSPACES / "cli")

    assert empty == [[], [], []]
    assert dry.dry_run
    assert dry.files == real.files


async def test_changes_are_named(app: App, write: Callable[..., Path]) -> None:
    folder = write(**{"data-link-tables/a/a.yaml": "key: a\nname: A\ndescription: old\n"})
    await run(app, folder)
    write(**{"data-link-tables/a/a.yaml": "key: a\nname: B\nmeta: {x: 1}\n"})

    report = await run(app, folder)

    assert of(report, "data-link-tables/a/a.yaml").changes == ["name", "description", "meta"]
    table = await app.admin.get("/data-link-tables/a")
    assert (table["name"], table["meta"], "description" in table) == ("B", {"x": 1}, False)


async def test_the_order_of_keys_counts_as_a_change(app: App, write: Callable[..., Path]) -> None:
    node = "key: f\nnodes:\n  a:\n    type: transform-data\n    config: {output: {$var: $.x, is: 1}}\n"
    folder = write(**{"flows/f.yaml": node})
    await run(app, folder)
    write(**{"flows/f.yaml": node.replace("{$var: $.x, is: 1}", "{is: 1, $var: $.x}")})

    assert of(await run(app, folder), "flows/f.yaml").changes == ["nodes"]
    assert list((await app.admin.get("/flows/f"))["nodes"]["a"]["config"]["output"]) == ["is", "$var"]


async def test_an_element_is_found_by_its_uuid_before_its_key(app: App, write: Callable[..., Path]) -> None:
    made = await app.admin.post("/data-link-tables", {"key": "old"})
    folder = write(**{"data-link-tables/new/new.yaml": f"key: new\nuuid: {made['uuid'].upper()}\n"})

    report = await run(app, folder)

    assert of(report, "data-link-tables/new/new.yaml").changes == ["key"]
    assert (await app.admin.get("/data-link-tables/new"))["id"] == made["id"]


async def test_an_archived_element_is_made_anew(app: App, write: Callable[..., Path]) -> None:
    made = await app.admin.post("/data-link-tables", {"key": "a"})
    await app.admin.delete("/data-link-tables/a")

    await run(app, write(**{"data-link-tables/a/a.yaml": f"key: a\nuuid: {made['uuid']}\n"}))

    assert (await app.admin.get("/data-link-tables/a"))["id"] != made["id"]


async def test_an_integration_keeps_what_its_file_leaves_out(app: App, write: Callable[..., Path]) -> None:
    auth = {"type": "bearer", "token": "secret"}
    await app.admin.post(
        "/integrations", {"key": "crm", "auth": auth, "baseUri": "https://crm.example", "parameters": {"a": 1}}
    )

    await run(app, write(**{"integrations/crm/crm.yaml": "key: crm\nname: New\nauth: {type: bearer}\n"}))

    found = await app.admin.get("/integrations/crm?includeSecrets=true")
    assert (found["name"], found["auth"], found["parameters"]) == ("New", auth, {"a": 1})


BROKEN = {
    "no key: value": ("flows/a/a.yaml", "- a\n", 1, 1, "is an object"),
    "a number as a name": ("flows/a/a.yaml", "key: a\nname: 12\n", 2, 7, "in quotes"),
    "a uuid that is none": ("data-link-tables/a/a.yaml", "uuid: abc\n", 1, 7, "uuid"),
    "a key that cannot be addressed": ("flows/a/a.yaml", "key: a/b\n", 1, 6, "key"),
    "a word that is none": ("flows/a/a.yaml", "nodes:\n  b:\n    type: x\n    onError: perhaps\n", 0, 0, "onError"),
    "nodes in a list": ("flows/a/a.yaml", "key: a\nnodes:\n  - type: x\n", 3, 3, "object"),
    "YAML": ("app-event-types/a/spec.yaml", "key: a\n b: c\n", 2, 3, "YAML"),
    "JSON": ("flows/a/a.json", '{"key": "a",\n "name" "b"}', 2, 0, "YAML"),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_a_broken_file_is_told_with_its_place(app: App, write: Callable[..., Path], name: str) -> None:
    file, text, line, column, message = BROKEN[name]
    folder = write(**{file: text, "data-link-tables/fine/fine.yaml": "key: fine\n"})

    with pytest.raises(BadRequest, match=message) as caught:
        await run(app, folder)

    (problem,) = caught.value.data["problems"]
    assert problem["file"] == file
    assert not line or problem["line"] == line
    assert not column or problem["column"] == column
    assert f"{file}:{problem['line']}:{problem['column']}: " in caught.value.message
    assert (await app.admin.get("/data-link-tables"))["items"] == []


async def test_every_broken_file_is_told_at_once(app: App, write: Callable[..., Path]) -> None:
    folder = write(**{"flows/a/a.yaml": "name: 1\n", "flows/b/b.yaml": "a: [\n", "flows/c/c.yaml": "key: c\n"})

    with pytest.raises(BadRequest) as caught:
        await run(app, folder)

    assert [each["file"] for each in caught.value.data["problems"]] == ["flows/a/a.yaml", "flows/b/b.yaml"]


async def test_an_element_in_two_files_is_refused(app: App, write: Callable[..., Path]) -> None:
    folder = write(**{"flows/a/a.yaml": "key: a\n", "flows/a/spec.yaml": "key: a\n"})

    with pytest.raises(BadRequest, match=r"flows/a/spec\.yaml:1:1: The flow 'a' is in flows/a/a\.yaml already"):
        await run(app, folder)


async def test_what_cannot_be_written_undoes_all_of_it(app: App, write: Callable[..., Path]) -> None:
    await app.admin.post("/data-link-tables", {"key": "taken"})
    other = await app.admin.post("/data-link-tables", {"key": "other"})
    folder = write(
        **{
            "integrations/crm/crm.yaml": "key: crm\n",
            "data-link-tables/x/x.yaml": f"key: taken\nuuid: {other['uuid']}\n",
        }
    )

    with pytest.raises(AlreadyExists, match=r"data-link-tables/x/x\.yaml: "):
        await run(app, folder)

    assert (await app.admin.get("/integrations"))["items"] == []


async def test_a_flow_of_an_unknown_integration_is_refused(app: App, write: Callable[..., Path]) -> None:
    with pytest.raises(NotFound, match=r"flows/a/crm/crm\.yaml: There is no integration 'crm'"):
        await run(app, write(**{"flows/a/crm/crm.yaml": "key: a\n"}))


async def test_a_flow_without_its_universal_one_stands_for_itself(app: App, write: Callable[..., Path]) -> None:
    flow = "key: a\nuniversalFlowId: 65f0a1b2c3d4e5f6a7b8c9d4\ncustomized: false\nnodes: {t: {type: api-trigger}}\n"
    folder = write(**{"integrations/crm/crm.yaml": "key: crm\n", "integrations/crm/flows/a/a.yaml": flow})

    report = await run(app, folder)

    assert "stands for itself" in of(report, "integrations/crm/flows/a/a.yaml").notes[0].message
    assert list((await app.admin.get("/flows/crm.a"))["nodes"]) == ["t"]


async def test_a_uuid_of_another_layer_is_left_out(app: App, write: Callable[..., Path]) -> None:
    uuid = "2d6f7c1e-6a55-4c4e-9d0c-3c5f2a9d1e03"
    folder = write(
        **{
            "integrations/crm/crm.yaml": "key: crm\n",
            "flows/a/a.yaml": f"key: a\nuuid: {uuid}\n",
            "flows/a/crm/crm.yaml": f"key: a\nuuid: {uuid}\nparentId: {uuid}\n",
        }
    )

    report = await run(app, folder)

    assert of(report, "flows/a/crm/crm.yaml").notes[0].path == "$.uuid"
    assert (await app.admin.get("/flows/a"))["uuid"] == uuid


async def test_an_empty_file_and_an_archived_element_are_left(app: App, write: Callable[..., Path]) -> None:
    folder = write(
        **{"flows/a/a.yaml": "# nothing\n", "flows/b/b.yaml": "key: b\narchivedAt: '2024-01-01T00:00:00Z'\n"}
    )

    assert set(actions(await run(app, folder)).values()) == {"left"}


async def test_a_folder_without_elements_is_refused(app: App, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()

    with pytest.raises(BadRequest, match="no file of an element"):
        await run(app, tmp_path / "nothing")
    with pytest.raises(BadRequest, match="cannot be opened"):
        await run(app, tmp_path / "missing")


async def test_the_folder_around_membrane_can_be_named(app: App, tmp_path: Path) -> None:
    shutil.copytree(WORKSPACES / "cli", tmp_path / "repository" / "membrane")
    (tmp_path / "repository" / "membrane.config.yml").write_text("workspaces: {}\n")

    report = await run(app, tmp_path / "repository")

    assert report.created == 8
    assert all(each.file.startswith("membrane/") for each in report.files)


async def test_links_are_never_followed(app: App, tmp_path: Path, write: Callable[..., Path]) -> None:
    outside = tmp_path / "outside"
    (outside / "b").mkdir(parents=True)
    (outside / "b" / "b.yaml").write_text("key: b\n")
    folder = write(**{"flows/a/a.yaml": "key: a\n"})
    (folder / "flows" / "b").symlink_to(outside / "b")
    (folder / "flows" / "c.yaml").symlink_to(outside / "b" / "b.yaml")
    (folder / "integrations").symlink_to(outside)
    os.mkfifo(folder / "flows" / "pipe.yaml")

    report = await run(app, folder)

    assert report.created == 1
    assert actions(report) == {
        "flows/a/a.yaml": "created",
        "flows/b": "left",
        "flows/c.yaml": "left",
        "integrations": "left",
    }


async def test_other_files_are_no_elements(app: App, write: Callable[..., Path]) -> None:
    folder = write(
        **{
            "flows/a/a.yaml": "key: a\n",
            "flows/a/notes.md": "text",
            "flows/a/other.yaml": "key: [\n",
            "settings.yaml": "a: [\n",
            ".git/config.yaml": "a: [\n",
            "src/x.yaml": "a: [\n",
        }
    )

    assert actions(await run(app, folder)) == {
        "flows/a/a.yaml": "created",
        "flows/a/other.yaml": "left",
        "settings.yaml": "left",
        "src": "left",
    }


async def test_old_names_of_folders_and_json_are_read(app: App, write: Callable[..., Path]) -> None:
    folder = write(
        **{
            "dataLinkTables/a/a.yaml": "key: a\n",
            "appEventTypes/b/spec.json": '{"key": "b", "tenantIdFormula": {"$var": "$.id"}}',
            "data-link-tables/c.yml": "name: By its file's name\n",
        }
    )

    report = await run(app, folder)

    assert report.created == 3
    assert (await app.admin.get("/data-link-tables/c"))["name"] == "By its file's name"
    assert (await app.admin.get("/app-event-types/b"))["tenantIdFormula"] == {"$var": "$.id"}


async def test_importing_launches_nothing(app: App) -> None:
    await run(app, WORKSPACES / "cli")

    assert (await app.admin.get("/flow-runs"))["items"] == []
