"""Links spread over machines: nothing is lost on the way, and every query finds them there."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from datalinks.errors import BadRequest, InvalidSettings, Unavailable
from datalinks.settings import Settings
from datalinks.store.database import UniqueViolation
from datalinks.store.distribution import distribute_links
from datalinks.store.imports import compare_links, put_new_links
from datalinks.store.instances import InstanceNo
from datalinks.store.links import Pair
from datalinks.store.postgres import PostgresDatabase, open_postgres
from datalinks.store.postgres_errors import ConnectionLost, translated
from datalinks.store.postgres_queries import PostgresTransaction, Statements
from datalinks.store.queries import Form, load_queries
from datalinks.store.sqlite import SqliteDatabase
from support.citus import CITUS, citus_schema
from support.postgres import new_database

needs_citus = pytest.mark.skipif(
    not CITUS, reason="DATALINKS_TEST_CITUS names no database with the extension Citus: postgresql://user@host/name"
)
PLACE = InstanceNo("i", 3, is_archived=False)
# Every query on link rows, but for put_link of many, put_staged_links and others that only write.
PAIR = {"app_record_id": "a1", "external_record_id": "e1"}
PAGE = {"before": 10, "limit": 5, "is_import": True}
ASKED: list[tuple[str, Form, dict[str, Any]]] = [
    ("put_link", "one", {**PAIR, "import_no": 100, "export_no": None}),
    ("list_links", "one", PAGE),
    ("list_links_of_record", "one", {**PAGE, **PAIR}),
    ("links_of_app_record", "one", {"app_record_id": "a1", "most": 5}),
    ("links_of_app_record", "many", {"app_record_id": ["a1", "a2"], "most": 5}),
    ("links_of_external_record", "many", {"external_record_id": ["e1", "e2"], "most": 5}),
    ("find_link", "one", {"is_import": True, "no": 2}),
    ("delete_pair", "one", PAIR),
    ("clear_link", "one", {"is_export": True, "no": 3}),
    ("delete_empty_pair", "one", PAIR),
    ("list_pairs", "one", {"after_app": "", "after_external": "", "limit": 5}),
    ("count_links", "one", {}),
    ("compare_staged_links", "one", {}),
]


@pytest.fixture
def schema() -> Generator[str]:
    with citus_schema() as url:
        yield url


@pytest.fixture
async def database(schema: str) -> AsyncGenerator[PostgresDatabase]:
    """A migrated database that is not distributed yet."""
    opened = await open_postgres(Settings(database=schema))
    await opened.migrate()
    yield opened
    await opened.close()


def pairs(*numbers: int) -> list[Pair]:
    return [Pair(f"a{number}", f"e{number}", 2 * number, None) for number in numbers]


async def run(database: PostgresDatabase, statement: str) -> Any:
    """The one value that a statement of no name answers."""
    async with database.transaction() as tx:
        assert isinstance(tx, PostgresTransaction)
        return await tx.raw.fetchval(statement)


async def fill(database: PostgresDatabase, instances: int = 5, each: int = 4) -> None:
    for instance in range(instances):
        async with database.transaction() as tx:
            await put_new_links(tx, InstanceNo("i", instance, is_archived=False), pairs(*range(each)))


async def everything(database: PostgresDatabase) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    for instance in range(5):
        rows = await database.fetch("list_pairs", instance_no=instance, after_app="", after_external="", limit=100)
        found += [(instance, *row.values()) for row in rows]
    return found


@needs_citus
async def test_every_row_is_still_there_and_shards_are_on_several_machines(database: PostgresDatabase) -> None:
    await fill(database)
    before = await everything(database)

    done = await distribute_links(database, 8)

    assert await everything(database) == before
    assert (done.state, done.rows, done.shards) == ("distributed", 20, 8)
    assert sum(done.nodes.values()) == 8
    assert int(done.extension.partition(".")[0]) >= 11


@needs_citus
async def test_nothing_stays_behind_on_the_coordinator(database: PostgresDatabase) -> None:
    await fill(database)

    await distribute_links(database, 2)

    left = await run(database, "SELECT pg_relation_size('data_links')")

    assert left == 0


@needs_citus
async def test_a_dry_run_says_what_would_be_done_and_changes_nothing(database: PostgresDatabase) -> None:
    await fill(database)

    planned = await distribute_links(database, 8, dry_run=True)
    usual = await distribute_links(database, dry_run=True)
    done = await distribute_links(database, 2)

    assert (planned.state, planned.rows, planned.shards) == ("planned", 20, 8)
    assert set(planned.nodes.values()) <= {0}
    assert usual.shards > 0
    assert done.state == "distributed"


@needs_citus
async def test_distributing_twice_says_so_and_changes_nothing(database: PostgresDatabase) -> None:
    first = await distribute_links(database, 2)
    await fill(database)

    again = await distribute_links(database)
    same = await distribute_links(database, 2)

    assert (again.state, again.shards, again.rows, again.nodes) == ("already", 2, 0, first.nodes)
    assert same.state == "already"
    assert len(await everything(database)) == 20


@needs_citus
async def test_two_that_distribute_at_once_do_it_once(database: PostgresDatabase) -> None:
    await fill(database)

    done = await asyncio.gather(distribute_links(database, 2), distribute_links(database, 2))

    assert sorted(each.state for each in done) == ["already", "distributed"]
    assert len(await everything(database)) == 20


@needs_citus
async def test_another_number_of_shards_is_refused_afterwards(database: PostgresDatabase) -> None:
    await distribute_links(database, 2)

    with pytest.raises(BadRequest, match="into 2 shards; SELECT alter_distributed_table"):
        await distribute_links(database, 4)


@needs_citus
async def test_links_that_are_distributed_by_something_else_are_refused(database: PostgresDatabase) -> None:
    for index in ("import", "export", "import_first", "export_first"):
        await run(database, f"DROP INDEX data_links_{index}")
    await run(database, "SELECT create_distributed_table('data_links', 'app_record_id', shard_count := 2)")

    with pytest.raises(InvalidSettings, match="by app_record_id: run SELECT undistribute_table"):
        await distribute_links(database)


@needs_citus
async def test_what_citus_refuses_is_said_in_its_words_and_nothing_is_changed(database: PostgresDatabase) -> None:
    await fill(database)
    await run(database, "CREATE UNIQUE INDEX wrong ON data_links (import_no) WHERE import_no < 0")

    with pytest.raises(InvalidSettings, match=r"cannot distribute the links: .* cannot have UNIQUE"):
        await distribute_links(database, 2)

    assert len(await everything(database)) == 20


@needs_citus
async def test_the_schema_can_still_be_changed(database: PostgresDatabase) -> None:
    await fill(database)
    await distribute_links(database, 2)

    await run(database, "ALTER TABLE data_links ADD COLUMN more TEXT")
    await run(database, "CREATE INDEX ON data_links (instance_no, more)")

    assert await database.migrate() == []
    assert len(await everything(database)) == 20


@needs_citus
async def test_a_pair_that_takes_a_number_twice_is_told_so(database: PostgresDatabase) -> None:
    await distribute_links(database, 2)
    first = {"instance_no": 3, "app_record_id": "a", "external_record_id": "e", "import_no": 2, "export_no": None}
    await database.write_one("put_link", **first)

    with pytest.raises(UniqueViolation, match="import_no"):
        await database.write_one("put_link", **{**first, "app_record_id": "b"})


@needs_citus
async def test_a_snapshot_of_an_instance_does_not_move(database: PostgresDatabase) -> None:
    await distribute_links(database, 2)
    await fill(database)

    async with database.snapshot() as reader:
        before = await reader.fetch_one("count_links", instance_no=3)
        async with database.transaction() as tx:
            await put_new_links(tx, PLACE, pairs(100, 101))
        after = await reader.fetch_one("count_links", instance_no=3)

    assert before is not None
    assert after is not None
    assert dict(before) == dict(after) == {"import_links": 4, "export_links": 0}


@needs_citus
@pytest.mark.parametrize(("name", "form", "values"), ASKED, ids=lambda value: value if isinstance(value, str) else "")
async def test_one_machine_answers_and_nothing_else_is_fetched(
    database: PostgresDatabase, name: str, form: Form, values: dict[str, Any]
) -> None:
    """A plan that brings an instance's rows to where the rest of the query is would bring millions."""
    await distribute_links(database, 2)
    await fill(database)
    text, arguments = Statements().of(load_queries()[name], {"instance_no": 3, **values}, form)

    async with database.aside() as tx:
        assert isinstance(tx, PostgresTransaction)
        await tx.stage([("a1", "e1", 2, None), ("a2", "e9", 4, None)])
        rows = await tx.raw.fetch(f"EXPLAIN (COSTS OFF) {text}", *arguments)

    plan = "\n".join(row[0] for row in rows)
    assert plan.count("Custom Scan (Citus Adaptive)") == 1, plan
    assert plan.count("Task Count: 1") == 1, plan


