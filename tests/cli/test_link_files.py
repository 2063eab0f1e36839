"""Files of links on the command line: real processes on a real database of each engine."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from datalinks.files.parquet import pyarrow
from support.server import Server, environment
from support.short_stretches import ROWS_PER_STRETCH

# Enough stretches that an import is still at work when it is stopped after the first one.
ROWS = 40 * ROWS_PER_STRETCH
HEADER = "appRecordId,externalRecordId,direction\n"


class Links:
    """The links of one instance, by the command line."""

    def __init__(self, server: Server, folder: Path) -> None:
        self._server = server
        self.folder = folder
        key = uuid4().hex[:12]
        headers = {"authorization": f"Bearer {server.token(key, isAdmin=True)}"}
        with httpx2.Client(base_url=server.url, headers=headers) as http:
            http.post("/data-link-tables", json={"key": key}).raise_for_status()
            http.post("/integrations", json={"key": key}).raise_for_status()
            http.post("/connections", json={"integrationKey": key}).raise_for_status()
        self.place = ("--table", key, "--integration", key, "--customer", key)

    def file(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text, "utf-8")
        return path

    def run(self, command: str, *arguments: str | Path) -> "subprocess.CompletedProcess[str]":
        return self._server.command("links", command, *map(str, arguments), *self.place, check=False)

    def json(self, command: str, *arguments: str | Path) -> Any:
        return json.loads(self.run(command, *arguments, "--json").stdout)

    def start(self, file: Path) -> "subprocess.Popen[str]":
        """Begin an import of short stretches; the same again goes on with it."""
        return subprocess.Popen(
            [sys.executable, "-m", "support.short_stretches", "links", "import", str(file), *self.place],
            env=environment(**self._server.variables, PYTHONPATH=str(Path(__file__).parents[1])),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def rows(self) -> list[tuple[str, str, str]]:
        """What an export to standard output has."""
        lines = csv.DictReader(io.StringIO(self.run("export").stdout, newline=""))
        return [(row["appRecordId"], row["externalRecordId"], row["direction"]) for row in lines]


@pytest.fixture
def links(server: Server, tmp_path: Path) -> Links:
    return Links(server, tmp_path)


def test_what_is_imported_is_counted_and_exported(links: Links) -> None:
    file = links.file("links.csv", HEADER + "u-1,1,\nu-2,2,import\nu-2,2,import\n")

    done = links.run("import", file)
    again = links.json("import", file)

    assert done.returncode == 0
    assert [line.split() for line in done.stdout.splitlines()] == [
        ["ROWS", "NEW", "UNCHANGED", "REPEATED", "BAD"],
        ["3", "2", "0", "1", "0"],
    ]
    assert "3 of about 3 rows" in done.stderr
    assert (again["new"], again["unchanged"], again["finished"]) == (0, 2, True)
    assert links.rows() == [("u-1", "1", "import"), ("u-1", "1", "export"), ("u-2", "2", "import")]
    assert links.json("count")["links"] == 3
    assert not (links.folder / "links.csv.rejects.csv").exists()


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_an_export_is_a_file_that_can_be_imported(links: Links, server: Server, suffix: str) -> None:
    links.run("import", links.file("links.csv", HEADER + 'u-1,1,\n"u,2","""",export\n'))
    target = links.folder / f"export.{suffix}"

    exported = links.json("export", target)
    other = Links(server, links.folder)
    report = other.json("import", target)

    assert exported == {"file": str(target), "bytes": target.stat().st_size}
    assert (report["new"], report["bad"]) == (2, 0)
    assert other.rows() == links.rows()
    assert {path.name for path in links.folder.iterdir()} == {target.name, "links.csv"}


def test_an_export_that_fails_leaves_what_was_there(links: Links) -> None:
    target = links.file("kept.csv", "kept")

    failed = links.run("export", target, "--connection", "nope")

    assert (failed.returncode, target.read_text()) == (4, "kept")
    assert [path.name for path in links.folder.iterdir()] == ["kept.csv"]


def test_standard_output_takes_a_file_of_any_format(links: Links) -> None:
    links.run("import", links.file("links.csv", HEADER + "u-1,1,\n"))

    lines = links.run("export", "-", "--format", "jsonl", "--direction", "export").stdout.splitlines()

    assert [json.loads(line)["direction"] for line in lines] == ["export"]


def test_columns_may_have_other_names(links: Links) -> None:
    file = links.folder / "theirs.parquet"
    arrow = pyarrow()
    arrow.parquet.write_table(arrow.table({"ours": ["u-1"], "theirs": [9001], "note": ["x"]}), file)
    names = ("--app-column", "ours", "--external-column", "theirs", "--direction", "import")

    refused = links.run("import", file, *names)
    report = links.json("import", file, *names, "--ignore-unknown-columns")

    assert (refused.returncode, "`note`" in refused.stderr) == (3, True)
    assert (report["rows"], report["new"]) == (1, 1)
    assert links.rows() == [("u-1", "9001", "import")]


