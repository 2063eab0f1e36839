"""Makes the elements of a workspace what a folder of files says of them, all of it or nothing.

Files are read and checked first; then everything is written in one transaction. A data link table, a type of events or a flow
becomes what its file says, and what the file leaves out is emptied. An integration keeps what its file leaves out, as files
need not hold how it is authenticated. What no file speaks of stays as it is.
"""

from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import msgspec
from msgspec import UNSET

from datalinks.errors import DataLinksError, NotFound
from datalinks.model.element import ElementDraft
from datalinks.model.flow import Flow
from datalinks.model.integration import Integration
from datalinks.model.record import JsonObject
from datalinks.services.caller import Caller
from datalinks.services.services import Services
from datalinks.workspace_files.catalog import Catalog, read_catalog
from datalinks.workspace_files.changes import changed_properties, overruled_properties
from datalinks.workspace_files.elements import WrittenElement
from datalinks.workspace_files.folder import Folder
from datalinks.workspace_files.kinds import APP_EVENT_TYPES, FLOWS, INTEGRATIONS, TABLES, FileKind
from datalinks.workspace_files.reading import read_elements
from datalinks.workspace_files.report import FileReport, ImportReport, Note, import_report
from datalinks.workspace_files.scanning import scan


class _Undo(Exception):
    """Ends a dry run, so that nothing of it stays."""


async def import_folder(services: Services, caller: Caller, folder: Folder, *, dry_run: bool = False) -> ImportReport:
    """Create and change elements as the files of a folder say; nothing is executed.

    An element is the live one with the file's uuid or else its key. dry_run: say what would be done, and undo it.

    Raises:
        AccessDenied: the caller is a customer.
        BadRequest: a file is broken, or there is none; ``data["problems"]`` has every broken file with its line and column.
        AlreadyExists, NotFound, BadRequest: an element cannot be written as its file says.
    """
    caller.require_admin("Importing files")
    scanned = scan(folder)
    read = read_elements(folder, scanned)
    files = [_left("/".join(left.path), left.message) for left in scanned.left] + read.left
    with suppress(_Undo):
        async with services.database.one_transaction():
            work = _Work(services, caller, read.elements, await read_catalog(services, caller))
            files += [await work.write(element) for element in work.in_order()]
            files = [await work.with_problems(each) for each in files]
            if dry_run:
                raise _Undo
    return import_report(sorted(files, key=lambda each: each.file), dry_run=dry_run)


def _left(file: str, message: str) -> FileReport:
    return FileReport(file=file, action="left", notes=[Note(message=message)])


class _Known:
    """The live elements of one kind and layer, by what files name them by."""

    def __init__(self, elements: list[Any]) -> None:
        self.by_key: dict[str, Any] = {each.key: each for each in elements}
        self.by_uuid: dict[str, Any] = {each.uuid: each for each in elements}
        self.by_id: dict[str, Any] = {each.id: each for each in elements}

    def find(self, selector: str) -> Any:
        """The element with this id, uuid or key, or None."""
        return self.by_id.get(selector) or self.by_uuid.get(selector.lower()) or self.by_key.get(selector)

    def match(self, element: WrittenElement) -> Any:
        """The element that a file is about, or None: by uuid, else by key."""
        found = self.by_uuid.get(element.uuid) if element.uuid else None
        return found or self.by_key.get(element.key)

    def keep(self, made: Any, before: Any) -> None:
        """Know an element as it has become."""
        if before is not None:
            self.by_key.pop(before.key, None)
        self.by_key[made.key] = self.by_uuid[made.uuid] = self.by_id[made.id] = made


@dataclass(slots=True)
class _Wanted:
    """What one file wants. draft: what is written. integration, universal: of a flow. current: the element, if it is there."""

    draft: ElementDraft
    current: Any = None
    integration: Integration | None = None
    universal: Flow | None = None
    notes: list[Note] = field(default_factory=list[Note])


