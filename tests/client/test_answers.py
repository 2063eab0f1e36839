"""Odd answers: every one becomes an error of this project."""

import socket

import pytest

from client.both import Connect, done
from client.stub import HANG_UP, Reply, Stub, failure
from datalinks.errors import (
    ERRORS_BY_CODE,
    BadRequest,
    DataLinksError,
    NotAuthenticated,
    RateLimited,
    Unavailable,
)


async def raised_by(connect: Connect, stub: Stub, reply: Reply) -> DataLinksError:
    """The error of a call that gets this reply."""
    stub.will(reply)
    client = connect(stub.url, token="t", retries=0)
    with pytest.raises(DataLinksError) as caught:
        await done(client.tables.get("contacts"))
    return caught.value


@pytest.mark.parametrize("code", [code for code in ERRORS_BY_CODE if code not in ("internal", "bad_request")])
async def test_an_error_has_the_class_that_the_server_raised(connect: Connect, stub: Stub, code: str) -> None:
    envelope = {"type": "internal", "key": code, "message": "It says so.", "data": {"path": "$.x", "n": [1]}}

    error = await raised_by(connect, stub, Reply(400, envelope))

    assert type(error) is ERRORS_BY_CODE[code]
    assert (error.message, error.data) == ("It says so.", {"path": "$.x", "n": [1]})


@pytest.mark.parametrize(
    ("envelope", "kind"),
    [
        ({"type": "bad_request", "message": "m"}, BadRequest),
        ({"type": "bad_request", "message": "m", "key": "a_key_of_the_future", "data": None}, BadRequest),
        ({"type": "internal", "message": "m", "data": [1], "stack": "s"}, DataLinksError),
        ({"type": "concurrency", "message": "m", "key": "lock_timeout", "data": "text"}, DataLinksError),
    ],
)
async def test_an_error_without_a_known_key_is_what_its_type_says(
    connect: Connect, stub: Stub, envelope: dict[str, object], kind: type[DataLinksError]
) -> None:
    error = await raised_by(connect, stub, Reply(400, envelope))

    assert (type(error), error.message, error.data) == (kind, "m", {})


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(404, b"<html>Not found</html>"), DataLinksError),
        (Reply(500, {"error": "oops"}), DataLinksError),
        (Reply(500, b"\xff\xfe"), DataLinksError),
        (Reply(302, b"", {"location": "http://127.0.0.1:9/"}), DataLinksError),
        (Reply(401, b"who?"), NotAuthenticated),
        (Reply(429, b"slow down"), RateLimited),
        (Reply(502, b"<html>Bad gateway</html>"), Unavailable),
        (Reply(503), Unavailable),
        (HANG_UP, Unavailable),
        (Reply(200, b"<html>Log in to our network</html>"), DataLinksError),
        (Reply(200, b""), DataLinksError),
        (Reply(200, b"null"), DataLinksError),
        (Reply(200, b"\xff\xfe"), DataLinksError),
        (Reply(200, {"items": []}), DataLinksError),
        (Reply(200, b"not gzip", {"content-encoding": "gzip"}), DataLinksError),
    ],
)
async def test_an_answer_that_is_not_of_this_api_says_which_call_it_was(
    connect: Connect, stub: Stub, reply: Reply, kind: type[DataLinksError]
) -> None:
    error = await raised_by(connect, stub, reply)

    assert type(error) is kind
    assert error.message.startswith("GET /data-link-table: ")
    assert "contacts" not in error.message


async def test_a_server_that_is_not_there_is_unavailable(connect: Connect) -> None:
    gone = connect("http://127.0.0.1:1", token="t", retries=0)

    with pytest.raises(Unavailable, match=r"GET /self: no answer from http://127\.0\.0\.1:1"):
        await done(gone.get_self())


async def test_a_server_that_does_not_answer_in_time_is_unavailable(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"

        with pytest.raises(Unavailable, match="no answer"):
            await done(connect(url, token="t", retries=0, timeout=0.05).get_self())


async def test_an_address_too_long_to_be_called_is_refused(connect: Connect, stub: Stub) -> None:
    client = connect(stub.url, token="t")

    with pytest.raises(BadRequest, match="address"):
        await done(client.tables.list_page(search="x" * 70_000))


async def test_fields_of_newer_servers_are_ignored(connect: Connect, stub: Stub) -> None:
    stub.will(
        Reply(200, {"id": "1", "name": "n", "internalId": "i", "isAdmin": False, "workspaceKey": "w", "future": 1})
    )

    assert (await done(connect(stub.url, token="t").get_self())).name == "n"


async def test_an_error_of_a_stub_without_retries_is_asked_once(connect: Connect, stub: Stub) -> None:
    await raised_by(connect, stub, failure(503, "unavailable"))

    assert len(stub.asked) == 1
