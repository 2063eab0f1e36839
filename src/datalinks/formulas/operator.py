"""What an operator of the language is: how one kind of formula is compiled, described and taken apart.

An operator is an object of a class in ``operators/``. It knows its own arguments and nothing of other operators: the
rest of the language is handed to it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, TypeAlias

from datalinks.formulas.evaluation import Evaluation, Waiting
from datalinks.formulas.locators import Step, Steps
from datalinks.formulas.place import Place
from datalinks.formulas.values import UNDEFINED

# A compiled formula, or a part of one: from the variables and the pass it belongs to, to a value.
Evaluate: TypeAlias = Callable[[Any, Evaluation], Any]


@dataclass(frozen=True, slots=True)
class Formula:
    """One formula as it is written.

    args: what stands under the first key, which names the operator.
    second: the second key and what stands under it, which only ``$eval`` reads; None if there is none.
    """

    operator: "Operator"
    args: Any
    second: tuple[str, Any] | None = None


class Compiler(Protocol):
    """What an operator compiles its arguments with."""

    @property
    def place(self) -> Place:
        """Where the operator's argument stands."""
        ...

    @property
    def size(self) -> int:
        """How many values have been compiled so far, everywhere in the formula."""
        ...

    @property
    def language(self) -> "Language":
        """The language that is compiled."""
        ...

    def compile(self, value: Any, *steps: Step) -> Evaluate:
        """A part of the argument, compiled; the steps lead to it from the argument. Without steps: the argument."""
        ...


class Language(Protocol):
    """What an operator may ask of the language that it belongs to."""

    def schema_of(self, value: Any, variables_schema: Any, *, is_plain: bool = False) -> Any:
        """The JSON schema of what a value makes, UNDEFINED when nothing is known; ``is_plain``: formulas are data."""
        ...

    def substitute(self, value: Any, variables: Any) -> Any:
        """The value with each ``$var`` in it replaced by what stands in ``variables``, which may be formulas."""
        ...

    def variable_places(self, value: Any) -> list[Steps]:
        """Where in a value there is a ``$var``."""
        ...

    def formula_of(self, value: Any) -> Formula | None:
        """The formula that a value is, or None."""
        ...

    def evaluate(self, value: Any, place: Place, variables: Any, evaluation: Evaluation) -> Any:
        """A value that came up at a place while a formula was computed, computed as a part of it."""
        ...

    def build(self, value: Any, variables: Any) -> Any:
        """A value computed by itself; it asks nothing."""
        ...


class Operator:
    """One operator. ``name`` is the key without its ``$``."""

    name: ClassVar[str]

    def compile(self, formula: Formula, compiler: Compiler) -> Evaluate:
        """The formula as a function."""
        raise NotImplementedError

    def schema(self, formula: Formula, variables_schema: Any, language: Language) -> Any:
        """The JSON schema of the result, UNDEFINED when nothing is known of it."""
        return UNDEFINED

    def variable_places(self, formula: Formula, language: Language) -> list[Steps]:
        """Where in the formula there is a ``$var``."""
        return [(f"${self.name}", *steps) for steps in language.variable_places(formula.args)]

    def substitute(self, formula: Formula, variables: Any, language: Language) -> Any:
        """The formula with each ``$var`` in it replaced; UNDEFINED when nothing is left of its argument."""
        args = language.substitute(formula.args, variables)
        return UNDEFINED if args is UNDEFINED else {f"${self.name}": args}


TEXT_SCHEMA = {"type": "string"}
TRUTH_SCHEMA = {"type": "boolean"}


def evaluate_all(parts: list[Evaluate], variables: Any, evaluation: Evaluation) -> list[Any]:
    """Several parts at once: what one of them has to ask goes together with what the others do.

    Raises:
        Waiting: one of them waits for an answer; all have been tried.
    """
    values: list[Any] = []
    is_waiting = False
    for part in parts:
        try:
            values.append(part(variables, evaluation))
        except Waiting:
            is_waiting = True
    if is_waiting:
        raise Waiting
    return values
