"""``datalinks migrate`` and ``datalinks database``: the database itself."""

from typing import Annotated

from cyclopts import App, Parameter
from cyclopts.validators import Number

from datalinks.cli.options import Options
from datalinks.errors import InvalidSettings
from datalinks.store.distribution import Distribution, distribute_links
from datalinks.wiring import open_database

_DEFAULT = Options()
_WORDS = {
    "planned": "Would move {rows} rows into {shards} shards; nothing was changed.",
    "distributed": "Moved {rows} rows into {shards} shards in {seconds} s.",
    "already": "The links are distributed already, into {shards} shards; nothing was changed.",
}


def make_app(name: str) -> App:
    """The group of commands."""
    app = App(name=name, help="Change how the database is kept.")
    app.command(distribute)
    return app


async def migrate(*, options: Options = _DEFAULT) -> None:
    """Bring the database up to this version of the program; the server does so too when it starts."""
    async with open_database(options.settings()) as database:
        applied = await database.migrate()
    options.show({"applied": applied}, lambda: "\n".join(applied) or "The database is up to date.")


async def distribute(
    *,
    shards: Annotated[int | None, Parameter(validator=Number(gte=1, lte=64_000))] = None,
    dry_run: Annotated[bool, Parameter(negative="")] = False,
    options: Options = _DEFAULT,
) -> None:
    """Spread the links over the machines of a Citus cluster. Writes wait until it is done; repeating it changes nothing.

    Parameters
    ----------
    shards
        Into how many parts; the server's citus.shard_count if it is not given.
    dry_run
        Say what would be done, and change nothing.
    """
    settings = options.settings()
    if not settings.is_postgres:
        raise InvalidSettings(
            "A SQLite database is one file on one machine: links are spread over several machines by PostgreSQL with "
            "the extension Citus, named like postgresql://user@host/name."
        )
    async with open_database(settings) as database:
        done = await distribute_links(database, shards, dry_run=dry_run)
    options.show(done, lambda: _said(done))


def _said(done: Distribution) -> str:
    nodes = [f"{name}: {count} shards" for name, count in done.nodes.items()] or ["no machine but this one"]
    words = _WORDS[done.state].format(rows=done.rows, shards=done.shards, seconds=done.seconds)
    return "\n".join([f"Citus {done.extension}", *nodes, words])
