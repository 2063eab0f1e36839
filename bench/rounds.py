"""Runs measurements: contenders in turn, round after round, so that whatever the machine does meanwhile meets them all."""

import logging
import statistics
from collections.abc import Callable
from contextlib import ExitStack

import msgspec

from bench.failures import NotRun
from bench.lab import Lab
from bench.measurement import Measurement, Round, Target

_WARM_UP_SECONDS = 1.0
_log = logging.getLogger("bench")


class Figures(msgspec.Struct, frozen=True):
    """What the rounds of a contender gave; without a median the reason why there is none."""

    rounds: list[float]
    median: float | None = None
    reason: str | None = None
    failed: bool = False


class Verdict(msgspec.Struct, frozen=True):
    """A target and the ratio that was measured; None where a contender has no figure."""

    ours: str
    peer: str
    target: str
    ratio: float | None
    is_met: bool | None


class Outcome(msgspec.Struct, frozen=True):
    """All that a measurement gave."""

    name: str
    title: str
    unit: str
    figures: dict[str, Figures]
    verdicts: list[Verdict]

    @property
    def has_failed(self) -> bool:
        """Whether a contender did something wrong, other than not being installed."""
        return any(figures.failed for figures in self.figures.values())


def run(measurement: Measurement, lab: Lab, say: Callable[[str], None]) -> Outcome:
    """Make the contenders ready, then measure them in turn."""
    seconds = lab.options.seconds * measurement.seconds_factor
    count = lab.options.rounds if measurement.rounds is None else measurement.rounds
    with ExitStack() as stack:
        entrants: dict[str, _Entrant] = {}
        for name, contender in measurement.contenders.items():
            say(f"{measurement.name}: {name} gets ready")
            entrant = entrants[name] = _Entrant(name)
            entrant.prepare(lambda contender=contender: contender(lab, stack), measurement.warms_up)
        for number in range(count):
            for entrant in entrants.values():
                say(f"{measurement.name}: {entrant.name}, round {number + 1} of {count}")
                entrant.measure(seconds)
    figures = {name: entrant.figures() for name, entrant in entrants.items()}
    verdicts = [_verdict(target, figures) for target in measurement.targets]
    return Outcome(measurement.name, measurement.title, measurement.unit, figures, verdicts)


class _Entrant:
    """A contender in a run. The first thing that goes wrong takes it out, and nobody else."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._round: Round | None = None
        self._values: list[float] = []
        self._reason: str | None = None
        self._failed = False

    def prepare(self, make: Callable[[], Round], warms_up: bool) -> None:
        """Get the contender's round, and run it once uncounted if it warms up."""

        def ready() -> None:
            self._round = make()
            if warms_up:
                self._round(_WARM_UP_SECONDS)

        self._guarded(ready)

    def measure(self, seconds: float) -> None:
        """Run one round, unless the contender is out."""
        one_round = self._round
        if one_round is not None:
            self._guarded(lambda: self._values.append(one_round(seconds)))

    def figures(self) -> Figures:
        """What came out."""
        if self._round is None or not self._values:
            return Figures([], None, self._reason, self._failed)
        return Figures(self._values, statistics.median(self._values))

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except NotRun as reason:
            self._round, self._reason = None, str(reason)
        except Exception as error:  # noqa: BLE001 - the edge of one contender: others go on, the run says so at its end
            _log.exception("%s failed", self.name)
            self._round, self._reason, self._failed = None, f"{type(error).__name__}: {error}", True


def _verdict(target: Target, figures: dict[str, Figures]) -> Verdict:
    ours, peer = figures[target.ours].median, figures[target.peer].median
    ratio = None if ours is None or not peer else ours / peer
    return Verdict(target.ours, target.peer, str(target), ratio, None if ratio is None else target.is_met(ratio))
