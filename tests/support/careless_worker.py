"""A worker with a mistake, for the control of tests: it writes links first and keeps what came of their nodes afterwards."""

# pyright: reportPrivateUsage=false

import asyncio
import sys
from collections.abc import Sequence
from typing import Any

from datalinks.cli.app import run
from datalinks.flows import engine

_right = engine._Advance._run


async def _run(self: Any, node: Any, kind: Any, wave: Sequence[Any]) -> None:
    if not kind.writes:
        await _right(self, node, kind, wave)
        return
    outcomes = await engine._computed(node, kind, wave, self._world)
    async with self._world.instances._database.transaction() as tx:
        written = await self._write(node, kind, outcomes, tx)
    # The server may die here, which nothing makes likely in so short a test.
    await asyncio.sleep(0.02)
    await self._take(node, wave, written)
    await self._keep()


engine._Advance._run = _run

if __name__ == "__main__":
    sys.exit(run(["worker", *sys.argv[1:]]))
