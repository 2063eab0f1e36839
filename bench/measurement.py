"""What a measurement is: contenders that are measured in turn, and targets for the ratios of their medians."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TypeAlias

from bench.lab import Lab

# Measures one contender once, for about so many seconds where that can be chosen, and gives its figure.
Round: TypeAlias = Callable[[float], float]
# Makes everything ready for the rounds of one contender. What it puts on the stack ends with the measurement.
Contender: TypeAlias = Callable[[Lab, ExitStack], Round]


@dataclass(frozen=True, slots=True)
class Target:
    """A promise about two contenders: the ratio of their medians is at least (or at most) a factor."""

    ours: str
    peer: str
    factor: float
    at_most: bool = False

    def is_met(self, ratio: float) -> bool:
        """Whether a measured ratio keeps the promise."""
        return ratio <= self.factor if self.at_most else ratio >= self.factor

    def __str__(self) -> str:
        return f"{'<=' if self.at_most else '>='} {self.factor:g} x {self.peer}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One row of questions.

    name: as ``--only`` takes it.
    title: what is measured, in a few words.
    unit: of every contender's figure.
    contenders: by name, in the order of the rounds.
    seconds_factor: how many times ``--seconds`` a round lasts.
    rounds: how many, whatever ``--rounds`` says; None for that many.
    warms_up: whether each contender has a short round first that is not counted.
    """

    name: str
    title: str
    unit: str
    contenders: Mapping[str, Contender]
    targets: tuple[Target, ...]
    seconds_factor: float = 1.0
    rounds: int | None = None
    warms_up: bool = True
