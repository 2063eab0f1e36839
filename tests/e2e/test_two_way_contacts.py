"""The example of flows in both directions keeps what it promises, through repeated events and kills, and leaves nothing behind."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
EXAMPLE = [sys.executable, str(ROOT / "examples" / "two-way-contacts" / "run.py")]
INTERRUPTED = 130


def start(folder: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        EXAMPLE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        cwd=folder,
        env={**os.environ, "TMPDIR": str(folder)},
        # All its processes are one group, so that those that are left can be seen.
        start_new_session=True,
    )


def check_nothing_is_left(example: "subprocess.Popen[str]", folder: Path) -> None:
    with pytest.raises(ProcessLookupError):
        os.killpg(example.pid, 0)
    assert list(folder.iterdir()) == []


@pytest.mark.timeout(400)
def test_both_sides_are_the_same_after_repeated_events_and_kills(tmp_path: Path) -> None:
    example = start(tmp_path)

    printed, errors = example.communicate(timeout=390)

    assert (example.returncode, errors) == (0, ""), printed
    assert printed.count("Both sides are the same, one link a pair, no duplicates") == 3
    assert "0 records were changed for them" in printed
    assert "The server was killed 3 times" in printed
    check_nothing_is_left(example, tmp_path)


def test_when_it_is_ended_everything_it_started_ends(tmp_path: Path) -> None:
    example = start(tmp_path)
    assert example.stdout is not None
    first = example.stdout.readline()

    example.terminate()
    _, errors = example.communicate(timeout=60)

    assert first.startswith("Act 1")
    assert (example.returncode, errors) == (INTERRUPTED, "")
    check_nothing_is_left(example, tmp_path)
