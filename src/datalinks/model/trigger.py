"""What launches flows besides the API, as it stands in their nodes: events of the product and schedules."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from datalinks.model.record import JsonObject

EVENT_TRIGGER = "app-event-trigger"
SCHEDULE_TRIGGER = "schedule-trigger"
_MICROSECONDS = 60 * 1_000_000
# A hundred years: more than anybody means, and little enough to count with.
_MOST_MINUTES = 100 * 366 * 24 * 60


@dataclass(frozen=True, slots=True)
class EventTrigger:
    """A node that events of a type launch. path: where the node names the type.

    filter: what an event must be for that, conditions or a formula; None for any.
    """

    node_key: str
    event_key: str
    path: str
    filter: Any


@dataclass(frozen=True, slots=True)
class Time:
    """When a schedule node is to launch a run next, and how long the time from one run to the next is, in microseconds."""

    interval: int
    next_at: int


def event_triggers(nodes: JsonObject) -> Iterator[EventTrigger]:
    """The nodes that events launch; those that name no type launch nothing."""
    for key, config in _configs(nodes, EVENT_TRIGGER):
        member = "appEvent" if config.get("appEvent") else "appEventKey"
        event = config.get(member)
        named = event.get("key") if isinstance(event, dict) else event  # type: ignore[reportUnknownVariableType] - JSON of any kind
        if isinstance(named, str) and named:
            yield EventTrigger(key, named, f"$.config.{member}", config.get("filter"))


def schedule_intervals(nodes: JsonObject) -> dict[str, int]:
    """How long each schedule node waits from one run to the next, in microseconds, by its key."""
    intervals: dict[str, int] = {}
    for key, config in _configs(nodes, SCHEDULE_TRIGGER):
        minutes = config.get("intervalMinutes")
        if isinstance(minutes, int | float) and not isinstance(minutes, bool) and minutes >= 1:
            intervals[key] = int(min(minutes, _MOST_MINUTES) * _MICROSECONDS)
    return intervals


def planned(times: Mapping[str, Time], intervals: Mapping[str, int], now: int) -> tuple[dict[str, Time], list[str]]:
    """The times of schedule nodes from now on, and the nodes that are due now.

    A node that is new, or whose interval has changed, is due one interval from now. Times that were missed are not made up
    for: a node that is late is due once, and then at the next of its times that is still to come.
    """
    planned: dict[str, Time] = {}
    due: list[str] = []
    for key, interval in intervals.items():
        known = times.get(key)
        if known is None or known.interval != interval:
            planned[key] = Time(interval, now + interval)
        elif known.next_at <= now:
            due.append(key)
            missed = (now - known.next_at) // interval
            planned[key] = Time(interval, known.next_at + (missed + 1) * interval)
        else:
            planned[key] = known
    return planned, due


def _configs(nodes: JsonObject, kind: str) -> Iterator[tuple[str, JsonObject]]:
    for key, node in nodes.items():
        if isinstance(node, dict) and node.get("type") == kind:  # type: ignore[reportUnknownMemberType] - JSON of any kind
            config: Any = node.get("config")  # type: ignore[reportUnknownMemberType] - as above
            if isinstance(config, dict):
                yield key, config
