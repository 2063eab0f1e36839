"""The only place that builds things: settings become a store, services and the application."""

import asyncio
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from prometheus_client import CollectorRegistry

from datalinks.flows.checking import check_nodes
from datalinks.flows.definition import read_nodes
from datalinks.flows.engine import Engine, EngineLimits
from datalinks.flows.metrics import FlowMetrics
from datalinks.flows.outside import Outside
from datalinks.formulas.limits import Limits
from datalinks.ids import Clock
from datalinks.outgoing import Outgoing
from datalinks.sandbox.javascript import JavaScript
from datalinks.sandbox.jsonata import Jsonata
from datalinks.sandbox.limits import Limits as SandboxLimits
from datalinks.services.access_tokens import AccessTokens
from datalinks.services.activity import LinkActivity
from datalinks.services.app_event_subscriptions import AppEventSubscriptions
from datalinks.services.app_event_types import AppEventTypes
from datalinks.services.app_events import AppEvents
from datalinks.services.batches import Batches
from datalinks.services.connection_finder import ConnectionFinder
from datalinks.services.connections import Connections
from datalinks.services.counts import Counts
from datalinks.services.customers import Customers
from datalinks.services.event_formulas import EventFormulas
from datalinks.services.exports import Exports
from datalinks.services.external_apps import ExternalApps
from datalinks.services.flow_instances import FlowInstances
from datalinks.services.flow_runs import FlowRuns
from datalinks.services.flow_setup import FlowSetup
from datalinks.services.flows import Flows
from datalinks.services.formula_engines import FormulaEngines
from datalinks.services.formulas import Formulas
from datalinks.services.idempotency import Idempotency
from datalinks.services.identity import Identity
from datalinks.services.imports import Imports
from datalinks.services.instances import Instances
from datalinks.services.integrations import Integrations
from datalinks.services.launches import Launches
from datalinks.services.link_answers import LinkFinder
from datalinks.services.links import Links
from datalinks.services.overviews import Overviews
from datalinks.services.record_search import RecordSearch
from datalinks.services.schedules import Schedules
from datalinks.services.secrets import Secrets
from datalinks.services.services import Services
from datalinks.services.sessions import Sessions, SessionVerifier
from datalinks.services.subscribing import Subscribing
from datalinks.services.tables import Tables
from datalinks.services.token_keys import PublishedKeys
from datalinks.services.tokens import TokenVerifier
from datalinks.services.workspaces import Workspaces
from datalinks.services.your_app import YourApp
from datalinks.settings import Settings
from datalinks.store.ambient import AmbientDatabase
from datalinks.store.cipher import Cipher, load_key, parse_key
from datalinks.store.database import Database
from datalinks.store.postgres import open_postgres
from datalinks.store.sqlite import SqliteDatabase
from datalinks.store.workspaces import list_workspaces
from datalinks.worker import Worker, WorkerLimits

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
        async with AsyncExitStack() as stack:
            outgoing = Outgoing(settings)
            stack.push_async_callback(outgoing.close)
            javascript = _javascript(settings)
            stack.push_async_callback(javascript.close)
            engines = await stack.enter_async_context(open_formula_engines(settings))
            parts = _Parts(AmbientDatabase(database), outgoing, engines, javascript, clock or Clock())
            services = await _services(settings, parts)
            await services.workspaces.check_key()
            await stack.enter_async_context(services.activity.kept())
            yield services


@dataclass(frozen=True, slots=True)
class _Parts:
    """What services are built of."""

    database: AmbientDatabase
    outgoing: Outgoing
    engines: FormulaEngines
    javascript: JavaScript
    clock: Clock


def _javascript(settings: Settings) -> JavaScript:
    limits = SandboxLimits(settings.javascript_timeout_seconds, settings.javascript_memory_mb * 1024 * 1024)
    return JavaScript(limits, size=settings.javascript_processes)


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


@asynccontextmanager
async def open_worker(
    settings: Settings, services: Services, clock: Clock, registry: CollectorRegistry | None = None
) -> AsyncGenerator[Worker]:
    """A worker that is at work, and is stopped when the block is left.

    clock: that of the services, as no moment of one process may be given away twice. registry: where its metrics stand.
    """
    worker = make_worker(settings, services, clock, FlowMetrics(registry or CollectorRegistry()))
    services.launches.listen(worker.wake)
    working = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        worker.stop()
        await working


