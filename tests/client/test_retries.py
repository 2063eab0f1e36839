"""Calls that are sent again."""

from collections.abc import Callable, Generator
from datetime import UTC, datetime
from typing import Any

import pytest
import stamina
from stamina.instrumentation import RetryDetails, set_on_retry_hooks

from client.both import AnyClient, Connect, done
from client.stub import HANG_UP, Reply, Stub, failure
from datalinks.client.retrying import pause_seconds
from datalinks.errors import AlreadyExists, DataLinksError, NotFound, RateLimited, Unavailable

IDENTITY = Reply(200, {"id": "1", "name": "n", "internalId": "i", "isAdmin": False, "workspaceKey": "w"})
BUSY = failure(503, "unavailable")
CALLS: dict[str, Callable[[AnyClient], Any]] = {
    "GET": lambda client: client.tables.get("t"),
    "list": lambda client: client.customers.list_page(),
    "PUT": lambda client: client.integrations.put("i", name="n"),
    "DELETE": lambda client: client.connections.archive("c"),
    "create an instance": lambda client: client.instances.create(table="t", connection="c"),
    "create a link": lambda client: client.links_of(table="t", connection="c").create(
        app_record_id="1", external_record_id="2"
    ),
    "delete a link": lambda client: client.links_of(table="t", connection="c").delete(
        app_record_id="1", external_record_id="2"
    ),
    "create a table": lambda client: client.tables.create(key="t"),
    "create a customer": lambda client: client.customers.create(name="c"),
    "create an integration": lambda client: client.integrations.create(key="i"),
    "create a connection": lambda client: client.connections.create(integration_key="i"),
    "ensure": lambda client: client.connections.ensure("https://example.com"),
    "restore": lambda client: client.tables.restore("t"),
    "PATCH": lambda client: client.tables.patch("t", name="n"),
    "PATCH self": lambda client: client.patch_self(credentials=1),
}
ONCE = {"PATCH", "PATCH self"}


@pytest.fixture
def pauses() -> Generator[list[float]]:
    """The pauses before calls that are sent again."""
    seen: list[float] = []

    def hook(details: RetryDetails) -> None:
        seen.append(details.wait_for)

    set_on_retry_hooks([hook])
    yield seen
    set_on_retry_hooks(None)


@pytest.fixture
def no_pauses() -> Generator[None]:
    """Calls are sent again at once."""
    with stamina.set_testing(testing=True, attempts=100, cap=True):
        yield


@pytest.mark.usefixtures("no_pauses")
@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("reply", [HANG_UP, BUSY, failure(429, "rate_limit_exceeded")], ids=["hang up", "503", "429"])
async def test_only_calls_that_may_be_sent_twice_are_sent_again(
    connect: Connect, stub: Stub, name: str, reply: Reply
) -> None:
    stub.will(reply)

    with pytest.raises((Unavailable, RateLimited)):
        await done(CALLS[name](connect(stub.url, token="t")))

    assert len(stub.asked) == (1 if name in ONCE else 3)
    assert len({(each.method, each.target, each.body) for each in stub.asked}) == 1
    keys = {each.headers.get("idempotency-key") for each in stub.asked}
    assert len(keys) == 1, "every try of one call has the same key"
    writes_links = stub.asked[0].target.partition("?")[0].endswith("/links")
    assert (keys == {None}) == (stub.asked[0].method != "POST" or writes_links), "links need none: twice is once"


@pytest.mark.usefixtures("no_pauses")
async def test_a_call_whose_first_try_is_still_under_way_is_sent_until_it_is_answered(
    connect: Connect, stub: Stub
) -> None:
    stub.will(HANG_UP, failure(409, "idempotency_in_flight"), failure(409, "already_exists"))

    with pytest.raises(AlreadyExists):
        await done(connect(stub.url, token="t").tables.create(key="t"))

    assert len(stub.asked) == 3


async def test_every_call_has_a_key_of_its_own(connect: Connect, stub: Stub) -> None:
    stub.will(failure(404, "not_found"))
    client = connect(stub.url, token="t")

    for _ in range(2):
        with pytest.raises(NotFound):
            await done(client.tables.create(key="t"))

    keys = {each.headers["idempotency-key"] for each in stub.asked}
    assert len(keys) == 2
    assert all(len(key) == 32 for key in keys)


@pytest.mark.usefixtures("no_pauses")
async def test_a_success_after_failures_is_a_success(connect: Connect, stub: Stub) -> None:
    stub.will(HANG_UP, BUSY, IDENTITY)

    assert (await done(connect(stub.url, token="t").get_self())).name == "n"


@pytest.mark.usefixtures("no_pauses")
@pytest.mark.parametrize("retries", [0, 1, 5])
async def test_how_often_is_for_the_caller_to_say(connect: Connect, stub: Stub, retries: int) -> None:
    stub.will(BUSY)

    with pytest.raises(Unavailable):
        await done(connect(stub.url, token="t", retries=retries).get_self())

    assert len(stub.asked) == 1 + retries


@pytest.mark.usefixtures("no_pauses")
@pytest.mark.parametrize("reply", [failure(404, "not_found"), failure(507, "storage_full"), Reply(500, b"?")])
async def test_an_error_that_will_not_pass_is_not_asked_for_again(connect: Connect, stub: Stub, reply: Reply) -> None:
    stub.will(reply)

    with pytest.raises(DataLinksError):
        await done(connect(stub.url, token="t").tables.get("t"))

    assert len(stub.asked) == 1


@pytest.mark.usefixtures("no_pauses")
async def test_the_last_error_is_the_one_that_is_raised(connect: Connect, stub: Stub) -> None:
    stub.will(HANG_UP, failure(404, "not_found"))

    with pytest.raises(NotFound, match="The answer is not_found"):
        await done(connect(stub.url, token="t").tables.get("t"))


async def test_the_pause_is_as_long_as_the_server_asks(connect: Connect, stub: Stub, pauses: list[float]) -> None:
    stub.will(
        failure(429, "rate_limit_exceeded", retry_after="0"), failure(503, "unavailable", retry_after="0.03"), IDENTITY
    )

    await done(connect(stub.url, token="t").get_self())

    assert pauses == pytest.approx([0, 0.03])


async def test_a_pause_that_is_too_long_is_left_to_the_caller(
    connect: Connect, stub: Stub, pauses: list[float]
) -> None:
    stub.will(failure(429, "rate_limit_exceeded", retry_after="3600"))

    with pytest.raises(RateLimited):
        await done(connect(stub.url, token="t").get_self())

    assert (pauses, len(stub.asked)) == ([], 1)


async def test_without_a_word_of_the_server_the_pause_is_short_and_by_chance(
    connect: Connect, stub: Stub, pauses: list[float]
) -> None:
    stub.will(HANG_UP, IDENTITY)

    await done(connect(stub.url, token="t").get_self())

    assert len(pauses) == 1
    assert 0.2 <= pauses[0] <= 0.4


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("2", 2.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        ("Thu, 01 Jan 2026 00:00:10 GMT", 10.0),
        ("Thu, 01 Jan 2026 00:00:10 -0000", 10.0),
        ("Wed, 31 Dec 2025 00:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("nan", None),
        ("inf", None),
    ],
)
def test_retry_after_is_a_number_or_a_date(header: str, seconds: float | None) -> None:
    assert pause_seconds(header, datetime(2026, 1, 1, tzinfo=UTC)) == seconds
