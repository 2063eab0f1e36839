"""Redis with one hash of all links, and the load that comes with it."""

import csv
import socket
from collections.abc import Iterable
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

from bench.processes.programs import find_program, free_port, run_program, running, wait_until_listening

_HASH = "links"
_BATCH = 1000
_TRIAL_REQUESTS = 20_000
_TIMEOUT_SECONDS = 600
# redis-benchmark makes its random keys with twelve digits.
_FIELD = "u-{:012d}"


class Redis:
    """A server of its own, in memory alone, ended with the stack."""

    def __init__(self, folder: Path, links: int, stack: ExitStack) -> None:
        self._links = links
        self._benchmark = find_program("redis-benchmark", "redis-tools")
        server = find_program("redis-server", "redis-server")
        self._port = free_port()
        log = folder / "redis.log"
        arguments = [server, "--port", str(self._port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        # Its log, which nobody reads, goes nowhere: a full pipe would stop it.
        process = stack.enter_context(running([*arguments, "--logfile", str(log)], log, folder=folder))
        wait_until_listening(self._port, process, log)
        self._fill(links)

    def hget(self, connections: int, seconds: float) -> float:
        """``HGET`` of random fields for about so many seconds, no pipelining; commands per second."""
        rate = self._run(connections, _TRIAL_REQUESTS)
        return self._run(connections, max(_TRIAL_REQUESTS, round(rate * seconds)))

    def _run(self, connections: int, requests: int) -> float:
        arguments = [self._benchmark, "-p", str(self._port), "-c", str(connections), "-n", str(requests)]
        arguments += ["-r", str(self._links), "--csv", "HGET", _HASH, "u-__rand_int__"]
        rows = list(csv.DictReader(run_program(arguments, _TIMEOUT_SECONDS).splitlines()))
        return float(rows[-1]["rps"])

    def _fill(self, links: int) -> None:
        with socket.create_connection(("127.0.0.1", self._port)) as connection:
            answers = connection.makefile("rb")
            numbers = iter(range(links))
            while batch := list(islice(numbers, _BATCH)):
                words = ["HSET", _HASH]
                for number in batch:
                    words += (_FIELD.format(number), f"00Q{number:015d}")
                connection.sendall(_command(words))
                answers.readline()


def _command(words: Iterable[str]) -> bytes:
    parts = [f"${len(word)}\r\n{word}\r\n" for word in words]
    return f"*{len(parts)}\r\n{''.join(parts)}".encode()