@needs_citus
async def test_staged_links_are_compared_and_written_where_they_belong(database: PostgresDatabase) -> None:
    await distribute_links(database, 4)
    await fill(database)

    async with database.transaction() as tx:
        compared = await compare_links(tx, PLACE, [*pairs(1, 50), Pair("a2", "e60", 120, None)])
        written = await put_new_links(tx, PLACE, pairs(1, 50))

    assert compared == {("a50", "e50"): False, ("a2", "e60"): True}
    assert written == 1
    assert len(await everything(database)) == 21


def test_a_machine_that_is_gone_is_no_reason_to_leave_the_coordinator() -> None:
    with pytest.raises(Unavailable) as raised, translated():
        raise asyncpg.ConnectionFailureError

    assert not isinstance(raised.value, ConnectionLost)


async def test_a_database_that_was_never_migrated_is_refused() -> None:
    database = await open_postgres(Settings(database=new_database("distribution")))

    with pytest.raises(InvalidSettings, match="datalinks migrate"):
        await distribute_links(database)

    await database.close()


async def test_postgres_without_the_extension_is_refused_and_says_how_to_get_it() -> None:
    database = await open_postgres(Settings(database=new_database("distribution")))
    await database.migrate()

    for dry_run in (True, False):
        with pytest.raises(InvalidSettings, match="CREATE EXTENSION citus"):
            await distribute_links(database, dry_run=dry_run)

    await database.close()


async def test_sqlite_is_refused(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "test.db")

    with pytest.raises(InvalidSettings, match="PostgreSQL"):
        await distribute_links(database)

    await database.close()
