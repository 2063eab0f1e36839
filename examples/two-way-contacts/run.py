"""Keeps the users of a product and the contacts of a CRM the same, in both directions, whatever happens.

Starts a product, a CRM and a Datalinks server with an empty store, and sets up the flows of the folder ``flows``. Then, in
three acts: people change users and contacts; every event is delivered a second time; the server is killed three times in the
middle of a burst of changes. After each act both sides must have the same records, one link a pair and no duplicates. The exit
code says whether that held.
"""

import argparse
import signal
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any

import httpx2
from apps import App, make_crm, make_product, serving
from server import ExampleFailed, Server, set_up

TOKENS = {"acme": "acme-token-of-the-crm", "globex": "globex-token-of-the-crm"}
ACTS = 3
# After which change that a flow has made in an app, counted from the beginning of the act, the server is killed.
KILLS = {"contact.created": 5, "user.created": 9, "contact.updated": 3}
SETTLE_SECONDS = 120
LOOK_SECONDS = 0.1
WRITES = ("create-", "update-", "delete-")
# What a shell says of a program that Ctrl-C ended.
INTERRUPTED = 130


@dataclass
class Signals:
    """Whether somebody has asked the program to end. It looks here now and then: an interrupt could come while it has a lock."""

    has_come: bool = False

    def listen(self) -> None:
        """Take note of Ctrl-C and of being terminated."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._note)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.has_come = True


@dataclass
class Saboteur:
    """Kills the server when an app has done what a flow asked for, and before the server hears of it.

    moments: the number of each change after which the server is killed; those that have come are taken out.
    """

    server: Server
    moments: dict[str, int] = field(default_factory=dict[str, int])
    kills: list[str] = field(default_factory=list[str])
    _counts: Counter[str] = field(default_factory=Counter[str])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def plan(self, moments: Mapping[str, int]) -> None:
        """Count from now on."""
        self._counts.clear()
        self.moments.update(moments)

    def look(self, change: str) -> None:
        """An app tells that it has changed something and has not answered yet."""
        with self._lock:
            self._counts[change] += 1
            if self.server.is_ready and self._counts[change] >= self.moments.get(change, sys.maxsize):
                del self.moments[change]
                self.server.kill()
                self.kills.append(change)


@dataclass
class Stage:
    """Everything that runs. expected: what each customer's people are called, by email; several names if either may win."""

    server: Server
    product: App
    crm: App
    saboteur: Saboteur
    signals: Signals
    expected: dict[str, dict[str, set[str]]] = field(
        default_factory=lambda: defaultdict[str, dict[str, set[str]]](dict)
    )
    seen_runs: set[str] = field(default_factory=set[str])

    # --- What people do

    def hire(self, customer: str, names: Iterable[str]) -> None:
        """Somebody makes users in the product."""
        for name in names:
            self.product.create(customer, name=name, email=_email(name))
            self.expected[customer][_email(name)] = {name}

    def meet(self, customer: str, names: Iterable[str]) -> None:
        """Somebody makes contacts in the CRM."""
        for name in names:
            self.crm.create(customer, fullName=name, emailAddress=_email(name))
            self.expected[customer][_email(name)] = {name}

    def rename_user(self, customer: str, email: str, name: str) -> None:
        """Somebody changes a user in the product."""
        self.product.update(customer, _id_of(self.product, customer, email), name=name)
        self.expected[customer][email] = {name}

    def rename_contact(self, customer: str, email: str, name: str) -> None:
        """Somebody changes a contact in the CRM."""
        self.crm.update(customer, _id_of(self.crm, customer, email), fullName=name)
        self.expected[customer][email] = {name}

    def rename_both(self, customer: str, email: str, name: str, other: str) -> None:
        """The same person is changed in both apps at once."""
        self.rename_user(customer, email, name)
        self.rename_contact(customer, email, other)
        self.expected[customer][email] = {name, other}

    def dismiss(self, customer: str, email: str) -> None:
        """Somebody deletes a user in the product."""
        self.product.delete(customer, _id_of(self.product, customer, email))
        del self.expected[customer][email]

    def forget(self, customer: str, email: str) -> None:
        """Somebody deletes a contact in the CRM."""
        self.crm.delete(customer, _id_of(self.crm, customer, email))
        del self.expected[customer][email]

    # --- What comes of it

    @property
    def changes(self) -> int:
        """How many changes there were in both apps, by people and by flows."""
        return len(self.product.outbox.log) + len(self.crm.outbox.log)

    def settle(self) -> None:
        """Wait until every event is taken and every run has ended. A server that was killed is started again.

        Raises:
            ExampleFailed: there is no end to it, or somebody has asked for one.
        """
        ends_at = time.monotonic() + SETTLE_SECONDS
        while not self._is_settled():
            if time.monotonic() > ends_at:
                raise ExampleFailed(f"After {SETTLE_SECONDS} seconds there are still events or runs that wait.")
            time.sleep(LOOK_SECONDS)
            if self.signals.has_come:
                raise ExampleFailed("It was interrupted.")
            if not self.server.is_ready:
                self.server.start()

    def _is_settled(self) -> bool:
        changes = self.changes
        try:
            if self._waiting or self.server.api().has_unended_runs():
                return False
        except httpx2.TransportError:
            return False
        # What a run changes is told before the run ends.
        return self.changes == changes and not self._waiting

    @property
    def _waiting(self) -> int:
        return self.product.outbox.waiting + self.crm.outbox.waiting

    def new_runs(self) -> list[Any]:
        """The runs that there are since this was asked last."""
        runs = [run for run in self.server.api().items("/flow-runs") if run["id"] not in self.seen_runs]
        self.seen_runs.update(run["id"] for run in runs)
        return runs

    def problems(self) -> list[str]:
        """What is not as it should be."""
        refused = [*self.product.outbox.refused, *self.crm.outbox.refused]
        found = [f"an event was refused: {each}" for each in refused]
        for customer in TOKENS:
            found += [f"{customer}: {problem}" for problem in self._problems_of(customer)]
        return found

    def _problems_of(self, customer: str) -> Generator[str]:
        users = {each["id"]: (each["email"], each["name"]) for each in self.product.records(customer)}
        contacts = {each["id"]: (each["emailAddress"], each["fullName"]) for each in self.crm.records(customer)}
        expected = self.expected[customer]
        for noun, people in (("user", users.values()), ("contact", contacts.values())):
            count = Counter(email for email, _ in people)
            yield from (f"the {noun} {email} is missing" for email in expected if email not in count)
            yield from (f"the {noun} {email} should not be there" for email in count if email not in expected)
            yield from (f"there are {number} {noun}s {email}" for email, number in count.items() if number > 1)
            for email, name in people:
                if name not in expected.get(email, {name}):
                    yield f"the {noun} {email} is called {name!r}"
        # A pair that is linked both ways is two links.
        pairs = Counter(self.server.api(customer).pairs())
        yield from (f"{pair} has {number} links" for pair, number in pairs.items() if number != 2)  # noqa: PLR2004
        yield from _unpaired(users, contacts, list(pairs))

    def print_state(self) -> None:
        """A table of what the customers have."""
        rows = [
            (
                customer,
                len(self.product.records(customer)),
                len(self.crm.records(customer)),
                len(set(self.server.api(customer).pairs())),
            )
            for customer in TOKENS
        ]
        _print_table(("customer", "users", "contacts", "linked pairs"), rows)


