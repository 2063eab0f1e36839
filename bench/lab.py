"""What the measurements share: programs and filled databases, made when first asked for and ended with the run."""

import shutil
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from bench import records
from bench.failures import BenchFailed
from bench.options import Options
from bench.processes import datalinks
from bench.processes.datalinks import Datalinks
from bench.processes.handrolled import HandRolled
from bench.processes.postgres import Postgres
from bench.processes.redis import Redis
from bench.raw_postgres import RawPostgres
from bench.raw_sqlite import RawSqlite
from bench.raw_store import Engine
from bench.records import Pair

SQLITE_FILE = "datalinks.db"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stage:
    """A running server, and its database without it.

    database: its address.
    """

    database: str
    folder: Path
    server: Datalinks
    raw: RawSqlite | RawPostgres

    def import_links(self, pairs: Sequence[Pair], direction: str = "import") -> float:
        """Import links through the server; the seconds it took.

        Raises:
            BenchFailed: not every one is there afterwards.
        """
        before = self.raw.count()
        seconds = self.server.import_csv(records.csv_lines(pairs, direction))
        if (came := self.raw.count() - before) != len(pairs):
            raise BenchFailed(f"an import of {len(pairs)} rows brought {came}")
        return seconds

    def fill(self, links: int) -> None:
        """Import the links of a table that is asked, in random order, and check that the server finds one."""
        pairs = records.kept(links)
        self.import_links(pairs)
        self.raw.settle()
        self.check(pairs[0])

    def check(self, expected: Pair) -> None:
        """See that the server answers with a link.

        Raises:
            BenchFailed: it does not.
        """
        found = self.server.find(expected.app_record_id)
        if [each["externalRecordId"] for each in found] != [expected.external_record_id]:
            raise BenchFailed(f"the link of {expected.app_record_id} was not found")


class Lab:
    """Starts and remembers. Everything is in one folder and ends with the stack."""

    def __init__(self, options: Options, folder: Path, stack: ExitStack) -> None:
        self.options = options
        self.folder = folder
        self._stack = stack
        self._numbers = count(1)
        self._made: dict[str, Any] = {}

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What goes by this name, made when it is first asked for."""
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]

    @property
    def postgres(self) -> Postgres:
        """The cluster."""
        return self.once("postgres", lambda: Postgres(self.folder, self._stack))

    @property
    def postgres_version(self) -> str | None:
        """The version of the cluster; None if nobody asked for it."""
        return self._made["postgres"].version if "postgres" in self._made else None

    @property
    def redis(self) -> Redis:
        """Redis with as many links as the filled tables."""
        return self.once("redis", lambda: Redis(self.folder, self.options.links, self._stack))

    def handrolled(self, engine: Engine) -> HandRolled:
        """The service that a team would write, with as many links."""

        def make() -> HandRolled:
            folder = self._new_folder()
            database = self._database(engine, folder)
            address = database.replace(":", "+asyncpg:" if engine is Engine.POSTGRES else "+aiosqlite:", 1)
            return HandRolled(folder, address, self.options.links, self._stack)

        return self.once(f"handrolled {engine}", make)

    def filled(self, engine: Engine, links: int | None = None) -> Stage:
        """A server with so many links, else as many as the options say; nobody changes them."""
        links = self.options.links if links is None else links

        def make() -> Stage:
            stage = self.empty(engine, self._stack)
            stage.fill(links)
            return stage

        return self.once(f"filled {engine} {links}", make)

    def scratch(self, engine: Engine) -> Stage:
        """A server whose links everybody may change; at first there are none."""
        return self.once(f"scratch {engine}", lambda: self.empty(engine, self._stack))

    def plain_database(self, engine: Engine, name: str) -> str:
        """The address of a new database for a peer, as SQLAlchemy has them."""
        folder = self._new_folder()
        if engine is Engine.SQLITE:
            return f"sqlite:///{folder / name}.db"
        return self._database(engine, folder).replace("postgresql:", "postgresql+psycopg:", 1)

    def empty(self, engine: Engine, stack: ExitStack, **settings: str) -> Stage:
        """A new server without links, ended with the stack; settings: its variables."""
        folder = self._new_folder()
        database = self._database(engine, folder)
        workspace = datalinks.create_workspace(folder, database)
        server = stack.enter_context(datalinks.serve(folder, database, workspace, settings))
        server.set_up()
        return self._stage(folder, database, server, stack)

    def again(self, stage: Stage, stack: ExitStack, **settings: str) -> Stage:
        """Another process of the server on the links of a stage: on a copy of a SQLite file, else on the same database.

        settings: the server's variables.
        """
        folder, database = self._new_folder(), stage.database
        if isinstance(stage.raw, RawSqlite):
            stage.raw.settle()
            stack.callback(shutil.rmtree, folder)
            database = self._database(Engine.SQLITE, folder)
            shutil.copy(stage.folder / SQLITE_FILE, folder)
        server = stack.enter_context(datalinks.serve(folder, database, stage.server.workspace, settings))
        return self._stage(folder, database, server, stack)

    def _stage(self, folder: Path, database: str, server: Datalinks, stack: ExitStack) -> Stage:
        raw = RawSqlite(folder / SQLITE_FILE) if database.startswith("sqlite") else RawPostgres(database)
        stack.callback(raw.close)
        return Stage(database, folder, server, raw)

    def _database(self, engine: Engine, folder: Path) -> str:
        """The address of a database that is new."""
        if engine is Engine.POSTGRES:
            return self.postgres.create_database(folder.name)
        return f"sqlite:///{folder / SQLITE_FILE}"

    def _new_folder(self) -> Path:
        folder = self.folder / f"bench_{next(self._numbers)}"
        folder.mkdir()
        return folder
