"""The embedded engine: durable groups, isolated turns, and what happens when something goes wrong."""

import asyncio
import threading
from collections.abc import AsyncGenerator
from pathlib import Path

import apsw
import pytest

from datalinks.errors import DataLinksError, InvalidSettings, StorageFull, Unavailable
from datalinks.store import group_commit
from datalinks.store.database import UniqueViolation
from datalinks.store.sqlite import SqliteDatabase
from datalinks.store.sqlite_connection import SqliteConnection, connect
from support.rows import add, insert, keys


@pytest.fixture
async def database(tmp_path: Path) -> AsyncGenerator[SqliteDatabase]:
    opened = SqliteDatabase(tmp_path / "test.db")
    await opened.migrate()
    yield opened
    await opened.close()


def test_every_connection_flushes_every_commit(tmp_path: Path) -> None:
    connection = connect(tmp_path / "test.db")

    assert connection.execute("PRAGMA synchronous").get == 2
    assert connection.execute("PRAGMA journal_mode").get == "wal"
    connection.close()


def test_plans_do_not_depend_on_values(tmp_path: Path) -> None:
    connection = connect(tmp_path / "test.db")

    assert connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, -1) == 1, "else every new value costs a new plan"
    connection.close()


async def test_a_write_is_on_disk_when_it_is_answered(database: SqliteDatabase) -> None:
    await add(database, "a")

    other = connect(database.path)
    assert other.execute("SELECT count(*) FROM workspaces").get == 1
    other.close()


async def test_what_takes_long_keeps_nobody_waiting(database: SqliteDatabase) -> None:
    threads: list[int] = []

    def note(*_: object) -> bool:
        threads.append(threading.get_ident())
        return True

    async with database.snapshot() as reader:
        assert isinstance(reader, SqliteConnection)
        reader.raw.set_exec_trace(note)

        assert await reader.fetch_one("count_links", instance_no=1) == {"import_links": 0, "export_links": 0}
        await reader.fetch("list_pairs", instance_no=1, after_app="", after_external="", limit=1)

    assert len(threads) == 2
    assert threading.get_ident() not in threads


async def test_writes_that_wait_together_share_a_commit(
    database: SqliteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits = 0
    to_thread = asyncio.to_thread

    async def counted(*arguments: object) -> object:
        nonlocal commits
        commits += 1
        return await to_thread(*arguments)  # type: ignore[arg-type] # passed on as it came

    monkeypatch.setattr(asyncio, "to_thread", counted)
    await asyncio.gather(*(add(database, f"{number:03}") for number in range(100)))

    assert len(await keys(database)) == 100
    assert commits <= 3


async def test_a_refused_key_leaves_the_transaction_usable(database: SqliteDatabase) -> None:
    await add(database, "a")

    async with database.transaction() as tx:
        with pytest.raises(UniqueViolation, match="workspaces"):
            await insert(tx, "a")
        await insert(tx, "b")

    assert await keys(database) == ["a", "b"]


async def test_a_writer_waits_for_another_process_and_then_goes_on(database: SqliteDatabase) -> None:
    other = connect(database.path)
    other.execute("BEGIN IMMEDIATE")

    waiting = asyncio.create_task(add(database, "a"))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    other.execute("COMMIT")
    await waiting

    assert await keys(database) == ["a"]
    other.close()


async def test_a_database_that_stays_locked_is_unavailable(
    database: SqliteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "BUSY_TIMEOUT_SECONDS", 0.05)
    other = connect(database.path)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(Unavailable, match="busy"):
        await add(database, "a")

    other.execute("ROLLBACK")
    other.close()
    await add(database, "b")
    assert await keys(database) == ["b"]


async def test_everyone_who_waits_behind_a_lock_waits_no_longer_than_the_first(
    database: SqliteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "BUSY_TIMEOUT_SECONDS", 0.1)
    other = connect(database.path)
    other.execute("BEGIN IMMEDIATE")
    started = asyncio.get_running_loop().time()

    results = await asyncio.gather(*(add(database, str(number)) for number in range(20)), return_exceptions=True)

    assert {type(result) for result in results} == {Unavailable}
    # One wait, not twenty.
    assert asyncio.get_running_loop().time() - started < 20 * 0.1
    other.execute("ROLLBACK")
    other.close()


async def test_a_refusal_that_rested_on_an_undone_write_is_taken_back(
    database: SqliteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        raise StorageFull("no space left")

    with monkeypatch.context() as patched:
        patched.setattr(asyncio, "to_thread", full)
        results = await asyncio.gather(add(database, "a"), add(database, "a"), return_exceptions=True)

    assert [type(result) for result in results] == [StorageFull, StorageFull], (
        "there is no row that could be in the way"
    )


async def test_a_closed_database_refuses_instead_of_hanging(tmp_path: Path) -> None:
    closed = SqliteDatabase(tmp_path / "closed.db")
    await closed.migrate()
    await closed.close()

    with pytest.raises(Unavailable, match="closed"):
        await add(closed, "a")


async def fill(database: SqliteDatabase, key: str, size: int) -> None:
    async with database.transaction() as tx:
        await tx.execute("insert_workspace", id=key, key=key, name="x" * size, secret="", settings="{}", created_at=0)


async def test_a_full_disk_undoes_the_whole_group_says_so_and_passes(database: SqliteDatabase) -> None:
    await add(database, "before")
    raw = connect(database.path)
    pages = raw.execute("PRAGMA page_count").get
    raw.close()
    limit = database._writer.connection.raw.execute  # pyright: ignore[reportPrivateUsage]
    limit(f"PRAGMA max_page_count = {pages + 2}")

    results = await asyncio.gather(
        add(database, "a"), fill(database, "big", 1_000_000), add(database, "b"), return_exceptions=True
    )
    written = [key for key, result in zip(("a", "big", "b"), results, strict=True) if result is None]
    assert isinstance(results[1], StorageFull)
    assert all(isinstance(result, Unavailable | type(None)) for result in (results[0], results[2]))
    assert await keys(database) == sorted(["before", *written]), "what was answered is there, and nothing else"

    limit("PRAGMA max_page_count = 1000000")
    await fill(database, "big", 1_000_000)
    assert "big" in await keys(database)


async def test_an_unforeseen_failure_reaches_its_callers_and_leaves_the_writer_alive(
    database: SqliteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(asyncio, "to_thread", broken)
        results = await asyncio.gather(add(database, "a"), add(database, "b"), return_exceptions=True)

    assert [type(result) for result in results] == [DataLinksError, DataLinksError]
    await add(database, "after")
    assert await keys(database) == ["after"]


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("not a database at all" * 100)

    with pytest.raises(InvalidSettings, match="Cannot open"):
        connect(tmp_path / "text.db")
