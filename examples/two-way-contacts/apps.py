"""Two small apps with an HTTP API each: a product that has users, and a CRM that has contacts.

Both behave as real ones do: whoever calls must be allowed to, every customer has records of its own, a request that is made
again under its ``Idempotency-Key`` is answered as before, and every change is told to others by events, in order, until they
are taken.
"""

import json
import threading
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import jwt

Record = dict[str, str]
Event = dict[str, str]
# The customer whom a request's headers are for; None if they let nobody in.
Door = Callable[[Mapping[str, str]], str | None]

_PAUSE_SECONDS = 0.1
_TIMEOUT_SECONDS = 10.0


class Refused(Exception):
    """A request that an app does not do. status: what it is answered with."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


@dataclass(frozen=True)
class Answer:
    """What a request is answered with. change: what was done for it, e.g. ``contact.created``, if anything was."""

    status: HTTPStatus
    body: Any = None
    change: str | None = None


class Outbox:
    """Tells an app's events to a webhook, one after the other, each again until it is taken.

    address: where events of a customer are sent to. log: every event that there was. sent: how many were taken.
    refused: what the webhook answered to events that it will never take.
    """

    def __init__(self) -> None:
        self.address: Callable[[str], str] = _nowhere
        self.log: list[Event] = []
        self.sent = 0
        self.refused: list[str] = []
        self._queue: list[tuple[str, Event]] = []
        self._is_filled = threading.Condition()
        self._is_closed = False
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def close(self) -> None:
        """Send nothing more."""
        with self._is_filled:
            self._is_closed = True
            self._is_filled.notify()
        self._thread.join()

    def add(self, event: Event) -> None:
        """Send an event. It is sent under its id as the idempotency key, so a try that was taken unnoticed launches no second run."""
        with self._is_filled:
            self.log.append(event)
            self._queue.append((event["id"], event))
            self._is_filled.notify()

    def send_again(self) -> int:
        """Send every event that there was once more, under new keys, so that they launch runs; how many there were."""
        with self._is_filled:
            self._queue.extend((f"{event['id']}-again", event) for event in self.log)
            self._is_filled.notify()
            return len(self.log)

    @property
    def waiting(self) -> int:
        """How many events are not taken yet."""
        return len(self._queue)

    def _run(self) -> None:
        with httpx2.Client(timeout=_TIMEOUT_SECONDS) as http:
            while True:
                with self._is_filled:
                    self._is_filled.wait_for(lambda: self._queue or self._is_closed)
                    if self._is_closed:
                        return
                    key, event = self._queue[0]
                if self._is_settled(http, key, event):
                    with self._is_filled:
                        self._queue.pop(0)
                else:
                    time.sleep(_PAUSE_SECONDS)

    def _is_settled(self, http: httpx2.Client, key: str, event: Event) -> bool:
        try:
            answer = http.post(self.address(event["customerId"]), json=event, headers={"idempotency-key": key})
        except httpx2.TransportError:
            return False
        if answer.is_success:
            self.sent += 1
        elif answer.is_client_error and answer.status_code != HTTPStatus.TOO_MANY_REQUESTS:
            self.refused.append(f"{answer.status_code} {answer.text}")
        else:
            return False
        return True


@dataclass
class App:
    """An app with one kind of records. noun: what a record is called, e.g. ``user``. fields: what may be written of it.

    door: lets requests in. after_change: called when a request has changed something and is not answered yet.
    repeated: how many requests were answered from memory.
    """

    noun: str
    fields: tuple[str, ...]
    door: Door
    after_change: Callable[[str], None] = lambda _: None
    outbox: Outbox = field(default_factory=Outbox)
    repeated: int = 0
    _records: dict[str, dict[str, Record]] = field(default_factory=dict[str, dict[str, Record]])
    _answered: dict[tuple[str, str], tuple[str, Answer]] = field(
        default_factory=dict[tuple[str, str], tuple[str, Answer]]
    )
    _made: int = 0
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def records(self, customer: str) -> list[Record]:
        """A customer's records, the oldest first."""
        with self._lock:
            return [dict(each) for each in self._records.get(customer, {}).values()]

    def create(self, customer: str, **values: str) -> Record:
        """Make a record, as somebody does who works with the app."""
        with self._lock:
            self._made += 1
            record = {"id": f"{self.noun[0]}-{self._made}", **values}
            self._records.setdefault(customer, {})[record["id"]] = record
            self._tell("created", customer, record["id"])
            return dict(record)

    def update(self, customer: str, id: str, **values: str) -> Record:
        """Change a record.

        Raises:
            Refused: there is none.
        """
        with self._lock:
            record = self._records.get(customer, {}).get(id)
            if record is None:
                raise Refused(HTTPStatus.NOT_FOUND)
            record.update(values)
            self._tell("updated", customer, id)
            return dict(record)

    def delete(self, customer: str, id: str) -> bool:
        """Delete a record; whether it was there."""
        with self._lock:
            if self._records.get(customer, {}).pop(id, None) is None:
                return False
            self._tell("deleted", customer, id)
            return True

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """What a request is answered with; one that was answered under its key before is not done again."""
        customer = self.door(headers)
        if customer is None:
            return Answer(HTTPStatus.UNAUTHORIZED)
        key, asked = headers.get("idempotency-key"), f"{method} {target} {body.decode()}"
        with self._lock:
            if key is None or method == "GET":
                return self._do(method, target, customer, body)
            if (customer, key) in self._answered:
                return self._answer_again(asked, *self._answered[customer, key])
            done = self._do(method, target, customer, body)
            self._answered[customer, key] = asked, done
            return done

    def _answer_again(self, asked: str, before: str, answer: Answer) -> Answer:
        if asked != before:
            return Answer(HTTPStatus.UNPROCESSABLE_ENTITY, {"message": "The key was used for another request."})
        self.repeated += 1
        return Answer(answer.status, answer.body)

    def _do(self, method: str, target: str, customer: str, body: bytes) -> Answer:
        url = urlsplit(target)
        nouns, _, id = url.path.strip("/").partition("/")
        if nouns != f"{self.noun}s":
            return Answer(HTTPStatus.NOT_FOUND)
        try:
            match method, bool(id):
                case "GET", False:
                    return Answer(HTTPStatus.OK, {"items": self._found(customer, parse_qs(url.query))})
                case "POST", False:
                    made = self.create(customer, **self._values(body))
                    return Answer(HTTPStatus.CREATED, made, f"{self.noun}.created")
                case "PATCH", True:
                    changed = self.update(customer, id, **self._values(body))
                    return Answer(HTTPStatus.OK, changed, f"{self.noun}.updated")
                case "DELETE", True:
                    was_there = self.delete(customer, id)
                    return Answer(HTTPStatus.NO_CONTENT, change=f"{self.noun}.deleted" if was_there else None)
                case _:
                    return Answer(HTTPStatus.METHOD_NOT_ALLOWED)
        except Refused as error:
            return Answer(error.status, {"message": str(error)})

    def _found(self, customer: str, query: Mapping[str, list[str]]) -> list[Record]:
        wanted = query.get("id")
        return [each for each in self.records(customer) if wanted is None or each["id"] in wanted]

    def _values(self, body: bytes) -> Record:
        values = json.loads(body)
        if not values.keys() <= set(self.fields):
            raise Refused(HTTPStatus.BAD_REQUEST)
        return values

    def _tell(self, change: str, customer: str, id: str) -> None:
        event_id = f"{self.noun}-event-{len(self.outbox.log) + 1}"
        self.outbox.add(
            {"id": event_id, "type": f"{self.noun}.{change}", "recordId": id, "customerId": customer},
        )


