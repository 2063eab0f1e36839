"""The store's engines, so that a test can run on each of them."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from support.citus import CITUS, citus_database
from support.postgres import ENCRYPTION_KEY, postgres_database

# Citus is an engine where there is a cluster to test on.
ENGINES = ("sqlite", "postgres", *(["citus"] if CITUS else []))


@contextmanager
def settings_of(engine: str, folder: Path) -> Generator[dict[str, str]]:
    """The settings of an empty database of an engine."""
    if engine == "sqlite":
        yield {"database": f"sqlite:///{folder / 'datalinks.db'}"}
        return
    with citus_database() if engine == "citus" else postgres_database() as url:
        yield {"database": url, "encryption_key": ENCRYPTION_KEY}


def as_variables(settings: dict[str, str]) -> dict[str, str]:
    """Settings as a process finds them in its environment."""
    return {f"DATALINKS_{name.upper()}": value for name, value in settings.items()}
