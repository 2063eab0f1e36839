"""What an evaluation may cost; both sides of the sandbox hold it to that."""

from typing import NamedTuple


# A tuple and no dataclass: importing those would double a child's start.
class Limits(NamedTuple):
    """What one evaluation may cost.

    deadline_seconds: how long it may take. memory_bytes: what a child may need beyond what it has when it is ready.
    max_answer_bytes: how large an answer may be. evaluations: how many a child does before a fresh one takes its place,
    which bounds what an engine leaks.
    """

    deadline_seconds: float = 1.0
    memory_bytes: int = 128 * 1024 * 1024
    max_answer_bytes: int = 10 * 1024 * 1024
    evaluations: int = 10_000

    def to_arguments(self) -> list[str]:
        """The limits as arguments of a command."""
        return [str(value) for value in self]

    @classmethod
    def from_arguments(cls, arguments: list[str]) -> "Limits":
        """The limits that ``to_arguments`` gave."""
        deadline, memory, answer, evaluations = arguments
        return cls(float(deadline), int(memory), int(answer), int(evaluations))
