"""Writes the elements of a workspace into a folder, one file each, the same bytes for the same elements.

Secrets, ids and whatever else belongs to one server are left out, so that the files can be imported anywhere. A flow of an
integration says only what is not as the universal flow that it follows has it.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

import msgspec

from datalinks.errors import BadRequest
from datalinks.model.flow import Flow
from datalinks.model.record import JsonObject
from datalinks.services.caller import Caller
from datalinks.services.flow_layers import is_same
from datalinks.services.services import Services
from datalinks.store.flows import FOLLOWED
from datalinks.workspace_files.catalog import Catalog, read_catalog
from datalinks.workspace_files.folder import Folder
from datalinks.workspace_files.kinds import APP_EVENT_TYPES, FLOWS, INTEGRATIONS, TABLES, FileKind
from datalinks.workspace_files.report import ExportReport
from datalinks.workspace_files.scanning import SPEC, Parts, Scan, scan
from datalinks.workspace_files.yaml_writing import write_yaml

Layout: TypeAlias = Literal["cli", "spec"]


@dataclass(frozen=True, slots=True)
class _File:
    """A file to be. integration: the key of the one whose element it is."""

    kind: FileKind
    key: str
    value: JsonObject
    integration: str | None = None


async def export_folder(
    services: Services, caller: Caller, folder: Folder, layout: Layout | None = None
) -> ExportReport:
    """Write every live element of the workspace; files that are as they should be are not touched, others are left alone.

    layout: where new files go; where the folder has most of its files when it is None, in the layout ``cli`` if it has none.
        A file that is there already is written where it is.

    Raises:
        AccessDenied: the caller is a customer. BadRequest: a file cannot be written. Files before it are there then.
    """
    caller.require_admin("Exporting files")
    # As they are at one moment.
    async with services.database.one_transaction():
        catalog = await read_catalog(services, caller)
    scanned = scan(folder)
    targets = _targets(list(_files(catalog)), scanned, layout or _layout_of(scanned))
    report = ExportReport(created=[], changed=[], unchanged=[], stale=[])
    for path in targets:
        _check_place(folder, path)
    for path, value in targets.items():
        _put(folder, path, value, report)
    report.stale.extend("/".join(found.path) for found in scanned.found if found.path not in targets)
    return report


def _files(catalog: Catalog) -> Iterator[_File]:
    yield from (_File(INTEGRATIONS, each.key, INTEGRATIONS.exported(each)) for each in catalog.integrations)
    yield from (_File(TABLES, each.key, TABLES.exported(each)) for each in catalog.tables)
    yield from (_File(APP_EVENT_TYPES, each.key, APP_EVENT_TYPES.exported(each)) for each in catalog.app_event_types)
    keys = {each.id: each.key for each in catalog.integrations}
    flows = {each.id: each for each in catalog.flows}
    for flow in catalog.flows:
        universal = flows.get(flow.universal_flow_id or "")
        value = FLOWS.exported(flow) if universal is None else _following(flow, universal)
        if flow.integration_id is None:
            yield _File(FLOWS, flow.key, value)
        elif flow.integration_id in keys:
            yield _File(FLOWS, flow.key, value, keys[flow.integration_id])


def _following(flow: Flow, universal: Flow) -> JsonObject:
    """What a file says of an integration's flow that follows a universal one."""
    fields = FLOWS.fields()
    written = FLOWS.exported(flow)
    for name, field in fields.items():
        # A name that is left out stays as it is, so it is always said.
        if field != "name" and field in FOLLOWED and is_same(getattr(flow, field), getattr(universal, field)):
            written.pop(name, None)
    first = {name: written.pop(name) for name in ("key", "name", "uuid") if name in written}
    return {**first, "parentUuid": universal.uuid, **written}


def _layout_of(scanned: Scan) -> Layout:
    """The layout that most of the files are in."""
    specs = sum(found.is_spec for found in scanned.found)
    return "spec" if 2 * specs > len(scanned.found) else "cli"


def _targets(files: list[_File], scanned: Scan, layout: Layout) -> dict[Parts, JsonObject]:
    """What is written where, in the order of paths.

    Raises:
        BadRequest: two files would be one.
    """
    there = _there(scanned)
    targets: dict[Parts, JsonObject] = {}
    seen: dict[str, Parts] = {}
    for file in files:
        path = there.get((file.kind.folder, file.integration, file.key)) or (*scanned.root, *_path(file, layout))
        folded = unicodedata.normalize("NFC", "/".join(path)).casefold()
        if folded in seen:
            raise BadRequest(
                f"{'/'.join(path)} and {'/'.join(seen[folded])} are one file on some systems: change one of the keys."
            )
        seen[folded] = path
        targets[path] = file.value
    return dict(sorted(targets.items()))


def _there(scanned: Scan) -> dict[tuple[str, str | None, str], Parts]:
    """The files that are there, by what they are about as their folders say.

    Raises:
        BadRequest: two are about the same.
    """
    there: dict[tuple[str, str | None, str], Parts] = {}
    for found in scanned.found:
        about = (found.kind.folder, found.integration, found.name)
        if about in there:
            raise BadRequest(f"{'/'.join(found.path)} and {'/'.join(there[about])} are about the same: take one out.")
        there[about] = found.path
    return there


def _path(file: _File, layout: Layout) -> Parts:
    name = f"{SPEC}.yaml" if layout == "spec" else f"{file.integration or file.key}.yaml"
    if file.integration is None:
        return (file.kind.folder, file.key, name)
    if layout == "spec":
        return (INTEGRATIONS.folder, file.integration, file.kind.folder, file.key, name)
    return (file.kind.folder, file.key, file.integration, name)


def _check_place(folder: Folder, path: Parts) -> None:
    """Make sure that nothing else is in the place of a file or of a folder around it."""
    for length in range(1, len(path) + 1):
        there = folder.find(path[:length])
        if there is None:
            return
        if there.kind != ("file" if length == len(path) else "folder"):
            raise BadRequest(f"{'/'.join(path[:length])} is a {there.kind} and in the way: move it.")


def _put(folder: Folder, path: Parts, value: JsonObject, report: ExportReport) -> None:
    content = _written(path, value)
    shown = "/".join(path)
    if folder.find(path) is None:
        report.created.append(shown)
    elif folder.read(path) == content:
        report.unchanged.append(shown)
        return
    else:
        report.changed.append(shown)
    folder.write(path, content)


def _written(path: Parts, value: JsonObject) -> bytes:
    if path[-1].endswith(".json"):
        return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"
    return write_yaml(value).encode()
