"""The only place that builds things: settings become a store, services and the application."""

from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from datalinks.formulas.limits import Limits
from datalinks.ids import Clock
from datalinks.outgoing import Outgoing
from datalinks.sandbox.jsonata import Jsonata
from datalinks.sandbox.limits import Limits as SandboxLimits
from datalinks.services.batches import Batches
from datalinks.services.connection_finder import ConnectionFinder
from datalinks.services.connections import Connections
from datalinks.services.counts import Counts
from datalinks.services.customers import Customers
from datalinks.services.exports import Exports
from datalinks.services.formula_engines import FormulaEngines
from datalinks.services.formulas import Formulas
from datalinks.services.idempotency import Idempotency
from datalinks.services.identity import Identity
from datalinks.services.imports import Imports
from datalinks.services.instances import Instances
from datalinks.services.integrations import Integrations
from datalinks.services.link_answers import LinkFinder
from datalinks.services.links import Links
from datalinks.services.secrets import Secrets
from datalinks.services.services import Services
from datalinks.services.tables import Tables
from datalinks.services.token_keys import PublishedKeys
from datalinks.services.tokens import TokenVerifier
from datalinks.services.workspaces import Workspaces
from datalinks.settings import Settings
from datalinks.store.ambient import AmbientDatabase
from datalinks.store.cipher import Cipher, load_key, parse_key
from datalinks.store.database import Database
from datalinks.store.postgres import open_postgres
from datalinks.store.sqlite import SqliteDatabase
from datalinks.store.workspaces import list_workspaces

_FORMULA_THREADS = 2


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncGenerator[Database]:
    """The store, open but not migrated.

    Raises:
        InvalidSettings: it cannot be opened. Unavailable: it is out of reach.
    """
    database: Database
    if settings.is_postgres:
        database = await open_postgres(settings)
    else:
        database = SqliteDatabase(settings.sqlite_path, settings.sqlite_group)
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def open_services(settings: Settings, clock: Clock | None = None) -> AsyncGenerator[Services]:
    """The services over an open store whose schema is up to date.

    Raises:
        InvalidSettings: the store cannot be opened, is a newer version's, or the encryption key is not usable.
    """
    async with open_database(settings) as database:
        await database.migrate()
        outgoing = Outgoing(settings)
        async with open_formula_engines(settings) as engines:
            try:
                services = await _services(settings, AmbientDatabase(database), outgoing, engines, clock or Clock())
                await services.workspaces.check_key()
                yield services
            finally:
                await outgoing.close()


@asynccontextmanager
async def open_formula_engines(settings: Settings) -> AsyncGenerator[FormulaEngines]:
    """What formulas are computed with; nothing is started before it is needed."""
    limits = Limits(
        depth=settings.formula_depth,
        size=settings.formula_size,
        steps=settings.formula_steps,
        result_size=settings.formula_result_size,
    )
    sandbox = SandboxLimits(settings.jsonata_timeout_seconds, settings.jsonata_memory_mb * 1024 * 1024)
    jsonata = Jsonata(sandbox, size=settings.jsonata_processes)
    # More threads would only take turns, and leave the event loop fewer of them.
    executor = ThreadPoolExecutor(_FORMULA_THREADS, thread_name_prefix="formulas")
    try:
        yield FormulaEngines(jsonata, limits, executor, settings.formula_timeout_seconds)
    finally:
        await jsonata.close()
        executor.shutdown(wait=False, cancel_futures=True)


async def _encryption_key(settings: Settings, database: Database) -> bytes:
    if settings.encryption_key:
        return parse_key(settings.encryption_key)
    # A new key beside a store that has secrets already would leave them shut for good.
    return load_key(settings.key_path, may_make=not await list_workspaces(database))


async def _services(
    settings: Settings, database: AmbientDatabase, outgoing: Outgoing, engines: FormulaEngines, clock: Clock
) -> Services:
    secrets = Secrets(Cipher(await _encryption_key(settings, database)))
    published = PublishedKeys(outgoing.get, settings.jwks_max_age_seconds)
    verifier = TokenVerifier(published, settings.token_cache_size)
    customers = Customers(database, secrets, clock)
    integrations = Integrations(database, clock)
    finder = ConnectionFinder(database, integrations, customers)
    tables = Tables(database, clock, settings.customers_may_write_tables)
    instances = Instances(database, tables, finder, clock)
    return Services(
        database=database,
        identity=Identity(database, verifier, secrets, clock, settings.token_cache_size),
        idempotency=Idempotency(database, secrets, clock),
        workspaces=Workspaces(database, secrets, clock),
        customers=customers,
        integrations=integrations,
        connections=Connections(database, integrations, finder, secrets, clock),
        tables=tables,
        instances=instances,
        links=Links(database, instances, clock),
        batches=Batches(database, instances, clock),
        imports=Imports(database, instances, clock),
        exports=Exports(database, instances),
        counts=Counts(database, instances, tables, clock),
        formulas=Formulas(engines, LinkFinder(database, instances), finder),
    )
