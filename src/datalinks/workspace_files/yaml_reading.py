"""Reads YAML 1.2, and JSON as a part of it, into plain JSON: no tags make objects, no text is too large, no key is lost.

The library only says what stands where; what that means is decided here, so nothing it could construct is ever constructed,
and every limit holds while the text is read.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from datalinks.errors import BadRequest
from datalinks.formulas.values import is_array, is_object
from datalinks.model.depth import MAX_DEPTH
from datalinks.model.record import Json
from datalinks.workspace_files.documents import Document, Path, Position, refused
from datalinks.workspace_files.scalars import key_text, scalar
from datalinks.workspace_files.yaml_events import Event, Part, read_events

MAX_BYTES = 1_000_000
MAX_VALUES = 50_000
# Only aliases make more of a text than it has letters and values.
_MAX_WEIGHT = 2 * MAX_BYTES

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_TAG = "tag:yaml.org,2002:"
_TAGGED: dict[str, tuple[type, ...]] = {
    "!": (str,),
    f"{_TAG}str": (str,),
    f"{_TAG}int": (int,),
    f"{_TAG}float": (int, float),
    f"{_TAG}bool": (bool,),
    f"{_TAG}null": (type(None),),
}
_MERGE = "<<"
_NO_KEY = "Keys are texts: a list or an object cannot be one."


def read_yaml(content: bytes) -> Document | None:
    """What a file says; None if it says nothing.

    Raises:
        BadRequest: it is no YAML that is plain JSON, or too large. ``data`` has ``line`` and ``column``.
    """
    if len(content) > MAX_BYTES:
        raise refused(f"The file is larger than {MAX_BYTES:,} bytes: no element is.", Position(1, 1))
    text = _decoded(content)
    if bad := _UNPRINTABLE.search(text):
        raise refused(
            f"The character U+{ord(bad[0]):04X} cannot stand in YAML: write it as an escape in double quotes.",
            _position_of(text, bad.start()),
        )
    return _Reader(text).read()


def _decoded(content: bytes) -> str:
    try:
        return content.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode(errors="replace")
        raise refused("The file is not UTF-8: save it as UTF-8.", _position_of(before, len(before))) from error


def _position_of(text: str, index: int) -> Position:
    return Position(text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index))


@dataclass(frozen=True, slots=True)
class _Read:
    """A value that was read. weight: how much of it there is, aliases written out. height: how deep it goes."""

    value: Json
    weight: int
    height: int = 0


@dataclass(slots=True)
class _Members:
    """An object as it is read. first: where each key stands. inherited: keys that only a merge has brought."""

    values: dict[str, Json] = field(default_factory=dict[str, Any])
    first: dict[str, Position] = field(default_factory=dict[str, Position])
    inherited: set[str] = field(default_factory=set[str])

    def add(self, key: str, value: Json, at: Position) -> None:
        """Take in a member that is written.

        Raises:
            BadRequest: its key is written already.
        """
        if key in self.first and key not in self.inherited:
            before = self.first[key].line
            raise refused(f"The key {key[:100]!r} is there twice, first in line {before}: take one of them out.", at)
        self.inherited.discard(key)
        self.first[key] = at
        self.values[key] = value

    def merge(self, value: Json, at: Position) -> None:
        """Take in the members of an object, or of each of a list, that are not there yet.

        Raises:
            BadRequest: it is something else.
        """
        for source in value if is_array(value) else [value]:
            if not is_object(source):
                raise refused("Only objects can be merged with <<; a key of that name stands in quotes.", at)
            for key, member in source.items():
                if key not in self.first:
                    self.add(key, member, at)
                    self.inherited.add(key)


class _Reader:
    """One reading of one text."""

    def __init__(self, text: str) -> None:
        self._events = read_events(text)
        self._anchors: dict[str, _Read | None] = {}
        self._positions: dict[Path, Position] = {}
        self._values = 0
        self._weight = 0

    def read(self) -> Document | None:
        """The text's only document."""
        next(self._events)
        if next(self._events).part is Part.END_OF_STREAM:
            return None
        event = next(self._events)
        found = self._value(event, ())
        next(self._events)
        if (after := next(self._events)).part is not Part.END_OF_STREAM:
            raise refused("The file has several documents (---): give each a file of its own.", after.at)
        is_empty = event.is_plain and not event.text and event.tag is None
        return None if is_empty else Document(found.value, self._positions)

    def _value(self, event: Event, path: Path) -> _Read:
        self._positions[path] = event.at
        # Its own level counts where it may have members.
        self._check_depth(len(path) + (event.part in (Part.OBJECT, Part.LIST)), event.at)
        self._values += 1
        if self._values > MAX_VALUES:
            raise refused(f"The file has more than {MAX_VALUES:,} values: no element has.", event.at)
        if event.part is Part.ALIAS:
            return self._alias(event, len(path))
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        match event.part:
            case Part.OBJECT:
                found = self._object(event, path)
            case Part.LIST:
                found = self._list(event, path)
            case _:
                found = _Read(_scalar_of(event), 1 + len(event.text))
                self._weigh(found.weight, event.at)
        if event.anchor is not None:
            self._anchors[event.anchor] = found
        return found

    def _alias(self, event: Event, depth: int) -> _Read:
        name = event.anchor or ""
        found = self._anchors.get(name)
        if found is None:
            known = "refers to what it is inside of" if name in self._anchors else "refers to nothing above it"
            raise refused(f"The alias *{name[:100]} {known}: write the value out.", event.at)
        self._check_depth(depth + found.height, event.at)
        self._weigh(found.weight, event.at)
        return found

    def _list(self, event: Event, path: Path) -> _Read:
        _check_tag(event, "seq")
        members: list[_Read] = []
        while (event := next(self._events)).part is not Part.END:
            members.append(self._value(event, (*path, len(members))))
        return _container([each.value for each in members], members)

    def _object(self, event: Event, path: Path) -> _Read:
        _check_tag(event, "map")
        made = _Members()
        read: list[_Read] = []
        while (event := next(self._events)).part is not Part.END:
            key = self._key(event)
            found = self._value(next(self._events), (*path, key))
            read.append(_Read(None, found.weight + len(key), found.height))
            if key == _MERGE and event.is_plain:
                made.merge(found.value, event.at)
            else:
                made.add(key, found.value, event.at)
        return _container(made.values, read)

    def _key(self, event: Event) -> str:
        if event.part not in (Part.SCALAR, Part.ALIAS):
            raise refused(_NO_KEY, event.at)
        found = self._alias(event, 0) if event.part is Part.ALIAS else _Read(_scalar_of(event), 1 + len(event.text))
        if event.part is Part.SCALAR and event.anchor is not None:
            self._anchors[event.anchor] = found
        key = key_text(found.value)
        if key is None:
            raise refused(_NO_KEY, event.at)
        self._weigh(found.weight, event.at)
        return key

    def _check_depth(self, depth: int, at: Position) -> None:
        if depth > MAX_DEPTH:
            raise refused(f"Values are nested deeper than {MAX_DEPTH} levels.", at)

    def _weigh(self, weight: int, at: Position) -> None:
        self._weight += weight
        if self._weight > _MAX_WEIGHT:
            raise refused("Aliases make too much of the file: write less of it, or into files of its own.", at)


