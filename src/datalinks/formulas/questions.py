"""What an evaluation asks the world: it computes until it needs an answer, names all it needs, and begins again.

An evaluation itself is pure. Where a formula needs what only others know, it asks a question, and everything that does
not depend on the answer is computed still, so that questions which can go together do.
"""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from datalinks.formulas.javascript.json_text import write_json


@dataclass(frozen=True, slots=True)
class Question:
    """Something to be asked; two questions with the same ``key`` have the same answer."""

    @property
    def key(self) -> Hashable:
        """What makes it the question it is."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class FindLink(Question):
    """Which record is linked to this one? Answered with its id, or UNDEFINED when there is none.

    direction: ``import`` asks from the external side for the app record, ``export`` the other way.
    table_key, record_id: as the formula computed them; they count as true, but may be anything that does.
    """

    direction: Literal["import", "export"]
    table_key: Any
    record_id: Any

    @property
    def key(self) -> Hashable:
        """Texts are themselves; whatever else is compared as it is written."""
        if isinstance(self.record_id, str) and isinstance(self.table_key, str):
            return (self.direction, self.table_key, self.record_id)
        return (self.direction, write_json([self.table_key, self.record_id]), None)


@dataclass(frozen=True, slots=True)
class LookUp(Question):
    """Which record fits this query? What ``$lookup`` asks.

    lookup: the computed argument. schema: the target's schema at the formula's place, UNDEFINED when there is none.
    """

    lookup: Any
    schema: Any

    @property
    def key(self) -> Hashable:
        """Its whole content."""
        return ("lookup", write_json([self.lookup, self.schema]))


@dataclass(frozen=True, slots=True)
class FindSchema(Question):
    """What is the schema of a data collection, or of a piece of the app's data? What ``$dataSchemaRef`` asks.

    type: ``data-collection`` or ``internal-data-schema``. schema_key, parameters: as computed.
    """

    type: Literal["data-collection", "internal-data-schema"]
    schema_key: Any
    parameters: Any

    @property
    def key(self) -> Hashable:
        """Its whole content."""
        return ("schema", write_json([self.type, self.schema_key, self.parameters]))


@dataclass(frozen=True, slots=True)
class RunJsonata(Question):
    """What does a JSONata expression make of the variables? UNDEFINED when it fails or finds nothing.

    variables: JSON.
    """

    expression: str
    variables: str

    @property
    def key(self) -> Hashable:
        """Both texts."""
        return ("jsonata", self.expression, self.variables)


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """What stands in place of an answer when a question could not be answered: the formula that asks it fails.

    message: what was wrong, for people.
    """

    message: str


# Answers questions of one kind, in their order: a value, UNDEFINED or ``NoAnswer`` for each.
Answerer: TypeAlias = Callable[[Sequence[Any]], Awaitable[Sequence[Any]]]
Answerers: TypeAlias = Mapping[type[Question], Answerer]
