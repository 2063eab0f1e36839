"""Two servers on one database: what one has answered, the next request to the other sees."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import pytest

from datalinks.settings import Settings
from datalinks.wiring import open_services
from support.engines import as_variables
from support.postgres import ENCRYPTION_KEY, postgres_database
from support.server import Server, running_server
from support.tokens import mint
from support.writers import Line, prepare

ROUNDS = 200
LINKS = "/data-link-table-instance/links?dataLinkTableKey=contacts&integrationKey=crm"


@dataclass
class Pair:
    """Two servers and a line to each; in each round they change their parts."""

    url: str
    servers: tuple[Server, Server]
    lines: tuple[Line, Line]

    def rounds(self) -> Generator[tuple[int, Line, Line]]:
        """The number of a round, the line that changes something, and the one that looks."""
        for number in range(ROUNDS):
            yield number, self.lines[number % 2], self.lines[1 - number % 2]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Generator[Pair]:
    folder = tmp_path_factory.mktemp("servers")
    with postgres_database() as url:
        variables = as_variables({"database": url, "encryption_key": ENCRYPTION_KEY})
        with running_server(folder, **variables) as first:
            second = Server(folder, first.key, first.secret, settings=variables)
            second.start()
            token = first.token("acme", isAdmin=True)
            prepare(first, token)
            lines = (Line(first, token), Line(second, token))
            yield Pair(url, (first, second), lines)
            for line in lines:
                line.close()
            second.stop()


def links(line: Line, name: str) -> list[Any]:
    """The links of an app record."""
    return line.call("GET", f"{LINKS}&direction=export&appRecordId={name}")["items"]


def test_a_link_that_one_creates_or_deletes_the_other_finds_or_misses(pair: Pair) -> None:
    for number, changing, looking in pair.rounds():
        body = {"appRecordId": f"a{number}", "externalRecordId": "e"}
        assert links(looking, f"a{number}") == []

        made = changing.call("POST", LINKS, {**body, "direction": "export"})
        assert [link["id"] for link in links(looking, f"a{number}")] == [made["id"]]

        changing.call("DELETE", LINKS, {**body, "direction": "export"})
        assert links(looking, f"a{number}") == []


def test_a_connection_that_one_archives_the_other_hides_at_once_with_its_links(pair: Pair) -> None:
    connection = pair.lines[0].call("GET", "/connections/crm")["id"]
    for _, changing, looking in pair.rounds():
        # Both remember the way to the links.
        assert looking.ask("GET", LINKS)[0] == changing.ask("GET", LINKS)[0] == 200

        changing.call("DELETE", f"/connections/{connection}")
        assert looking.ask("GET", LINKS)[0] == 404

        changing.call("POST", f"/connections/{connection}/restore")
        assert looking.ask("GET", LINKS)[0] == 200


async def test_a_secret_that_is_rotated_beside_them_is_the_only_one_at_once(pair: Pair) -> None:
    async with open_services(Settings(database=pair.url, encryption_key=ENCRYPTION_KEY)) as services:
        made = await services.workspaces.create("Rotated")
        secret = made.secret
        for number in range(ROUNDS):
            server = pair.servers[number % 2]
            assert status(server, mint(made.key, secret)) == 200

            changed = await services.workspaces.rotate_secret(made.key)

            assert status(server, mint(made.key, secret)) == 401
            assert status(server, mint(made.key, changed.secret)) == 200
            secret = changed.secret


def status(server: Server, token: str) -> int:
    """What a server says to a token."""
    line = Line(server, token)
    code, _, _ = line.ask("GET", "/self")
    line.close()
    return code
