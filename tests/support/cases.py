"""Cases as data: JSON files in ``tests/api/cases``."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

_FOLDER = Path(__file__).parent.parent / "api" / "cases"


def expand(text: str) -> bytes:
    """A case's text: ``{{x*512}}`` is 512 times ``x``, ``{{0xff}}`` is raw bytes."""
    encoded = re.sub(rb"\{\{0x([0-9a-f]+)\}\}", lambda found: bytes.fromhex(found[1].decode()), text.encode())
    return re.sub(rb"\{\{(.+?)\*(\d+)\}\}", lambda found: found[1] * int(found[2]), encoded, flags=re.DOTALL)


def cases(name: str) -> Any:
    """The content of a file of cases."""
    return msgspec.json.decode((_FOLDER / f"{name}.json").read_bytes())


def promises(name: str) -> list[Any]:
    """The cases of a file as parameters, each named by its promise."""
    return [pytest.param(case, id=case["promise"]) for case in cases(name)]