def _unpaired(
    users: Mapping[str, Any], contacts: Mapping[str, Any], pairs: Sequence[tuple[str, str]]
) -> Generator[str]:
    for side, records in enumerate((users, contacts)):
        linked = Counter(pair[side] for pair in pairs)
        yield from (f"{id} is linked {linked[id]} times" for id in records if linked[id] != 1)
        yield from (f"{id} is linked and does not exist" for id in linked if id not in records)
    for user, contact in pairs:
        if users.get(user) != contacts.get(contact):
            yield f"{user} and {contact} are linked and differ: {users.get(user)}, {contacts.get(contact)}"


def first_act(stage: Stage) -> list[str]:
    """People make, change and delete users and contacts; each act says what went wrong, but for the records' state."""
    for customer in TOKENS:
        stage.hire(customer, _names(customer, "user", 8))
        stage.meet(customer, _names(customer, "contact", 8))
    stage.settle()
    for customer in TOKENS:
        # Half of these were made in the other app.
        stage.rename_user(customer, _email(f"{customer} user 1"), "Renamed in the product")
        stage.rename_user(customer, _email(f"{customer} contact 1"), "Renamed in the product")
        stage.rename_contact(customer, _email(f"{customer} user 2"), "Renamed in the CRM")
        stage.rename_contact(customer, _email(f"{customer} contact 2"), "Renamed in the CRM")
        stage.rename_both(customer, _email(f"{customer} user 3"), "Renamed here", "Renamed there")
        stage.dismiss(customer, _email(f"{customer} user 4"))
        stage.dismiss(customer, _email(f"{customer} contact 4"))
        stage.forget(customer, _email(f"{customer} user 5"))
        stage.forget(customer, _email(f"{customer} contact 5"))
    stage.settle()
    return []


def second_act(stage: Stage) -> list[str]:
    """Every event that there was is delivered once more, under another idempotency key, so that it launches a run."""
    changes = stage.changes
    again = stage.product.outbox.send_again() + stage.crm.outbox.send_again()
    stage.settle()
    changes = stage.changes - changes
    print(f"  {again} events came again; {changes} records were changed for them.")
    return ["events that came again changed records"] if changes else []


