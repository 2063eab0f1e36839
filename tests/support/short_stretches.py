"""The command line with imports of short stretches: a file of some thousand rows is one that takes many of them."""

import sys
from functools import partial

from datalinks import wiring
from datalinks.cli.app import run
from datalinks.services.imports import Imports

ROWS_PER_STRETCH = 1_000

if __name__ == "__main__":
    wiring.__dict__["Imports"] = partial(Imports, rows_per_stretch=ROWS_PER_STRETCH)
    sys.exit(run(sys.argv[1:]))
