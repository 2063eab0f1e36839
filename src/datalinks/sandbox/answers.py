"""What kinds of children are asked, and what they answer."""

from dataclasses import dataclass
from enum import StrEnum

from datalinks.sandbox.frames import join_parts


class Status(StrEnum):
    """What came of an evaluation."""

    VALUE = "v"
    UNDEFINED = "u"
    FAILED = "f"


@dataclass(frozen=True, slots=True)
class Log:
    """A line that code wrote: its level, ``log``, ``info``, ``warn``, ``error`` or ``debug``, and its text."""

    level: str
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What was made of an expression or of code.

    text: the value as JSON; of a failure what was wrong, which may quote the document; else empty.
    line: the line of the code where it failed, from 1, if that is known. logs: what the code wrote, in order.
    """

    status: Status
    text: str
    line: int | None = None
    logs: tuple[Log, ...] = ()


def to_request(source: str, document: str | bytes) -> bytes:
    """The request to evaluate an expression or code for a document."""
    return join_parts(_encoded(source), _encoded(document))


def _encoded(text: str | bytes) -> bytes:
    # A lone surrogate is the child's to refuse, as it refuses everything else that it cannot read.
    return text.encode(errors="surrogatepass") if isinstance(text, str) else text
