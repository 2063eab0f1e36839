"""HTTP load from wrk: one kind of request with random record ids, from one thread, as it shares the cores with the server."""

from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from bench.failures import BenchFailed
from bench.processes.programs import find_program, run_program

_SCRIPT = Path(__file__).parents[1] / "wrk" / "load.lua"
_SPARE_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One kind of request.

    path, body: a run of "#" becomes a random multiple of ``step`` below ``count * step``, filled with zeros.
    """

    url: str
    path: str
    token: str
    count: int
    step: int
    method: str = "GET"
    body: str = ""
    headers: tuple[str, ...] = field(default=("Content-Type: application/json",))


class Measured(msgspec.Struct, frozen=True):
    """What wrk measured."""

    requests: int
    seconds: float
    failed: int
    median_microseconds: float
    p99_microseconds: float

    @property
    def per_second(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds


def run_wrk(load: Load, connections: int, seconds: float, seed: int) -> Measured:
    """Send requests for so many seconds, at least one.

    Raises:
        NotRun: wrk is not installed.
        BenchFailed: a request was not answered with success.
    """
    wrk = find_program("wrk", "wrk")
    duration = max(1, round(seconds))
    headers = [part for header in (f"Authorization: Bearer {load.token}", *load.headers) for part in ("-H", header)]
    arguments = [wrk, "-t1", f"-c{connections}", f"-d{duration}s", "-s", str(_SCRIPT), *headers, load.url, "--"]
    arguments += [str(seed), str(load.count), str(load.step), load.method, load.path, load.body]
    printed = run_program(arguments, duration + _SPARE_SECONDS)
    measured = msgspec.json.decode(printed.strip().splitlines()[-1], type=Measured)
    if measured.failed:
        raise BenchFailed(f"{measured.failed} of {measured.requests} requests were not answered with success")
    return measured
