"""The pool, with children that do what the request says (``obedient_child.py``)."""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path

import pytest
import uvloop

from datalinks.errors import Unavailable
from datalinks.sandbox.errors import EvaluationDied, EvaluationTooLarge, EvaluationTooSlow, SandboxError
from datalinks.sandbox.limits import Limits
from datalinks.sandbox.pool import Pool

_PROGRAM = (str(Path(__file__).parent / "obedient_child.py"),)
_LIMITS = Limits(deadline_seconds=0.5, max_answer_bytes=1000, evaluations=1000)
_PROC = Path("/proc")

needs_proc = pytest.mark.skipif(not _PROC.exists(), reason="there is no /proc to look into a process")


@pytest.fixture
async def pool() -> AsyncGenerator[Pool]:
    opened = Pool(_PROGRAM, _LIMITS, size=2, max_waiting=2)
    yield opened
    await opened.close()


async def _kinds(pool: Pool, *requests: str) -> list[object]:
    """What became of requests: texts, and the classes of errors."""
    answers = await pool.run([request.encode() for request in requests])
    return [type(answer) if isinstance(answer, SandboxError) else answer.decode() for answer in answers]


async def _until(is_so: Callable[[], bool]) -> None:
    for _ in range(2000):
        if is_so():
            return
        await asyncio.sleep(0.005)
    pytest.fail("It did not happen within ten seconds.")


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_answers_come_in_the_order_of_requests(pool: Pool) -> None:
    numbers = [str(number) for number in range(1000)]

    assert await _kinds(pool, *(f"echo {number}" for number in numbers)) == numbers


async def test_no_request_needs_no_process(pool: Pool) -> None:
    assert await _kinds(pool) == []
    assert pool.pids == []


async def test_processes_are_started_when_they_are_needed_and_stay(pool: Pool) -> None:
    await _kinds(pool, "echo a")
    first = pool.pids
    await _kinds(pool, "echo b")

    assert len(first) == 1
    assert pool.pids == first


async def test_there_are_never_more_processes_than_the_pool_is_large(pool: Pool) -> None:
    await asyncio.gather(*(_kinds(pool, "echo a") for _ in range(4)))

    assert len(pool.pids) == 2


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        ("end", EvaluationDied),
        ("fail", EvaluationDied),
        ("give-up", EvaluationTooSlow),
        ("hang", EvaluationTooSlow),
        ("take-memory 1000000000", EvaluationTooLarge),
        ("answer 1001", EvaluationTooLarge),
        ("claim 4000000000", EvaluationTooLarge),
        ("hang-up", EvaluationDied),
    ],
)
async def test_who_goes_too_far_costs_only_itself(pool: Pool, request_: str, error: type[SandboxError]) -> None:
    [batch, neighbour] = await asyncio.gather(
        _kinds(pool, "echo a", "echo b", request_, "echo c", "echo d"), _kinds(pool, "echo n")
    )

    assert batch == ["a", "b", error, "c", "d"]
    assert neighbour == ["n"]


async def test_alone_it_is_not_tried_twice(pool: Pool) -> None:
    await _kinds(pool, "echo a")
    [before] = pool.pids

    assert await _kinds(pool, "end") == [EvaluationDied]
    assert set(pool.pids) <= {before}


async def test_the_limits_leave_room_for_the_ordinary(pool: Pool) -> None:
    assert await _kinds(pool, "take-memory 100000000", "answer 1000") == ["100000000", "x" * 1000]


async def test_requests_that_are_larger_than_a_pipe_arrive() -> None:
    pool = Pool(_PROGRAM, Limits())
    texts = [letter * 1_000_000 for letter in "abcde"]

    answers = await _kinds(pool, *(f"echo {text}" for text in texts))

    await pool.close()
    assert answers == texts


async def test_a_child_that_says_more_than_it_was_asked_is_not_asked_again(pool: Pool) -> None:
    await _kinds(pool, "chatter x")
    await _until(lambda: not pool.pids)

    assert await _kinds(pool, "echo b") == ["b"]


async def test_a_child_is_replaced_after_its_evaluations() -> None:
    pool = Pool(_PROGRAM, Limits(evaluations=3), size=1)
    await _kinds(pool, "echo a", "echo b", "echo c")
    first = pool.pids

    answers = await _kinds(pool, "echo d")

    second = pool.pids
    await pool.close()
    assert answers == ["d"]
    assert set(second) - set(first)


async def test_a_child_that_died_while_it_was_idle_is_replaced(pool: Pool) -> None:
    await _kinds(pool, "echo a")
    os.kill(pool.pids[0], signal.SIGKILL)
    await _until(lambda: not pool.pids)

    assert await _kinds(pool, "echo b") == ["b"]


async def test_signals_for_the_parent_do_not_end_a_child(pool: Pool) -> None:
    await _kinds(pool, "echo a")
    [pid] = pool.pids

    os.kill(pid, signal.SIGINT)
    os.kill(pid, signal.SIGTERM)

    assert await _kinds(pool, "echo b") == ["b"]
    assert pool.pids == [pid]


