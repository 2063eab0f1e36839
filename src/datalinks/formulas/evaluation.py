"""One pass over a formula: what it knows, what it may still spend, and what it has to ask."""

from collections.abc import Hashable
from typing import Any

from datalinks.formulas.errors import LimitReached, NotAnswered
from datalinks.formulas.javascript.coercion import to_string
from datalinks.formulas.limits import Limits, measure
from datalinks.formulas.place import Place
from datalinks.formulas.questions import NoAnswer, Question

_CHARACTERS_PER_STEP = 16


class Waiting(Exception):
    """Raised where an answer is missing; containers catch it, go on with their other members, and raise it again."""


class Evaluation:
    """The state of one pass.

    limits: what it may use. answered: the kinds of questions that can be asked at all.
    answers: what is known, by the questions' keys. asked: what this pass would have needed.
    schema: the target's schema, of which ``$lookup`` is told its part.
    is_build: whether the pass only builds, where a few operators are more lenient.
    """

    __slots__ = ("_left", "answered", "answers", "asked", "is_build", "limits", "schema")

    def __init__(
        self,
        limits: Limits,
        answered: frozenset[type[Question]] = frozenset(),
        answers: dict[Hashable, Any] | None = None,
        *,
        schema: Any = None,
        is_build: bool = False,
    ) -> None:
        self.limits = limits
        self._left = limits.steps
        self.answered = answered
        self.answers = {} if answers is None else answers
        self.asked: dict[Hashable, Question] = {}
        self.schema = schema
        self.is_build = is_build

    def ask(self, question: Question, place: Place) -> Any:
        """The answer to a question that is asked at a place.

        Raises:
            Waiting: it is not known yet. NotAnswered: it cannot be answered.
        """
        key = question.key
        if key not in self.answers:
            self.asked[key] = question
            raise Waiting
        answer = self.answers[key]
        if isinstance(answer, NoAnswer):
            raise place.error(NotAnswered, answer.message)
        return answer

    def spend(self, steps: int, place: Place) -> None:
        """Count steps.

        Raises:
            LimitReached: there are no more.
        """
        self._left -= steps
        if self._left < 0:
            raise place.error(LimitReached, f"The formula takes more than {self.limits.steps:,} steps.")

    def spend_text(self, text: str, place: Place) -> str:
        """The text, which was just made, counted."""
        if len(text) > _CHARACTERS_PER_STEP:
            self.spend(len(text) // _CHARACTERS_PER_STEP, place)
        return text

    def spend_size(self, value: Any, place: Place) -> None:
        """Count a value that is about to be looked at as a whole.

        Raises:
            LimitReached: it is larger or deeper than what may be looked at.
        """
        if not isinstance(value, (dict, list)):
            return
        try:
            size = measure(value, self._left, self.limits.depth * 2)
        except LimitReached as error:
            raise place.error(LimitReached, error.message) from error
        self.spend(size, place)

    def text_of(self, value: Any, place: Place) -> str:
        """A value as JavaScript's text, counted."""
        if isinstance(value, str):
            return value
        self.spend_size(value, place)
        return to_string(value)
