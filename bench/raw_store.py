"""The database under a server, used without the server: what peers do, and what figures are checked with."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from bench.records import Pair


class Engine(StrEnum):
    """The engines that the server runs on."""

    SQLITE = "sqlite"
    POSTGRES = "postgres"


class RawStore(Protocol):
    """A driver's connection to a migrated database with one instance."""

    def count(self) -> int:
        """How many rows the table of links has."""
        ...

    def find_many(self, app_record_ids: Sequence[str]) -> int:
        """Read the links of many app records in the fastest way that the engine has; how many there were."""
        ...

    def load(self, pairs: Sequence[Pair]) -> float:
        """Write links in this order in the fastest plain way, durably; the seconds it took once the rows were made."""
        ...

    def settle(self) -> None:
        """Finish what the engine would do later, so that no round pays for what was before it."""
        ...

    def clear(self) -> None:
        """Delete all links."""
        ...

    def links_bytes(self) -> int:
        """The size of the table of links on disk, with its indexes."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...
