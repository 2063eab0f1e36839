"""The pages about formulas say what is so: every example is computed, and no operator is missing from them.

An example is a row of a table whose columns are ``formula | value``, ``formula | resolve | build`` or ``condition |
holds``, or a block of JSON with a ``formula`` and a ``value`` or an ``error``. The commands of the guide are run.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncGenerator, Generator, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import msgspec
import pytest

from datalinks.api.errors import error_answer
from datalinks.errors import FormulaError
from datalinks.formulas.filters import CONDITION_OPERATORS
from datalinks.formulas.language import language
from datalinks.formulas.operators.logic import OPERATORS
from datalinks.formulas.questions import FindLink
from datalinks.formulas.values import UNDEFINED, is_object
from datalinks.services.formula_engines import EvaluationMode, FormulaEngines
from datalinks.settings import Settings
from datalinks.wiring import open_formula_engines
from support.server import Server, environment, running_server

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "reference" / "formulas.md").read_text("utf-8")
GUIDE = (DOCS / "howto" / "formulas.md").read_text("utf-8")

# How the examples call the absence of a value.
NOTHING = "*nothing*"


@dataclass(frozen=True)
class Example:
    """One promise of the page.

    section: the heading above it. expected: the answer, ``{"value": ...}``, ``{}`` for none, or ``{"error": ...}``.
    variables: None for those that the page gives.
    """

    section: str
    formula: Any
    expected: Any
    mode: EvaluationMode = EvaluationMode.RESOLVE
    variables: Any = None

    @property
    def comparison(self) -> str | None:
        """The operator, if it is a comparison of ``$eval``."""
        keys = list(self.formula) if is_object(self.formula) else []
        return keys[1] if keys[:1] == ["$eval"] and len(keys) > 1 else None


def sections(page: str) -> Iterator[tuple[str, str]]:
    """Every heading with what stands below it, up to the next one."""
    parts = re.split(r"^#{1,3} (.+)$", page, flags=re.MULTILINE)
    return zip(parts[1::2], parts[2::2], strict=True)


def blocks(text: str, *languages: str) -> list[str]:
    """The fenced blocks of some languages."""
    return re.findall(rf"^```(?:{'|'.join(languages)})\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def tables(text: str) -> Iterator[tuple[list[str], list[list[str]]]]:
    """Every table: the names of its columns, and its rows."""
    for table in re.findall(r"(?:^\|.*\|\n)+", text, re.MULTILINE):
        head, _, *rows = [[cell.strip() for cell in line[1:-1].split(" |")] for line in table.splitlines()]
        yield head, rows


def code_of(cell: str) -> str:
    """What stands in backticks."""
    assert cell.startswith("`"), cell
    assert cell.endswith("`"), cell
    return cell[1:-1]


def json_of(cell: str) -> Any:
    return json.loads(code_of(cell))


def answer_of(cell: str) -> dict[str, Any]:
    """The answer that a cell of values promises."""
    return {} if cell == NOTHING else {"value": json_of(cell)}


def examples_of_table(section: str, head: list[str], rows: list[list[str]]) -> Iterator[Example]:
    match head:
        case ["formula", "value"]:
            yield from (Example(section, json_of(formula), answer_of(value)) for formula, value in rows)
        case ["formula", "resolve", "build"]:
            for formula, resolved, built in rows:
                yield Example(section, json_of(formula), answer_of(resolved))
                yield Example(section, json_of(formula), answer_of(built), EvaluationMode.BUILD)
        case ["condition", "holds"]:
            for condition, holds in rows:
                formula = {"$case": {"cases": [{"filter": [json_of(condition)], "value": "yes"}], "default": "no"}}
                yield Example(section, formula, {"value": holds})
        case _:
            assert head[0] not in ("formula", "condition"), f"a table of examples has other columns: {head}"


def examples_of(page: str) -> Iterator[Example]:
    for section, text in sections(page):
        for block in map(json.loads, blocks(text, "json")):
            if "formula" in block:
                formula, variables = block.pop("formula"), block.pop("variables", None)
                yield Example(section, formula, block, variables=variables)
        for head, rows in tables(text):
            yield from examples_of_table(section, head, rows)


def first_column(section: str, name: str) -> set[str]:
    """The code in the first column of the table of a section whose first column has a name."""
    [text] = [text for heading, text in sections(PAGE) if heading == section]
    return {code_of(row[0]) for head, rows in tables(text) if head[0] == name for row in rows}


def given_variables() -> Any:
    [block] = [block for block in map(json.loads, blocks(PAGE, "json")) if "formula" not in block]
    return block


def given_links() -> dict[tuple[str, str], str]:
    """The links of the examples: direction and record to the record on the other side."""
    found: dict[tuple[str, str], str] = {}
    for head, rows in tables(PAGE):
        if head != ["app record", "external record", "direction"]:
            continue
        for app, external, direction in (map(code_of, row) for row in rows):
            if direction in ("both", "import"):
                found["import", external] = app
            if direction in ("both", "export"):
                found["export", app] = external
    return found


VARIABLES, LINKS = given_variables(), given_links()
EXAMPLES = list(examples_of(PAGE))


async def find_links(questions: Sequence[FindLink]) -> list[Any]:
    return [
        LINKS.get((asked.direction, asked.record_id), UNDEFINED) if asked.table_key == "users" else UNDEFINED
        for asked in questions
    ]


@pytest.fixture
async def engines() -> AsyncGenerator[FormulaEngines]:
    async with open_formula_engines(Settings()) as opened:
        yield opened


async def answer(engines: FormulaEngines, example: Example) -> Any:
    """What the server answers."""
    variables = VARIABLES if example.variables is None else example.variables
    try:
        evaluated = await engines.evaluate(example.formula, variables, example.mode, {FindLink: find_links})
    except FormulaError as error:
        return {"error": json.loads(error_answer(error).body)}
    return json.loads(msgspec.json.encode(evaluated))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example.section} {json.dumps(example.formula)}")
async def test_every_example_gives_what_the_page_says(example: Example, engines: FormulaEngines) -> None:
    answered = await answer(engines, example)

    # As text, where 1 is not true and keys have an order.
    assert json.dumps(answered) == json.dumps(example.expected)


def test_the_page_has_a_section_with_examples_for_every_operator_and_for_no_other() -> None:
    headings = {heading.strip("`") for heading, _ in sections(PAGE) if heading.startswith("`$")}
    used = {example.section.strip("`") for example in EXAMPLES if example.section.strip("`") in str(example.formula)}

    assert headings == set(language().operators)
    assert used >= headings


def test_the_pages_name_no_operator_that_does_not_exist() -> None:
    named = set(re.findall(r"`(\$[A-Za-z]\w*)`", PAGE + GUIDE))

    assert named <= set(language().operators)


def test_the_page_describes_every_comparison_of_eval_and_shows_it_both_ways() -> None:
    shown = {(example.comparison, example.expected["value"]) for example in EXAMPLES if example.comparison}

    assert first_column("`$eval`", "operator") == set(OPERATORS)
    assert {(name, truth) for name in OPERATORS for truth in (True, False)} <= shown


def test_the_page_describes_every_operator_of_conditions_and_shows_it_both_ways() -> None:
    conditions = [row for head, rows in tables(PAGE) if head == ["condition", "holds"] for row in rows]
    shown = {(json_of(condition)["operator"], holds) for condition, holds in conditions}

    assert first_column("Filters", "operator") == set(CONDITION_OPERATORS)
    assert {(name, holds) for name in CONDITION_OPERATORS for holds in ("yes", "no")} <= shown
    assert f"one of the {len(CONDITION_OPERATORS)} below" in PAGE


def test_the_page_has_every_limit_with_its_default() -> None:
    rows = {code_of(row[0]): row[1] for head, rows in tables(PAGE) if head[0] == "setting" for row in rows}
    settings = [field for field in fields(Settings) if field.name.startswith(("formula_", "jsonata_"))]

    assert rows == {f"DATALINKS_{field.name.upper()}": f"{field.default:,.0f}" for field in settings}


@pytest.mark.parametrize("page", [PAGE, GUIDE], ids=["reference", "guide"])
def test_links_in_the_pages_lead_somewhere(page: str) -> None:
    links = set(re.findall(r"\]\((?!https:)([^)]+)\)", page))

    for path, _, anchor in (link.partition("#") for link in links):
        # Both pages stand in folders beside each other.
        text = (DOCS / "reference" / path).read_text("utf-8") if path else page
        assert not anchor or anchor in anchors(text), f"{path}#{anchor}"
    assert len(links) > 2


def anchors(page: str) -> set[str]:
    """What the headings of a page are called in links."""
    return {re.sub(r"[^a-z0-9 _-]", "", heading.lower()).replace(" ", "-") for heading, _ in sections(page)}


needs_a_shell = pytest.mark.skipif(
    shutil.which("curl") is None or shutil.which("bash") is None, reason="the guide is written for bash and curl"
)
SCENE = """
call() { curl -sS --fail-with-body -H "Authorization: Bearer $ADMIN" -H "Content-Type: application/json" "$@"; }
call "$DATALINKS_URL/integrations" -d '{"key": "crm"}'
call "$DATALINKS_URL/data-link-tables" -d '{"key": "users"}'
call "$DATALINKS_URL/customers" -d '{"name": "Acme", "internalId": "acme"}'
call "$DATALINKS_URL/connections?userId=acme" -d '{"integrationKey": "crm"}'
"""


@pytest.fixture
def server(tmp_path: Path) -> Generator[Server]:
    with running_server(tmp_path) as started:
        yield started


def run_shell(script: str, server: Server) -> str:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    variables = {
        "DATALINKS_URL": server.url,
        "TOKEN": server.token("acme"),
        "ADMIN": server.token(),
        **server.variables,
    }
    ended = subprocess.run(
        ["bash", "-euc", script],
        cwd=server.folder,
        env=environment(PATH=path, **variables),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@needs_a_shell
def test_the_guide_works_as_it_is_written(server: Server) -> None:
    run_shell(SCENE, server)
    for name, content in re.findall(r"`(\w+\.json)`:\n\n```json\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL):
        (server.folder / name).write_text(content, "utf-8")
    commands = blocks(GUIDE, "sh")
    # What a command prints stands right behind it.
    promised = re.findall(r"^```sh\n(.*?)^```\n+(?:```json\n(.*?)^```$)?", GUIDE, re.MULTILINE | re.DOTALL)

    printed = run_shell("\n".join(f"{command}\necho '%%%'" for command in commands), server).split("%%%\n")

    assert [command for command, _ in promised] == commands
    for output, (command, expected) in zip(printed, promised, strict=False):
        assert not expected or json.loads(output) == json.loads(expected), command
    assert sum(bool(expected) for _, expected in promised) > 2
