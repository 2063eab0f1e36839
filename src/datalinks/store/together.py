"""Asks that arrive together leave together: one round trip answers all that waited for it.

While asks wait for a free lane they gather by query and by what they have in common, so the busier the store is, the more
of them one statement answers; an idle store answers each at once.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple, TypeAlias

from datalinks.errors import BadRequest
from datalinks.store.database import Row, TookTooLong, UniqueViolation
from datalinks.store.queries import Query

Values: TypeAlias = Mapping[str, Any]
Rows: TypeAlias = Sequence[Row]
# What is asked, and who waits for the answer.
Ask: TypeAlias = "tuple[Values, list[asyncio.Future[Rows]]]"
Answer: TypeAlias = Callable[[Query, list[Values]], Awaitable[list[Rows]]]


class _Shape(NamedTuple):
    """How the values of a query are taken apart. common: what asks must agree on. key: what tells them apart."""

    common: Callable[[Values], Hashable]
    key: Callable[[Values], Hashable]


def _getter(names: Sequence[str], *constants: str) -> Callable[[Values], Hashable]:
    """A quick way from values to some of them; with the constants, so that no two queries have anything in common."""
    if not names:
        return lambda _: constants
    get = itemgetter(*names)
    return (lambda values: (*constants, get(values))) if constants else get


class Group:
    """Asks of one query that agree on everything but what tells them apart.

    common: what they agree on. asks: their values, and who waits for the answer, by what tells them apart.
    """

    def __init__(self, query: Query, common: Hashable) -> None:
        self.query = query
        self.common = common
        self.asks: dict[Hashable, Ask] = {}


class Gathering:
    """Gathers asks and has them answered, in as many statements at a time as it has lanes.

    share: asks for the same thing are answered by one; else, as for writes, each is asked, one after the other.
    most: how many asks one statement answers at most.
    """

    def __init__(self, answer: Answer, lanes: int, *, share: bool, most: int = 1000) -> None:
        self._answer = answer
        self._most = most
        self._free_lanes = lanes
        self._share = share
        self._waiting: deque[Group] = deque()
        self._shapes: dict[str, _Shape] = {}
        # The groups that can still be joined.
        self._open: dict[Hashable, Group] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def ask(self, query: Query, values: Values) -> "asyncio.Future[Rows]":
        """The rows of a query for these values, some time later."""
        shape = self._shapes.get(query.name) or self._shape(query, values)
        common, key = shape.common(values), shape.key(values)
        group = self._open.get(common)
        if group is None or len(group.asks) >= self._most or (key in group.asks and not self._share):
            group = self._begin(query, common)
        future: asyncio.Future[Rows] = asyncio.get_running_loop().create_future()
        known = group.asks.get(key)
        if known is None:
            group.asks[key] = (values, [future])
        else:
            known[1].append(future)
        return future

    def _shape(self, query: Query, values: Values) -> "_Shape":
        """Found out at the first ask, as every ask of a query has the same values by name."""
        assert query.together is not None, "only what can be asked together is gathered"
        arrays = query.together.arrays
        shared = [name for name in values if name not in arrays]
        shape = _Shape(_getter(shared, query.name), _getter(query.together.by))
        self._shapes[query.name] = shape
        return shape

    async def close(self) -> None:
        """Wait until everything that was asked is answered."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _begin(self, query: Query, common: Hashable) -> Group:
        group = self._open[common] = Group(query, common)
        self._waiting.append(group)
        if self._free_lanes:
            self._free_lanes -= 1
            # The lane begins after everything that is ready to ask has asked.
            task = asyncio.get_running_loop().create_task(self._work())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return group

    async def _work(self) -> None:
        """One lane: answer groups until none waits."""
        try:
            while self._waiting:
                group = self._waiting.popleft()
                if self._open.get(group.common) is group:
                    del self._open[group.common]
                await self._answer_group(group)
        finally:
            self._free_lanes += 1

    async def _answer_group(self, group: Group) -> None:
        try:
            await self._answer_asks(group.query, list(group.asks.values()))
        except BaseException:
            # The lane itself is given up, as the loop ends: nobody must wait for it.
            for _, futures in group.asks.values():
                for future in futures:
                    future.cancel()
            raise

    async def _answer_asks(self, query: Query, asks: Sequence[Ask]) -> None:
        """Answer asks together; where one of them is refused, in halves, so that it is refused alone."""
        try:
            answers = await self._answer(query, [values for values, _ in asks])
        except (UniqueViolation, BadRequest) as error:
            if len(asks) == 1:
                _fail(asks, error)
                return
            middle = len(asks) // 2
            await self._answer_asks(query, asks[:middle])
            await self._answer_asks(query, asks[middle:])
        except TookTooLong as error:
            _fail(asks, error)
            self._fail_waiting(error)
        except Exception as error:  # noqa: BLE001 - whatever happens, those who wait hear of it
            _fail(asks, error)
        else:
            for (_, futures), rows in zip(asks, answers, strict=True):
                for future in futures:
                    if not future.done():
                        future.set_result(rows)

    def _fail_waiting(self, error: Exception) -> None:
        """Those who waited for a lane meanwhile have waited as long; they need not do so again."""
        self._open.clear()
        while self._waiting:
            _fail(list(self._waiting.popleft().asks.values()), error)


def _fail(asks: Sequence[Ask], error: Exception) -> None:
    for _, futures in asks:
        for future in futures:
            if not future.done():
                future.set_exception(error)
                # Nobody may be left to look at it: a caller that went away is no reason for a warning.
                future.exception()
