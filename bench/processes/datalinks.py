"""The server that is measured: one process on a database of its own, with one workspace, table and connection."""

import base64
import json
import secrets
import sys
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
import jwt

from bench import records
from bench.failures import BenchFailed
from bench.processes.programs import Process, last_lines, run_program, running
from bench.processes.wrk import Load

_TABLE, _INTEGRATION, _CUSTOMER = "users-to-contacts", "salesforce", "acme"
_COMMAND_SECONDS = 60
_REQUEST_SECONDS = 1800.0
_SEND_BYTES = 1024 * 1024
_GIBIBYTE = 1024**3


def settings(database: str) -> dict[str, str]:
    """The settings of every server that is measured; all of a run share their encryption key."""
    return {
        "DATALINKS_DATABASE": database,
        "DATALINKS_ENCRYPTION_KEY": _ENCRYPTION_KEY,
        # No peer writes a line for each request either.
        "DATALINKS_LOG_LEVEL": "warning",
        "DATALINKS_MAX_BODY_BYTES": str(_GIBIBYTE),
    }


_ENCRYPTION_KEY = base64.b64encode(secrets.token_bytes(32)).decode()


@dataclass(slots=True)
class Workspace:
    """Whose data is measured.

    key, secret: what tokens are signed with. connection_id: whose links they are.
    """

    key: str
    secret: str
    connection_id: str = ""

    def token(self, **claims: Any) -> str:
        """A token of the one customer, good for a day."""
        payload = {"iss": self.key, "id": _CUSTOMER, "exp": int(time.time()) + 24 * 3600, **claims}
        return jwt.encode(payload, self.secret, "HS512")


@dataclass(slots=True)
class Datalinks:
    """A running server."""

    process: Process
    url: str
    workspace: Workspace
    client: httpx2.Client = field(init=False)

    def __post_init__(self) -> None:
        headers = {"Authorization": f"Bearer {self.workspace.token(isAdmin=True)}"}
        self.client = httpx2.Client(base_url=self.url, headers=headers, timeout=_REQUEST_SECONDS)

    def set_up(self) -> None:
        """Make the table, the integration and the customer's connection to it."""
        self._make("/data-link-tables", {"key": _TABLE})
        self._make("/integrations", {"key": _INTEGRATION, "name": "Salesforce"})
        self.workspace.connection_id = self._make("/connections", {"integrationKey": _INTEGRATION})["id"]
        # The first question makes the instance.
        self.find(records.app_record_id(0))

    def find(self, app_record_id: str) -> list[dict[str, Any]]:
        """The links of an app record."""
        answer = self.client.get(self._links_path({"direction": "import", "appRecordId": app_record_id}))
        return json.loads(_content(answer))["items"]

    def finds(self, links: int) -> Load:
        """Requests for random links of a table with so many."""
        path = f"{self._links_path({'direction': 'import'})}&appRecordId={records.APP_PATTERN}"
        return self._load(path, count=links, step=records.STEP)

    def creates(self) -> Load:
        """Requests that create links, nearly all of them new."""
        body = {"appRecordId": records.APP_PATTERN, "externalRecordId": records.EXTERNAL_PATTERN, "direction": "import"}
        return self._load(self._links_path({}), count=records.CREATED, step=1, method="POST", body=json.dumps(body))

    def find_many(self, body: bytes) -> bytes:
        """The answer to a batch."""
        return self._post(self._table_path("batch"), body, "application/json")

    def import_csv(self, lines: Iterable[bytes]) -> float:
        """Import links; the seconds it took."""
        # Made beforehand: what is measured is the server.
        content = b"".join(lines)
        start = time.perf_counter()
        self._post(self._table_path("import"), content, "text/csv")
        return time.perf_counter() - start

    def _links_path(self, query: dict[str, str]) -> str:
        named = {"dataLinkTableKey": _TABLE, "connectionId": self.workspace.connection_id}
        return f"/data-link-table-instance/links?{urlencode({**named, **query})}"

    def _table_path(self, what: str) -> str:
        return f"/data-link-tables/{_TABLE}/links/{what}?connectionId={self.workspace.connection_id}"

    def _load(self, path: str, **request: Any) -> Load:
        return Load(url=self.url, path=path, token=self.workspace.token(), **request)

    def _make(self, path: str, draft: dict[str, str]) -> dict[str, Any]:
        return json.loads(self._post(path, json.dumps(draft).encode(), "application/json"))

    def _post(self, path: str, body: bytes, kind: str) -> bytes:
        headers = {"Content-Type": kind, "Content-Length": str(len(body))}
        return _content(self.client.post(path, content=_pieces(body), headers=headers))


def batch_body(app_record_ids: Sequence[str]) -> bytes:
    """The body of a batch that finds the links of app records."""
    operations = [{"op": "find", "appRecordId": each, "direction": "import"} for each in app_record_ids]
    return json.dumps({"mode": "each", "operations": operations}).encode()


def create_workspace(folder: Path, database: str) -> Workspace:
    """Make a workspace through the command line, and with it the database."""
    arguments = [sys.executable, "-m", "datalinks", "workspace", "create", "Bench", "--json"]
    made = json.loads(run_program(arguments, _COMMAND_SECONDS, settings(database), folder))
    return Workspace(made["key"], made["secret"])


@contextmanager
def serve(folder: Path, database: str, workspace: Workspace, extra: dict[str, str]) -> Generator[Datalinks]:
    """A server on a free port; ``extra`` are settings beside the usual ones."""
    arguments = [sys.executable, "-m", "datalinks", "serve", "--port", "0", "--json"]
    log = folder / "server.log"
    with ExitStack() as stack:
        process = stack.enter_context(running(arguments, log, {**settings(database), **extra}, folder))
        server = Datalinks(process, _address(process, log), workspace)
        stack.callback(server.client.close)
        yield server


def _address(process: Process, log: Path) -> str:
    """The address that the server prints when it listens."""
    assert process.stdout is not None, "the process was started with a pipe"
    printed = ""
    for line in process.stdout:
        printed += line
        if line.rstrip() == "}":
            break
    try:
        return json.loads(printed)["url"]
    except (ValueError, KeyError) as error:
        raise BenchFailed(f"the server did not start: {printed.strip()[-500:]} {last_lines(log)}") from error


def _pieces(content: bytes) -> Iterator[bytes]:
    """Small enough that what is left to send is not copied again and again."""
    return (content[start : start + _SEND_BYTES] for start in range(0, len(content), _SEND_BYTES))


def _content(answer: httpx2.Response) -> bytes:
    if not answer.is_success:
        raise BenchFailed(f"{answer.request.url.path} answered {answer.status_code}: {answer.text[:200]}")
    return answer.content
