"""The command line as people and scripts use it: real processes on a real database."""

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from datalinks.cli.app import make_cli
from support.server import Server, datalinks, running_server
from support.tokens import mint


def as_json(folder: Path, *arguments: str) -> Any:
    """The one JSON document that a command prints."""
    return json.loads(datalinks(*arguments, "--json", folder=folder).stdout)


def of_server(server: Server, *arguments: str) -> Any:
    """A command's answer on the database of a server."""
    return json.loads(server.command(*arguments, "--json").stdout)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose database has the workspace ``acme``."""
    Server(tmp_path).create_workspace("Acme")
    return tmp_path


def test_a_workspace_is_created_listed_and_its_secret_rotated(tmp_path: Path) -> None:
    made = as_json(tmp_path, "workspace", "create", "My Product")
    second = as_json(tmp_path, "workspace", "create", "My Product")
    rotated = as_json(tmp_path, "workspace", "rotate-secret", made["key"])
    listed = as_json(tmp_path, "workspace", "list")

    assert (made["key"], second["key"]) == ("my-product", "my-product-2")
    assert len(made["secret"]) >= 64
    assert rotated["secret"] not in (made["secret"], second["secret"])
    assert [each["key"] for each in listed] == ["my-product", "my-product-2"]
    assert "secret" not in json.dumps(listed).replace("disableSecretKeyAuth", "")


def test_secrets_are_not_in_the_database_file(tmp_path: Path) -> None:
    secret = as_json(tmp_path, "workspace", "create", "Acme")["secret"]

    kept = b"".join(path.read_bytes() for path in tmp_path.glob("datalinks.db*") if path.suffix != ".key")

    assert secret.encode() not in kept
    assert (tmp_path / "datalinks.db.key").stat().st_mode & 0o777 == 0o600


def test_tables_go_through_their_whole_life(folder: Path) -> None:
    made = as_json(folder, "tables", "create", "contacts", "--name", "Contacts")
    updated = as_json(folder, "tables", "update", "contacts", "--description", "Who is who")
    as_json(folder, "tables", "archive", "contacts")
    hidden = as_json(folder, "tables", "list")
    shown = as_json(folder, "tables", "list", "--include-archived")
    as_json(folder, "tables", "restore", made["id"])

    assert (updated["name"], updated["description"]) == ("Contacts", "Who is who")
    assert hidden["items"] == []
    assert [each["id"] for each in shown["items"]] == [made["id"]]
    assert as_json(folder, "tables", "export", "contacts")["uuid"] == made["uuid"]
    assert "contacts" in datalinks("tables", "list", folder=folder).stdout


def test_links_are_created_found_and_deleted_beside_a_running_server(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        connection = _connection(server)
        place = ("--table", "contacts", "--connection", connection)
        pair = ("--app", "u-17", "--external", "9001")

        created = as_json(tmp_path, "links", "create", *place, *pair)
        by_customer = ("--table", "contacts", "--integration", "crm", "--customer", "acme")
        found = as_json(tmp_path, "links", "find", *by_customer, "--external", "9001", "--direction", "import")
        deleted = as_json(tmp_path, "links", "delete", *place, *pair, "--direction", "export")
        left = datalinks("links", "find", *place, folder=tmp_path).stdout

    assert [each["direction"] for each in created["items"]] == ["import", "export"]
    assert [each["appRecordId"] for each in found["items"]] == ["u-17"]
    assert deleted == {"deleted": 1}
    assert "u-17" in left
    assert "export" not in left


def _connection(server: Server) -> str:
    """The id of a new connection of the customer acme, made through the API."""
    headers = {"authorization": f"Bearer {server.token('acme', isAdmin=True)}"}
    with httpx2.Client(base_url=server.url, headers=headers) as http:
        http.post("/data-link-tables", json={"key": "contacts"}).raise_for_status()
        http.post("/integrations", json={"key": "crm"}).raise_for_status()
        return str(http.post("/connections", json={"integrationKey": "crm"}).raise_for_status().json()["id"])


def test_a_token_opens_the_api(server: Server) -> None:
    token = of_server(server, "token", "--customer", "acme", "--name", "Acme Inc")["token"]
    answer = httpx2.get(f"{server.url}/self", headers={"authorization": f"Bearer {token}"}).json()
    admin = server.command("token", "--admin").stdout.strip()

    assert (answer["internalId"], answer["name"]) == ("acme", "Acme Inc")
    assert httpx2.get(f"{server.url}/self", headers={"authorization": f"Bearer {admin}"}).json()["isAdmin"] is True


def test_rotating_a_secret_is_felt_by_a_running_server_at_once(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        old = server.token()
        before = httpx2.get(f"{server.url}/self", headers={"authorization": f"Bearer {old}"})
        secret = as_json(tmp_path, "workspace", "rotate-secret", server.key)["secret"]
        after = httpx2.get(f"{server.url}/self", headers={"authorization": f"Bearer {old}"})
        new = httpx2.get(f"{server.url}/self", headers={"authorization": f"Bearer {mint(server.key, secret)}"})

    assert [response.status_code for response in (before, after, new)] == [200, 401, 200]


def test_a_lost_encryption_key_is_noticed_at_the_start_and_not_replaced(folder: Path) -> None:
    key = folder / "datalinks.db.key"
    kept = key.read_bytes()
    key.unlink()

    lost = datalinks("tables", "list", folder=folder, check=False)
    assert (lost.returncode, key.exists()) == (7, False)
    assert "is missing" in lost.stderr

    key.write_bytes(b"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
    key.chmod(0o600)
    other = datalinks("serve", "--port", "0", folder=folder, check=False)
    assert other.returncode == 7
    assert "encryption key the database was made with" in other.stderr

    key.write_bytes(kept)
    assert datalinks("tables", "list", folder=folder).returncode == 0


def test_migrate_says_what_it_applied(tmp_path: Path) -> None:
    assert as_json(tmp_path, "migrate")["applied"] != []
    assert as_json(tmp_path, "migrate")["applied"] == []


def test_settings_reach_commands_and_do_not_show_the_key(tmp_path: Path) -> None:
    key = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
    (tmp_path / "datalinks.toml").write_text(f'encryption_key = "{key}"\nport = 9000\n')

    shown = as_json(tmp_path, "settings", "--database", "sqlite:///other.db")

    assert (shown["port"], shown["database"], shown["encryption_key"]) == (9000, "sqlite:///other.db", "(set)")
    datalinks("workspace", "create", "Acme", folder=tmp_path)
    assert not list(tmp_path.glob("*.key")), "with a key in the settings no file is made"


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["nope"], 2, "nope"),
        (["links", "create"], 2, "--app"),
        (["token"], 3, "--customer"),
        (["tables", "get", "nope"], 4, "nope"),
        (["workspace", "create", "Other", "--key", "acme"], 5, "acme"),
        (["tables", "list", "--database", "mysql://x"], 7, "sqlite:///"),
        (["tables", "list", "--workspace", "nope"], 4, "workspace list"),
        (["workspace", "add-public-key", "acme", "k", "nowhere.pem"], 3, "nowhere.pem"),
        (["tables", "create", "a/b?c"], 3, "key"),
        (["tables", "list", "--limit", "0"], 2, "limit"),
        (["links", "find", "--table", "t", "--connection", "c", "--app", ""], 3, "1 to 512"),
        (["serve", "--port", "70000"], 7, "port"),
        (["serve", "--host", "no.such.host.invalid"], 7, "no.such.host.invalid"),
        (["tables", "list", "--database", "sqlite:///:memory:"], 7, "sqlite:///"),
        (["tables", "list", "--database", "sqlite:////proc/none/x.db"], 7, "/proc/none"),
        (["workspace", "configure", "acme", "--jwks-uri", "file:///x"], 3, "https://"),
    ],
)
def test_a_failure_says_why_and_has_its_own_exit_code(folder: Path, arguments: list[str], code: int, says: str) -> None:
    text = datalinks(*arguments, folder=folder, check=False)
    document = datalinks(*arguments, "--json", folder=folder, check=False)

    assert (text.returncode, document.returncode) == (code, code)
    assert says in text.stderr
    assert text.stdout == ""
    assert says in json.loads(document.stdout)["error"]["message"]


def test_a_port_that_is_taken_is_refused(server: Server) -> None:
    second = server.command("serve", "--port", str(server.port), check=False)

    assert second.returncode == 7
    assert "in use" in second.stderr


def test_every_command_is_in_the_reference() -> None:
    reference = Path("docs/reference/command-line.md").read_text()
    app = make_cli()

    commands = [name for name in app if not name.startswith("-")]
    for group in ("workspace", "tables", "links"):
        commands += [f"{group} {name}" for name in app[group] if not name.startswith("-")]

    missing = [name for name in commands if f"`datalinks {name}" not in reference]
    assert not missing
    assert len(commands) > 15
