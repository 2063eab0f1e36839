"""The services of one open store, as the API and the command line get them."""

from dataclasses import dataclass

from datalinks.outgoing import Outgoing
from datalinks.sandbox.javascript import JavaScript
from datalinks.services.activity import LinkActivity
from datalinks.services.app_event_subscriptions import AppEventSubscriptions
from datalinks.services.app_event_types import AppEventTypes
from datalinks.services.app_events import AppEvents
from datalinks.services.batches import Batches
from datalinks.services.connections import Connections
from datalinks.services.counts import Counts
from datalinks.services.customers import Customers
from datalinks.services.exports import Exports
from datalinks.services.external_apps import ExternalApps
from datalinks.services.flow_instances import FlowInstances
from datalinks.services.flow_runs import FlowRuns
from datalinks.services.flows import Flows
from datalinks.services.formulas import Formulas
from datalinks.services.idempotency import Idempotency
from datalinks.services.identity import Identity
from datalinks.services.imports import Imports
from datalinks.services.instances import Instances
from datalinks.services.integrations import Integrations
from datalinks.services.launches import Launches
from datalinks.services.links import Links
from datalinks.services.overviews import Overviews
from datalinks.services.record_search import RecordSearch
from datalinks.services.schedules import Schedules
from datalinks.services.sessions import Sessions
from datalinks.services.subscribing import Subscribing
from datalinks.services.tables import Tables
from datalinks.services.workspaces import Workspaces
from datalinks.services.your_app import YourApp
from datalinks.store.ambient import AmbientDatabase


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a request can ask for."""

    database: AmbientDatabase
    identity: Identity
    sessions: Sessions
    idempotency: Idempotency
    workspaces: Workspaces
    customers: Customers
    integrations: Integrations
    connections: Connections
    external_apps: ExternalApps
    your_app: YourApp
    tables: Tables
    instances: Instances
    flows: Flows
    flow_instances: FlowInstances
    flow_runs: FlowRuns
    launches: Launches
    app_event_types: AppEventTypes
    app_event_subscriptions: AppEventSubscriptions
    subscribing: Subscribing
    app_events: AppEvents
    schedules: Schedules
    outgoing: Outgoing
    javascript: JavaScript
    links: Links
    record_search: RecordSearch
    batches: Batches
    imports: Imports
    exports: Exports
    counts: Counts
    activity: LinkActivity
    overviews: Overviews
    formulas: Formulas