def make_worker(settings: Settings, services: Services, clock: Clock, metrics: FlowMetrics) -> Worker:
    """A worker that is not at work yet."""
    limits = WorkerLimits(
        runs=settings.flow_runs,
        places=settings.flow_runs_per_connection,
        lease_seconds=settings.flow_lease_seconds,
        poll_seconds=settings.flow_poll_seconds,
        run_seconds=settings.flow_run_seconds,
        claims=settings.flow_claims,
        stop_seconds=settings.flow_stop_seconds,
        keep_days=settings.flow_retention_days,
    )
    engine = Engine(services.database, clock, EngineLimits(node_runs=settings.flow_node_runs), metrics.node_runs.inc)
    return Worker(
        services.database,
        engine,
        services.formulas.engines,
        LinkFinder(services.database, services.instances, services.activity),
        services.instances,
        clock,
        limits,
        metrics,
        outside_of(services, clock),
        services.schedules.launch_due,
        services.app_events.forget_expired,
        services.subscribing.ask_due,
    )


def outside_of(services: Services, clock: Clock) -> Outside:
    """What flows reach outside the server."""
    return Outside(
        services.database,
        services.workspaces,
        services.connections,
        services.external_apps,
        services.your_app,
        services.outgoing,
        services.javascript,
        clock,
    )


async def _encryption_key(settings: Settings, database: Database) -> bytes:
    if settings.encryption_key:
        return parse_key(settings.encryption_key)
    # A new key beside a store that has secrets already would leave them shut for good.
    return load_key(settings.key_path, may_make=not await list_workspaces(database))


async def _services(settings: Settings, parts: _Parts) -> Services:
    database, outgoing, engines, clock = parts.database, parts.outgoing, parts.engines, parts.clock
    secrets = Secrets(Cipher(await _encryption_key(settings, database)))
    published = PublishedKeys(outgoing.get, settings.jwks_max_age_seconds)
    verifier = TokenVerifier(published, settings.token_cache_size)
    identity = Identity(database, verifier, secrets, clock, settings.token_cache_size)
    session_identity = Identity(database, SessionVerifier(secrets, clock), secrets, clock, settings.token_cache_size)
    customers = Customers(database, secrets, clock)
    integrations = Integrations(database, secrets, clock)
    finder = ConnectionFinder(database, integrations, customers)
    tables = Tables(database, clock, settings.customers_may_write_tables)
    instances = Instances(database, tables, finder, clock)
    workspaces = Workspaces(database, secrets, clock)
    your_app = YourApp(database, secrets, outgoing, clock)
    public_url = settings.public_url.rstrip("/")
    subscribing = Subscribing(
        database,
        workspaces,
        finder,
        engines,
        your_app,
        clock,
        public_url=public_url,
        patience_seconds=settings.outgoing_timeout_seconds + settings.formula_timeout_seconds,
    )
    flow_setup = FlowSetup(clock)
    flows = Flows(database, integrations, flow_setup, subscribing, check_nodes, clock)
    flow_instances = FlowInstances(database, flows, integrations, finder, flow_setup, subscribing, check_nodes, clock)
    launches = Launches()
    flow_runs = FlowRuns(
        database,
        flow_instances,
        clock,
        start_of=lambda nodes, wanted: read_nodes(nodes).start(wanted),
        queue_limit=settings.flow_queue_per_connection,
        on_launch=launches.tell,
    )
    activity = LinkActivity(database, clock)
    counts = Counts(database, instances, tables, clock)
    app_event_types = AppEventTypes(database, clock)
    return Services(
        database=database,
        identity=identity,
        sessions=Sessions(
            database, identity, session_identity, secrets, clock, lifetime_seconds=settings.console_session_seconds
        ),
        idempotency=Idempotency(database, secrets, clock),
        workspaces=workspaces,
        customers=customers,
        integrations=integrations,
        connections=Connections(database, integrations, finder, secrets, flow_setup, subscribing, clock),
        external_apps=ExternalApps(
            database, integrations, finder, AccessTokens(database, secrets, outgoing, clock), outgoing
        ),
        your_app=your_app,
        tables=tables,
        instances=instances,
        flows=flows,
        flow_instances=flow_instances,
        flow_runs=flow_runs,
        launches=launches,
        app_event_types=app_event_types,
        app_event_subscriptions=AppEventSubscriptions(
            database, app_event_types, finder, subscribing, clock, public_url=public_url
        ),
        subscribing=subscribing,
        app_events=AppEvents(
            database,
            flow_runs,
            EventFormulas(engines),
            finder,
            clock,
            kept_for=timedelta(days=settings.app_event_days),
        ),
        schedules=Schedules(database, flow_runs),
        outgoing=outgoing,
        javascript=parts.javascript,
        links=Links(database, instances, activity, clock),
        record_search=RecordSearch(database),
        batches=Batches(database, instances, activity, clock),
        imports=Imports(database, instances, activity, clock),
        exports=Exports(database, instances),
        counts=counts,
        activity=activity,
        overviews=Overviews(database, counts, activity, clock),
        formulas=Formulas(engines, LinkFinder(database, instances, activity), finder),
    )
