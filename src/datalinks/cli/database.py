"""``datalinks migrate``: the database's schema."""

from datalinks.cli.options import Options
from datalinks.wiring import open_database

_DEFAULT = Options()


async def migrate(*, options: Options = _DEFAULT) -> None:
    """Bring the database up to this version of the program; the server does so too when it starts."""
    async with open_database(options.settings()) as database:
        applied = await database.migrate()
    options.show({"applied": applied}, lambda: "\n".join(applied) or "The database is up to date.")
