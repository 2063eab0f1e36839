"""What every engine of the store promises."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from datalinks.errors import InvalidSettings, Unavailable
from datalinks.settings import Settings
from datalinks.store.database import Database, UniqueViolation
from datalinks.store.tables import list_tables
from datalinks.wiring import open_database
from support.engines import settings_of
from support.postgres import execute, new_database
from support.rows import add, insert, keys

PAIR = {"instance_no": 1, "app_record_id": "a", "external_record_id": "e", "import_no": 2, "export_no": 3}
FUTURE = "INSERT INTO schema_migrations VALUES (9999, 'of the future')"


@pytest.fixture
async def settings(tmp_path: Path, engine: str) -> AsyncGenerator[Settings]:
    """Of an empty database with the schema."""
    with settings_of(engine, tmp_path) as found:
        chosen: dict[str, Any] = {**found}
        async with open_database(Settings(**chosen)) as database:
            await database.migrate()
        yield Settings(**chosen)


@pytest.fixture
async def database(settings: Settings) -> AsyncGenerator[Database]:
    async with open_database(settings) as opened:
        yield opened


@pytest.fixture
def empty(tmp_path: Path, engine: str) -> Settings:
    """Of a database without a schema."""
    return Settings(database=f"sqlite:///{tmp_path / 'new.db'}" if engine == "sqlite" else new_database("empty"))


# --- Writes


async def test_what_was_answered_every_other_process_sees(database: Database, settings: Settings) -> None:
    async with open_database(settings) as other:
        await add(database, "a")
        assert await keys(other) == ["a"]

        await database.write_one("put_link", **PAIR)
        assert len(await other.fetch("links_of_app_record", instance_no=1, app_record_id="a", most=9)) == 1


async def test_a_transaction_sees_what_it_wrote_and_nobody_else_does(database: Database) -> None:
    async with database.transaction() as tx:
        await insert(tx, "a")
        assert await keys(tx) == ["a"]
        assert await keys(database) == []


async def test_a_failing_transaction_undoes_itself_and_nothing_else(database: Database) -> None:
    async def fail() -> None:
        async with database.transaction() as tx:
            await insert(tx, "undone")
            raise RuntimeError

    results = await asyncio.gather(add(database, "a"), fail(), add(database, "b"), return_exceptions=True)

    assert await keys(database) == ["a", "b"]
    assert [type(result) for result in results] == [type(None), RuntimeError, type(None)]


async def test_of_two_equal_keys_one_is_refused(database: Database) -> None:
    results = await asyncio.gather(add(database, "a"), add(database, "a"), return_exceptions=True)

    assert sorted(str(type(result).__name__) for result in results) == ["NoneType", "UniqueViolation"]
    refused = next(result for result in results if isinstance(result, UniqueViolation))
    assert "key" in refused.where
    assert await keys(database) == ["a"]


async def test_a_savepoint_undoes_its_part_alone(database: Database) -> None:
    async with database.transaction() as tx:
        await insert(tx, "a")
        with pytest.raises(UniqueViolation):
            async with tx.savepoint():
                await insert(tx, "a")
        await insert(tx, "b")

    assert await keys(database) == ["a", "b"]


async def test_a_writer_that_is_given_up_does_not_hold_up_the_others(database: Database) -> None:
    entered, leave = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with database.transaction():
            entered.set()
            await leave.wait()

    holder = asyncio.create_task(hold())
    await entered.wait()
    waiting = [asyncio.create_task(add(database, str(number))) for number in range(4)]
    await asyncio.sleep(0)
    waiting[1].cancel()
    leave.set()
    await asyncio.sleep(0)
    waiting[2].cancel()
    await asyncio.gather(holder, *waiting, return_exceptions=True)

    assert {"0", "3"} <= set(await keys(database))
    await add(database, "after")


async def test_a_cancelled_writer_leaves_nothing_half_written(database: Database) -> None:
    wrote = asyncio.Event()

    async def cancelled() -> None:
        async with database.transaction() as tx:
            await insert(tx, "half")
            wrote.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(cancelled())
    await wrote.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    await add(database, "after")
    assert await keys(database) == ["after"]


async def test_many_single_writes_at_once_are_all_made(database: Database) -> None:
    pairs = [{**PAIR, "app_record_id": f"{n}", "import_no": n * 2, "export_no": n * 2 + 1} for n in range(200)]

    rows = await asyncio.gather(*(database.write_one("put_link", **pair) for pair in pairs))

    assert [row and row["import_no"] for row in rows] == [pair["import_no"] for pair in pairs]
    assert len(await database.fetch("list_links", instance_no=1, is_import=True, before=10**9, limit=999)) == 200


async def test_equal_writes_at_once_are_one_row_that_keeps_its_first_number(database: Database) -> None:
    pairs = [{**PAIR, "import_no": n * 2 + 10, "export_no": None} for n in range(20)]

    rows = await asyncio.gather(*(database.write_one("put_link", **pair) for pair in pairs))

    found = await database.fetch("links_of_app_record", instance_no=1, app_record_id="a", most=9)
    assert len(found) == 1
    assert found[0]["import_no"] in {pair["import_no"] for pair in pairs}
    firsts = {row["import_first_no"] or row["import_no"] for row in rows if row}
    assert len(firsts) == 1, "the link keeps the number of its first write"


# --- Reads


async def test_no_text_with_nul_is_found_and_asking_for_one_hurts_nobody(database: Database) -> None:
    await database.write_one("put_link", **PAIR)

    assert await database.fetch("find_workspace", key="a\0") == []
    assert await list_tables(database, "w", limit=9, after=None, live=True, search="\0") == []
    lookups = [{"instance_no": 1, "most": 9, "app_record_id": name} for name in ("a", "a\0", "\0")]
    together = await asyncio.gather(*(database.fetch("links_of_app_record", **each) for each in lookups))
    assert [len(rows) for rows in together] == [1, 0, 0]
    assert [len(rows) for rows in await database.fetch_each("links_of_app_record", lookups)] == [1, 0, 0]
    async with database.transaction() as tx:
        assert await tx.fetch_one("find_workspace", key="\0") is None
        await insert(tx, "b")


async def test_a_search_for_nul_finds_nothing_rather_than_everything(database: Database) -> None:
    async with database.transaction() as tx:
        await insert(tx, "w")
        await tx.execute(
            "insert_table",
            **dict.fromkeys(("id", "key", "name", "uuid", "revision", "search_text"), "t"),
            workspace_id="w",
            description=None,
            meta=None,
            created_at=0,
            updated_at=0,
            archived_at=None,
        )

    for search, count in (("t", 1), ("\0", 0), ("t\0", 0), ("%", 0), ("_", 0)):
        rows = await list_tables(database, "w", limit=9, after=None, live=True, search=search)
        assert len(rows) == count, search


async def test_a_snapshot_sees_the_store_as_it_was(database: Database) -> None:
    await add(database, "a")

    async with database.snapshot() as reader:
        assert await keys(reader) == ["a"]
        await add(database, "b")
        assert await keys(reader) == ["a"]

    assert await keys(database) == ["a", "b"]


async def test_a_store_gives_a_sign_of_life(database: Database) -> None:
    await database.check()


async def test_a_closed_database_refuses_instead_of_hanging(settings: Settings) -> None:
    async with open_database(settings) as closed:
        pass

    with pytest.raises(Unavailable):
        await add(closed, "a")


# --- The schema


async def test_migrations_are_applied_once(empty: Settings) -> None:
    async with open_database(empty) as database:
        assert (await database.migrate())[0].startswith("0001_")
        assert await database.migrate() == []


async def test_of_two_that_migrate_at_once_each_migration_is_applied_by_one(empty: Settings) -> None:
    opened: list[AbstractAsyncContextManager[Database]] = [open_database(empty) for _ in range(2)]
    async with opened[0] as one, opened[1] as other:
        applied = await asyncio.gather(one.migrate(), other.migrate())

        assert sorted(map(bool, applied)) == [False, True]
        assert await other.migrate() == []


async def test_a_database_of_a_newer_version_is_refused(empty: Settings, engine: str) -> None:
    async with open_database(empty) as database:
        await database.migrate()
        if engine == "sqlite":
            other: Any = database
            other._writer.connection.raw.execute(FUTURE)
        else:
            execute(empty.database, FUTURE)

        with pytest.raises(InvalidSettings, match=r"schema version 9999.*run a newer version"):
            await database.migrate()