def third_act(stage: Stage) -> list[str]:
    """A burst of changes, and the server is killed in the middle of it, three times."""
    repeated = stage.product.repeated + stage.crm.repeated
    stage.saboteur.plan(KILLS)
    for customer in TOKENS:
        stage.hire(customer, _names(customer, "late user", 12))
        stage.meet(customer, _names(customer, "late contact", 12))
        stage.rename_user(customer, _email(f"{customer} late user 12"), "Renamed at once")
        for number in (6, 7, 8):
            stage.rename_user(customer, _email(f"{customer} user {number}"), f"Renamed {number}")
            stage.rename_contact(customer, _email(f"{customer} contact {number}"), f"Renamed {number}")
        stage.dismiss(customer, _email(f"{customer} user 1"))
        stage.forget(customer, _email(f"{customer} contact 1"))
    stage.settle()
    repeated = stage.product.repeated + stage.crm.repeated - repeated
    kills = stage.saboteur.kills
    print(f"  The server was killed {len(kills)} times, each time after {', '.join(kills)} and before it heard of it;")
    print(f"  {repeated} requests were repeated under their idempotency keys, and done once.")
    as_planned = len(kills) == len(KILLS) and repeated >= len(kills)
    return [] if as_planned else [f"it was to be killed {len(KILLS)} times, and to repeat as many requests"]


PLAY = (
    ("people change users and contacts in both apps", first_act),
    ("every event is delivered a second time", second_act),
    ("the server is killed in the middle of a burst of changes", third_act),
)


def play(stage: Stage, acts: int) -> None:
    """Play so many acts, and look at what came of each.

    Raises:
        ExampleFailed: something is not as it should be.
    """
    for number, (title, act) in enumerate(PLAY[:acts], 1):
        began = time.monotonic()
        print(f"Act {number}: {title}", flush=True)
        problems = act(stage)
        runs = stage.new_runs()
        _print_table(("flow", "runs", "wrote", "nothing to do"), _rows_of(runs))
        stage.print_state()
        problems += stage.problems()
        problems += [f"a run {run['state']}: {run['errors']}" for run in runs if run["state"] != "completed"]
        if problems:
            raise ExampleFailed("\n  ".join([f"Act {number} left something wrong:", *problems]))
        seconds = time.monotonic() - began
        print(f"  Both sides are the same, one link a pair, no duplicates ({seconds:.1f} s).", end="\n\n", flush=True)


def _rows_of(runs: Iterable[Any]) -> list[tuple[str, int, int, int]]:
    rows: dict[str, list[bool]] = defaultdict(list)
    for run in runs:
        rows[run["name"].partition(":")[0]].append(any(key.startswith(WRITES) for key in run["nodes"]))
    return [(name, len(wrote), sum(wrote), len(wrote) - sum(wrote)) for name, wrote in sorted(rows.items())]


@contextmanager
def open_stage(folder: Path, signals: Signals) -> Generator[Stage]:
    """Both apps and a server with everything set up; all of it is ended when the block is left."""
    server = Server(folder)
    saboteur = Saboteur(server)
    server.create_workspace()
    product, crm = make_product(server.key, server.secret), make_crm(TOKENS)
    product.after_change = crm.after_change = saboteur.look
    with serving(product) as product_port, serving(crm) as crm_port:
        server.configure(product_port, crm_port)
        try:
            server.start()
            webhooks = set_up(server, TOKENS, crm_port)
            product.outbox.address = lambda _: webhooks.users
            crm.outbox.address = lambda customer: webhooks.contacts[customer]
            yield Stage(server, product, crm, saboteur, signals)
        finally:
            server.stop()


def main() -> int:
    """Run the example as the command line says; its exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--acts", type=int, choices=range(1, ACTS + 1), default=ACTS, help="how many acts to play")
    acts = parser.parse_args().acts
    signals = Signals()
    signals.listen()
    try:
        with TemporaryDirectory(prefix="two-way-contacts-") as folder, open_stage(Path(folder), signals) as stage:
            play(stage, acts)
    except (ExampleFailed, httpx2.TransportError) as error:
        # Ctrl-C ends the server too, so that anything may fail then.
        if signals.has_come:
            return INTERRUPTED
        print(f"The example failed. {error}", file=sys.stderr)
        return 1
    return 0


def _names(customer: str, kind: str, count: int) -> list[str]:
    return [f"{customer} {kind} {number}" for number in range(1, count + 1)]


def _email(name: str) -> str:
    return f"{name.replace(' ', '.')}@example.com"


def _id_of(app: App, customer: str, email: str) -> str:
    return next(each["id"] for each in app.records(customer) if email in each.values())


def _print_table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    table = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for first, *others in table:
        cells = [first.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))]
        print("  " + "  ".join(cells))


if __name__ == "__main__":
    sys.exit(main())
