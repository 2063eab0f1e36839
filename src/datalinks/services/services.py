"""The services of one open store, as the API and the command line get them."""

from dataclasses import dataclass

from datalinks.services.batches import Batches
from datalinks.services.connections import Connections
from datalinks.services.counts import Counts
from datalinks.services.customers import Customers
from datalinks.services.exports import Exports
from datalinks.services.formulas import Formulas
from datalinks.services.idempotency import Idempotency
from datalinks.services.identity import Identity
from datalinks.services.imports import Imports
from datalinks.services.instances import Instances
from datalinks.services.integrations import Integrations
from datalinks.services.links import Links
from datalinks.services.tables import Tables
from datalinks.services.workspaces import Workspaces
from datalinks.store.database import Database


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a request can ask for."""

    database: Database
    identity: Identity
    idempotency: Idempotency
    workspaces: Workspaces
    customers: Customers
    integrations: Integrations
    connections: Connections
    tables: Tables
    instances: Instances
    links: Links
    batches: Batches
    imports: Imports
    exports: Exports
    counts: Counts
    formulas: Formulas
