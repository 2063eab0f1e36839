"""What a run can be told."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How large and how long a run is.

    links: links in the tables that are asked, and rows of an import.
    seconds: one timed round.
    rounds: rounds of each contender; the medians over them count.
    large_links: links in the large table of the latency rows.
    """

    links: int = 1_000_000
    seconds: float = 5.0
    rounds: int = 3
    large_links: int = 1_000_000
