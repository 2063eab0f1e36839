"""Numbered changes of the schema, ``sql/migrations/NNNN_name.sql``, applied in order and never edited once released."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from datalinks.errors import InvalidSettings
from datalinks.store.queries import Dialect, statement

_TEXT = re.compile(r"\bTEXT\b")


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema; ``name`` is its file's, with the number in front."""

    number: int
    name: str
    source: str

    def script(self, dialect: Dialect) -> str:
        """Its statements for an engine."""
        script = statement(self.source.splitlines(), dialect, set())
        # PostgreSQL orders text by the rules of a language unless it is told not to; ids and keys have none.
        return _TEXT.sub('TEXT COLLATE "C"', script) if dialect == "postgres" else script


def load_migrations() -> list[Migration]:
    """All migrations of this version, in order."""
    folder = files("datalinks.store").joinpath("sql").joinpath("migrations")
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".sql"))
    return [
        Migration(int(name[:4]), name.removesuffix(".sql"), folder.joinpath(name).read_text("utf-8")) for name in names
    ]


def pending(applied: Sequence[int], known: Sequence[Migration]) -> list[Migration]:
    """The migrations still to apply.

    Raises:
        InvalidSettings: one was applied that this version does not know, so the database is a newer version's.
    """
    unknown = set(applied) - {migration.number for migration in known}
    if unknown:
        raise InvalidSettings(
            f"The database is at schema version {max(unknown)}, this program knows versions up to "
            f"{max((migration.number for migration in known), default=0)}: run a newer version of Datalinks on it."
        )
    return [migration for migration in known if migration.number not in applied]
