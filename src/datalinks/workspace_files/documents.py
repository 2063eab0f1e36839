"""What a file says, and where in the file it says it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from datalinks.errors import BadRequest
from datalinks.model.record import Json

Path: TypeAlias = tuple[str | int, ...]

_SIMPLE = re.compile(r"[A-Za-z_$][\w$-]*", re.ASCII)
_STEP = re.compile(r"\.([\w$-]+)|\[(\d+)\]", re.ASCII)


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a text; both count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Document:
    """A value with the position of each of its parts, by paths."""

    value: Json
    positions: Mapping[Path, Position]

    def position(self, path: Path) -> Position:
        """Where a part stands, or what it is inside of if it is not there itself."""
        while path not in self.positions and path:
            path = path[:-1]
        return self.positions[path]


def refused(message: str, position: Position) -> BadRequest:
    """The error for a file that says something wrong at a place."""
    return BadRequest(message, {"line": position.line, "column": position.column})


def path_text(path: Path) -> str:
    """A path as messages show it, e.g. ``$.nodes["a b"].links[0]``."""
    return "$" + "".join(_step_text(step) for step in path)


def parse_path(text: str) -> Path:
    """The path that begins a text like ``$.nodes[...].links[0]``, as far as it names its steps."""
    steps: list[str | int] = []
    position = 1
    while found := _STEP.match(text, position):
        key, index = found.groups()
        steps.append(key if index is None else int(index))
        position = found.end()
    return tuple(steps)


def _step_text(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    shown = step if len(step) <= 100 else f"{step[:100]}..."  # noqa: PLR2004 - as much as a line has room for
    return f".{shown}" if _SIMPLE.fullmatch(shown) else f'["{shown}"]'
