"""Where in a formula something stands, for errors and for what depends on it."""

from dataclasses import dataclass
from typing import Any, TypeVar

from datalinks.errors import FormulaError
from datalinks.formulas.locators import Step, Steps, step_into, write_locator
from datalinks.formulas.values import UNDEFINED

E = TypeVar("E", bound=FormulaError)

_ITEMS = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a formula.

    steps: how to come there. target: where in the result its value stands, as far as that is known: properties as text,
    and 0 for any member of an array. What operators are given stands where the operator's own value does.
    """

    steps: Steps = ()
    target: Steps = ()

    def member(self, step: Step) -> "Place":
        """The place of a member of the object or array here."""
        return Place((*self.steps, step), (*self.target, step if isinstance(step, str) else _ITEMS))

    def argument(self, *steps: Step) -> "Place":
        """The place of something that an operator here is given."""
        return Place((*self.steps, *steps), self.target)

    def error(self, kind: type[E], message: str) -> E:
        """An error that happened here."""
        return kind(message, {"path": write_locator(self.steps)})

    def schema_in(self, schema: Any) -> Any:
        """The part of the result's schema that is about this place, UNDEFINED when it says nothing of it."""
        for step in self.target:
            schema = step_into(step_into(schema, "properties"), step) if isinstance(step, str) else _items_of(schema)
        return UNDEFINED if schema is None else schema


def _items_of(schema: Any) -> Any:
    return step_into(schema, "items")


ROOT = Place()
