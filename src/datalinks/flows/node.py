"""What a kind of node is. Each is one module in ``nodes/``; a class with a type in a module there is a kind.

A node works on many of its node runs at once, so that what they have to ask or to write goes together. It is told of the
world only what ``World`` has, and says what came of each node run; keeping that is the engine's business.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Protocol, TypeAlias

from datalinks.errors import DataLinksError
from datalinks.flows.definition import Definition, Node
from datalinks.flows.progress import Step
from datalinks.formulas.questions import FindLink
from datalinks.model.error_data import ErrorData
from datalinks.outgoing.messages import OutgoingAnswer
from datalinks.store.database import Transaction
from datalinks.store.instances import InstanceNo


@dataclass(frozen=True, slots=True)
class Done:
    """A node run is over. outputs: each goes on by itself; UNDEFINED is an output that says nothing."""

    outputs: Sequence[Any]
    logs: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A node run is over, and nothing goes on."""

    logs: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """A node run failed."""

    error: ErrorData
    logs: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class Iterating:
    """A sub flow is to run for each item before the node run is over."""

    root_node_key: str
    items: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is to be written when the node run is kept, in the same transaction."""

    value: Any


# Whom a request is for: the app behind the run's connection, the product itself, or anyone.
Target: TypeAlias = Literal["external-app", "your-app", "anywhere"]
Outcome: TypeAlias = Done | Skipped | Failed | Iterating | Prepared


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of code. value: UNDEFINED for nothing. error: what it threw, and in which line; None if it returned."""

    value: Any
    error: str | None = None
    line: int | None = None
    logs: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class NodeRequest:
    """A request as a computed configuration has it. address: a whole one or a path, with its query; percent-encoded."""

    method: str
    address: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a node as it is written. path: the place in the node, e.g. ``$.config.dataLinkTable``."""

    path: str
    message: str


class World(Protocol):
    """What nodes may use of the world around a run."""

    async def resolve(self, node: Node, value: Any, steps: Sequence[Step]) -> list[Any]:
        """A value with formulas, computed for each node run; an error stands in place of a value: ``ErrorData``."""
        ...

    def variables(self, step: Step) -> dict[str, Any]:
        """What formulas of a node run see."""
        ...

    async def instance(self, table: str) -> InstanceNo:
        """The instance of a table, by its key, for the run's connection; made now if there is none.

        Raises:
            NotFound: there is no such table, or it is hidden.
        """
        ...

    async def find_links(self, questions: Sequence[FindLink]) -> Sequence[Any]:
        """The other records of links, UNDEFINED where there is none."""
        ...

    @property
    def max_response_bytes(self) -> int:
        """How large an answer to a request may be."""
        ...

    async def send(self, target: Target, request: NodeRequest, step: Step) -> OutgoingAnswer:
        """What a server answers to a request of a node run, after as many tries as are worth it.

        Raises:
            DataLinksError: there was no answer, or the request cannot be made.
        """
        ...

    async def run_javascript(self, code: str, variables: dict[str, Any]) -> Ran:
        """What code makes of variables.

        Raises:
            DataLinksError: it was stopped.
        """
        ...

    def count_links(self, instance: InstanceNo, *, written: int = 0, deleted: int = 0) -> None:
        """Say how many links of an instance a node has written or deleted, for statistics."""
        ...

    def reserve(self, count: int) -> int:
        """Times for so many writes, none of which anything else has: the first."""
        ...


class NodeKind:
    """One kind of node.

    type: its name in flows. aliases: other names of it, which are deprecated. is_trigger: it stands where runs begin. writes: it changes the store, by ``write``.
    reaches_out: what it does is seen outside, so it may be done twice if the server dies meanwhile.
    """

    type: ClassVar[str]
    aliases: ClassVar[tuple[str, ...]] = ()
    is_trigger: ClassVar[bool] = False
    writes: ClassVar[bool] = False
    reaches_out: ClassVar[bool] = False

    def check(self, node: Node, definition: Definition) -> Iterable[Problem]:
        """What is wrong with the node as it is written."""
        return ()

    async def compute(self, node: Node, steps: Sequence[Step], world: World) -> list[Outcome]:
        """What comes of each node run."""
        raise NotImplementedError

    async def write(self, node: Node, prepared: Sequence[Any], world: World, tx: Transaction) -> list[Outcome]:
        """Write what ``compute`` prepared, in its order, and say what comes of each."""
        raise NotImplementedError


def failure(error: DataLinksError, node: Node, step: Step | None = None) -> ErrorData:
    """An error of ours as a run's, with its place."""
    data = {"nodeKey": node.key, **error.data}
    if step is not None:
        data["runId"] = str(step.no)
    return ErrorData(type="bad_request", key=error.code, message=error.message, data=data)
