"""The page of node types: every type is there, and its examples run as it says."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from datalinks.flows.checking import check_nodes
from datalinks.flows.kinds import UNAVAILABLE, kinds
from flows.lab import Lab, open_lab
from support.app import open_app

PAGE = Path("docs/reference/flow-nodes.md").read_text("utf-8")
EXAMPLES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
SECTIONS = re.findall(r"^### `([\w-]+)`$", PAGE, re.MULTILINE)


def test_every_type_has_a_section_and_an_example() -> None:
    names = {kind.type for kind in kinds().values()}
    shown = {
        node["type"]
        for example in EXAMPLES
        for node in [*example.get("nodes", {}).values(), example.get("node", {"type": ""})]
    }

    assert set(SECTIONS) == names
    assert names <= shown


def test_other_names_and_unavailable_types_are_told() -> None:
    others = {alias for kind in kinds().values() for alias in kind.aliases} | set(UNAVAILABLE)

    assert not {name for name in others if f"`{name}`" not in PAGE}


@pytest.mark.parametrize(
    "example", [each for each in EXAMPLES if "node" in each], ids=lambda each: each["node"]["type"]
)
def test_a_node_is_as_it_must_be(example: Any) -> None:
    assert check_nodes({"node": example["node"]}) == []


@pytest.mark.parametrize(
    "example", [each for each in EXAMPLES if "nodes" in each], ids=lambda each: list(each["nodes"])[-1]
)
async def test_an_example_runs(tmp_path: Path, example: Any) -> None:
    async with open_app(tmp_path) as app:
        lab: Lab = await open_lab(app)
        await lab.place.write("a1", "e1")
        inputs = example["input"] if isinstance(example["input"], list) else [example["input"]]

        ran = await lab.run(example["nodes"], *inputs)

        assert check_nodes(example["nodes"]) == []
        assert ran.run.state == "completed", ran.run.errors
        for key, expected in example["outputs"].items():
            assert [output for output in ran.outputs(key) if output != "nothing"] == expected, key