async def test_a_full_queue_refuses(pool: Pool) -> None:
    await asyncio.gather(_kinds(pool, "echo a"), _kinds(pool, "echo b"))
    asks = [asyncio.ensure_future(_kinds(pool, "echo a")) for _ in range(4)]
    await asyncio.sleep(0)

    with pytest.raises(Unavailable, match="Too many"):
        await _kinds(pool, "echo too much")
    assert await asyncio.gather(*asks) == [["a"]] * 4
    assert await _kinds(pool, "echo b") == ["b"]


async def test_whoever_goes_away_leaves_no_busy_child(pool: Pool) -> None:
    await _kinds(pool, "echo a")
    [pid] = pool.pids
    ask = asyncio.ensure_future(_kinds(pool, "hang"))
    await asyncio.sleep(0)

    ask.cancel()
    await asyncio.wait([ask])

    await _until(lambda: not _is_there(pid))
    assert await asyncio.gather(_kinds(pool, "echo b"), _kinds(pool, "echo c")) == [["b"], ["c"]]


async def test_whoever_goes_away_while_a_child_starts_leaves_none(pool: Pool) -> None:
    ask = asyncio.ensure_future(_kinds(pool, "echo a"))
    await _until(lambda: bool(pool.pids))
    ask.cancel()
    await asyncio.wait([ask])

    assert await _kinds(pool, "echo b") == ["b"]


async def test_closing_ends_everything_and_tells_those_who_wait(pool: Pool) -> None:
    await asyncio.gather(_kinds(pool, "echo a"), _kinds(pool, "echo b"))
    pids = pool.pids
    asks = [asyncio.ensure_future(_kinds(pool, "hang")) for _ in range(4)]
    await asyncio.sleep(0)

    await pool.close()

    errors = await asyncio.gather(*asks, return_exceptions=True)
    assert [type(error) for error in errors] == [Unavailable] * 4
    assert [pid for pid in pids if _is_there(pid)] == []
    assert pool.pids == []


async def test_a_closed_pool_refuses_and_closes_again(pool: Pool) -> None:
    await pool.close()
    await pool.close()

    for _ in range(3):
        with pytest.raises(Unavailable):
            await _kinds(pool, "echo a")


async def test_a_program_that_does_not_start_is_an_error() -> None:
    pool = Pool(("-c", "raise SystemExit"), _LIMITS)

    with pytest.raises(SandboxError, match="ended when it started"):
        await _kinds(pool, "echo a")

    await pool.close()


async def test_an_interpreter_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    pool = Pool(_PROGRAM, _LIMITS)

    with pytest.raises(SandboxError, match="cannot be started"):
        await _kinds(pool, "echo a")

    await pool.close()


@needs_proc
async def test_a_child_sees_nothing_of_its_parent(pool: Pool, tmp_path: Path) -> None:
    with (tmp_path / "secret").open("w") as secret:
        os.set_inheritable(secret.fileno(), True)
        await _kinds(pool, "echo a")
        folder = _PROC / str(pool.pids[0])

        assert (folder / "environ").read_bytes() == b""
        assert sorted(path.name for path in (folder / "fd").iterdir()) == ["0", "1", "2"]
        assert (folder / "fd" / "2").readlink() == Path(os.devnull)
        assert (folder / "cwd").readlink() == Path("/")


@needs_proc
async def test_a_child_has_no_rights_to_gain(pool: Pool) -> None:
    await _kinds(pool, "echo a")

    status = (_PROC / str(pool.pids[0]) / "status").read_text()

    assert "NoNewPrivs:\t1" in status
    assert "Uid:\t0\t" not in status


@pytest.mark.parametrize("what", ["file", "pipe"])
async def test_a_child_can_open_nothing(pool: Pool, what: str) -> None:
    assert await _kinds(pool, f"try {what}") == ["OSError"]


async def test_a_child_can_start_no_process(pool: Pool) -> None:
    assert await _kinds(pool, "try process") == ["BlockingIOError"]


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
def test_every_loop_does_and_nothing_is_left(run: Callable[[Awaitable[object]], object]) -> None:
    pids: list[int] = []

    async def use() -> list[object]:
        pool = Pool(_PROGRAM, _LIMITS)
        kinds = await _kinds(pool, "echo a", "hang", "end", "echo b")
        pids.extend(pool.pids)
        await pool.close()
        return [*kinds, len(asyncio.all_tasks())]

    assert run(use()) == ["a", EvaluationTooSlow, EvaluationDied, "b", 1]
    # Whatever was not closed complains now.
    gc.collect()
    assert [pid for pid in pids if _is_there(pid)] == []


def test_limits_travel_as_arguments() -> None:
    limits = Limits(deadline_seconds=0.25, memory_bytes=1, max_answer_bytes=2, evaluations=3)

    assert Limits.from_arguments(limits.to_arguments()) == limits