def test_a_dry_run_shows_what_would_change_and_writes_nothing(links: Links) -> None:
    links.run("import", links.file("first.csv", HEADER + "u-1,1,\n"))
    file = links.file("second.csv", HEADER + "u-1,1,\nu-1,2,\nu-3,3,import\nu-3,3,import\nu-4,,\n")

    shown = links.run("import", file, "--dry-run")

    words = [line.split() for line in shown.stdout.splitlines()]
    assert ["3", "u-1", "2", "both", "displaces"] in words
    assert ["5", "u-3", "3", "import"] in words
    assert ["ROWS", "NEW", "UNCHANGED", "REPEATED", "BAD", "DISPLACING"] in words
    assert ["5", "2", "1", "1", "1", "1"] in words
    assert "Nothing was written." in shown.stdout
    assert len(links.rows()) == 2


def test_bad_rows_are_all_put_aside_and_the_others_written(links: Links) -> None:
    file = links.file("links.csv", HEADER + "".join(f",{number},\n" for number in range(1_500)) + "u-1,1,up\nu-2,2,\n")

    done = links.run("import", file)
    rejected = list(csv.reader((links.folder / "links.csv.rejects.csv").read_text().splitlines()))
    elsewhere = links.json("import", file, "--rejects", links.folder / "elsewhere.csv")

    assert (done.returncode, "links.csv.rejects.csv" in done.stdout) == (3, True)
    assert len(rejected) == 1 + 1_501
    assert (rejected[1][0], rejected[1][2:]) == ("2", ["appRecordId", ",0,"])
    assert (rejected[-1][0], rejected[-1][2:]) == ("1502", ["direction", "u-1,1,up"])
    assert (elsewhere["bad"], elsewhere["rejectsFile"]) == (1_501, str(links.folder / "elsewhere.csv"))
    assert len(links.rows()) == 2


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["./nowhere.csv"], 3, "nowhere.csv"),
        (["./"], 3, "is no file"),
        (["./links.txt"], 3, ".jsonl"),
        (["./links.csv", "--format", "parquet"], 3, "no Parquet file"),
        (["./links.csv", "--format", "xml"], 2, "xml"),
        (["./links.csv", "--app-column", "other"], 3, "unknown columns: `appRecordId`"),
        (["./links.csv", "--rejects", "./links.csv"], 3, "--rejects"),
        (["./links.csv", "--rejects", "./nowhere/x.csv"], 3, "--rejects"),
        (["./links.csv", "--import-id", "a b"], 3, "import id"),
        (["./links.csv", "--connection", "nope"], 4, "nope"),
    ],
)
def test_what_cannot_be_imported_is_refused(links: Links, arguments: list[str], code: int, says: str) -> None:
    for name in ("links.csv", "links.txt"):
        links.file(name, HEADER + "u-1,1,\n")

    refused = links.run("import", *(each.replace("./", f"{links.folder}/") for each in arguments))

    assert (refused.returncode, refused.stdout) == (code, "")
    assert says in refused.stderr
    assert (links.folder / "links.csv").read_text() == HEADER + "u-1,1,\n"
    assert not list(links.folder.glob("*.rejects.csv"))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_an_import_that_was_stopped_goes_on_where_it_was(links: Links, number: signal.Signals) -> None:
    pairs = "".join(f"u-{at * 7_919 % ROWS},{at},import\n" for at in range(ROWS))
    file = links.file("large.csv", HEADER + pairs + ",bad,\n")

    told, code = stopped_after_the_first_report(links.start(file), number)
    resumed = links.start(file)
    done, said = resumed.communicate(timeout=60)

    assert code == (130 if number is signal.SIGINT else -number)
    if number is signal.SIGINT:
        assert "rows are done. Run the same command again" in told
        assert "Traceback" not in told
    assert "This import goes on where it was: " in said
    assert resumed.returncode == 3
    assert f"{ROWS + 1:,}" in done
    assert Counter(links.rows()) == Counter((f"u-{at * 7_919 % ROWS}", str(at), "import") for at in range(ROWS))
    rejected = (links.folder / "large.csv.rejects.csv").read_text().splitlines()
    assert len(rejected) == 2, "those of the rows that were done before are there too"


def stopped_after_the_first_report(process: "subprocess.Popen[str]", number: signal.Signals) -> tuple[str, int]:
    """Stop an import when it tells its progress for the first time; what it says then, and its exit code."""
    assert process.stderr is not None
    with process:
        assert f"{ROWS_PER_STRETCH:,} of about " in process.stderr.readline()
        process.send_signal(number)
        told = process.stderr.read()
    return told, process.returncode


def test_a_file_that_was_imported_is_imported_anew_unless_its_id_is_given(links: Links) -> None:
    file = links.file("links.csv", HEADER + "u-1,1,import\n")
    links.run("import", file)
    links.run("import", file, "--import-id", "nightly")
    links.run("delete", "--app", "u-1", "--external", "1")

    same = links.run("import", file, "--import-id", "nightly")
    assert "has been finished before" in same.stderr
    assert links.rows() == []

    links.run("import", file)
    assert links.rows() == [("u-1", "1", "import")]


def test_a_reader_that_has_seen_enough_is_no_failure(links: Links, server: Server) -> None:
    links.run("import", links.file("links.csv", HEADER + "".join(f"u-{at},{at},\n" for at in range(5_000))))

    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as output:
        ended = subprocess.run(
            [sys.executable, "-m", "datalinks", "links", "export", *links.place],
            env=environment(**server.variables),
            stdout=output,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
        )

    assert (ended.returncode, ended.stderr) == (0, "")
