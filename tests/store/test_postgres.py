"""PostgreSQL at its worst: every failure is an answer that says what to do, and passes."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from datalinks.errors import InvalidSettings, Unavailable
from datalinks.settings import Settings
from datalinks.store.database import UniqueViolation
from datalinks.store.postgres import PostgresDatabase, open_postgres
from support.app import Api, App, open_app
from support.postgres import (
    ENCRYPTION_KEY,
    control_postgres,
    execute,
    new_database,
    own_postgres,
    postgres_database,
    url_of,
)
from support.server import datalinks

LINKS = "/data-link-table-instance/links?dataLinkTableKey=contacts&integrationKey=crm"
LINK = {"appRecordId": "1", "externalRecordId": "2"}
PAIR = {"instance_no": 1, "app_record_id": "a", "external_record_id": "e", "import_no": 2, "export_no": 3}
OURS = "application_name = 'datalinks' AND datname = current_database()"
WAITING = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.fixture
def url() -> Generator[str]:
    with postgres_database() as found:
        yield found


@asynccontextmanager
async def opened(url: str, **settings: Any) -> AsyncGenerator[PostgresDatabase]:
    database = await open_postgres(Settings(database=url, **settings))
    yield database
    await database.close()


@asynccontextmanager
async def beside(url: str) -> AsyncGenerator[Any]:
    """A connection of somebody else."""
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()


async def waiting_for_a_lock(other: Any) -> int:
    """The process of the server that waits, once there is one."""
    async with asyncio.timeout(10):
        while (pid := await other.fetchval(WAITING)) is None:
            pass
        return pid


@pytest.fixture(scope="module")
def cluster() -> Generator[Any]:
    """A server that tests may stop and configure."""
    with own_postgres("fsync = off") as server:
        yield server


# --- At the start


def variables(url: str) -> dict[str, str]:
    return {"DATALINKS_DATABASE": url, "DATALINKS_ENCRYPTION_KEY": ENCRYPTION_KEY}


def test_a_server_that_refuses_connections_is_told_with_exit_code_8(tmp_path: Path) -> None:
    # Nothing listens on the port of tcpmux.
    done = datalinks("serve", folder=tmp_path, check=False, settings=variables("postgresql://u@127.0.0.1:1/db"))

    assert done.returncode == 8
    assert "The PostgreSQL database is out of reach" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_that_is_not_there_is_told_with_exit_code_7(tmp_path: Path, cluster: Any) -> None:
    done = datalinks("serve", folder=tmp_path, check=False, settings=variables(url_of(cluster, "nowhere")))

    assert done.returncode == 7
    assert 'database "nowhere" does not exist' in done.stderr


async def test_a_wrong_password_is_a_wrong_setting(cluster: Any) -> None:
    rules = cluster.pgdata / "pg_hba.conf"
    rules.write_text(f"local all guarded scram-sha-256\n{rules.read_text()}")
    execute(url_of(cluster), "CREATE ROLE guarded LOGIN PASSWORD 'right'")
    execute(url_of(cluster), "SELECT pg_reload_conf()")

    with pytest.raises(InvalidSettings, match="password authentication failed"):
        await open_postgres(Settings(database=url_of(cluster).replace("postgres@", "guarded:wrong@")))


async def test_a_user_without_rights_is_told_what_to_do(cluster: Any) -> None:
    execute(url_of(cluster), "CREATE ROLE poor LOGIN")

    async with opened(url_of(cluster).replace("postgres@", "poor@")) as database:
        with pytest.raises(InvalidSettings, match=r"permission denied.*owner of the database"):
            await database.migrate()


async def test_a_database_that_cannot_keep_every_text_is_refused(cluster: Any) -> None:
    execute(url_of(cluster), "CREATE DATABASE ascii ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")

    async with opened(url_of(cluster, "ascii")) as database:
        with pytest.raises(InvalidSettings, match="SQL_ASCII"):
            await database.migrate()


async def test_a_server_that_takes_connections_and_says_nothing_is_out_of_reach() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        ended.set()

    ended = asyncio.Event()

    async with await asyncio.start_server(silent, "127.0.0.1") as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(Unavailable, match="out of reach"):
            await open_postgres(Settings(database=f"postgresql://u@127.0.0.1:{port}/db", database_timeout_seconds=0.2))
        await ended.wait()


# --- Connections that end


@pytest.mark.parametrize("mode", ["fast", "immediate"])
async def test_after_a_restart_while_it_was_idle_the_very_next_request_succeeds(cluster: Any, mode: str) -> None:
    async with opened(url_of(cluster)) as database:
        await database.migrate()
        await asyncio.gather(*(database.check() for _ in range(8)))
        for ask in (
            lambda: database.fetch("list_workspaces"),
            lambda: database.write_one("put_link", **PAIR),
            database.check,
        ):
            await asyncio.to_thread(control_postgres, cluster, "restart", "-m", mode)
            await ask()


async def test_a_read_whose_connection_is_ended_is_asked_again(url: str) -> None:
    async with opened(url) as database, beside(url) as other:
        async with other.transaction():
            await other.execute("LOCK TABLE workspaces, data_links IN ACCESS EXCLUSIVE MODE")
            reading = asyncio.create_task(database.fetch("list_workspaces"))
            await other.execute("SELECT pg_terminate_backend($1)", await waiting_for_a_lock(other))

        assert await reading == []


async def test_a_write_whose_connection_is_ended_may_have_happened_and_says_so(url: str) -> None:
    async with opened(url) as database, beside(url) as other:
        async with other.transaction():
            await other.execute("LOCK TABLE data_links IN ACCESS EXCLUSIVE MODE")
            writing = asyncio.create_task(database.write_one("put_link", **PAIR))
            await other.execute("SELECT pg_terminate_backend($1)", await waiting_for_a_lock(other))
            with pytest.raises(Unavailable, match=r"whether it did is not known\. Sending the same again is safe"):
                await writing

        assert await database.write_one("put_link", **PAIR)


async def test_a_transaction_whose_connection_is_ended_wrote_nothing(url: str) -> None:
    async with opened(url) as database, beside(url) as other:

        async def write() -> None:
            async with database.transaction() as tx:
                await tx.fetch("put_link", **PAIR)
                await other.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {OURS}")
                await tx.fetch("put_link", **PAIR)

        with pytest.raises(Unavailable, match="try again"):
            await write()

        assert await other.fetch("SELECT FROM data_links") == []
        async with database.transaction() as tx:
            assert await tx.fetch("put_link", **PAIR)


async def test_a_request_that_is_given_up_leaves_no_transaction_to_the_next(url: str) -> None:
    async def give_up() -> None:
        async with database.transaction() as tx:
            await tx.fetch("put_link", **PAIR)

    async with opened(url, database_connections=2) as database, beside(url) as other:
        for turns in range(30):
            task = asyncio.create_task(give_up())
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            pair = {**PAIR, "app_record_id": f"after{turns}", "import_no": turns * 2 + 100, "export_no": None}
            await database.write_one("put_link", **pair)

            count = "SELECT count(*) FROM data_links WHERE app_record_id = $1"
            assert await other.fetchval(count, f"after{turns}") == 1, "it was answered, so others see it"


async def test_a_server_that_stops_answering_is_noticed_and_left(url: str) -> None:
    async with opened(url, database_timeout_seconds=0.3) as database, beside(url) as other:
        await database.fetch("list_workspaces")
        pid = await other.fetchval(f"SELECT pid FROM pg_stat_activity WHERE {OURS}")
        os.kill(pid, signal.SIGSTOP)
        try:
            began = time.monotonic()
            with pytest.raises(Unavailable, match="in time"):
                await database.fetch("list_workspaces")
            assert await database.fetch("list_workspaces") == []
            assert time.monotonic() - began < 2
        finally:
            os.kill(pid, signal.SIGCONT)


# --- Refusals of the server


@pytest.fixture
async def app(tmp_path: Path, url: str) -> AsyncGenerator[App]:
    async with open_app(tmp_path, database=url, encryption_key=ENCRYPTION_KEY) as app:
        yield app


async def customer_with_links(app: App) -> Api:
    await app.admin.post("/data-link-tables", {"key": "contacts"})
    await app.admin.post("/integrations", {"key": "crm"})
    customer = app.customer("acme")
    await customer.post("/connections", {"integrationKey": "crm"})
    await customer.get(LINKS)
    return customer


# An error of the server by its code, the status that it becomes, and what the message says.
REFUSALS = [
    pytest.param("53100", 507, "full", id="a full disk"),
    pytest.param("53200", 503, "no room", id="no memory"),
    pytest.param("53300", 503, "no room", id="too many connections"),
    pytest.param("40001", 503, "nothing was written, try again", id="a serialization failure"),
    pytest.param("40P01", 503, "nothing was written, try again", id="a deadlock"),
    pytest.param("55P03", 503, "nothing was written, try again", id="a lock that is not to be had"),
    pytest.param("57014", 503, "nothing was written, try again", id="a statement that takes too long"),
    pytest.param("25006", 503, "nothing was written, try again", id="a server that is read only"),
    pytest.param("58030", 503, "nothing was written, try again", id="a disk that fails"),
]


@pytest.mark.parametrize(("code", "status", "message"), REFUSALS)
async def test_what_the_server_refuses_is_told_and_passes(
    app: App, url: str, code: str, status: int, message: str
) -> None:
    customer = await customer_with_links(app)
    execute(
        url,
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION USING ERRCODE = '{code}'; END $$",
    )
    execute(url, "CREATE TRIGGER refuse BEFORE INSERT ON data_links EXECUTE FUNCTION refuse()")

    try:
        answers = await asyncio.gather(*(customer.request("POST", LINKS, json=LINK) for _ in range(5)))
    finally:
        execute(url, "DROP FUNCTION refuse CASCADE")

    for answer in answers:
        assert answer.status_code == status
        assert message in answer.json()["message"]
        assert answer.headers.get("retry-after") == ("1" if status == 503 else None)
    assert (await customer.get(LINKS))["items"] == []
    await customer.post(LINKS, LINK)


async def test_a_statement_that_is_stopped_does_not_cost_the_other_connections(url: str) -> None:
    name = url.partition("?")[0].rpartition("/")[2]
    execute(url, f"ALTER DATABASE \"{name}\" SET statement_timeout = '300ms'")
    try:
        async with opened(url) as database, beside(url) as other:
            await asyncio.gather(*(database.check() for _ in range(8)))
            mine = f"SELECT array_agg(pid ORDER BY pid) FROM pg_stat_activity WHERE {OURS}"
            before = await other.fetchval(mine)
            async with other.transaction():
                await other.execute("SET LOCAL statement_timeout = 0")
                await other.execute("LOCK TABLE workspaces IN ACCESS EXCLUSIVE MODE")
                with pytest.raises(Unavailable, match="took too long"):
                    await database.fetch("list_workspaces")

            assert await other.fetchval(mine) == before
    finally:
        execute(url, f'ALTER DATABASE "{name}" RESET ALL')


async def test_a_server_with_no_connection_left_is_unavailable_and_passes(cluster: Any) -> None:
    execute(url_of(cluster), "CREATE ROLE few LOGIN SUPERUSER CONNECTION LIMIT 2")
    execute(url_of(cluster), "ALTER ROLE few NOSUPERUSER")
    execute(url_of(cluster), "CREATE DATABASE few OWNER few")
    url = url_of(cluster, "few").replace("postgres@", "few@")

    async with opened(url) as database:
        await database.migrate()
        answers = await asyncio.gather(*(database.check() for _ in range(8)), return_exceptions=True)

        assert {type(answer) for answer in answers} == {Unavailable, type(None)}
        assert all("no room" in str(answer) for answer in answers if answer)
        await database.check()


async def test_a_newer_program_that_changes_a_table_costs_one_more_try_at_most() -> None:
    url = new_database("upgraded")
    async with opened(url, database_connections=2) as database:
        await database.migrate()
        wanted = {"workspace_id": "w", "limit": 1}

        async def twice() -> None:
            await asyncio.gather(database.fetch("list_instances", **wanted), database.fetch("list_instances", **wanted))

        await twice()
        execute(url, "ALTER TABLE data_link_table_instances ADD COLUMN later TEXT")
        with pytest.raises(Unavailable, match="try again"):
            async with database.transaction() as tx:
                await tx.fetch("list_instances", **wanted)
        async with database.transaction() as tx:
            await tx.fetch("list_instances", **wanted)
        await twice()


# --- Many at once


@pytest.mark.parametrize("connections", [2, 3, 4])
async def test_64_changes_at_once_finish_with_few_connections(tmp_path: Path, connections: int) -> None:
    async with open_app(tmp_path, "postgres", database_connections=connections) as app, asyncio.timeout(30):
        customer = await customer_with_links(app)

        def call(number: int) -> Any:
            name = str(number)
            match number % 8:
                case 0:
                    return app.admin.request("PATCH", "/data-link-tables/contacts", json={"description": name})
                case 1:
                    return app.admin.request("PATCH", "/integrations/crm", json={"name": name})
                case 2:
                    return customer.request("PATCH", "/connections/crm", json={"name": name})
                case 3:
                    return customer.request("POST", LINKS, json={**LINK, "appRecordId": name})
                case 4:
                    return customer.request("DELETE", LINKS, json={**LINK, "appRecordId": name})
                case 5:
                    return customer.request("GET", f"{LINKS}&instanceKey={name}")
                case 6:
                    return app.customer(f"new-{name}").request("GET", "/self")
                case _:
                    return app.customer("acme", name=f"Acme {name}").request("GET", "/self")

        answers = await asyncio.gather(*(call(number) for number in range(64)))

        assert {answer.status_code for answer in answers} <= {200, 201}


async def test_of_many_writes_at_once_only_one_that_cannot_be_is_refused(url: str) -> None:
    others = [{**PAIR, "app_record_id": f"{n}", "import_no": n * 2 + 10, "export_no": n * 2 + 11} for n in range(50)]
    # Another process has taken its number.
    guilty = {**PAIR, "app_record_id": "late"}
    async with opened(url) as database:
        await database.write_one("put_link", **PAIR)

        written = await asyncio.gather(
            *(database.write_one("put_link", **each) for each in (*others[:25], guilty, *others[25:])),
            return_exceptions=True,
        )

        refused = {number: type(row) for number, row in enumerate(written) if isinstance(row, BaseException)}
        assert refused == {25: UniqueViolation}
        assert len(await database.fetch("list_links", instance_no=1, is_import=True, before=10**9, limit=99)) == 51
