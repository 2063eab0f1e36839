"""Finds the files of elements in a folder, in the two layouts in which the reference product's tools write them.

The layout ``cli``: ``flows/<key>/<key>.yaml`` and, of an integration, ``flows/<key>/<integration>/<integration>.yaml``.
The layout ``spec``: ``flows/<key>/spec.yaml`` and ``integrations/<integration>/flows/<key>/spec.yaml``.
A file is read in either place under either name, so repositories that mix them, or were written by hand, are read too.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from datalinks.errors import BadRequest
from datalinks.workspace_files.folder import Entry, Folder
from datalinks.workspace_files.kinds import FOREIGN_BY_FOLDER, INTEGRATIONS, KINDS_BY_FOLDER, FileKind

Parts: TypeAlias = tuple[str, ...]

SPEC = "spec"
# The folder that the reference command line works in, in a repository.
_MEMBRANE = "membrane"
_ENDINGS = (".yaml", ".yml", ".json")
# Holds secrets, and no element.
_CONFIGURATION = frozenset({"membrane.config.yml", "membrane.config.yaml"})
_MAX_FILES = 20_000
_MAX_LEVELS = 20
_LINK = "A symbolic link is not followed: put the file itself here."


@dataclass(frozen=True, slots=True)
class Found:
    """A file of an element. name: what its folder or, without one, the file is called. integration: the folder of its own."""

    path: Parts
    kind: FileKind
    name: str
    integration: str | None = None

    @property
    def is_spec(self) -> bool:
        """Whether it stands in the layout ``spec``."""
        return _stem(self.path[-1]) == SPEC != self.name


@dataclass(frozen=True, slots=True)
class Left:
    """A file, or a folder, that says nothing to this server, and why."""

    path: Parts
    message: str


@dataclass(slots=True)
class Scan:
    """What is in a folder. root: the folder in it that the elements are in, usually none."""

    root: Parts = ()
    found: list[Found] = field(default_factory=list[Found])
    left: list[Left] = field(default_factory=list[Left])


def scan(folder: Folder) -> Scan:
    """Every file of an element in a folder, in the order of their paths, and what was not understood.

    Raises:
        BadRequest: a folder cannot be read, or there are too many files.
    """
    entries = folder.entries()
    root = (_MEMBRANE,) if _is_around(entries) else ()
    result = Scan(root)
    for each in _Scanner(folder).top(root):
        if isinstance(each, Found):
            result.found.append(each)
        else:
            result.left.append(each)
        if len(result.found) + len(result.left) > _MAX_FILES:
            raise BadRequest(f"There are more than {_MAX_FILES:,} files: name the folder that the elements are in.")
    return result


def _is_around(entries: list[Entry]) -> bool:
    folders = {entry.name for entry in entries if entry.kind == "folder"}
    return _MEMBRANE in folders and not folders & {*KINDS_BY_FOLDER, *FOREIGN_BY_FOLDER}


class _Scanner:
    """One walk through a folder; every step says what it has found."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def top(self, root: Parts) -> Iterator[Found | Left]:
        """The folders of the kinds."""
        for entry in self._folder.entries(root):
            path = (*root, entry.name)
            if entry.name.startswith(".") or entry.name in _CONFIGURATION:
                continue
            if entry.kind == "folder" and (kind := KINDS_BY_FOLDER.get(entry.name)):
                yield from self._kind(path, kind)
            elif entry.kind == "folder" and (noun := FOREIGN_BY_FOLDER.get(entry.name)):
                yield from self._foreign(path, noun)
            else:
                yield from _left(path, entry, "It is in no folder of elements.")

    def _kind(self, path: Parts, kind: FileKind, integration: str | None = None) -> Iterator[Found | Left]:
        """The elements of one kind."""
        for entry in self._folder.entries(path):
            inner = (*path, entry.name)
            if entry.kind == "file" and _is_document(entry):
                yield Found(inner, kind, _stem(entry.name), integration)
            elif entry.kind == "folder":
                yield from self._element(inner, kind, integration)
            else:
                yield from _left(inner, entry, "")

    def _element(self, path: Parts, kind: FileKind, integration: str | None) -> Iterator[Found | Left]:
        """The folder of one element."""
        name = path[-1]
        for entry in self._folder.entries(path):
            inner = (*path, entry.name)
            if entry.kind == "file" and _is_document(entry) and _stem(entry.name) in (name, SPEC):
                yield Found(inner, kind, name, integration)
            elif entry.kind == "folder" and kind is INTEGRATIONS:
                yield from self._of_integration(inner, name, entry)
            elif entry.kind == "folder" and kind.is_layered and integration is None:
                yield from self._layer(inner, kind, name)
            else:
                yield from _left(inner, entry, f"Its folder's element is in {name}.yaml or {SPEC}.yaml.")

    def _of_integration(self, path: Parts, integration: str, entry: Entry) -> Iterator[Found | Left]:
        """A folder in an integration's: elements of its own."""
        kind = KINDS_BY_FOLDER.get(entry.name)
        if kind is not None and kind.is_layered:
            yield from self._kind(path, kind, integration)
        elif noun := FOREIGN_BY_FOLDER.get(entry.name):
            yield from self._foreign(path, noun)
        else:
            yield from _left(path, entry, "Integrations have no elements of this kind of their own.")

    def _layer(self, path: Parts, kind: FileKind, name: str) -> Iterator[Found | Left]:
        """A folder in a universal element's: that of an integration."""
        integration = path[-1]
        for entry in self._folder.entries(path):
            inner = (*path, entry.name)
            if entry.kind == "file" and _is_document(entry) and _stem(entry.name) in (integration, SPEC):
                yield Found(inner, kind, name, integration)
            else:
                yield from _left(inner, entry, f"Its folder's element is in {integration}.yaml or {SPEC}.yaml.")

    def _foreign(self, path: Parts, noun: str) -> Iterator[Left]:
        """Every file of a kind of elements that this server does not have."""
        if len(path) > _MAX_LEVELS:
            yield Left(path, f"It is more than {_MAX_LEVELS} folders deep.")
            return
        for entry in self._folder.entries(path):
            inner = (*path, entry.name)
            if entry.kind == "folder":
                yield from self._foreign(inner, noun)
            else:
                yield from _left(inner, entry, f"This server has no {noun}.")


def _left(path: Parts, entry: Entry, message: str) -> Iterator[Left]:
    """What is said of something else: nothing of files that could be no element."""
    if entry.kind == "link":
        yield Left(path, _LINK)
    elif entry.kind == "folder" or (entry.kind == "file" and _is_document(entry)):
        yield Left(path, message)


def _is_document(entry: Entry) -> bool:
    return entry.name.endswith(_ENDINGS)


def _stem(name: str) -> str:
    return name[: -len(next((ending for ending in _ENDINGS if name.endswith(ending)), ""))]