def _container(value: Json, members: list[_Read]) -> _Read:
    weight = 1 + sum(each.weight for each in members)
    return _Read(value, weight, 1 + max((each.height for each in members), default=0))


def _scalar_of(event: Event) -> Json:
    """What a scalar stands for.

    Raises:
        BadRequest: it is nothing that JSON has, or its tag says something else than its text.
    """
    try:
        text = _whole(event.text)
        return _tagged(text, event.tag) if event.tag else scalar(text) if event.is_plain else text
    except BadRequest as error:
        raise refused(error.message, event.at) from error


def _tagged(text: str, tag: str) -> Json:
    value: Json = text if _TAGGED.get(tag) == (str,) else scalar(text)
    if type(value) not in _TAGGED.get(tag, ()):
        raise BadRequest(f"The tag {tag[:100]!r} is not read here: write a plain value.")
    return value


def _whole(text: str) -> str:
    """The text with pairs of surrogates, as JSON escapes characters, put together.

    Raises:
        BadRequest: one is alone.
    """
    if not _SURROGATES.search(text):
        return text
    try:
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError as error:
        raise BadRequest("Half a character (\\ud800 to \\udfff) cannot stand alone.") from error


def _check_tag(event: Event, kind: str) -> None:
    if event.tag not in (None, "!", f"{_TAG}{kind}"):
        raise refused(f"The tag {str(event.tag)[:100]!r} is not read here: write a plain value.", event.at)
