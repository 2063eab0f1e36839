"""Starts a server on sample data, links its records through the published SDKs, and says what happened and what to try.

Run it with ``make demo``. What it makes is in the folder ``.demo`` of the checkout, fresh each time. On a terminal the
server keeps running until Ctrl-C; otherwise it is stopped at the end.
"""

import argparse
import csv
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import quote, urlsplit

import jwt
from programs import HERE, ROOT, DemoFailed, Process, Store, address_of, run_json, run_node, running_server

TWO_WAY = ROOT / "examples" / "two-way-contacts" / "run.py"
SDK_FOLDER = ROOT / "tests" / "sdk" / "node_modules"
TOKEN_LIFETIME_SECONDS = 24 * 3600
# What a shell says of a program that Ctrl-C ended.
INTERRUPTED = 130

Row = dict[str, str]


@dataclass(frozen=True)
class Workspace:
    """The workspace that the demo makes, and where its server listens."""

    url: str
    key: str
    secret: str

    def token(self, customer: str | None = None) -> str:
        """A token as the backend of a product mints it: for one of its customers, or for an admin."""
        who: dict[str, Any] = {"isAdmin": True} if customer is None else {"id": customer}
        claims = {"iss": self.key, "exp": int(time.time()) + TOKEN_LIFETIME_SECONDS, **who}
        return jwt.encode(claims, self.secret, "HS512")

    @property
    def access(self) -> dict[str, str]:
        """What the newer SDK needs to mint tokens itself."""
        return {"apiUri": self.url, "workspaceKey": self.key, "workspaceSecret": self.secret}


@dataclass(frozen=True)
class Sample:
    """The sample data: what the workspace has, and pairs of records that belong together."""

    workspace: dict[str, Any]
    contacts: list[Row]
    users: list[Row]

    @property
    def pairs(self) -> list[Row]:
        """Every pair with the direction it is linked in: contacts are synced both ways, users are only looked up."""
        both = [{**row, "direction": "both"} for row in self.contacts]
        return both + [{**row, "direction": "import"} for row in self.users]

    @property
    def customers(self) -> list[str]:
        """The customers' ids in the product."""
        return [each["id"] for each in self.workspace["customers"]]

    def stranger_to(self, contact: Row) -> str:
        """Another customer with a connection to the same integration."""
        others = (row for row in self.contacts if row["integration"] == contact["integration"])
        return next(row["customer"] for row in others if row["customer"] != contact["customer"])


def load_sample() -> Sample:
    """Read the files of the folder ``data``."""
    workspace = json.loads((HERE / "data" / "workspace.json").read_text("utf-8"))
    return Sample(workspace, _rows("contacts"), _rows("users"))


def set_up(workspace: Workspace, sample: Sample) -> None:
    """Create integrations, tables, customers and their connections."""
    made = run_node("set_up.mjs", {**workspace.access, "adminToken": workspace.token(), **sample.workspace})
    _print(
        f"1. Set up through {made['sdk']}",
        f"{made['integrations']} integrations, {made['tables']} data link tables",
        f"{made['customers']} customers with {made['connections']} connections",
    )


def link(workspace: Workspace, sample: Sample) -> None:
    """Link every pair, twice.

    Raises:
        DemoFailed: linking again made other links.
    """
    tokens = {customer: workspace.token(customer) for customer in sample.customers}
    made = run_node("link.mjs", {"apiUri": workspace.url, "tokens": tokens, "pairs": sample.pairs})
    if made["linksAfterwards"] != made["links"]:
        raise DemoFailed(f"Linking again made {made['linksAfterwards'] - made['links']} links more.")
    pairs = len(sample.pairs)
    _print(
        f"2. Linked through {made['sdk']}",
        f"{len(sample.contacts)} pairs of contacts both ways, {len(sample.users)} pairs of users for import only",
        f"{pairs} pairs became {made['links']} links in {made['seconds']:.2f} s: {pairs / made['seconds']:.0f} a second",
        f"the same {pairs} pairs again in {made['secondsAfterwards']:.2f} s: "
        f"still {made['linksAfterwards']} links, each kept its id",
    )


def look_up(workspace: Workspace, sample: Sample) -> None:
    """Look every contact up from both sides, and show direction, many-to-many and scopes.

    Raises:
        DemoFailed: an answer is not what the sample data says.
    """
    shared = sample.contacts[0]
    asked = {
        "contacts": sample.contacts,
        "user": sample.users[0],
        "shared": shared,
        "stranger": sample.stranger_to(shared),
    }
    found = run_node("look_up.mjs", {**workspace.access, **asked})
    check_look_ups(found, len(sample.contacts))
    print_look_ups(found, len(sample.contacts))


def check_look_ups(found: Any, total: int) -> None:
    """Compare the answers with the sample data.

    Raises:
        DemoFailed: they differ.
    """
    direction, scopes = found["direction"], found["scopes"]
    expectations = {
        "every contact is found from the product": found["fromApp"] == total,
        "every contact is found from the app": found["fromExternal"] == total,
        "a contact has several external records": found["severalExternal"] is not None,
        "an external record has several contacts": found["severalApp"] is not None,
        "a user is found by the external id": direction["apps"] == [direction["app"]],
        "a user is not found the other way": direction["externals"] == [],
        "another customer finds nothing": scopes["found"] == 0,
        "another customer is told that the instance is not there": scopes["refusal"] == "not_found",
    }
    for expectation, holds in expectations.items():
        if not holds:
            raise DemoFailed(f"Expected that {expectation}, but the answers were: {json.dumps(found)}")