def make_product(workspace_key: str, workspace_secret: str) -> App:
    """The product. Datalinks calls it with tokens that are signed with the workspace secret and name the customer."""

    def door(headers: Mapping[str, str]) -> str | None:
        token = headers.get("x-integration-app-token", "")
        try:
            return jwt.decode(token, workspace_secret, algorithms=["HS512"], issuer=workspace_key)["sub"]
        except jwt.InvalidTokenError:
            return None

    return App("user", ("name", "email", "externalId"), door)


def make_crm(tokens: Mapping[str, str]) -> App:
    """The CRM. tokens: each customer's access token."""
    customers = {f"Bearer {token}": customer for customer, token in tokens.items()}
    return App(
        "contact",
        ("fullName", "emailAddress", "externalId"),
        lambda headers: customers.get(headers.get("authorization", "")),
    )


@contextmanager
def serving(app: App) -> Generator[int]:
    """The app answers on this machine and tells its events, until the block is left; its port."""
    server = _Server(("127.0.0.1", 0), _handler_of(app))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    app.outbox.start()
    try:
        yield server.server_port
    finally:
        app.outbox.close()
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing is said of answers that nobody waits for any more, as Datalinks is killed now and then."""


def _handler_of(app: App) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = app.answer(self.command, self.path, headers, body)
            if answer.change is not None:
                app.after_change(answer.change)
            content = b"" if answer.body is None else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            if content:
                self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_DELETE = _handle  # noqa: N815 - names that the library looks for

        def log_message(self, format: str, *args: Any) -> None:
            """Requests are not logged."""

    return Handler


def _nowhere(customer: str) -> str:
    raise AssertionError(f"nobody said where events of {customer} are sent to")
