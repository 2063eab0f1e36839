"""The Datalinks server of this example: its process, which can be killed, and what is set up in it through its HTTP API."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import jwt

FLOWS = Path(__file__).parent / "flows"
TABLE, INTEGRATION = "people", "crm"
_TOKEN_SECONDS = 3600
_COMMAND_SECONDS = 60
_STOP_SECONDS = 30
# Short, so that runs whose server was killed go on soon; a server of yours may keep the 30 seconds that it has by itself.
_LEASE_SECONDS = 2
_UNENDED_STATES = ("queued", "running")


class ExampleFailed(Exception):
    """Something did not work, or a promise was not kept; the message says what."""


@dataclass
class Server:
    """A Datalinks server on an embedded store in a folder. It keeps its address when it is started again.

    is_ready: it has started, and was not ended since.
    """

    folder: Path
    settings: dict[str, str] = field(default_factory=dict[str, str])
    key: str = ""
    secret: str = ""
    url: str = ""
    is_ready: bool = False
    _process: "subprocess.Popen[str] | None" = None
    _ending: threading.Lock = field(default_factory=threading.Lock)

    def create_workspace(self) -> None:
        """Make the workspace of the product."""
        made = json.loads(self._command("workspace", "create", "Two-way contacts", "--json"))
        self.key, self.secret = made["key"], made["secret"]

    def configure(self, product_port: int, crm_port: int) -> None:
        """Say where the product is, and that the server may call both apps although they are on this machine."""
        self._command("workspace", "configure", self.key, "--api-base-uri", f"http://127.0.0.1:{product_port}")
        self.settings["DATALINKS_OUTGOING_ALLOW"] = f"127.0.0.1:{product_port},127.0.0.1:{crm_port}"
        self.settings["DATALINKS_FLOW_LEASE_SECONDS"] = str(_LEASE_SECONDS)

    def start(self) -> None:
        """Start the process and wait until it answers.

        Raises:
            ExampleFailed: it ended instead.
        """
        port = str(urlsplit(self.url).port or 0)
        with self._log.open("a", encoding="utf-8") as log:
            self._process = subprocess.Popen(  # noqa: S603 - only this project's own program
                self._arguments("serve", "--port", port, "--json"),
                env=self._environment,
                stdout=subprocess.PIPE,
                stderr=log,
                encoding="utf-8",
            )
        assert self._process.stdout is not None
        printed = ""
        while line := self._process.stdout.readline():
            printed += line
            if line.rstrip() == "}":
                self.url = json.loads(printed)["url"]
                self.is_ready = True
                return
        raise ExampleFailed(f"The server did not start:\n{self._log.read_text('utf-8').strip()}")

    def kill(self) -> None:
        """End the process as a power failure does: SIGKILL."""
        self._end(is_killed=True)

    def stop(self) -> None:
        """Ask the process to end, if there is one, and wait until it has."""
        self._end(is_killed=False)

    def api(self, customer: str | None = None) -> "Api":
        """The server's API as one of the customers uses it or, without one, as an admin."""
        who: dict[str, Any] = {"isAdmin": True} if customer is None else {"id": customer}
        claims = {"iss": self.key, "exp": int(time.time()) + _TOKEN_SECONDS, **who}
        return Api(self.url, jwt.encode(claims, self.secret, "HS512"))

    @property
    def _log(self) -> Path:
        return self.folder / "server.log"

    @property
    def _environment(self) -> dict[str, str]:
        # Without settings that would lead the example elsewhere.
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DATALINKS_")}
        return {**kept, **self.settings}

    def _arguments(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "datalinks", *arguments, "--database", f"sqlite:///{self.folder}/datalinks.db"]

    def _command(self, *arguments: str) -> str:
        done = subprocess.run(  # noqa: S603 - only this project's own program
            self._arguments(*arguments),
            env=self._environment,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=_COMMAND_SECONDS,
        )
        if done.returncode:
            raise ExampleFailed(done.stderr.strip())
        return done.stdout

    def _end(self, *, is_killed: bool) -> None:
        with self._ending:
            process, self._process, self.is_ready = self._process, None, False
            if process is None:
                return
            if is_killed:
                process.kill()
            else:
                process.terminate()
            process.wait(_STOP_SECONDS)
            assert process.stdout is not None
            process.stdout.close()


@dataclass(frozen=True)
class Api:
    """Datalinks as somebody with a token uses it."""

    url: str
    token: str

    def call(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        """What a request is answered with.

        Raises:
            ExampleFailed: it is refused.
        """
        headers = {"authorization": f"Bearer {self.token}"}
        answer = httpx2.request(method, f"{self.url}{path}", params=query, json=body, headers=headers)
        if not answer.is_success:
            raise ExampleFailed(f"{method} {path} was answered with {answer.status_code}: {answer.text}")
        return answer.json() if answer.content else None

    def items(self, path: str, **query: str) -> Iterator[Any]:
        """Everything in a list, page by page."""
        cursor: dict[str, str] = {}
        while True:
            page = self.call("GET", path, **query, limit="1000", **cursor)
            yield from page["items"]
            if not page.get("cursor"):
                return
            cursor = {"cursor": page["cursor"]}

    def pairs(self) -> list[tuple[str, str]]:
        """A customer's links: user and contact, each as often as it is linked in one of the directions."""
        links = self.items(f"/data-link-tables/{TABLE}/links", integrationKey=INTEGRATION)
        return [(link["appRecordId"], link["externalRecordId"]) for link in links]

    def has_unended_runs(self) -> bool:
        """Whether a run waits or is under way."""
        return any(self.call("GET", "/flow-runs", state=state, limit="1")["items"] for state in _UNENDED_STATES)


@dataclass(frozen=True)
class Webhooks:
    """Where the apps send their events to: the product to one address for all, the CRM to one of each customer."""

    users: str
    contacts: Mapping[str, str]


def set_up(server: Server, tokens: Mapping[str, str], crm_port: int) -> Webhooks:
    """Everything that the sync needs. tokens: what lets each customer into the CRM."""
    admin = server.api()
    admin.call("POST", "/data-link-tables", {"key": TABLE, "name": "Users and contacts"})
    crm = {"key": INTEGRATION, "name": "CRM", "baseUri": f"http://127.0.0.1:{crm_port}", "auth": {"type": "bearer"}}
    admin.call("POST", "/integrations", crm)
    who = {"tenantIdFormula": {"$var": "$.customerId"}}
    users = admin.call("POST", "/app-event-types", {"key": "users", "name": "A user changed", **who})
    admin.call("POST", "/app-event-types", {"key": "contacts", "name": "A contact changed"})
    for file in sorted(FLOWS.glob("*.json")):
        apply_flow(admin, json.loads(file.read_text("utf-8")))
    contacts: dict[str, str] = {}
    for customer, token in tokens.items():
        api = server.api(customer)
        api.call("POST", "/connections", {"integrationKey": INTEGRATION, "credentials": {"token": token}})
        subscription = api.call("POST", "/app-event-subscription", appEventTypeKey="contacts")
        contacts[customer] = subscription["webhookUri"]
    return Webhooks(users["globalWebhookUri"], contacts)


def apply_flow(admin: Api, flow: dict[str, Any]) -> None:
    """Make a flow, and let every connection to the CRM have it.

    Raises:
        ExampleFailed: something in it is wrong.
    """
    made = admin.call("POST", "/flows", flow)
    if made["state"] != "READY":
        raise ExampleFailed(f"The flow {flow['key']} is wrong: {json.dumps(made['errors'])}")
    admin.call("POST", f"/flows/{flow['key']}/apply", {"integrationKeys": [INTEGRATION]})
