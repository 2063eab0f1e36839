"""Exports are read by imports, are the same bytes for the same elements, and hold no secrets."""

import shutil
from pathlib import Path
from typing import Any, Literal

import pytest

from datalinks.errors import BadRequest
from datalinks.services.caller import Caller
from datalinks.workspace_files.exporting import export_folder
from datalinks.workspace_files.folder import Folder, make_folder
from datalinks.workspace_files.importing import import_folder
from datalinks.workspace_files.report import ExportReport
from support.app import App

WORKSPACES = Path(__file__).parent / "workspaces"


async def caller_of(app: App, key: str | None = None) -> Caller:
    return app.services.workspaces.operator(await app.services.workspaces.get_only(key or app.key))


async def load(app: App, path: Path, key: str | None = None) -> Any:
    with Folder(path) as folder:
        return await import_folder(app.services, await caller_of(app, key), folder)


async def save(
    app: App, path: Path, key: str | None = None, layout: Literal["cli", "spec"] | None = None
) -> ExportReport:
    make_folder(path)
    with Folder(path) as folder:
        return await export_folder(app.services, await caller_of(app, key), folder, layout)


def files(path: Path) -> dict[str, str]:
    return {str(each.relative_to(path)): each.read_text() for each in sorted(path.rglob("*")) if each.is_file()}


@pytest.mark.parametrize("layout", ["cli", "spec"])
@pytest.mark.parametrize("workspace", ["cli", "spec"])
async def test_export_import_export_gives_the_same_bytes(
    app: App, tmp_path: Path, workspace: str, layout: Literal["cli", "spec"]
) -> None:
    await load(app, WORKSPACES / workspace)
    second = await app.services.workspaces.create("Second")
    await save(app, tmp_path / "one", layout=layout)

    await load(app, tmp_path / "one", second.key)
    await save(app, tmp_path / "two", second.key, layout=layout)

    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert len(files(tmp_path / "one")) == len(list((WORKSPACES / workspace).rglob("*.yaml"))) - 2


async def test_both_layouts_have_the_folders_of_the_tools(app: App, tmp_path: Path) -> None:
    await load(app, WORKSPACES / "spec")
    await save(app, tmp_path / "cli", layout="cli")
    await save(app, tmp_path / "spec", layout="spec")

    assert list(files(tmp_path / "cli")) == [
        "data-link-tables/invoices/invoices.yaml",
        "flows/nightly/nightly.yaml",
        "flows/receive-invoices/billing/billing.yaml",
        "flows/receive-invoices/receive-invoices.yaml",
        "integrations/billing/billing.yaml",
    ]
    assert list(files(tmp_path / "spec")) == [
        "data-link-tables/invoices/spec.yaml",
        "flows/nightly/spec.yaml",
        "flows/receive-invoices/spec.yaml",
        "integrations/billing/flows/receive-invoices/spec.yaml",
        "integrations/billing/spec.yaml",
    ]


async def test_a_flow_that_follows_says_only_what_is_its_own(app: App, tmp_path: Path) -> None:
    await load(app, WORKSPACES / "cli")
    universal = await app.admin.get("/flows/import-people")
    own = await app.admin.get("/flows/crm.import-people")

    await save(app, tmp_path)

    assert (tmp_path / "flows/import-people/crm/crm.yaml").read_text() in (
        f"key: import-people\nname: Import people\nuuid: {mark}{own['uuid']}{mark}\nparentUuid: {other}{universal['uuid']}{other}\n"
        for mark in ("", "'")
        for other in ("", "'")
    )


async def test_secrets_and_what_belongs_to_a_server_stay(app: App, tmp_path: Path) -> None:
    await app.admin.post(
        "/integrations",
        {
            "key": "crm",
            "parameters": {"apiKey": "SECRET-1"},
            "baseUri": "https://crm.example.com",
            "auth": {"type": "api-key", "name": "X-Key", "value": "SECRET-2"},
        },
    )
    made = await app.admin.post("/app-event-types", {"key": "changed"})

    await save(app, tmp_path / "out")

    text = "".join(files(tmp_path / "out").values())
    assert "SECRET" not in text
    assert made["webhookKey"] not in text
    assert made["id"] not in text
    assert "name: X-Key" in text


async def test_an_export_writes_over_files_where_they_are(app: App, tmp_path: Path) -> None:
    shutil.copytree(WORKSPACES / "spec", tmp_path / "spec")
    await load(app, tmp_path / "spec")
    await app.admin.post("/data-link-tables", {"key": "new"})
    (tmp_path / "spec" / "README.md").write_text("mine")

    first = await save(app, tmp_path / "spec")
    second = await save(app, tmp_path / "spec")

    assert first.created == ["data-link-tables/new/spec.yaml"]
    assert len(first.changed) == 5
    assert (second.created, second.changed, len(second.unchanged)) == ([], [], 6)
    assert (tmp_path / "spec" / "README.md").read_text() == "mine"
    assert (tmp_path / "spec/packages/billing/spec.yaml").read_text() == "key: billing\n"


async def test_files_of_elements_that_are_gone_are_named_and_left(app: App, tmp_path: Path) -> None:
    await load(app, WORKSPACES / "cli")
    await save(app, tmp_path)
    await app.admin.delete("/flows/remind")

    report = await save(app, tmp_path)

    assert report.stale == ["flows/remind/remind.yaml"]
    assert (tmp_path / "flows/remind/remind.yaml").exists()


async def test_a_json_file_stays_json(app: App, tmp_path: Path) -> None:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows/a.json").write_text('{"key": "a"}')
    await load(app, tmp_path)

    await save(app, tmp_path)
    again = await load(app, tmp_path)

    assert (tmp_path / "flows/a.json").read_text().startswith('{\n  "key": "a",')
    assert again.unchanged == 1


@pytest.mark.parametrize("place", ["flows", "flows/a", "flows/a/a.yaml"])
async def test_links_in_the_way_are_refused_and_nothing_is_written(app: App, tmp_path: Path, place: str) -> None:
    await app.admin.post("/flows", {"key": "a"})
    await app.admin.post("/data-link-tables", {"key": "b"})
    outside = tmp_path / "outside"
    outside.mkdir()
    link = tmp_path / "elements" / place
    link.parent.mkdir(parents=True)
    link.symlink_to(outside if not place.endswith("yaml") else outside / "a.yaml")

    with pytest.raises(BadRequest, match="link and in the way"):
        await save(app, tmp_path / "elements")

    assert list(outside.iterdir()) == []
    assert not (tmp_path / "elements" / "data-link-tables").exists()


async def test_keys_that_some_systems_cannot_tell_apart_are_refused(app: App, tmp_path: Path) -> None:
    await app.admin.post("/data-link-tables", {"key": "Users"})
    await app.admin.post("/data-link-tables", {"key": "users"})

    with pytest.raises(BadRequest, match="one file on some systems"):
        await save(app, tmp_path)


async def test_keys_of_every_kind_are_files_in_the_folder(app: App, tmp_path: Path) -> None:
    keys = ["..a", "a b", "ключ", "-x", ".hidden", "spec", "a:b", "no"]
    for key in keys:
        await app.admin.post("/data-link-tables", {"key": key})

    await save(app, tmp_path / "one")
    report = await load(app, tmp_path / "one")

    assert report.unchanged == len(keys)
    assert sorted(each.name for each in (tmp_path / "one" / "data-link-tables").iterdir()) == sorted(keys)
