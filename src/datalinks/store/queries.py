"""Loads the named SQL blocks of ``sql/*.sql``.

A file is a row of blocks: a line ``-- name: find_link :one``, comment lines that say what it promises and which index
serves it, then the statement. The word after the name says what comes back: ``:one`` row or None, ``:many`` rows, or
``:execute``, how many rows were changed. Two marks may end a line:

- ``-- when :x``: the line is there only if the value ``x`` is given (not None);
- ``-- sqlite`` or ``-- postgres``: the line is for that engine only.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any, Literal

Dialect = Literal["sqlite", "postgres"]

_NAME = re.compile(r"^-- name: (\w+) :(one|many|execute)$")
_WHEN = re.compile(r"\s*-- when :(\w+)$")
_DIALECT = re.compile(r"\s*-- (sqlite|postgres)$")


@dataclass(frozen=True, slots=True)
class Query:
    """One named statement. Its text depends on the engine and on which optional values are given."""

    name: str
    returns: str
    comment: str
    lines: tuple[str, ...]
    optional: tuple[str, ...] = field(init=False)
    _texts: dict[tuple[str, tuple[bool, ...]], str] = field(
        init=False, default_factory=dict[tuple[str, tuple[bool, ...]], str]
    )

    def __post_init__(self) -> None:
        names = dict.fromkeys(found[1] for line in self.lines if (found := _WHEN.search(line)))
        object.__setattr__(self, "optional", tuple(names))

    def text(self, dialect: Dialect, values: Mapping[str, Any]) -> str:
        """The statement for an engine and these values, with ``:name`` placeholders; built once for each form."""
        given = tuple(values.get(name) is not None for name in self.optional)
        text = self._texts.get((dialect, given))
        if text is None:
            present = {name for name, is_given in zip(self.optional, given, strict=True) if is_given}
            text = self._texts[dialect, given] = statement(self.lines, dialect, present)
        return text


def statement(lines: tuple[str, ...], dialect: Dialect, present: set[str]) -> str:
    """The lines that apply to the engine and to the optional values that are present, without their marks."""
    kept: list[str] = []
    for line in lines:
        when, engine = _WHEN.search(line), _DIALECT.search(line)
        if (when and when[1] not in present) or (engine and engine[1] != dialect):
            continue
        kept.append(_DIALECT.sub("", _WHEN.sub("", line)))
    return "\n".join(kept).strip()


def load_queries() -> Mapping[str, Query]:
    """Every query of the package by its name.

    Raises:
        ValueError: two blocks share a name, or a file begins without one.
    """
    queries: dict[str, Query] = {}
    for file in sorted(files("datalinks.store").joinpath("sql").iterdir(), key=lambda file: file.name):
        if file.name.endswith(".sql"):
            for query in parse(file.read_text("utf-8")):
                if query.name in queries:
                    raise ValueError(f"{file.name}: the query {query.name} exists twice")
                queries[query.name] = query
    return queries


def parse(text: str) -> list[Query]:
    """The blocks of one file, in their order.

    Raises:
        ValueError: something stands before the first name.
    """
    before, *blocks = re.split(r"(?m)^(?=-- name: )", text)
    if before.strip():
        raise ValueError(f"a block without a name: {before.strip()[:60]}")
    return [_parse_block(block) for block in blocks]


def _parse_block(block: str) -> Query:
    head, *lines = block.strip().splitlines()
    name = _NAME.match(head)
    if name is None:
        raise ValueError(f"not a name line: {head}")
    comment = [line.removeprefix("--").strip() for line in lines if line.startswith("--")]
    body = [line for line in lines if line.strip() and not line.startswith("--")]
    return Query(name[1], name[2], " ".join(comment), tuple(body))
