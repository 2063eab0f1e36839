"""Compiling: a value with formulas becomes a function, once, and is then computed for any number of variables.

The rules of containers are the reference's: members that come out undefined are dropped, and an object or array that
lost every member is undefined itself. Empty ones from the start stay, and so does null.
"""

from typing import Any

from datalinks.formulas.errors import LimitReached
from datalinks.formulas.evaluation import Evaluation, Waiting
from datalinks.formulas.limits import Limits
from datalinks.formulas.locators import Step
from datalinks.formulas.operator import Evaluate, Language
from datalinks.formulas.place import Place
from datalinks.formulas.values import PROTOTYPE, UNDEFINED, is_array, is_container


def compile_value(value: Any, language: Language, limits: Limits, place: Place) -> tuple[Evaluate, int]:
    """A value that stands at a place as a function, and of how many values it is made.

    Raises:
        LimitReached: it is too large or too deep.
    """
    budget = _Budget(limits)
    return _Compiler(language, budget, place).compile(value), budget.size


class _Budget:
    """How large a formula is so far, and may become."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.size = 0

    def count(self, place: Place) -> None:
        self.size += 1
        if self.size > self.limits.size:
            raise place.error(LimitReached, f"The formula is made of more than {self.limits.size:,} values.")
        if len(place.steps) > self.limits.depth:
            raise place.error(LimitReached, f"The formula is nested more than {self.limits.depth} deep.")


class _Compiler:
    """Compiles what stands at one place."""

    def __init__(self, language: Language, budget: _Budget, place: Place) -> None:
        self.place = place
        self.language = language
        self._budget = budget

    @property
    def size(self) -> int:
        return self._budget.size

    def compile(self, value: Any, *steps: Step) -> Evaluate:
        return self._compile(value, self.place.argument(*steps) if steps else self.place)

    def _compile(self, value: Any, place: Place) -> Evaluate:
        self._budget.count(place)
        if not is_container(value) or not value:
            return _Constant(value)
        formula = self.language.formula_of(value)
        if formula:
            here = _Compiler(self.language, self._budget, place.argument(f"${formula.operator.name}"))
            return formula.operator.compile(formula, here)
        if is_array(value):
            return _array([self._compile(member, place.member(index)) for index, member in enumerate(value)])
        return _object(
            {key: self._compile(member, place.member(key)) for key, member in value.items() if key != PROTOTYPE}
        )


class _Constant:
    """A part that is always the same."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __call__(self, variables: Any, evaluation: Evaluation) -> Any:
        return self.value


def _array(members: list[Evaluate]) -> Evaluate:
    if all(isinstance(member, _Constant) for member in members):
        values = [member.value for member in members if isinstance(member, _Constant)]
        return _Constant([value for value in values if value is not UNDEFINED] or UNDEFINED)

    def evaluate(variables: Any, evaluation: Evaluation) -> Any:
        result: list[Any] = []
        is_waiting = False
        for member in members:
            try:
                value = member(variables, evaluation)
            except Waiting:
                is_waiting = True
            else:
                if value is not UNDEFINED:
                    result.append(value)
        if is_waiting:
            raise Waiting
        return result or UNDEFINED

    return evaluate


def _object(members: dict[str, Evaluate]) -> Evaluate:
    if all(isinstance(member, _Constant) for member in members.values()):
        values = {key: member.value for key, member in members.items() if isinstance(member, _Constant)}
        return _Constant({key: value for key, value in values.items() if value is not UNDEFINED} or UNDEFINED)
    return ObjectOf(members)


class ObjectOf:
    """An object made of members that are computed."""

    __slots__ = ("_pairs",)

    def __init__(self, members: dict[str, Evaluate]) -> None:
        self._pairs = list(members.items())

    def __call__(self, variables: Any, evaluation: Evaluation) -> Any:
        """The object, UNDEFINED when nothing is left of it."""
        return self.resume({}, variables, evaluation)

    def resume(self, done: dict[str, Any], variables: Any, evaluation: Evaluation) -> Any:
        """The object, but for those members that are done computed now; ``done`` gets what need not wait.

        Raises:
            Waiting: a member waits for an answer; all have been tried.
        """
        is_resumed, is_waiting = bool(done), False
        for key, member in self._pairs:
            if key in done:
                continue
            try:
                value = member(variables, evaluation)
            except Waiting:
                is_waiting = True
            else:
                if value is not UNDEFINED:
                    done[key] = value
        if is_waiting:
            raise Waiting
        if is_resumed:
            # What had to wait came last, and goes where it belongs.
            done = {key: done[key] for key, _ in self._pairs if key in done}
        return done or UNDEFINED
