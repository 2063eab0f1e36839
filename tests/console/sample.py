"""What the workspace of the console's tests has: two apps, two tables, three customers, and links."""

from dataclasses import dataclass, field
from typing import Any, Self

import httpx2

from support.server import Server

LINKS = 240


@dataclass
class Sample:
    """The ids of what was made."""

    instance: str = ""
    other_instance: str = ""
    connections: dict[str, str] = field(default_factory=dict[str, str])
    customers: dict[str, str] = field(default_factory=dict[str, str])
    integrations: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def ids(self) -> dict[str, str]:
        """One id of each kind, by the kind's name."""
        return {
            "instance": self.instance,
            "customer": self.customers["acme"],
            "integration": self.integrations["hubspot"],
            "connection": self.connections["acme-hubspot"],
        }


class Http:
    """An admin's requests of a server."""

    def __init__(self, server: Server) -> None:
        self._client = httpx2.Client(base_url=server.url, timeout=60)
        self._client.headers["authorization"] = f"Bearer {server.token()}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The answer's JSON, of a request that must succeed."""
        answer = self._client.request(method, path, json=body)
        return _content(answer)

    def send_file(self, path: str, content: bytes, media_type: str) -> Any:
        """The answer's JSON, of a file that must be taken."""
        return _content(self._client.post(path, content=content, headers={"content-type": media_type}, timeout=300))


def make_sample(server: Server) -> Sample:
    """Fill the server's workspace."""
    with Http(server) as http:
        return _make(http)


def _content(answer: httpx2.Response) -> Any:
    assert answer.is_success, (answer.request.url, answer.text)
    return answer.json() if answer.content else None


def _make(http: Http) -> Sample:
    sample = Sample()
    for key, name in (("hubspot", "HubSpot"), ("salesforce", "Salesforce")):
        sample.integrations[key] = http.ask("POST", "/integrations", {"key": key, "name": name})["id"]
    for key, name in (("contacts", "Contacts"), ("companies", "Companies")):
        http.ask("POST", "/data-link-tables", {"key": key, "name": name, "description": f"{name} of both sides"})
    for key, name in (("acme", "Acme"), ("globex", "Globex"), ("initech", "Initech")):
        sample.customers[key] = http.ask("POST", "/customers", {"internalId": key, "name": name})["id"]
    for customer, integration in (("acme", "hubspot"), ("acme", "salesforce"), ("globex", "hubspot")):
        body = {"integrationKey": integration, "userId": customer, "name": f"{customer} on {integration}"}
        sample.connections[f"{customer}-{integration}"] = http.ask("POST", "/connections", body)["id"]
    sample.instance = _link(http, "contacts", sample.connections["acme-hubspot"], "hs", LINKS)
    sample.other_instance = _link(http, "contacts", sample.connections["globex-hubspot"], "gx", 3)
    _link(http, "companies", sample.connections["acme-salesforce"], "sf", 5)
    return sample


def _link(http: Http, table: str, connection: str, prefix: str, count: int) -> str:
    operations = [
        {"op": "create", "appRecordId": f"u-{no}", "externalRecordId": f"{prefix}-{9000 + no}", "direction": "import"}
        for no in range(count)
    ]
    path = f"/data-link-tables/{table}/links/batch?connectionId={connection}"
    assert http.ask("POST", path, {"operations": operations})["failed"] == 0
    return http.ask("GET", f"/data-link-table-instance?dataLinkTableKey={table}&connectionId={connection}")["id"]


def make_instance(server: Server, sample: Sample, key: str) -> str:
    """The id of an empty instance of the contacts of Acme and HubSpot, with an instance key."""
    connection = sample.connections["acme-hubspot"]
    path = f"/data-link-table-instance?dataLinkTableKey=contacts&connectionId={connection}&instanceKey={key}"
    with Http(server) as http:
        return http.ask("GET", f"{path}&autoCreate=true")["id"]
