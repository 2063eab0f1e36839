"""Reads every file of a folder before anything is written, so that all that is broken is told at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from datalinks.errors import BadRequest
from datalinks.workspace_files.elements import WrittenElement, understand
from datalinks.workspace_files.folder import Folder
from datalinks.workspace_files.report import FileReport, Note
from datalinks.workspace_files.scanning import Found, Scan
from datalinks.workspace_files.yaml_reading import read_yaml

_SHOWN_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class ReadFiles:
    """What the files of a folder say. left: those that say nothing to import."""

    elements: list[WrittenElement]
    left: list[FileReport]


def read_elements(folder: Folder, scanned: Scan) -> ReadFiles:
    """Read every file.

    Raises:
        BadRequest: one is broken, or there is none.
    """
    if not scanned.found:
        raise BadRequest(
            f"There is no file of an element in {str(folder.path)!r}: name the folder that has folders like flows/."
        )
    read = ReadFiles([], [])
    problems: list[dict[str, Any]] = []
    for found in scanned.found:
        try:
            _read(folder, found, read)
        except BadRequest as error:
            problems.append({"file": "/".join(found.path), **error.data, "message": error.message})
    problems += _twice(read.elements)
    if problems:
        raise _broken(problems)
    return read


def _read(folder: Folder, found: Found, read: ReadFiles) -> None:
    document = read_yaml(folder.read(found.path))
    element = Note(message="The file is empty.") if document is None else understand(found, document)
    if isinstance(element, Note):
        read.left.append(FileReport(file="/".join(found.path), action="left", notes=[element]))
    else:
        read.elements.append(element)


def _twice(elements: Iterable[WrittenElement]) -> list[dict[str, Any]]:
    """The files that say what another file says already."""
    first: dict[tuple[Any, ...], WrittenElement] = {}
    problems: list[dict[str, Any]] = []
    for element in elements:
        of = element.found.integration or next(iter(element.integrations), None) if element.kind.is_layered else None
        before = first.setdefault((element.kind.folder, of, element.key), element)
        if before is not element:
            message = f"The {element.kind.noun} {element.key!r} is in {before.file} already: take one of the files out."
            problems.append({"file": element.file, "line": 1, "column": 1, "message": message})
    return problems


def _broken(problems: list[dict[str, Any]]) -> BadRequest:
    lines = [f"{each['file']}:{each.get('line', 1)}:{each.get('column', 1)}: {each['message']}" for each in problems]
    more = len(lines) - _SHOWN_PROBLEMS
    shown = "\n".join([*lines[:_SHOWN_PROBLEMS], *([f"and {more} more."] if more > 0 else [])])
    return BadRequest(f"Nothing was imported, as files are broken:\n{shown}", {"problems": problems})
