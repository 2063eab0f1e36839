"""The links that are measured with: made from numbers, the same in every run.

Tables are filled with even numbers and imports bring odd ones, so that new links go between old ones everywhere. What
goes with a number on the external side is far from what goes with the next, as it is in real life.
"""

import random
from collections.abc import Iterable, Iterator
from typing import NamedTuple

SEED = 20_240_601
STEP = 2
# As load scripts write them, a "#" for each digit.
APP_PATTERN = "u-########"
EXTERNAL_PATTERN = "00Q###############"
# Ids of created links are random below this, so that nearly every one is new.
CREATED = 100_000_000

# Without a common factor, so that every number has another's place.
_FACTOR, _MODULUS = 982_451_653, 1_000_000_000


class Pair(NamedTuple):
    """Two records that are linked."""

    app_record_id: str
    external_record_id: str


def pair(number: int) -> Pair:
    """The link of a number below a billion."""
    return Pair(app_record_id(number), f"00Q{number * _FACTOR % _MODULUS:015d}")


def app_record_id(number: int) -> str:
    """The app record of a number."""
    return f"u-{number:08d}"


def kept(count: int) -> list[Pair]:
    """The links of a table that is asked, in random order."""
    return _shuffled(range(0, STEP * count, STEP))


def new(count: int) -> list[Pair]:
    """Links that no table has yet, in random order."""
    return _shuffled(range(1, STEP * count, STEP))


def some_app_record_ids(links: int, count: int, source: random.Random) -> list[str]:
    """App records of a table with so many links, each at most once if there are enough."""
    chosen = source.sample(range(links), min(links, count))
    return [app_record_id(STEP * number) for number in chosen]


def csv_lines(pairs: Iterable[Pair], direction: str = "import") -> Iterator[bytes]:
    """The lines of an import, the header first."""
    yield b"appRecordId,externalRecordId,direction\n"
    for each in pairs:
        yield f"{each.app_record_id},{each.external_record_id},{direction}\n".encode()


def id_bytes() -> int:
    """How many bytes the two ids of a link have."""
    return len(APP_PATTERN) + len(EXTERNAL_PATTERN)


def _shuffled(numbers: Iterable[int]) -> list[Pair]:
    order = list(numbers)
    random.Random(SEED).shuffle(order)  # noqa: S311 - the same in every run is what is wanted
    return [pair(number) for number in order]
