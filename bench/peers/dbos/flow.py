# ruff: noqa: INP001 - a program with an environment of its own
"""The flow that is measured, on DBOS Transact: each node a step, each run a workflow of a queue.

``python flow.py fill|drain SYSTEM_DATABASE LINKS_DATABASE RUNS AT_ONCE``: ``fill`` queues the runs; ``drain`` works them
off and prints how long it took. Databases are addresses of SQLAlchemy's; each thread has a connection for links.
"""

import json
import resource
import sys
import threading
import time
from typing import Any

import sqlalchemy as sa
from dbos import DBOS, DBOSClient

VERSION = "1"
_, mode, system, links, runs, at_once = sys.argv
engine = sa.create_engine(links, pool_size=int(at_once), max_overflow=0)
if links.startswith("sqlite"):

    @sa.event.listens_for(engine, "connect")
    def _mode(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA busy_timeout = 10000")


FIND = sa.text("SELECT app_record_id FROM links WHERE external_record_id = :external")
PUT = sa.text(
    "INSERT INTO links (app_record_id, external_record_id) VALUES (:app, :external) "
    "ON CONFLICT (app_record_id, external_record_id) DO NOTHING"
)
ended = threading.Semaphore(0)
began: list[float] = []


@DBOS.step()
def trigger(value: dict[str, str]) -> dict[str, str]:
    """Give the input on."""
    return value


@DBOS.step()
def find(external: str) -> str | None:
    """Find the record on the other side of a link."""
    with engine.connect() as connection:
        return connection.execute(FIND, {"external": external}).scalar()


@DBOS.step()
def transform(external: str) -> dict[str, str]:
    """Compute the app record's id."""
    return {"app": f"a{external}"}


@DBOS.step()
def create_link(app: str, external: str) -> dict[str, str]:
    """Link two records."""
    with engine.begin() as connection:
        connection.execute(PUT, {"app": app, "external": external})
    return {"appRecordId": app, "externalRecordId": external}


@DBOS.step()
def keep(external: str) -> bool:
    """Say whether the filter holds."""
    return external != "x"


@DBOS.workflow()
def flow(value: dict[str, str]) -> dict[str, Any]:
    """Run the five nodes."""
    began.append(time.perf_counter())
    given = trigger(value)
    found = find(given["external"])
    made = transform(given["external"])
    link = create_link(made["app"], given["external"])
    keep(given["external"])
    ended.release()
    return {"found": found, "link": link}


def fill() -> None:
    """Queue the runs."""
    # Makes the tables of both.
    _launch()
    DBOS.destroy()
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE IF EXISTS links"))
        connection.execute(
            sa.text(
                "CREATE TABLE links (app_record_id TEXT, external_record_id TEXT, "
                "PRIMARY KEY (app_record_id, external_record_id))"
            )
        )
        connection.execute(sa.text("CREATE INDEX links_external ON links (external_record_id)"))
    client = DBOSClient(system_database_url=system)
    options = {"queue_name": "flows", "workflow_name": "flow", "app_version": VERSION}
    for number in range(int(runs)):
        client.enqueue(options, {"external": f"e{number}"})
    client.destroy()


def drain() -> None:
    """Work the runs off and say how long it took."""
    _launch()
    for _ in range(int(runs)):
        ended.acquire()
    # From the first run on, as what the start took would count the more the fewer runs there are.
    seconds = time.perf_counter() - began[0]
    with engine.connect() as connection:
        count = connection.execute(sa.text("SELECT count(*) FROM links")).scalar()
    # The last ones may still be kept.
    time.sleep(0.5)
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sys.stdout.write(json.dumps({"seconds": seconds, "links": count, "highest_bytes": kilobytes * 1024}))
    DBOS.destroy()


def _launch() -> None:
    pool = max(20, int(at_once) + 4)
    DBOS(
        config={
            "name": "bench",
            "system_database_url": system,
            "sys_db_pool_size": pool,
            "application_version": VERSION,
            "run_admin_server": False,
            "log_level": "ERROR",
        }
    )
    DBOS.launch()
    DBOS.register_queue("flows", worker_concurrency=int(at_once), polling_interval_sec=0.01)


if mode == "fill":
    fill()
else:
    drain()
