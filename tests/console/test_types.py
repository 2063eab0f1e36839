"""The console's types of the API are those of the API."""

import subprocess
import sys
from pathlib import Path

import pytest

from datalinks.api.openapi import openapi_json
from datalinks.api.routes import routes

CONSOLE = Path("console").resolve()


@pytest.mark.timeout(120)
def test_the_types_are_made_from_the_document_of_now(tmp_path: Path) -> None:
    document, made = tmp_path / "openapi.json", tmp_path / "schema.d.ts"
    document.write_bytes(openapi_json(list(routes())))
    program = CONSOLE / "node_modules" / "openapi-typescript" / "bin" / "cli.js"
    options = ["--root-types", "--root-types-no-schema-prefix", "--default-non-nullable", "false"]
    node = [sys.executable, "scripts/node.py", "node"]
    subprocess.run([*node, program, document, "--output", made, *options], check=True, capture_output=True, timeout=100)

    # A difference says: run `make console-types`.
    assert made.read_text("utf-8") == (CONSOLE / "src" / "api" / "schema.d.ts").read_text("utf-8")
