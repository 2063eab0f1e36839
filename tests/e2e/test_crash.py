"""Nothing acknowledged is lost when the server is killed, whenever that happens."""

import random
import time
from pathlib import Path

import pytest

from datalinks.store.sqlite_connection import connect
from support.engines import as_variables, settings_of
from support.postgres import check_indexes
from support.server import running_server
from support.writers import Account, prepare

ROUNDS = 20
# A round is killed a moment after this many writes are acknowledged. On PostgreSQL it is the server that dies, not the store.
WRITES_PER_ROUND = {"sqlite": 2000, "postgres": 500}


def check_store(engine: str, folder: Path, url: str) -> None:
    """The store's own check of what it keeps."""
    if engine == "sqlite":
        connection = connect(folder / "datalinks.db")
        assert connection.execute("PRAGMA integrity_check").get == "ok"
        connection.close()
    else:
        check_indexes(url)


@pytest.mark.timeout(600)
def test_no_acknowledged_write_is_lost_in_twenty_kills(tmp_path: Path, engine: str) -> None:
    dice = random.Random(20)
    rounds = [Account(number) for number in range(ROUNDS)]
    with settings_of(engine, tmp_path) as settings, running_server(tmp_path, **as_variables(settings)) as server:
        port, token = server.port, server.token("acme", isAdmin=True)
        prepare(server, token)
        for account in rounds:
            writers = account.begin([server], token)
            account.wait(WRITES_PER_ROUND[engine])
            time.sleep(dice.random() / 10)
            server.kill()
            account.end(writers)
            check_store(engine, tmp_path, settings["database"])
            server.start(port)
            account.check(server, token)
        for account in rounds:
            account.check(server, token)
    assert sum(len(account.acknowledged) for account in rounds) >= ROUNDS * WRITES_PER_ROUND[engine]
