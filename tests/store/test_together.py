"""Asks that arrive together leave together."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from datalinks.errors import BadRequest, Unavailable
from datalinks.store.database import Row, TookTooLong, UniqueViolation
from datalinks.store.queries import Query, Together
from datalinks.store.together import Gathering, Values

FIND = Query("find", "many", "", ("SELECT 1",), Together(("key",), (), None))
PUT = Query("put", "one", "", ("SELECT 1",), Together(("key",), ("value",), None))


class Store:
    """Answers each ask with its own values, once it may; ``statements`` are the keys that were asked together."""

    def __init__(self, error: Exception | None = None, *, guilty: str | None = None) -> None:
        self.statements: list[list[str]] = []
        self.may = asyncio.Event()
        self.may.set()
        self.error = error
        self.guilty = guilty

    async def answer(self, query: Query, sets: list[Values]) -> list[Sequence[Row]]:
        self.statements.append([values["key"] for values in sets])
        await self.may.wait()
        if self.error is not None and (self.guilty is None or self.guilty in self.statements[-1]):
            raise self.error
        return [[values] for values in sets]


def reads(store: Store, lanes: int = 1) -> Gathering:
    return Gathering(store.answer, lanes, share=True)


def writes(store: Store, lanes: int = 1) -> Gathering:
    return Gathering(store.answer, lanes, share=False)


def asked(gathering: Gathering, keys: str, instance: int = 1) -> "list[asyncio.Future[Sequence[Row]]]":
    """An ask for each letter."""
    return [gathering.ask(FIND, {"instance": instance, "key": key}) for key in keys]


async def kinds(futures: "Sequence[asyncio.Future[Any]]") -> list[type]:
    """What became of asks: the types of their errors, or of their answers."""
    return [type(each) for each in await asyncio.gather(*futures, return_exceptions=True)]


async def test_asks_of_one_turn_of_the_loop_leave_in_one_statement() -> None:
    store = Store()

    answers = await asyncio.gather(*asked(reads(store), "abc"))

    assert store.statements == [["a", "b", "c"]]
    assert [rows[0]["key"] for rows in answers] == ["a", "b", "c"]


async def test_tasks_that_are_ready_at_the_same_time_ask_together() -> None:
    store = Store()
    gathering = reads(store)

    async def ask(key: str) -> None:
        await gathering.ask(FIND, {"instance": 1, "key": key})

    await asyncio.gather(*(ask(key) for key in "abc"))

    assert store.statements == [["a", "b", "c"]]


async def test_an_idle_store_answers_one_ask_at_once() -> None:
    store = Store()
    gathering = reads(store)

    for key in "ab":
        await asyncio.gather(*asked(gathering, key))

    assert store.statements == [["a"], ["b"]]


async def test_asks_are_grouped_by_query_and_by_what_they_have_in_common() -> None:
    store = Store()
    gathering = reads(store)

    put = gathering.ask(PUT, {"instance": 1, "key": "p", "value": 9})
    await asyncio.gather(*asked(gathering, "ab"), *asked(gathering, "cd", instance=2), *asked(gathering, "e"), put)

    assert sorted(store.statements) == [["a", "b", "e"], ["c", "d"], ["p"]]


async def test_equal_reads_share_one_answer() -> None:
    store = Store()

    answers = await asyncio.gather(*asked(reads(store), "aaba"))

    assert store.statements == [["a", "b"]]
    assert [rows[0]["key"] for rows in answers] == ["a", "a", "b", "a"]


async def test_a_read_that_is_asked_after_a_statement_has_left_is_not_answered_by_it() -> None:
    store = Store()
    store.may.clear()
    gathering = reads(store)

    first = asked(gathering, "a")
    await asyncio.sleep(0)
    second = asked(gathering, "a")
    store.may.set()
    await asyncio.gather(*first, *second)

    assert store.statements == [["a"], ["a"]]


async def test_equal_writes_are_made_one_after_the_other() -> None:
    store = Store()
    gathering = writes(store)

    made = [gathering.ask(PUT, {"key": key, "value": value}) for value, key in enumerate("aab")]
    answers = await asyncio.gather(*made)

    assert store.statements == [["a"], ["a", "b"]]
    assert [rows[0]["value"] for rows in answers] == [0, 1, 2]


async def test_while_every_lane_is_busy_asks_gather() -> None:
    store = Store()
    store.may.clear()
    gathering = reads(store, lanes=2)

    waiting = asked(gathering, "a")
    await asyncio.sleep(0)
    waiting += asked(gathering, "b")
    await asyncio.sleep(0)
    for key in "cde":
        waiting += asked(gathering, key)
        await asyncio.sleep(0)
    under_way = list(store.statements)
    store.may.set()
    await asyncio.gather(*waiting)

    assert under_way == [["a"], ["b"]]
    assert store.statements == [["a"], ["b"], ["c", "d", "e"]]


async def test_a_cancelled_ask_hurts_nobody_else() -> None:
    store = Store()
    gathering = reads(store)

    first, second, third = asked(gathering, "aab")
    first.cancel()
    answers = await asyncio.gather(second, third)

    assert [rows[0]["key"] for rows in answers] == ["a", "b"]
    assert (await gathering.ask(FIND, {"instance": 1, "key": "c"}))[0]["key"] == "c"


async def test_an_error_reaches_all_that_waited_for_it_and_nobody_after() -> None:
    store = Store(Unavailable("gone"))
    gathering = reads(store)

    failed = await kinds(asked(gathering, "aab"))
    store.error = None

    assert failed == [Unavailable] * 3
    assert await kinds(asked(gathering, "a")) == [list]


@pytest.mark.parametrize("error", [UniqueViolation("numbers"), BadRequest("wrong")])
async def test_only_the_guilty_one_is_refused(error: Exception) -> None:
    store = Store(error, guilty="d")

    became = await kinds(asked(writes(store), "abcdefg"))

    assert became == [list] * 3 + [type(error)] + [list] * 3
    assert len(store.statements) <= 7, "found in halves"


async def test_nobody_waits_twice_for_a_store_that_does_not_answer() -> None:
    store = Store(TookTooLong("nobody there"))
    store.may.clear()
    gathering = reads(store)

    waiting = asked(gathering, "a")
    await asyncio.sleep(0)
    waiting += asked(gathering, "b") + asked(gathering, "c", instance=2)
    store.may.set()

    assert await kinds(waiting) == [TookTooLong] * 3
    assert store.statements == [["a"]]
    store.error = None
    assert await kinds(asked(gathering, "d")) == [list]


async def test_an_error_that_nobody_waits_for_any_more_is_no_warning() -> None:
    store = Store(Unavailable("gone"))
    gathering = reads(store)

    asked(gathering, "ab")[0].cancel()
    await gathering.close()

    assert store.statements == [["a", "b"]]


async def test_close_waits_for_what_was_asked() -> None:
    store = Store()
    store.may.clear()
    gathering = reads(store)
    waiting = asked(gathering, "ab")

    closing = asyncio.create_task(gathering.close())
    await asyncio.sleep(0)
    assert not closing.done()
    store.may.set()
    await closing

    assert all(each.done() for each in waiting)


async def test_many_more_than_one_statement_takes_are_all_answered() -> None:
    store = Store()
    gathering = reads(store, lanes=2)

    asks = [gathering.ask(FIND, {"instance": 1, "key": str(number)}) for number in range(2500)]
    answers = await asyncio.gather(*asks)

    assert [rows[0]["key"] for rows in answers] == [str(number) for number in range(2500)]
    assert max(len(keys) for keys in store.statements) <= 1000
    assert len(store.statements) == 3