class _Work:
    """The writing of one folder's elements, inside one transaction."""

    def __init__(self, services: Services, caller: Caller, elements: list[WrittenElement], catalog: Catalog) -> None:
        self._services = services
        self._caller = caller
        self._elements = elements
        self._known = {
            INTEGRATIONS.folder: _Known(catalog.integrations),
            TABLES.folder: _Known(catalog.tables),
            APP_EVENT_TYPES.folder: _Known(catalog.app_event_types),
            FLOWS.folder: _Known([flow for flow in catalog.flows if flow.integration_id is None]),
        }
        self._own_flows = [flow for flow in catalog.flows if flow.integration_id is not None]
        self._uuids = {flow.uuid: flow.id for flow in catalog.flows}

    def in_order(self) -> list[WrittenElement]:
        """The elements, each after those that it may need."""
        order = [INTEGRATIONS, TABLES, APP_EVENT_TYPES, FLOWS]
        return sorted(self._elements, key=lambda each: (order.index(each.kind), _names_integration(each)))

    async def write(self, element: WrittenElement) -> FileReport:
        """Write what one file says.

        Raises:
            DataLinksError: it cannot be; the message begins with the file.
        """
        with _naming(element):
            if element.kind is FLOWS:
                return await self._write_flow(element)
            known = self._known[element.kind.folder]
            wanted = _Wanted(element.draft, known.match(element))
            made, changes = await self._write(element.kind, wanted)
            known.keep(made, wanted.current)
            return _report(element, wanted, changes)

    async def with_problems(self, report: FileReport) -> FileReport:
        """The report with what keeps its flow from running, once everything is written."""
        if report.kind != FLOWS.noun or report.key is None:
            return report
        flow = await self._services.flows.get(self._caller, report.key, report.integration)
        problems = [Note(path=_place(error.data or {}), message=error.message) for error in flow.errors or []]
        return msgspec.structs.replace(report, problems=problems)

    async def _write(self, kind: FileKind, wanted: _Wanted) -> tuple[Any, list[str] | None]:
        """The element as it is now, and which properties have changed; None of a new one."""
        service = self._service(kind)
        if wanted.current is None:
            return await service.create(self._caller, wanted.draft), None
        replaces = kind is not INTEGRATIONS
        changes = changed_properties(kind, wanted.draft, wanted.current, wanted.universal, replaces=replaces)
        if not changes:
            return wanted.current, []
        write = service.patch if kind is INTEGRATIONS else service.put
        return await write(self._caller, wanted.current.id, wanted.draft), changes

    def _service(self, kind: FileKind) -> Any:
        # What they have in common is their methods; each takes the drafts of its kind.
        return {
            INTEGRATIONS.folder: self._services.integrations,
            TABLES.folder: self._services.tables,
            APP_EVENT_TYPES.folder: self._services.app_event_types,
            FLOWS.folder: self._services.flows,
        }[kind.folder]

    async def _write_flow(self, element: WrittenElement) -> FileReport:
        wanted = _Wanted(element.draft, integration=self._integration(element))
        if wanted.integration is None:
            known = self._known[FLOWS.folder]
            wanted.current = known.match(element)
        else:
            own = [flow for flow in self._own_flows if flow.integration_id == wanted.integration.id]
            known = _Known(own)
            wanted.universal = self._universal(element, wanted)
            wanted.current = known.match(element) or _following(own, wanted.universal)
            self._place_flow(wanted, element)
        self._check_uuid(element, wanted)
        made, changes = await self._write(FLOWS, wanted)
        if element.follows and wanted.universal is not None and made.name != wanted.universal.name:
            # Only a name that is left out stays as it is.
            made = await self._services.flows.reset(self._caller, made.id)
            changes = None if changes is None else [*changes, "name"]
        known.keep(made, wanted.current)
        self._uuids[made.uuid] = made.id
        if wanted.integration is not None:
            self._own_flows = [*(flow for flow in self._own_flows if flow.id != made.id), made]
        return _report(element, wanted, changes)

    def _integration(self, element: WrittenElement) -> Integration | None:
        """The integration whose own flow it is.

        Raises:
            NotFound: there is none.
        """
        known = self._known[INTEGRATIONS.folder]
        folder = element.found.integration
        names = element.integrations if folder is None else (self._key_of_folder(folder), *element.integrations)
        for name in names:
            # An id of another server is that of a file.
            found = known.find(name) or known.by_key.get(self._key_of_id(INTEGRATIONS, name) or "")
            if found is not None:
                return found
        if names:
            raise NotFound(
                f"There is no integration {names[0]!r}: add integrations/{names[0]}/{names[0]}.yaml, or create it first."
            )
        return None

    def _key_of_folder(self, folder: str) -> str:
        of = [each for each in self._elements if each.kind is INTEGRATIONS and each.found.name == folder]
        return of[0].key if of else folder

    def _key_of_id(self, kind: FileKind, id: str) -> str | None:
        return next((each.key for each in self._elements if each.kind is kind and each.id == id), None)

    def _universal(self, element: WrittenElement, wanted: _Wanted) -> Flow | None:
        """The universal flow that an integration's follows."""
        if not element.parents:
            return None
        known = self._known[FLOWS.folder]
        for parent in element.parents:
            found = known.find(parent) or known.by_key.get(self._universal_key_of_id(parent) or "")
            if found is not None:
                return found
        if (found := known.by_key.get(element.key)) is not None:
            return found
        wanted.notes.append(Note(message="There is no universal flow that it follows: it stands for itself."))
        return None

    def _universal_key_of_id(self, id: str) -> str | None:
        return next(
            (
                each.key
                for each in self._elements
                if each.kind is FLOWS and each.id == id and not _names_integration(each)
            ),
            None,
        )

    def _place_flow(self, wanted: _Wanted, element: WrittenElement) -> None:
        """Say whose a new flow is, and what it follows; one that is there stays where it is."""
        universal = wanted.universal
        assert wanted.integration is not None
        if wanted.current is None:
            where: JsonObject = {"integration_id": wanted.integration.id}
            if universal is not None:
                where["parent_id"] = universal.id
            wanted.draft = msgspec.structs.replace(wanted.draft, **where)
        elif universal is not None and wanted.current.universal_flow_id != universal.id:
            message = f"The flow is there and does not follow the universal flow {universal.key!r}: that stays so."
            wanted.notes.append(Note(message=message))
            wanted.universal = None
        if element.follows and wanted.universal is not None:
            _follow(wanted, wanted.universal)

    def _check_uuid(self, element: WrittenElement, wanted: _Wanted) -> None:
        """Leave out a uuid that another flow has: layers may share theirs elsewhere, and cannot here."""
        owner = self._uuids.get(element.uuid) if element.uuid else None
        if owner is not None and (wanted.current is None or owner != wanted.current.id):
            wanted.draft = msgspec.structs.replace(wanted.draft, uuid=UNSET)
            wanted.notes.append(Note(path="$.uuid", message="Another flow has the uuid: it is left out."))


