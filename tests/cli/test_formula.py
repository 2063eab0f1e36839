"""``datalinks formula eval``: formulas tried at the command line, by real processes."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support.server import Server, datalinks, environment


def write(folder: Path, name: str, value: Any) -> str:
    """A JSON file, by its name."""
    (folder / name).write_text(json.dumps(value))
    return name


def test_a_formula_is_computed_without_a_database(tmp_path: Path) -> None:
    formula = write(
        tmp_path, "formula.json", {"hi": {"$concat": ["Hi ", {"$var": "name"}]}, "n": {"$jsonata": "$count(list)"}}
    )
    variables = write(tmp_path, "vars.json", {"name": "Ann", "list": [1, 2]})

    shown = datalinks("formula", "eval", formula, "--vars", variables, folder=tmp_path)
    as_json = datalinks("formula", "eval", formula, "--vars", variables, "--json", folder=tmp_path)

    assert json.loads(shown.stdout) == {"hi": "Hi Ann", "n": 2}
    assert json.loads(as_json.stdout) == {"value": {"hi": "Hi Ann", "n": 2}}
    assert not list(tmp_path.glob("datalinks.db*"))


def test_nothing_is_printed_where_nothing_is_left(tmp_path: Path) -> None:
    formula = write(tmp_path, "formula.json", {"$var": "missing"})

    assert datalinks("formula", "eval", formula, folder=tmp_path).stdout == ""
    assert json.loads(datalinks("formula", "eval", formula, "--json", folder=tmp_path).stdout) == {}


def test_a_formula_is_read_from_standard_input(tmp_path: Path) -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "datalinks", "formula", "eval", "-"],
        input='{"$concat": ["é", 1]}',
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(shown.stdout) == "é1"


def test_links_of_a_connection_are_found(tmp_path: Path) -> None:
    Server(tmp_path).create_workspace("Acme")
    datalinks("tables", "create", "users", folder=tmp_path)
    formula = write(
        tmp_path, "formula.json", {"$findAppRecordId": {"dataLinkTable": {"key": "users"}, "recordId": "9001"}}
    )

    nowhere = datalinks("formula", "eval", formula, "--connection", "6" * 24, folder=tmp_path, check=False)
    built = datalinks("formula", "eval", formula, "--build", folder=tmp_path)

    assert nowhere.returncode == 4
    assert json.loads(built.stdout) == {"$findAppRecordId": {"dataLinkTable": {"key": "users"}, "recordId": "9001"}}


WRONG = [
    ("[", "{}", "is not valid JSON"),
    ("1", "[]", "not valid"),
    ('{"a": [{"$map": {"mapping": [null]}}]}', "{}", "`$.a[0].$map.mapping[0]`"),
]


@pytest.mark.parametrize(("formula", "variables", "message"), WRONG)
def test_what_is_wrong_is_said(tmp_path: Path, formula: str, variables: str, message: str) -> None:
    (tmp_path / "formula.json").write_text(formula)
    (tmp_path / "vars.json").write_text(variables)

    failed = datalinks("formula", "eval", "formula.json", "--vars", "vars.json", folder=tmp_path, check=False)

    assert failed.returncode == 3
    assert message in failed.stderr


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    failed = datalinks("formula", "eval", "nowhere.json", folder=tmp_path, check=False)

    assert (failed.returncode, "nowhere.json" in failed.stderr) == (3, True)
