"""Where tokens come from, and when another one is needed."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import jwt
import pytest

from client.both import Connect, done
from client.stub import Reply, Stub, failure
from datalinks import AsyncClient, Client
from datalinks.client._sync.tokens import Tokens
from datalinks.client.credentials import MINTED_LIFETIME_SECONDS, expiry_of
from datalinks.errors import DataLinksError, InvalidSettings, NotAuthenticated
from support.server import Server
from support.tokens import mint

SECRET = "s" * 64
IDENTITY = Reply(200, {"id": "1", "name": "n", "internalId": "i", "isAdmin": False, "workspaceKey": "w"})
REFUSED = failure(401, "not_authenticated")


class Source:
    """Gives a token with the next lifetime each time it is called; each token differs from the one before."""

    def __init__(self, *lifetimes: float) -> None:
        self.lifetimes = list(lifetimes)
        self.given: list[str] = []

    def __call__(self) -> str:
        number = len(self.given)
        lifetime = self.lifetimes[min(number, len(self.lifetimes) - 1)]
        self.given.append(mint("w", SECRET, "c", exp=int(time.time() + lifetime), number=number))
        return self.given[-1]


async def test_a_token_is_sent_as_it_is_without_its_line_end(connect: Connect, stub: Stub) -> None:
    stub.will(IDENTITY)

    await done(connect(stub.url, token="pat-123\n").get_self())

    assert stub.asked[0].token == "pat-123"


async def test_a_function_is_called_once_while_its_token_is_good(connect: Connect, stub: Stub) -> None:
    stub.will(IDENTITY)
    source = Source(3600)
    client = connect(stub.url, token=source)
    assert source.given == []

    for _ in range(3):
        await done(client.get_self())

    assert [each.token for each in stub.asked] == source.given * 3


async def test_a_function_is_called_again_before_its_token_expires(connect: Connect, stub: Stub) -> None:
    stub.will(IDENTITY)
    source = Source(9, 60)
    client = connect(stub.url, token=source)

    for _ in range(3):
        await done(client.get_self())

    assert [each.token for each in stub.asked] == [source.given[0], source.given[1], source.given[1]]


async def test_a_function_is_called_again_once_after_a_refusal(connect: Connect, stub: Stub) -> None:
    stub.will(REFUSED, IDENTITY)
    source = Source(3600)

    await done(connect(stub.url, token=source).get_self())

    assert [each.token for each in stub.asked] == source.given
    assert len(source.given) == 2


async def test_a_second_refusal_is_the_callers(connect: Connect, stub: Stub) -> None:
    stub.will(REFUSED)
    source = Source(3600)

    with pytest.raises(NotAuthenticated):
        await done(connect(stub.url, token=source).tables.create(key="t"))

    assert len(stub.asked) == len(source.given) == 2


async def test_a_refused_text_is_not_sent_again(connect: Connect, stub: Stub) -> None:
    stub.will(REFUSED)

    with pytest.raises(NotAuthenticated):
        await done(connect(stub.url, token="t").get_self())

    assert len(stub.asked) == 1


async def test_an_async_client_waits_for_its_token(stub: Stub) -> None:
    async def source() -> str:
        return "pat-1"

    stub.will(IDENTITY)
    async with AsyncClient(stub.url, token=source) as client:
        await client.get_self()

    assert stub.asked[0].token == "pat-1"


async def test_calls_at_once_share_one_new_token(stub: Stub) -> None:
    given = Source(3600)

    async def source() -> str:
        await asyncio.sleep(0)
        return given()

    stub.will(IDENTITY)
    async with AsyncClient(stub.url, token=source) as client:
        await asyncio.gather(*(client.get_self() for _ in range(5)))

    assert [each.token for each in stub.asked] == given.given * 5


def test_threads_at_once_share_one_new_token(stub: Stub) -> None:
    source = Source(3600)

    stub.will(IDENTITY)
    with Client(stub.url, token=source) as client, ThreadPoolExecutor(5) as threads:
        calls = [threads.submit(client.get_self) for _ in range(5)]
        assert {call.result().name for call in calls} == {"n"}

    assert [each.token for each in stub.asked] == source.given * 5


async def test_an_error_of_the_function_is_the_callers(connect: Connect, stub: Stub) -> None:
    def broken() -> str:
        raise LookupError("no vault")

    with pytest.raises(LookupError, match="no vault"):
        await done(connect(stub.url, token=broken).get_self())


@pytest.mark.parametrize(
    ("options", "claims"),
    [
        ({"customer": "acme"}, {"id": "acme"}),
        ({"admin": True}, {"isAdmin": True}),
        ({"admin": True, "customer": "acme"}, {"isAdmin": True, "id": "acme"}),
    ],
)
async def test_a_minted_token_says_whom_it_speaks_for(
    connect: Connect, stub: Stub, options: dict[str, str], claims: dict[str, object]
) -> None:
    stub.will(IDENTITY)

    await done(connect(stub.url, workspace_key="w", workspace_secret=SECRET, **options).get_self())

    claimed = jwt.decode(stub.asked[0].token, SECRET, algorithms=["HS512"])
    assert 0 < claimed.pop("exp") - time.time() <= MINTED_LIFETIME_SECONDS
    assert claimed == {"iss": "w", **claims}


def test_a_token_is_replaced_ten_seconds_before_it_expires() -> None:
    now = time.time()
    source = Source(100)
    tokens = Tokens(source, lambda: now)
    first = tokens.get()

    now += 89
    assert tokens.get() == first
    now += 2
    assert tokens.get() != first


def test_a_token_that_was_replaced_meanwhile_is_kept() -> None:
    tokens = Tokens(Source(100))
    first = tokens.get()

    assert tokens.forget("another")
    assert tokens.get() == first


@pytest.mark.parametrize("token", ["pat-123", "a.b.c", mint("w", SECRET, exp=None), ""])
def test_a_token_without_an_expiry_lives_on(token: str) -> None:
    assert expiry_of(token) is None


@pytest.mark.parametrize("token", ["", " ", "two words", "sécret", "line\r\nx-evil: 1"])
async def test_what_cannot_be_a_token_is_never_shown(connect: Connect, stub: Stub, token: str) -> None:
    for source in (token, lambda: token):
        with pytest.raises(NotAuthenticated) as caught:
            await done(connect(stub.url, token=source).get_self())
        assert token.strip() == "" or token.strip() not in str(caught.value)
    assert stub.asked == []


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"token": "t", "admin": True},
        {"token": "t", "customer": "c"},
        {"token": "t", "workspace_key": "w"},
        {"token": "t", "workspace_secret": SECRET},
        {"workspace_key": "w", "customer": "c"},
        {"workspace_secret": SECRET, "admin": True},
        {"workspace_key": "w", "workspace_secret": "", "admin": True},
        {"workspace_key": "w", "workspace_secret": SECRET},
        {"workspace_key": "w", "workspace_secret": SECRET, "customer": ""},
        {"token": "t", "retries": -1},
        {"token": "t", "timeout": 0},
    ],
)
def test_credentials_that_do_not_fit_are_refused_at_once(connect: Connect, options: dict[str, object]) -> None:
    with pytest.raises(InvalidSettings) as caught:
        connect("http://127.0.0.1:1", **options)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:8420",
        "ftp://host",
        "http://",
        "http://host:x",
        "http://host:99999",
        "http://user:passw0rd@host",
        "http://host/?a=passw0rd",
        "http://host/#passw0rd",
        "http://[::1",
    ],
)
def test_an_address_that_is_none_is_refused_at_once(connect: Connect, url: str) -> None:
    with pytest.raises(InvalidSettings) as caught:
        connect(url, token="t")
    assert "passw0rd" not in str(caught.value)


async def test_a_path_prefix_and_a_slash_at_the_end_are_fine(connect: Connect, stub: Stub) -> None:
    stub.will(IDENTITY)

    await done(connect(f"{stub.url}/api/v1/", token="t").get_self())

    assert stub.asked[0].target == "/api/v1/self"


def test_nothing_shows_a_secret(connect: Connect) -> None:
    client = connect("http://127.0.0.1:1/x", workspace_key="w", workspace_secret=SECRET, admin=True)

    assert repr(client) == f"{type(client).__name__}('http://127.0.0.1:1/x')"


async def test_a_secret_that_is_not_the_workspaces_is_not_authenticated(connect: Connect, server: Server) -> None:
    client = connect(server.url, workspace_key=server.key, workspace_secret=SECRET, admin=True)

    with pytest.raises(NotAuthenticated, match="not signed") as caught:
        await done(client.get_self())
    assert SECRET not in str(caught.value)


async def test_a_closed_client_is_closed(connect: Connect, stub: Stub) -> None:
    client = connect(stub.url, token="t")
    if isinstance(client, AsyncClient):
        async with client:
            pass
    else:
        with client:
            pass

    with pytest.raises((RuntimeError, DataLinksError), match="closed"):
        await done(client.get_self())
