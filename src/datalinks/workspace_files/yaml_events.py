"""What stands where in a text of YAML 1.2, in the library's words made ours."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ruamel.yaml import YAML, events
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from datalinks.errors import BadRequest
from datalinks.workspace_files.documents import Position, refused


class Part(Enum):
    """What an event begins or is."""

    STREAM = "stream"
    DOCUMENT = "document"
    OBJECT = "object"
    LIST = "list"
    SCALAR = "scalar"
    ALIAS = "alias"
    END = "end"
    END_OF_STREAM = "end of stream"


_PARTS: dict[Any, Part] = {
    events.StreamStartEvent: Part.STREAM,
    events.DocumentStartEvent: Part.DOCUMENT,
    events.MappingStartEvent: Part.OBJECT,
    events.SequenceStartEvent: Part.LIST,
    events.ScalarEvent: Part.SCALAR,
    events.AliasEvent: Part.ALIAS,
    events.DocumentEndEvent: Part.END,
    events.MappingEndEvent: Part.END,
    events.SequenceEndEvent: Part.END,
    events.StreamEndEvent: Part.END_OF_STREAM,
}


@dataclass(frozen=True, slots=True)
class Event:
    """One step through a text.

    text: of a scalar. is_plain: it stands without quotes. tag: what says explicitly what it is.
    anchor: the name that it is given, or that an alias refers to.
    """

    part: Part
    at: Position
    text: str = ""
    is_plain: bool = False
    tag: str | None = None
    anchor: str | None = None


def read_events(text: str) -> Iterator[Event]:
    """Every event of a text, as it is read.

    Raises:
        BadRequest: it is no YAML. ``data`` has ``line`` and ``column``.
    """
    # Pure Python, as the library knows the rules of YAML 1.2 in that form only.
    library: Any = YAML(typ="safe", pure=True)
    at = Position(1, 1)
    try:
        for event in library.parse(text):
            at = _position(event.start_mark, at)
            yield _event(event, at)
    except MarkedYAMLError as error:
        raise _unreadable(error, at) from error
    except (YAMLError, ValueError, OverflowError) as error:
        # Escapes of characters that do not exist come out like this.
        raise refused("The file cannot be read as YAML from here on.", at) from error


def _event(event: Any, at: Position) -> Event:
    part = _PARTS[type(event)]
    anchor = getattr(event, "anchor", None)
    return Event(
        part=part,
        at=at,
        text=event.value if part is Part.SCALAR else "",
        is_plain=part is Part.SCALAR and event.style is None,
        tag=event.tag if part in (Part.SCALAR, Part.OBJECT, Part.LIST) else None,
        anchor=None if anchor is None else str(anchor),
    )


def _position(mark: Any, before: Position) -> Position:
    return before if mark is None else Position(mark.line + 1, mark.column + 1)


def _unreadable(error: Any, at: Position) -> BadRequest:
    what = ", ".join(part for part in (error.context, error.problem) if part)
    hint = ": use spaces" if "'\\t'" in what else ""
    return refused(f"This is not valid YAML: {what}{hint}.", _position(error.problem_mark or error.context_mark, at))
