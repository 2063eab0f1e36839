"""Understands what a file says of an element: the part that this server knows, and what is left out of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from datalinks.formulas.values import is_array, is_object
from datalinks.model.element import ElementDraft
from datalinks.model.flow import FlowNode, NodeLink
from datalinks.model.record import Json, JsonObject
from datalinks.workspace_files.documents import Document, Path, parse_path, path_text, refused
from datalinks.workspace_files.kinds import FLOWS, INTEGRATIONS, FileKind
from datalinks.workspace_files.report import Note
from datalinks.workspace_files.scanning import Found

_NODE = frozenset(field.encode_name for field in msgspec.structs.fields(FlowNode))
_NODE_OF_SERVER = frozenset({"state", "errors", "isCustomized", "dependencies", "key"})
_LINK = frozenset(field.encode_name for field in msgspec.structs.fields(NodeLink))
_PARENTS = ("parentUuid", "parentId", "universalFlowId", "parentKey")
_INTEGRATIONS = ("integrationKey", "integrationUuid", "integrationId")


@dataclass(frozen=True, slots=True)
class WrittenElement:
    """What a file says of an element.

    draft: what is written; properties that are not UNSET are said. key: always there. id: of the server that the file is from.
    integrations: what names the integration whose own it is, best first. parents: the same of the flow that it follows.
    follows: the file says that it is not customised, so the flow that it follows says what it is.
    """

    found: Found
    key: str
    id: str | None
    draft: ElementDraft
    integrations: tuple[str, ...]
    parents: tuple[str, ...]
    follows: bool
    notes: list[Note]

    @property
    def kind(self) -> FileKind:
        """The kind of element."""
        return self.found.kind

    @property
    def file(self) -> str:
        """The file as messages show it."""
        return "/".join(self.found.path)

    @property
    def uuid(self) -> str | None:
        """The uuid that the file gives."""
        return str(self.draft.uuid) if self.draft.uuid else None


def understand(found: Found, document: Document) -> WrittenElement | Note:
    """The element in a file; a note if it is none to import.

    Raises:
        BadRequest: it is no element, or a value is not allowed. ``data`` has ``line`` and ``column``.
    """
    value = document.value
    if not is_object(value):
        raise refused(f"The file of a {found.kind.noun} is an object: key: value.", document.position(()))
    if value.get("archivedAt") is not None:
        return Note(path="$.archivedAt", message=f"The {found.kind.noun} is archived: it is left out.")
    given = {name: value[name] for name in found.kind.properties if name in value}
    notes = [*_notes(found.kind, document, value), *_without_connector(found.kind, given)]
    parents = _texts(value, _PARENTS) if found.kind is FLOWS else ()
    if given.get("key") is None:
        given["key"] = found.name
    own = value.get("integration")
    named = _texts(own, ("key", "uuid", "id")) if is_object(own) else ()
    return WrittenElement(
        found=found,
        key=given["key"],
        id=_text(value, "id"),
        draft=_draft(found.kind, given, document),
        integrations=(*_texts(value, _INTEGRATIONS[:2]), *named, *_texts(value, _INTEGRATIONS[2:])),
        parents=parents,
        follows=bool(parents) and _is_said_to_follow(value),
        notes=notes,
    )


def _draft(kind: FileKind, given: JsonObject, document: Document) -> ElementDraft:
    try:
        return msgspec.convert(given, kind.draft)
    except msgspec.ValidationError as error:
        message, _, where = str(error).partition(" - at `")
        path = parse_path(where.rstrip("`") or "$")
        hint = " (put a number or a word like true in quotes if it is a text)" if "Expected `str" in message else ""
        raise refused(f"{where.rstrip('`') or '$'}: {message}{hint}.", document.position(path)) from error


def _is_said_to_follow(value: JsonObject) -> bool:
    said = [value[name] for name in ("customized", "isCustomized") if value.get(name) is not None]
    return bool(said) and not any(any(each.values()) if is_object(each) else each for each in said)


def _notes(kind: FileKind, document: Document, value: JsonObject) -> Iterator[Note]:
    """What of a file is nothing that this server has."""
    for path, owner in _unknown(kind, value):
        yield Note(
            path=path_text(path),
            line=document.position(path).line,
            message=f"Not a property of {owner} here: it is left out.",
        )


def _unknown(kind: FileKind, value: JsonObject) -> Iterator[tuple[Path, str]]:
    known = {*kind.properties, *kind.of_server}
    yield from (((name,), f"the {kind.noun}") for name in value if name not in known)
    if kind is FLOWS:
        for key, node in _object(value.get("nodes")).items():
            yield from _unknown_of_node(("nodes", key), _object(node))


def _unknown_of_node(path: Path, node: JsonObject) -> Iterator[tuple[Path, str]]:
    yield from (((*path, name), "the node") for name in node if name not in _NODE | _NODE_OF_SERVER)
    links = node.get("links")
    for index, link in enumerate(links if is_array(links) else []):
        yield from (((*path, "links", index, name), "the link") for name in _object(link) if name not in _LINK)


def _without_connector(kind: FileKind, given: JsonObject) -> Iterator[Note]:
    """Take out where the reference product keeps a connector, which stands in the place of an address."""
    uri = given.get("baseUri")
    if kind is INTEGRATIONS and isinstance(uri, str) and uri.startswith("s3:"):
        del given["baseUri"]
        yield Note(
            path="$.baseUri", message="It names a connector and no API, and there are no connectors: it is left out."
        )


def _object(value: Json) -> JsonObject:
    return value if is_object(value) else {}


def _text(value: JsonObject, name: str) -> str | None:
    found: Any = value.get(name)
    return found if isinstance(found, str) and found else None


def _texts(value: JsonObject, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(text for name in names if (text := _text(value, name)))
