"""Links behave like a plain dict, whatever is written, deleted, archived and restored."""

import asyncio
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from datalinks.errors import NotFound
from datalinks.model.connection import ConnectionDraft
from datalinks.model.customer import CustomerDraft
from datalinks.model.integration import IntegrationDraft
from datalinks.model.link import DataLink, DataLinkDraft, Direction, RequestedDirection
from datalinks.model.table import DataLinkTableDraft
from datalinks.services.instances import InstanceSelector
from datalinks.services.links import LinkQuery
from support.app import open_app
from support.engines import ENGINES

T = TypeVar("T")
TABLES = ("contacts", "users")
CUSTOMERS = ("acme", "globex")
# Few ids, so that sequences meet again; among them pairs that a careless comparison would confuse.
RECORD_IDS = ("1", "01", "a", "A", "é", "e\u0301", " ", "0")

record_ids = st.sampled_from(RECORD_IDS)
places = st.tuples(st.sampled_from(TABLES), st.sampled_from(CUSTOMERS))
directions = st.sampled_from([None, *RequestedDirection])

Place = tuple[str, str]
Key = tuple[Place, Direction, str, str]


class LinksMachine(RuleBasedStateMachine):
    """The services beside a dict from link to (id, number of its latest write)."""

    engine = "sqlite"

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.opened = open_app(Path(self.folder.name), self.engine)
        self.links: dict[Key, tuple[str, int]] = {}
        self.writes = 0
        self.archived: set[tuple[str, str]] = set()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    @initialize()
    def open(self) -> None:
        self.app = self.run(self.opened.__aenter__())
        self.run(self._fill())

    async def _fill(self) -> None:
        services = self.app.services
        self.admin = services.workspaces.operator(await services.workspaces.get(self.app.key))
        for table in TABLES:
            await services.tables.create(self.admin, DataLinkTableDraft(key=table))
        await services.integrations.create(self.admin, IntegrationDraft(key="crm"))
        for customer in CUSTOMERS:
            await services.customers.create(self.admin, CustomerDraft(name=customer, internal_id=customer))
            await services.connections.create(self.admin, ConnectionDraft(integration_key="crm", user_id=customer))

    def teardown(self) -> None:
        self.run(self.opened.__aexit__(None, None, None))
        self.loop.close()
        self.folder.cleanup()

    def selector(self, place: Place) -> InstanceSelector:
        table, customer = place
        return InstanceSelector(data_link_table_key=table, integration_key="crm", user_id=customer)

    def is_hidden(self, place: Place) -> bool:
        table, customer = place
        hiding = {("table", table), ("customer", customer), ("connection", customer), ("integration", "crm")}
        return bool(self.archived & (hiding | {("instance", "/".join(place))}))

    @rule(place=places, app_id=record_ids, external_id=record_ids, direction=directions)
    def create(self, place: Place, app_id: str, external_id: str, direction: RequestedDirection | None) -> None:
        draft = DataLinkDraft(app_record_id=app_id, external_record_id=external_id, direction=direction)
        try:
            written = self.run(self.app.services.links.create(self.admin, self.selector(place), draft))
        except NotFound:
            assert self.is_hidden(place)
            return
        assert not self.is_hidden(place)
        assert [link.direction for link in written] == list((direction or RequestedDirection.BOTH).directions)
        for link in written:
            self._remember((place, link.direction, app_id, external_id), link.id)

    def _remember(self, key: Key, id: str) -> None:
        self.writes += 1
        known = self.links.get(key)
        assert known is None or known[0] == id, "a link that is written again keeps its id"
        self.links[key] = (id, self.writes)

    @rule(place=places, app_id=record_ids, external_id=record_ids, direction=directions)
    def delete(self, place: Place, app_id: str, external_id: str, direction: RequestedDirection | None) -> None:
        draft = DataLinkDraft(app_record_id=app_id, external_record_id=external_id, direction=direction)
        try:
            count = self.run(self.app.services.links.delete(self.admin, self.selector(place), draft))
        except NotFound:
            assert self.is_hidden(place)
            return
        assert not self.is_hidden(place)
        meant = [(place, each, app_id, external_id) for each in (direction or RequestedDirection.BOTH).directions]
        assert count == sum(self.links.pop(key, None) is not None for key in meant)

    @rule(data=st.data())
    def get(self, data: st.DataObject) -> None:
        if not self.links:
            return
        key = data.draw(st.sampled_from(sorted(self.links)))
        try:
            link = self.run(self.app.services.links.get(self.admin, self.links[key][0]))
        except NotFound:
            assert self.is_hidden(key[0])
            return
        assert not self.is_hidden(key[0])
        assert (link.direction, link.app_record_id, link.external_record_id) == key[1:]

    @rule(data=st.data())
    def delete_by_id(self, data: st.DataObject) -> None:
        if not self.links:
            return
        key = data.draw(st.sampled_from(sorted(self.links)))
        try:
            self.run(self.app.services.links.delete_by_id(self.admin, self.links[key][0]))
        except NotFound:
            assert self.is_hidden(key[0])
            return
        assert not self.is_hidden(key[0])
        del self.links[key]

    @rule(what=st.sampled_from(["table", "customer", "connection", "integration", "instance"]), place=places)
    def archive_or_restore(self, what: str, place: Place) -> None:
        table, customer = place
        name = {"table": table, "integration": "crm", "instance": "/".join(place)}.get(what, customer)
        try:
            self.run(self._toggle(what, place, restore=(what, name) in self.archived))
        except NotFound:
            # Only an instance is named by other things, and only it may not exist yet.
            assert what == "instance"
            return
        self.archived ^= {(what, name)}

    async def _toggle(self, what: str, place: Place, *, restore: bool) -> None:
        table, customer = place
        services = self.app.services
        if what == "instance":
            act = services.instances.restore if restore else services.instances.archive
            await act(self.admin, self.selector(place))
        elif what == "table":
            await (services.tables.restore if restore else services.tables.archive)(self.admin, table)
        elif what == "customer":
            await (services.customers.restore if restore else services.customers.archive)(self.admin, customer)
        elif what == "integration":
            await (services.integrations.restore if restore else services.integrations.archive)(self.admin, "crm")
        else:
            await (services.connections.restore if restore else services.connections.archive)(
                self.admin, "crm", customer
            )

    @rule(
        place=places,
        app_id=st.none() | record_ids,
        external_id=st.none() | record_ids,
        direction=directions,
        limit=st.integers(1, 5),
    )
    def find(
        self,
        place: Place,
        app_id: str | None,
        external_id: str | None,
        direction: RequestedDirection | None,
        limit: int,
    ) -> None:
        if self.is_hidden(place):
            return
        found = self.run(self._find_all(place, app_id, external_id, direction, limit))
        assert [(link.id, link.direction) for link in found] == [
            (id, key[1]) for key, id in self.expected(place, app_id, external_id, direction)
        ]

    async def _find_all(
        self,
        place: Place,
        app_id: str | None,
        external_id: str | None,
        direction: RequestedDirection | None,
        limit: int,
    ) -> list[DataLink]:
        found: list[DataLink] = []
        cursor = "0"
        while cursor is not None:
            query = LinkQuery(
                app_record_id=app_id, external_record_id=external_id, direction=direction, limit=limit, cursor=cursor
            )
            page = await self.app.services.links.find(self.admin, self.selector(place), query)
            assert page.cursor is None or len(page.items) == limit, "only the last page is short"
            found += page.items
            cursor = page.cursor
        return found

    def expected(
        self, place: Place, app_id: str | None, external_id: str | None, direction: RequestedDirection | None
    ) -> list[tuple[Key, str]]:
        wanted = (direction or RequestedDirection.BOTH).directions
        matching = [
            (write, key, id)
            for key, (id, write) in self.links.items()
            if key[0] == place and key[1] in wanted and app_id in (None, key[2]) and external_id in (None, key[3])
        ]
        return [(key, id) for _, key, id in sorted(matching, reverse=True)]

    @invariant()
    def everything_visible_is_there(self) -> None:
        if not hasattr(self, "app"):
            return
        for table in TABLES:
            for customer in CUSTOMERS:
                place = (table, customer)
                try:
                    found = self.run(self._find_all(place, None, None, None, 1000))
                except NotFound:
                    assert self.is_hidden(place)
                else:
                    assert not self.is_hidden(place)
                    assert [link.id for link in found] == [id for _, id in self.expected(place, None, None, None)]


class PostgresMachine(LinksMachine):
    """The same on PostgreSQL."""

    engine = "postgres"


class CitusMachine(LinksMachine):
    """The same with links on several machines."""

    engine = "citus"


SETTINGS = settings(
    max_examples=40,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestLinks = LinksMachine.TestCase
TestLinks.settings = SETTINGS
TestLinksOnPostgres = PostgresMachine.TestCase
TestLinksOnPostgres.settings = SETTINGS


@pytest.mark.skipif("citus" not in ENGINES, reason="DATALINKS_TEST_CITUS names no cluster")
class TestLinksOnCitus(CitusMachine.TestCase):
    settings = settings(SETTINGS, max_examples=10)