def _names_integration(element: WrittenElement) -> bool:
    return element.kind is FLOWS and (element.found.integration is not None or bool(element.integrations))


def _following(flows: list[Flow], universal: Flow | None) -> Flow | None:
    return next((flow for flow in flows if universal is not None and flow.universal_flow_id == universal.id), None)


def _follow(wanted: _Wanted, universal: Flow) -> None:
    """Leave out of a draft what is the universal flow's to say, as the reference command line does, and say if that matters."""
    others, unsaid = overruled_properties(wanted.draft, universal)
    if others:
        message = (
            f"The file says that the flow is not customised, so {', '.join(others)} of its universal flow hold: "
            "take customized out to let what the file says hold."
        )
        wanted.notes.append(Note(message=message))
    wanted.draft = msgspec.structs.replace(wanted.draft, **unsaid)


def _report(element: WrittenElement, wanted: _Wanted, changes: list[str] | None) -> FileReport:
    return FileReport(
        file=element.file,
        action="created" if changes is None else "changed" if changes else "unchanged",
        kind=element.kind.noun,
        key=element.key,
        integration=wanted.integration.key if wanted.integration else None,
        changes=changes or [],
        notes=[*element.notes, *wanted.notes],
    )


def _place(data: JsonObject) -> str:
    """A problem's place in the whole flow."""
    path = str(data.get("path", "$"))
    return f"$.nodes.{data['nodeKey']}{path[1:]}" if "nodeKey" in data else path


@contextmanager
def _naming(element: WrittenElement) -> Generator[None]:
    try:
        yield
    except DataLinksError as error:
        raise type(error)(f"{element.file}: {error.message}", error.data) from error
