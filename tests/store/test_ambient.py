"""One transaction around everything that is asked of the database, however deep, on every engine."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from datalinks.settings import Settings
from datalinks.store.ambient import AmbientDatabase
from datalinks.store.database import Database, UniqueViolation
from datalinks.wiring import open_database
from support.engines import settings_of
from support.rows import add, insert, keys, row


@pytest.fixture
async def plain(tmp_path: Path, engine: str) -> AsyncGenerator[Database]:
    with settings_of(engine, tmp_path) as settings:
        chosen: dict[str, Any] = {**settings}
        async with open_database(Settings(**chosen)) as opened:
            await opened.migrate()
            yield opened


@pytest.fixture
def database(plain: Database) -> AmbientDatabase:
    return AmbientDatabase(plain)


async def add_and_fail(database: Database, *keys: str) -> None:
    async with database.transaction() as tx:
        await insert(tx, keys[0])
        for key in keys[1:]:
            await add(database, key)
        raise RuntimeError


async def test_everything_inside_commits_together(database: AmbientDatabase, plain: Database) -> None:
    async with database.one_transaction():
        await add(database, "a")
        await database.write_one("insert_workspace", **row("b"))

        assert await keys(database) == ["a", "b"]
        assert await database.fetch_one("find_workspace", key="a") is not None
        assert [len(rows) for rows in await database.fetch_each("find_epoch", [{"id": "a"}, {"id": "x"}])] == [1, 0]
        assert await keys(plain) == []

    assert await keys(plain) == ["a", "b"]


async def test_whoever_waits_for_the_commit_is_told_once_it_is_there_and_once_only(
    database: AmbientDatabase,
) -> None:
    told = list[str]()

    def tell() -> None:
        told.append("told")

    async with database.one_transaction():
        await add(database, "a")
        database.after_commit(tell)
        database.after_commit(tell)
        assert told == []
    assert told == ["told"]

    database.after_commit(tell)
    assert told == ["told", "told"]


async def test_nobody_is_told_of_what_is_undone(database: AmbientDatabase) -> None:
    told = list[str]()

    async def fail() -> None:
        async with database.one_transaction():
            database.after_commit(lambda: told.append("told"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()

    assert told == []


async def test_everything_inside_is_undone_together(database: AmbientDatabase) -> None:
    async def fail() -> None:
        async with database.one_transaction():
            await add(database, "a")
            await database.write_one("insert_workspace", **row("b"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()

    assert await keys(database) == []


async def test_an_error_in_a_part_undoes_that_part_alone(database: AmbientDatabase) -> None:
    async with database.one_transaction():
        await add(database, "a")
        with pytest.raises(RuntimeError):
            await add_and_fail(database, "undone", "undone with it")
        await add(database, "b")

    assert await keys(database) == ["a", "b"]


async def test_a_part_of_a_part_can_be_undone_by_itself(database: AmbientDatabase) -> None:
    async with database.one_transaction(), database.transaction() as tx:
        await insert(tx, "a")
        with pytest.raises(RuntimeError):
            await add_and_fail(database, "undone")
        await insert(tx, "b")

    assert await keys(database) == ["a", "b"]


async def test_a_refused_key_leaves_what_is_around_usable(database: AmbientDatabase) -> None:
    await add(database, "a")

    async with database.one_transaction():
        with pytest.raises(UniqueViolation):
            await add(database, "a")
        with pytest.raises(UniqueViolation):
            await database.write_one("insert_workspace", **row("a"))
        await add(database, "b")

    assert await keys(database) == ["a", "b"]


async def test_what_is_done_aside_is_undone_and_a_snapshot_sees_the_transaction(database: AmbientDatabase) -> None:
    async with database.one_transaction():
        await add(database, "a")
        async with database.aside() as tx:
            await insert(tx, "aside")
        async with database.snapshot() as reader:
            assert await keys(reader) == ["a"]

    assert await keys(database) == ["a"]


async def test_others_are_not_inside(database: AmbientDatabase) -> None:
    entered, leave = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with database.one_transaction():
            await add(database, "a")
            entered.set()
            await leave.wait()

    holding = asyncio.create_task(hold())
    await entered.wait()
    seen = await keys(database)
    leave.set()
    await holding

    assert seen == []


async def test_a_task_that_outlives_the_transaction_asks_the_database_itself(database: AmbientDatabase) -> None:
    ended = asyncio.Event()

    async def late() -> None:
        await ended.wait()
        await add(database, "late")

    async with database.one_transaction():
        await add(database, "a")
        task = asyncio.create_task(late())
    ended.set()
    await task

    assert await keys(database) == ["a", "late"]


async def test_outside_it_is_the_database(database: AmbientDatabase, plain: Database) -> None:
    await add(database, "a")
    await database.write_one("insert_workspace", **row("b"))
    async with database.aside() as aside, database.snapshot() as snapshot:
        assert await keys(aside) == await keys(snapshot) == ["a", "b"]

    await database.check()
    assert await keys(plain) == ["a", "b"]
    assert database.stage_size == plain.stage_size
