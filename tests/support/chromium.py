"""Where Chromium is; run as a program, it sees to it that there is one: ``python tests/support/chromium.py``."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

_DEBIAN = Path("/etc/debian_version")
_PACKAGES = ("chromium", "fonts-dejavu-core")


def chromium() -> str:
    """The path of Chromium: ``CHROMIUM_PATH``, else Debian's, which root on Debian gets installed.

    Raises:
        RuntimeError: there is none, and it is not ours to install it.
    """
    if path := os.environ.get("CHROMIUM_PATH") or shutil.which("chromium", path="/usr/bin"):
        return path
    if _DEBIAN.exists() and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update", "-q"], ["install", "-qy", "--no-install-recommends", *_PACKAGES]):
            subprocess.run(["apt-get", *command], check=True, env=environment, stdout=subprocess.DEVNULL)
        return "/usr/bin/chromium"
    raise RuntimeError("The tests of the console need Chromium: install it, and say where it is by CHROMIUM_PATH.")


if __name__ == "__main__":
    try:
        chromium()
    except (RuntimeError, subprocess.CalledProcessError) as error:
        sys.exit(str(error))
