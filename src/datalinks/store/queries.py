"""Loads the named SQL blocks of ``sql/*.sql``.

A file is a row of blocks: a line ``-- name: find_link :one``, comment lines that say what it promises and which index
serves it, then the statement. The word after the name says what comes back: ``:one`` row or None, ``:many`` rows, or
``:execute``, how many rows were changed. Marks may end a line:

- ``-- when :x``, ``-- unless :x``: the line is there only if the value ``x`` is given (not None), or is not;
- ``-- sqlite`` or ``-- postgres``: the line is for that engine only;
- ``-- one`` or ``-- many``: the line is there only when one set of values is asked for, or many together.

A comment ``-- together by a, b with c`` says that the query can be asked for many sets of values at once: ``a``, ``b`` and
``c`` are arrays then (JSON arrays for SQLite), what else it takes is the same for all, and each row says by its columns
``a`` and ``b`` which set it answers. An engine's mark at its end says that only that engine can. A comment
``-- takes long`` says that nobody else must wait for the query inside the process.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Dialect = Literal["sqlite", "postgres"]
Form = Literal["one", "many"]

_NAME = re.compile(r"^-- name: (\w+) :(one|many|execute)$")
_TOGETHER = re.compile(r"^-- together by ([\w, ]+?)(?: with ([\w, ]+?))?(?: -- (sqlite|postgres))?$")
_MARK = re.compile(r"\s*-- (?:(when|unless) :(\w+)|(sqlite|postgres)|(one|many))$")
_Texts = dict[tuple[str, str, tuple[bool, ...]], str]


@dataclass(frozen=True, slots=True)
class Together:
    """How a query answers many sets of values. by: what tells them apart, also in its rows. others: further arrays."""

    by: tuple[str, ...]
    others: tuple[str, ...]
    dialect: str | None

    @property
    def arrays(self) -> tuple[str, ...]:
        """The values that are arrays."""
        return self.by + self.others

    def shared_out(
        self, rows: Iterable[Mapping[str, Any]], sets: Sequence[Mapping[str, Any]]
    ) -> list[Sequence[Mapping[str, Any]]]:
        """The rows that answer each set of values, in the order of the sets."""
        answers: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
        for row in rows:
            answers.setdefault(tuple([row[name] for name in self.by]), []).append(row)
        return [answers.get(tuple([each[name] for name in self.by]), ()) for each in sets]


@dataclass(frozen=True, slots=True)
class Query:
    """One named statement. Its text depends on the engine, on which optional values are given, and on its form."""

    name: str
    returns: str
    comment: str
    lines: tuple[str, ...]
    together: Together | None = None
    takes_long: bool = False
    optional: tuple[str, ...] = field(init=False)
    _texts: _Texts = field(init=False, default_factory=_Texts)

    def __post_init__(self) -> None:
        names = dict.fromkeys(mark[2] for line in self.lines for mark in _split(line)[1] if mark[2])
        object.__setattr__(self, "optional", tuple(names))

    def text(self, dialect: Dialect, values: Mapping[str, Any], form: Form = "one") -> str:
        """The statement for an engine and these values, with ``:name`` placeholders; built once for each variant."""
        given = tuple([values.get(name) is not None for name in self.optional]) if self.optional else ()
        text = self._texts.get((dialect, form, given))
        if text is None:
            present = {name for name, is_given in zip(self.optional, given, strict=True) if is_given}
            text = self._texts[dialect, form, given] = statement(self.lines, dialect, present, form)
        return text

    def joins(self, dialect: Dialect) -> bool:
        """Whether an engine can ask it for many sets of values at once."""
        return self.together is not None and self.together.dialect in (None, dialect)


def statement(lines: Sequence[str], dialect: Dialect, present: set[str], form: Form = "one") -> str:
    """The lines that apply to the engine, the form and the optional values that are present, without their marks."""
    kept: list[str] = []
    for line in lines:
        text, marks = _split(line)
        if all(_applies(mark, dialect, present, form) for mark in marks):
            kept.append(text)
    return "\n".join(kept).strip()


def _split(line: str) -> tuple[str, list[re.Match[str]]]:
    """A line without its marks, and the marks."""
    marks: list[re.Match[str]] = []
    while mark := _MARK.search(line):
        marks.append(mark)
        line = line[: mark.start()]
    return line, marks


def _applies(mark: re.Match[str], dialect: Dialect, present: set[str], form: Form) -> bool:
    condition, name, engine, one_or_many = mark.groups()
    if condition:
        return (name in present) == (condition == "when")
    return engine == dialect if engine else one_or_many == form


@cache
def load_queries() -> Mapping[str, Query]:
    """Every query of the package by its name; read once, as exports and counts open connections of their own.

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
    together = next((found for line in lines if (found := _TOGETHER.match(line))), None)
    takes_long = "-- takes long" in lines
    comment = [line.removeprefix("--").strip() for line in lines if line.startswith("--")]
    body = [line for line in lines if line.strip() and not line.startswith("--")]
    return Query(name[1], name[2], " ".join(comment), tuple(body), together and _parse_together(together), takes_long)


def _parse_together(found: re.Match[str]) -> Together:
    by, others, dialect = found.groups()
    return Together(_names(by), _names(others or ""), dialect)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())
