"""Writes JSON as YAML that every reader of YAML reads as the same JSON, one value a line, so that changes show line by line.

Keys keep their order, as the first key of an object decides what a formula is. What some version of YAML takes for a
number, a time or a boolean stands in quotes.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from datalinks.formulas.values import is_container, is_object
from datalinks.model.record import JsonObject
from datalinks.workspace_files.scalars import scalar

_PRINTABLE = r"\x20-\x7e\xa1-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff"
_LINE = re.compile(f"[{_PRINTABLE}]*")
# Begins with what cannot begin a number, a time or a mark of YAML.
_PLAIN = re.compile(f"[A-Za-z_$/\u00c0-\u024f][{_PRINTABLE}]*")
_UNPRINTABLE = re.compile(f"[^{_PRINTABLE}]")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
# Readers give up on longer keys that stand before their colon.
_MAX_KEY = 500


def write_yaml(value: JsonObject) -> str:
    """The object as YAML, ending with a line end."""
    return "".join(f"{line}\n" for line in _members(value, 0)) if value else "{}\n"


def _members(value: JsonObject, indent: int) -> Iterator[str]:
    space = " " * indent
    for key, member in value.items():
        written = _word(key)
        if len(written) > _MAX_KEY:
            yield f"{space}? {written}"
            written = ""
        yield from _behind(f"{space}{written}:", member, indent)


def _items(value: list[Any], indent: int) -> Iterator[str]:
    space = " " * indent
    for item in value:
        if item and is_container(item):
            lines = list(_lines(item, indent + 2))
            yield f"{space}- {lines[0][indent + 2 :]}"
            yield from lines[1:]
        else:
            yield from _behind(f"{space}-", item, indent)


def _lines(value: Any, indent: int) -> Iterator[str]:
    return _members(value, indent) if is_object(value) else _items(value, indent)


def _behind(before: str, value: Any, indent: int) -> Iterator[str]:
    """A value behind its key or its dash."""
    if value and is_container(value):
        yield before
        yield from _lines(value, indent + 2)
    elif isinstance(value, str) and _is_block(value):
        lines = value.split("\n")
        yield f"{before} {'|' if lines[-1] == '' else '|-'}"
        yield from (f"{' ' * (indent + 2)}{line}" if line else "" for line in (lines[:-1] if not lines[-1] else lines))
    else:
        yield f"{before} {_atom(value)}"


def _atom(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            return _word(value)
        case dict():
            return "{}"
        case _:
            return "[]"


def _word(text: str) -> str:
    if _is_plain(text):
        return text
    if _LINE.fullmatch(text):
        doubled = text.replace("'", "''")
        return f"'{doubled}'"
    quoted = json.dumps(text, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)


def _is_plain(text: str) -> bool:
    return (
        _PLAIN.fullmatch(text) is not None
        and text.lower() not in _WORDS
        and isinstance(scalar(text), str)
        and not text.endswith((":", " "))
        and ": " not in text
        and " #" not in text
    )


def _is_block(text: str) -> bool:
    """Whether a text of several lines can stand as it is."""
    if "\n" not in text or text.endswith("\n\n") or text[0] in " \t\n":
        return False
    lines = text.split("\n")
    return all(_LINE.fullmatch(line.replace("\t", " ")) and (not line or line.strip()) for line in lines)
