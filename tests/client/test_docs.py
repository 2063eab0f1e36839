"""The page about the client and the example do what they say, as programs of their own."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from support.server import Server, environment

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reference" / "python-client.md"
EXAMPLE = ROOT / "examples" / "python_client.py"
# The modules that callers see methods of.
MODULES = ("bulk", "client", "elements", "instances", "links", "nouns")


def run(program: Path, folder: Path, server: Server, workspace: tuple[str, str]) -> "subprocess.CompletedProcess[str]":
    """Run a program in a folder, with what it needs to be an admin of a workspace."""
    key, secret = workspace
    return subprocess.run(
        [sys.executable, "-W", "error", program],
        cwd=folder,
        env=environment(DATALINKS_URL=server.url, DATALINKS_WORKSPACE_KEY=key, DATALINKS_WORKSPACE_SECRET=secret),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def program_of(page: str) -> str:
    """The Python blocks of a page as one program, each line where it stands on the page."""
    inside, lines = False, list[str]()
    for line in page.splitlines():
        if line.startswith("```"):
            inside = line == "```python"
            lines.append("")
        else:
            lines.append(line if inside else "")
    return "\n".join(lines)


def test_every_example_of_the_page_runs(server: Server, tmp_path: Path) -> None:
    program = tmp_path / "page.py"
    program.write_text(program_of(PAGE.read_text("utf-8")), "utf-8")

    ended = run(program, tmp_path, server, server.create_workspace("Page"))

    assert ended.returncode == 0, ended.stderr
    assert "9001 -> user-17" in ended.stdout


def test_the_page_names_every_method() -> None:
    page = PAGE.read_text("utf-8")
    folder = ROOT / "src" / "datalinks" / "client" / "_sync"
    sources = [(folder / f"{name}.py").read_text("utf-8") for name in MODULES]

    methods = {name for source in sources for name in re.findall(r"^    def ([a-z]\w*)\(", source, re.MULTILINE)}

    assert {"links_of", "get_self", "iterate", "archive", "export"} <= methods
    assert [name for name in methods if not re.search(rf"\b{name}\b", page)] == []


def test_the_example_finds_the_record_from_both_sides_also_the_second_time(server: Server, tmp_path: Path) -> None:
    workspace = server.create_workspace("Example")

    for _ in range(2):
        ended = run(EXAMPLE, tmp_path, server, workspace)

        assert ended.stderr == ""
        assert ended.stdout.splitlines() == [
            "user-17 is 9001 in the CRM",
            "9001 is user-17 in the product",
            "user-18 is None in the CRM",
        ]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        # The server imports the package and should not pay for the client.
        (
            "import sys, datalinks; print('httpx2' in sys.modules, sorted(datalinks.__all__))",
            "False ['AsyncClient', 'Client']",
        ),
        ("from datalinks import Client; print(Client.__module__)", "datalinks.client._sync.client"),
        (
            "import datalinks\ntry: datalinks.Nothing\nexcept AttributeError as error: print(error)",
            "module 'datalinks' has no attribute 'Nothing'",
        ),
    ],
)
def test_the_package_gives_the_client_when_it_is_asked_for(code: str, expected: str) -> None:
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ended.stdout.strip() == expected
