"""How long lists of the console take to appear: from the click on a place until its first row is in sight.

``make console-times`` runs it on the data of the demo, with a server and a browser on this machine. A machine that does
something else meanwhile measures that.
"""

import asyncio
import re
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from console.visitor import ROOT, Visitor
from support.browser import running_browser
from support.server import Server

ROUNDS = 10
DEMO = [sys.executable, str(ROOT / "examples" / "demo" / "run.py")]
_CREDENTIALS = re.compile(r"sign in with the key (\S+) and the secret\s+(\S+)")

# Looks at every frame, and answers when the frame with the row has been drawn.
_UNTIL_THE_FIRST_ROW = """([target, list]) => new Promise((resolve, reject) => {
  const begun = performance.now();
  const took = () => performance.now() - begun;
  const look = () => {
    const row = document.querySelector(`[role=grid][aria-label="${list}"] [aria-rowindex="2"]`);
    if (row) requestAnimationFrame(() => resolve(took()));
    else if (took() > 15000) reject(new Error(`There is no row in ${list}.`));
    else requestAnimationFrame(look);
  };
  document.querySelector(target).click();
  look();
})"""


@dataclass(frozen=True)
class Way:
    """A way to a list. start: the page before. target: what is clicked there."""

    list: str
    start: str
    target: str


def _place(list: str, path: str) -> Way:
    return Way(list, "/formulas", f'nav a[href$="/console{path}"]')


_FIRST_ROW = '[role=grid] [aria-rowindex="2"]'
WAYS = [
    _place("Data link tables", "/tables"),
    _place("Instances", "/instances"),
    _place("Customers", "/customers"),
    _place("Integrations", "/integrations"),
    _place("Connections", "/connections"),
    Way("Links", "/instances", _FIRST_ROW),
]


def serve_demo(folder: Path) -> Server:
    """A server on what the demo has made."""
    demo = subprocess.run([*DEMO, "--folder", str(folder)], capture_output=True, text=True, check=True, timeout=300)
    found = _CREDENTIALS.search(demo.stdout)
    assert found is not None, demo.stdout
    server = Server(folder, key=found[1], secret=found[2])
    server.start()
    return server


async def time_list(visitor: Visitor, way: Way) -> tuple[float, float]:
    """Milliseconds until a list appears in a page that was just loaded, and when one comes back to it later."""
    await visitor.go(way.start)
    await visitor.settle()
    first = await _click(visitor, way)
    await visitor.page.go_back()
    await visitor.settle()
    return first, await _click(visitor, way)


async def _click(visitor: Visitor, way: Way) -> float:
    await visitor.page.wait_for_selector(way.target)
    return await visitor.page.evaluate(_UNTIL_THE_FIRST_ROW, [way.target, way.list])


async def time_lists(server: Server) -> str:
    """Measure every list in turn; a table of the medians."""
    times: dict[str, list[tuple[float, float]]] = {way.list: [] for way in WAYS}
    async with running_browser() as browser, Visitor.arriving(browser, server) as visitor:
        await visitor.sign_in()
        for _ in range(ROUNDS):
            for way in WAYS:
                times[way.list].append(await time_list(visitor, way))
    lines = ["| list | first, ms | again, ms | slowest, ms |", "|---|---|---|---|"]
    for name, rounds in times.items():
        first, again = (statistics.median(each) for each in zip(*rounds, strict=True))
        lines.append(f"| {name} | {first:.0f} | {again:.0f} | {max(map(max, rounds)):.0f} |")
    return "\n".join(lines)


def main() -> None:
    """Serve, measure, and stop."""
    with TemporaryDirectory() as folder:
        server = serve_demo(Path(folder))
        try:
            sys.stdout.write(f"{asyncio.run(time_lists(server))}\n")
        finally:
            server.stop()


if __name__ == "__main__":
    main()
