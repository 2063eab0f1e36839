"""``datalinks database``: links spread over machines from the command line."""

import json
from pathlib import Path

import pytest

from support.citus import CITUS, citus_schema
from support.postgres import ENCRYPTION_KEY, new_database
from support.server import datalinks


def test_sqlite_is_refused_and_no_file_is_made(tmp_path: Path) -> None:
    refused = datalinks("database", "distribute", folder=tmp_path, check=False)

    assert refused.returncode == 7
    assert "PostgreSQL with the extension Citus" in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_postgres_without_a_schema_or_the_extension_is_refused(tmp_path: Path) -> None:
    place = ("--database", new_database("distribute"), "--json")

    before = datalinks("database", "distribute", *place, folder=tmp_path, check=False)
    datalinks("migrate", *place, folder=tmp_path)
    after = datalinks("database", "distribute", *place, folder=tmp_path, check=False)

    assert (before.returncode, after.returncode) == (7, 7)
    assert "datalinks migrate" in json.loads(before.stdout)["error"]["message"]
    assert "CREATE EXTENSION citus" in json.loads(after.stdout)["error"]["message"]


def test_no_shards_are_wrong_usage(tmp_path: Path) -> None:
    refused = datalinks("database", "distribute", "--shards", "0", folder=tmp_path, check=False)

    assert refused.returncode == 2


@pytest.mark.skipif(not CITUS, reason="DATALINKS_TEST_CITUS names no database with the extension Citus")
def test_a_database_is_distributed_once_and_says_so(tmp_path: Path) -> None:
    with citus_schema() as url:
        place = ("--database", url)
        datalinks(
            "workspace",
            "create",
            "Acme",
            *place,
            folder=tmp_path,
            settings={"DATALINKS_ENCRYPTION_KEY": ENCRYPTION_KEY},
        )

        planned = datalinks("database", "distribute", "--shards", "2", "--dry-run", *place, folder=tmp_path)
        done = json.loads(
            datalinks("database", "distribute", "--shards", "2", "--json", *place, folder=tmp_path).stdout
        )
        again = datalinks("database", "distribute", *place, folder=tmp_path)
        other = datalinks("database", "distribute", "--shards", "3", *place, folder=tmp_path, check=False)

    assert "Would move 0 rows into 2 shards" in planned.stdout
    assert (done["state"], done["shards"], done["rows"], sum(done["nodes"].values())) == ("distributed", 2, 0, 2)
    assert "distributed already, into 2 shards" in again.stdout
    assert other.returncode == 3
    assert "into 2 shards" in other.stderr