def print_look_ups(found: Any, total: int) -> None:
    """Say what was found."""
    direction, scopes = found["direction"], found["scopes"]
    external, app = found["severalExternal"], found["severalApp"]
    _print(
        f"3. Looked up through {found['sdk']}",
        f"{found['fromApp']} of {total} contacts found from the product, {found['fromExternal']} of {total} from the app",
        f"one look-up takes {found['medianMilliseconds']:.1f} ms (median, one after the other, SDK and HTTP included)",
        f"many to many: {external['app']} is {' and '.join(external['externals'])} in the app, and",
        f"  {app['external']} of the app is {' and '.join(app['apps'])}; the most recently linked stands first",
        f"direction: external user {direction['external']} is {direction['apps'][0]!r}, linked for import only, so",
        f"  {direction['app']!r} finds {len(direction['externals'])} external users",
        f"scope: {scopes['stranger']} looks for {scopes['owner']}'s record {scopes['external']} and finds "
        f"{scopes['found']} links;",
        f"  asking for {scopes['owner']}'s instance by its id is refused: {scopes['refusal']}",
    )


def sync() -> None:
    """Play the first act of the example that keeps two apps the same by flows, on a server of its own.

    Raises:
        DemoFailed: it failed.
    """
    arguments = [sys.executable, str(TWO_WAY), "--acts", "1"]
    with subprocess.Popen(  # noqa: S603 - only this project's own program
        arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as example:
        try:
            printed, errors = example.communicate()
        except KeyboardInterrupt:
            # It ends its own server, and is waited for.
            example.terminate()
            raise
    if example.returncode:
        raise DemoFailed(errors.strip())
    program = os.path.relpath(sys.executable, ROOT)
    _print(
        "4. Kept a product and a CRM the same, in both directions, by flows",
        *(line.strip() for line in printed.strip().splitlines()[1:]),
        "with all events delivered twice, and the server killed in the middle of it:",
        f"  {shlex.quote(program)} {TWO_WAY.relative_to(ROOT)}",
    )


def print_what_to_try(workspace: Workspace, sample: Sample, store: Store) -> None:
    """Say what to open and type next; on the port of now, so that everything also works after a new start."""
    contact = sample.contacts[0]
    program = shlex.quote(os.path.relpath(Path(sys.executable).with_name("datalinks"), ROOT))
    database = f"--database {shlex.quote(store.database)}"
    port = urlsplit(workspace.url).port
    place = f"--table contacts --integration {contact['integration']} --customer {contact['customer']}"
    query = (
        f"dataLinkTableKey=contacts&integrationKey={contact['integration']}"
        f"&direction=export&appRecordId={quote(contact['app_record_id'])}"
    )
    _print(
        "The server runs until the demo ends. Start it again on the same data:",
        f"{program} serve --port {port} {database}",
    )
    _print(
        "Open:",
        f"{workspace.url}/console/   the console: sign in with the key {workspace.key} and the secret",
        f"{' ' * len(workspace.url)}            {workspace.secret}",
        f"{workspace.url}/docs       the API",
    )
    _print(
        f"Ask as {contact['customer']} (the token lives for a day):",
        f"TOKEN={workspace.token(contact['customer'])}",
        f"curl -H \"Authorization: Bearer $TOKEN\" '{workspace.url}/data-link-table-instance/links?{query}'",
    )
    _print(
        "Look into the database:",
        f"{program} tables list {database}",
        f"{program} links find {place} --app {contact['app_record_id']} {database}",
    )


def show(store: Store, server: Process, key: str, secret: str) -> None:
    """Everything there is to see, from the server's start to what to try next."""
    sample = load_sample()
    workspace = Workspace(address_of(server, store), key, secret)
    _print(f"Datalinks listens on {workspace.url}, its data is in {store.folder}")
    set_up(workspace, sample)
    link(workspace, sample)
    look_up(workspace, sample)
    sync()
    print_what_to_try(workspace, sample, store)


def keep_running(server: Process) -> None:
    """Wait for Ctrl-C.

    Raises:
        DemoFailed: the server ended by itself.
    """
    print("The server runs until you press Ctrl-C.", flush=True)
    try:
        server.wait()
    except KeyboardInterrupt:
        print("\nStopped.")
    else:
        raise DemoFailed(f"The server ended with exit code {server.returncode}; see its log.")


def run(store: Store) -> None:
    """Run the whole demo.

    Raises:
        DemoFailed: something it needs did not work.
    """
    if not SDK_FOLDER.is_dir():
        raise DemoFailed("The SDKs are not installed: run `make install` first.")
    store.make_fresh()
    made = run_json(store.command("workspace", "create", "Demo", "--json"), "Creating the workspace")
    with running_server(store) as server:
        show(store, server, made["key"], made["secret"])
        if sys.stdout.isatty():
            keep_running(server)


def main() -> int:
    """Run the demo as the command line says; its exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--folder", type=Path, default=Path(".demo"), help="where the data goes (default: .demo)")
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        run(Store(parser.parse_args().folder))
    except DemoFailed as error:
        print(f"The demo failed. {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def _rows(table: str) -> list[Row]:
    with (HERE / "data" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return [{**row, "table": table} for row in csv.DictReader(file)]


def _print(title: str, *lines: str) -> None:
    print("\n   ".join([title, *lines]), end="\n\n", flush=True)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """End as by Ctrl-C, so that the server is stopped too."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
