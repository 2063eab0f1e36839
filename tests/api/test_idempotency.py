"""A POST under an Idempotency-Key is done once: sending it again repeats the answer, whatever happens in between."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from datalinks.api.app import make_app
from datalinks.api.endpoint import Endpoint
from datalinks.api.routes import routes
from datalinks.errors import NotFound
from datalinks.ids import Clock
from datalinks.model.link import DataLinkDraft
from datalinks.model.record import Draft, Record
from datalinks.services.caller import Caller
from datalinks.services.instances import InstanceSelector
from datalinks.services.services import Services
from datalinks.settings import Settings
from datalinks.store.idempotency import KeptRequest, OwnedKey, delete_expired, find_answered, put_answered
from datalinks.wiring import open_services
from support.app import Api, App
from support.dying import DEAD, REQUEST
from support.engines import settings_of
from support.rsgi import RsgiTransport
from support.tokens import mint

HOUR = 3_600_000_000
TABLES = "/data-link-tables"
# Each time it is done it makes another table, with a key made from the name.
TABLE = {"name": "Contacts"}


def own(response: httpx2.Response) -> tuple[int, bytes, list[tuple[str, str]]]:
    """What must be the same when an answer is repeated."""
    others = ("x-request-id", "idempotent-replayed")
    return response.status_code, response.content, [each for each in response.headers.items() if each[0] not in others]


async def send(api: Api, path: str, body: Any, key: str = "k", method: str = "POST") -> httpx2.Response:
    return await api.request(method, path, json=body, headers={"idempotency-key": key})


async def count_tables(api: Api) -> int:
    return len((await api.get(TABLES))["items"])


async def place(app: App, internal_id: str = "acme") -> tuple[Api, str]:
    """A customer with a connection, and the path of the links of its instance, which is not there yet."""
    await app.admin.request("POST", TABLES, json={"key": "contacts"})
    await app.admin.request("POST", "/integrations", json={"key": "crm"})
    customer = app.customer(internal_id)
    await customer.post("/connections", {"integrationKey": "crm"})
    return customer, "/data-link-table-instance/links?dataLinkTableKey=contacts&integrationKey=crm"


def assert_repeats(first: httpx2.Response, again: httpx2.Response) -> None:
    assert own(again) == own(first)
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"


async def test_creating_an_element_again_repeats_the_answer_byte_by_byte(app: App) -> None:
    first = await send(app.admin, TABLES, TABLE)
    again = await send(app.admin, TABLES, TABLE)

    assert first.status_code == 201
    assert_repeats(first, again)
    assert await count_tables(app.admin) == 1


async def test_creating_a_link_again_repeats_the_answer_byte_by_byte(app: App) -> None:
    customer, links = await place(app)
    link = {"appRecordId": "a\u00e9", "externalRecordId": "1"}

    first = await send(customer, links, link)
    await customer.request("DELETE", links, json=link)
    again = await send(customer, links, link)

    assert first.status_code == 201
    assert_repeats(first, again)
    assert (await customer.get(links))["items"] == [], "it is not written again"


async def test_an_answer_without_a_body_is_repeated(app: App) -> None:
    customer, _ = await place(app)
    path, link = f"{TABLES}/contacts/links?integrationKey=crm", {"appRecordId": "a", "externalRecordId": "1"}

    first = await send(customer, path, link)
    again = await send(customer, path, link)

    assert first.status_code == 204
    assert_repeats(first, again)


async def test_a_batch_is_repeated(app: App) -> None:
    customer, _ = await place(app)
    path = f"{TABLES}/contacts/links/batch?integrationKey=crm"
    operations = [
        *({"op": "create", "appRecordId": str(number), "externalRecordId": "1"} for number in range(300)),
        {"op": "find", "externalRecordId": "1", "direction": "import"},
        {"op": "delete", "appRecordId": "0", "externalRecordId": "1"},
    ]

    first = await send(customer, path, {"operations": operations})
    again = await send(customer, path, {"operations": operations})

    assert [each["status"] for each in first.json()["results"]] == ["written"] * 300 + ["found", "deleted"]
    assert_repeats(first, again)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (TABLES, {"name": "Others"}),
        (f"{TABLES}?layer=universal", TABLE),
        ("/integrations", TABLE),
    ],
)
async def test_another_request_under_the_key_is_refused(app: App, path: str, body: Any) -> None:
    await send(app.admin, TABLES, TABLE)

    response = await send(app.admin, path, body)

    assert response.status_code == 422
    assert response.json()["key"] == "idempotency_key_reused"
    assert (await app.admin.get("/integrations"))["items"] == []
    assert await count_tables(app.admin) == 1


@pytest.mark.parametrize("key", ["", "k" * 256, "\u00e9", "a\tb"])
async def test_a_key_is_printable_ascii_of_limited_length(app: App, key: str) -> None:
    headers = {name.encode(): value.encode() for name, value in app.admin.headers.items()}

    response = await app.admin.http.request(
        "POST", TABLES, json=TABLE, headers={**headers, b"idempotency-key": key.encode()}
    )

    assert response.status_code == 400
    assert "Idempotency-Key" in response.json()["message"]
    assert await count_tables(app.admin) == 0


@pytest.mark.parametrize("key", ["k" * 255, "~", "!", '"a b"'])
async def test_any_such_key_is_taken(app: App, key: str) -> None:
    assert (await send(app.admin, TABLES, TABLE, key)).status_code == 201


async def test_other_methods_ignore_the_header(app: App) -> None:
    await send(app.admin, TABLES, {"key": "contacts"})

    for method, path in (("GET", TABLES), ("PATCH", f"{TABLES}/contacts"), ("DELETE", f"{TABLES}/contacts")):
        response = await send(app.admin, path, {}, method=method)
        assert response.status_code == 200
        assert "idempotent-replayed" not in response.headers


async def test_an_import_refuses_a_key_and_says_what_to_do_instead(app: App) -> None:
    customer, _ = await place(app)
    path = f"{TABLES}/contacts/links/import?integrationKey=crm"

    response = await customer.request(
        "POST", path, content=b"", headers={"idempotency-key": "k", "content-type": "text/csv"}
    )

    assert response.status_code == 400
    assert "importId" in response.json()["message"]


async def test_errors_are_not_kept(app: App) -> None:
    customer, links = await place(app)
    await app.admin.delete(f"{TABLES}/contacts")
    link = {"appRecordId": "a", "externalRecordId": "1"}

    assert (await send(customer, links, link)).status_code == 404
    await app.admin.post(f"{TABLES}/contacts/restore")
    done = await send(customer, links, link)

    assert done.status_code == 201
    assert "idempotent-replayed" not in done.headers


async def test_keys_of_different_callers_are_different(app: App) -> None:
    other = await app.other_workspace("Other")
    acting = app.customer("acme", isAdmin=True)

    # The customer first: it may not make tables, and must not be told of those that others make.
    assert (await send(app.customer("acme"), TABLES, TABLE)).status_code == 403
    for api in (app.admin, acting, other):
        response = await send(api, TABLES, TABLE)
        assert response.status_code == 201
        assert "idempotent-replayed" not in response.headers
    assert (await send(app.customer("acme"), TABLES, TABLE)).status_code == 403


async def test_customers_do_not_share_keys(app: App) -> None:
    link = {"appRecordId": "a", "externalRecordId": "1"}
    for name in ("acme", "globex"):
        customer, links = await place(app, name)
        response = await send(customer, links, link)
        assert response.status_code == 201
        assert "idempotent-replayed" not in response.headers
        assert len((await customer.get(links))["items"]) == 2


async def test_200_at_once_are_done_once(app: App) -> None:
    api = app.admin

    responses = await asyncio.gather(*(send(api, TABLES, TABLE) for _ in range(200)))

    done = [each for each in responses if each.status_code == 201]
    others = {each.json()["key"] for each in responses if each.status_code != 201}
    assert len([each for each in done if "idempotent-replayed" not in each.headers]) == 1
    assert len({each.content for each in done}) == 1
    assert others <= {"idempotency_in_flight"}
    assert await count_tables(api) == 1
    assert_repeats(
        next(each for each in done if "idempotent-replayed" not in each.headers), await send(api, TABLES, TABLE)
    )


async def test_50_keys_at_once_are_all_done(app: App) -> None:
    responses = await asyncio.gather(*(send(app.admin, TABLES, {"key": f"t{each}"}, f"k{each}") for each in range(50)))

    assert [each.status_code for each in responses] == [201] * 50


class Outcome(Record, frozen=True, kw_only=True):
    """How often the handler has run."""

    runs: int


@dataclass
class Handlers:
    """Handlers that wait or fail when they are told to."""

    runs: int = 0
    entered: asyncio.Event = field(default_factory=asyncio.Event)
    go: asyncio.Event = field(default_factory=asyncio.Event)
    failure: Exception | None = None

    async def wait(self, services: Services, caller: Caller, body: Draft) -> Outcome:
        """Wait until the test says go."""
        self.runs += 1
        self.entered.set()
        await self.go.wait()
        return Outcome(runs=self.runs)

    async def link(
        self, services: Services, caller: Caller, instance: InstanceSelector, body: DataLinkDraft
    ) -> Outcome:
        """Write a link and fail."""
        await services.links.create(caller, instance, body)
        self.runs += 1
        if self.failure is not None:
            raise self.failure
        return Outcome(runs=self.runs)

    async def open(self, body: Draft) -> Outcome:
        """Count, for everyone."""
        self.runs += 1
        return Outcome(runs=self.runs)

    @property
    def table(self) -> list[Endpoint]:
        """The endpoints, beside those of the API."""
        return [
            Endpoint("POST", "/wait", self.wait, "Test"),
            Endpoint("POST", "/link", self.link, "Test"),
            Endpoint("POST", "/open", self.open, "Test"),
            *routes(),
        ]


@asynccontextmanager
async def opened(
    settings: Settings, handlers: Handlers, clock: Clock | None = None, beside: App | None = None
) -> AsyncGenerator[App]:
    """The application as one process has it, with a workspace of its own or that of the process beside it."""
    async with open_services(settings, clock) as services:
        if beside is None:
            made = await services.workspaces.create("Test")
            key, secret = made.key, made.secret
        else:
            key, secret = beside.key, beside.secret
        transport = RsgiTransport(make_app(services, settings, handlers.table))
        async with httpx2.AsyncClient(transport=transport, base_url="http://datalinks.test") as http:
            yield App(services, http, key, secret)


@pytest.fixture
async def settings(tmp_path: Path, engine: str) -> AsyncGenerator[Settings]:
    with settings_of(engine, tmp_path) as found:
        chosen: dict[str, Any] = {**found}
        yield Settings(**chosen)


async def test_a_request_that_is_under_way_is_refused_until_it_is_done(settings: Settings) -> None:
    handlers = Handlers()
    async with opened(settings, handlers) as app:
        first = asyncio.create_task(send(app.admin, "/wait", {}))
        await handlers.entered.wait()

        meanwhile = await send(app.admin, "/wait", {})
        other = await send(app.admin, "/wait", {"other": 1})
        handlers.go.set()
        done = await first

        assert (meanwhile.status_code, meanwhile.json()["key"]) == (409, "idempotency_in_flight")
        assert meanwhile.headers["retry-after"] == "1"
        assert other.status_code == 422
        assert_repeats(done, await send(app.admin, "/wait", {}))
        assert handlers.runs == 1


async def test_a_request_that_is_under_way_in_another_process_is_not_done_by_this_one(
    settings: Settings, engine: str
) -> None:
    handlers = Handlers()
    async with opened(settings, handlers) as here, opened(settings, handlers, beside=here) as there:
        first = asyncio.create_task(send(here.admin, "/wait", {}))
        await handlers.entered.wait()

        second = asyncio.create_task(send(there.admin, "/wait", {}))
        if engine != "sqlite":
            assert (await second).status_code == 409
        handlers.go.set()
        done = await first

        # SQLite has one writer in all processes together, for whom the second has waited.
        assert_repeats(done, await second if engine == "sqlite" else await send(there.admin, "/wait", {}))
        assert handlers.runs == 1


@pytest.mark.parametrize("failure", [NotFound("No."), ValueError("unforeseen")])
async def test_a_request_that_fails_leaves_nothing_behind_and_can_be_sent_again(
    settings: Settings, failure: Exception
) -> None:
    handlers = Handlers(failure=failure)
    async with opened(settings, handlers) as app:
        customer, links = await place(app)
        path, link = (
            links.replace("/data-link-table-instance/links", "/link"),
            {"appRecordId": "a", "externalRecordId": "1"},
        )

        failed = await send(customer, path, link)
        # What was undone must not be remembered: the number of the instance that was made is given to another one now.
        other, others_links = await place(app, "globex")
        await other.post(others_links, {"appRecordId": "x", "externalRecordId": "2"})
        before = (await customer.get(links))["items"]
        handlers.failure = None
        done = await send(customer, path, link)

        assert failed.status_code == (404 if isinstance(failure, NotFound) else 500)
        assert before == []
        assert (done.status_code, done.json()) == (200, {"runs": 2})
        assert {each["appRecordId"] for each in (await customer.get(links))["items"]} == {"a"}
        assert {each["appRecordId"] for each in (await other.get(others_links))["items"]} == {"x"}


async def test_a_request_that_is_given_up_can_be_sent_again(settings: Settings) -> None:
    handlers = Handlers()
    async with opened(settings, handlers) as app:
        first = asyncio.create_task(send(app.admin, "/wait", {}))
        await handlers.entered.wait()
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first

        handlers.go.set()
        done = await send(app.admin, "/wait", {})

        assert (done.status_code, done.json()) == (200, {"runs": 2})


async def test_an_endpoint_that_is_open_to_everyone_ignores_the_header(settings: Settings) -> None:
    async with opened(settings, Handlers()) as app:
        for runs in (1, 2):
            assert (await send(app.bearing(None), "/open", {})).json() == {"runs": runs}


def die(when: str, settings: Settings, token: str) -> None:
    """Send ``REQUEST`` to a process that dies over it."""
    given = json.dumps({"database": settings.database, "encryption_key": settings.encryption_key})
    command = [sys.executable, "-m", "support.dying", when, given, token]
    died = subprocess.run(command, cwd=Path(__file__).parents[1], check=False, timeout=60)
    assert died.returncode == DEAD


async def answer_of(app: App) -> httpx2.Response:
    """The answer to ``REQUEST``, once PostgreSQL has noticed that the process is gone."""
    async with asyncio.timeout(20):
        while True:
            response = await send(app.admin, REQUEST["url"], REQUEST["json"], REQUEST["headers"]["idempotency-key"])
            if response.status_code != 409:
                return response


async def test_a_process_that_dies_between_commit_and_reply_has_done_the_request(settings: Settings) -> None:
    async with opened(settings, Handlers()) as app:
        await asyncio.to_thread(die, "before-reply", settings, mint(app.key, app.secret))

        answer = await answer_of(app)

        assert answer.status_code == 201
        assert answer.headers["idempotent-replayed"] == "true"
        assert [each["id"] for each in (await app.admin.get(TABLES))["items"]] == [answer.json()["id"]]


async def test_a_process_that_dies_before_the_commit_has_not_done_the_request(settings: Settings) -> None:
    async with opened(settings, Handlers()) as app:
        await asyncio.to_thread(die, "before-commit", settings, mint(app.key, app.secret))

        answer = await answer_of(app)

        assert answer.status_code == 201
        assert "idempotent-replayed" not in answer.headers
        assert await count_tables(app.admin) == 1


@dataclass
class Wall:
    """A clock on the wall that the test turns."""

    microseconds: int = 1_800_000_000_000_000

    def __call__(self) -> int:
        return self.microseconds


async def test_an_answer_is_kept_for_a_day(settings: Settings) -> None:
    wall = Wall()
    async with opened(settings, Handlers(), Clock(wall)) as app:
        admin = app.bearing(mint(app.key, app.secret, exp=None))
        first = await send(admin, TABLES, TABLE)

        wall.microseconds += 24 * HOUR - 1_000_000
        assert_repeats(first, await send(admin, TABLES, TABLE))
        wall.microseconds += 2_000_000
        anew = await send(admin, TABLES, TABLE)

        assert anew.status_code == 201
        assert anew.json()["id"] != first.json()["id"]
        assert_repeats(anew, await send(admin, TABLES, TABLE))


async def test_answers_whose_time_is_over_are_deleted_a_few_at_a_time(settings: Settings) -> None:
    wall = Wall()
    async with opened(settings, Handlers(), Clock(wall)) as app:
        admin = app.bearing(mint(app.key, app.secret, exp=None))
        for number in range(15):
            await send(admin, TABLES, TABLE, f"old {number}")

        wall.microseconds += 25 * HOUR
        await send(admin, TABLES, TABLE, "new")

        async with app.services.database.transaction() as tx:
            assert await delete_expired(tx, wall.microseconds) == 5
            assert await delete_expired(tx, wall.microseconds) == 0


async def test_what_is_kept_is_not_overwritten_and_does_not_help_to_guess_the_request(settings: Settings) -> None:
    wall = Wall()
    async with opened(settings, Handlers(), Clock(wall)) as app:
        workspace = await app.services.workspaces.get(app.key)
        owned = OwnedKey(workspace.id, "admin/", "k")
        first = await send(app.bearing(mint(app.key, app.secret, exp=None)), TABLES, TABLE)
        kept = await find_answered(app.services.database, owned, wall.microseconds)

        assert kept is not None
        assert (kept.answer.status, kept.answer.body) == (first.status_code, first.content)
        assert len(kept.sealed_hash) > 64, "a plain SHA-256 has 64 digits"
        async with app.services.database.transaction() as tx:
            other = KeptRequest("other", kept.answer)
            assert not await put_answered(tx, owned, other, wall.microseconds, wall.microseconds + HOUR)
        assert await find_answered(app.services.database, owned, wall.microseconds) == kept


async def test_the_document_has_the_header_on_every_post_that_takes_it(app: App) -> None:
    document = await app.bearing(None).get("/openapi.json")

    taking = {
        path
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if method == "post" and "Idempotency-Key" in {each["name"] for each in operation["parameters"]}
    }
    posts = {path for path, operations in document["paths"].items() if "post" in operations}
    # What transfers a file, changes nothing, signs somebody in, or asks somebody else, whose key it is then.
    assert posts - taking == {
        "/console/session",
        "/data-link-tables/{selector}/links/import",
        "/formulas/evaluate",
        "/app-event-subscription/subscribe",
        "/connections/{selector}/api/{path}",
        "/connections/{selector}/proxy",
        "/connections/{selector}/proxy/{path}",
        "/connections/{selector}/refresh-credentials",
    }
