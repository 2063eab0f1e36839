"""Batches: many finds, creates and deletes of one instance, done in their order and each answered for itself."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TypeAlias, assert_never

import msgspec
from msgspec.structs import replace

from datalinks.errors import BadRequest, DataLinksError
from datalinks.ids import MAX_LINK_NO, Clock, new_link_no, new_salt
from datalinks.model.batch import (
    MAX_FOUND,
    BatchDraft,
    BatchReport,
    Mode,
    Op,
    Operation,
    Outcome,
    Problem,
    Status,
)
from datalinks.model.link import DataLink, Direction, RequestedDirection, record_id
from datalinks.model.page import Page
from datalinks.services.activity import LinkActivity
from datalinks.services.caller import Caller
from datalinks.services.instances import Instances, InstanceSelector
from datalinks.store import links
from datalinks.store.database import Database, Reader, Transaction
from datalinks.store.instances import InstanceNo
from datalinks.store.links import LinkFilter

_operations = msgspec.json.Decoder(list[Operation])
_operation = msgspec.json.Decoder(Operation)
# Wrong values are quoted, but not whole books of them.
_MAX_MESSAGE = 500
# What came of operations, with their indexes.
_Outcomes: TypeAlias = list[tuple[int, Outcome]]


class _Task(msgspec.Struct, frozen=True, gc=False):
    """An operation that is right: its index in the batch, what it does and to which links."""

    index: int
    op: Op
    app_record_id: str | None
    external_record_id: str | None
    directions: tuple[Direction, ...]
    limit: int

    @property
    def pair(self) -> tuple[str, str]:
        """The pair of a create or delete."""
        assert self.app_record_id is not None
        assert self.external_record_id is not None
        return self.app_record_id, self.external_record_id


class Batches:
    """Batches in the instances that a caller may see."""

    def __init__(self, database: Database, instances: Instances, activity: LinkActivity, clock: Clock) -> None:
        self._database = database
        self._instances = instances
        self._activity = activity
        self._clock = clock

    async def run(self, caller: Caller, wanted: InstanceSelector, draft: BatchDraft) -> BatchReport:
        """Do the operations in their order, all writes in one transaction, and say what came of each.

        A wrong operation has an outcome of its own; in an atomic batch it keeps all others from being done.

        Raises:
            NotFound: the instance is hidden, or its table or connection are not there. BadRequest: the selector is not valid.
            Unavailable: another write got in the way; nothing was written, trying again helps.
        """
        tasks, outcomes = _checked(draft.operations)
        failed = len(outcomes)
        instance = await self._instances.resolve(caller, wanted)
        is_done = draft.mode is Mode.EACH or not failed
        if is_done:
            outcomes.update(await self._do(instance, tasks))
        else:
            outcomes.update((task.index, Outcome(status=Status.UNDONE)) for task in tasks)
        return BatchReport(
            committed=is_done, failed=failed, results=[outcomes[index] for index in range(len(draft.operations))]
        )

    async def _do(self, instance: InstanceNo, tasks: Sequence[_Task]) -> dict[int, Outcome]:
        """Do what is right, and what came of it by index."""
        outcomes: dict[int, Outcome] = {}
        if all(task.op is Op.FIND for task in tasks):
            outcomes.update(await _find(self._database, instance, tasks))
        else:
            async with self._database.transaction() as tx:
                for op, some in _runs(tasks):
                    outcomes.update(await self._run(tx, instance, op, some))
        self._count(instance, outcomes.values())
        for index, earlier in _duplicates(tasks):
            outcomes[index] = replace(outcomes[index], status=Status.DUPLICATE, duplicate_of=earlier)
        return outcomes

    def _count(self, instance: InstanceNo, outcomes: Iterable[Outcome]) -> None:
        for outcome in outcomes:
            if outcome.status in (Status.WRITTEN, Status.REPLACED):
                self._activity.written(instance.no, len(outcome.items or ()))
            elif outcome.deleted is not None:
                self._activity.deleted(instance.no, outcome.deleted)
            else:
                self._activity.found(instance.no, outcome.status is Status.FOUND)

    async def _run(self, tx: Transaction, instance: InstanceNo, op: Op, tasks: Sequence[_Task]) -> _Outcomes:
        match op:
            case Op.FIND:
                return await _find(tx, instance, tasks)
            case Op.CREATE:
                return await self._create(tx, instance, tasks)
            case Op.DELETE:
                return await _delete(tx, instance, tasks)
            case _:
                assert_never(op)

    async def _create(self, tx: Transaction, instance: InstanceNo, tasks: Sequence[_Task]) -> _Outcomes:
        first, salt = self._clock.reserve(len(tasks)), new_salt()
        pairs = [
            links.new_pair(*task.pair, task.directions, new_link_no(first + place, salt))
            for place, task in enumerate(tasks)
        ]
        written = await links.put_pairs(tx, instance, pairs)
        return [(task.index, _created(items)) for task, items in zip(tasks, written, strict=True)]


def _created(items: list[DataLink]) -> Outcome:
    is_new = any(link.created_at == link.updated_at for link in items)
    return Outcome(status=Status.WRITTEN if is_new else Status.REPLACED, items=items)


async def _find(reader: Reader, instance: InstanceNo, tasks: Sequence[_Task]) -> _Outcomes:
    filters = [
        LinkFilter(
            task.directions[0] if len(task.directions) == 1 else None, task.app_record_id, task.external_record_id
        )
        for task in tasks
    ]
    pages = await links.list_links_of_each(reader, instance, filters, [task.limit for task in tasks], MAX_LINK_NO)
    return [(task.index, _found(page)) for task, page in zip(tasks, pages, strict=True)]


def _found(page: Page[DataLink]) -> Outcome:
    status = Status.FOUND if page.items else Status.MISSING
    return Outcome(status=status, items=page.items, cursor=page.cursor)


async def _delete(tx: Transaction, instance: InstanceNo, tasks: Sequence[_Task]) -> _Outcomes:
    gone = await links.delete_links_of_each(
        tx, instance, [links.Deletion(*task.pair, task.directions) for task in tasks]
    )
    return [(task.index, _deleted(each)) for task, each in zip(tasks, gone, strict=True)]


def _deleted(gone: Sequence[Direction]) -> Outcome:
    return Outcome(status=Status.DELETED if gone else Status.MISSING, deleted=len(gone))


def _checked(operations: Sequence[msgspec.Raw]) -> tuple[list[_Task], dict[int, Outcome]]:
    """The operations that are right, and the outcomes of the others by their indexes."""
    tasks: list[_Task] = []
    wrong: dict[int, Outcome] = {}
    for index, operation in enumerate(_decoded(operations)):
        try:
            if isinstance(operation, DataLinksError):
                raise operation
            tasks.append(_task(index, operation))
        except DataLinksError as error:
            problem = Problem(key=error.code, message=error.message, data=error.data or None)
            wrong[index] = Outcome(status=Status.ERROR, error=problem)
    return tasks, wrong


def _decoded(operations: Sequence[msgspec.Raw]) -> Iterable[Operation | DataLinksError]:
    """The operations, or what is wrong with them; read all at once, and one by one only if one of them is wrong."""
    try:
        return _operations.decode(b"[" + b",".join(operations) + b"]")
    except msgspec.ValidationError:
        return (_decoded_one(index, operation) for index, operation in enumerate(operations))


def _decoded_one(index: int, operation: msgspec.Raw) -> Operation | DataLinksError:
    try:
        return _operation.decode(operation)
    except msgspec.ValidationError as error:
        text, _, place = str(error).partition(" - at `$")
        return _wrong(text[:_MAX_MESSAGE], f"$.operations[{index}]{place.rstrip('`')}")


def _task(index: int, operation: Operation) -> _Task:
    """An operation as a task.

    Raises:
        BadRequest: a record id is missing or none, or the limit is not a find's.
    """
    path = f"$.operations[{index}]"
    op, limit = operation.op, operation.limit
    app_id = _record_id(operation.app_record_id, f"{path}.appRecordId")
    external_id = _record_id(operation.external_record_id, f"{path}.externalRecordId")
    if op is Op.FIND:
        if app_id is None and external_id is None:
            raise _wrong("A find needs appRecordId or externalRecordId", path, f"{path}.appRecordId")
    elif app_id is None or external_id is None:
        name = "appRecordId" if app_id is None else "externalRecordId"
        raise _wrong(f"A {op} needs {name}", path, f"{path}.{name}")
    elif limit is not None:
        raise _wrong(f"A {op} has no limit", f"{path}.limit")
    directions = (operation.direction or RequestedDirection.BOTH).directions
    return _Task(index, op, app_id, external_id, directions, limit or MAX_FOUND)


def _wrong(text: str, place: str, path: str | None = None) -> BadRequest:
    return BadRequest(f"{text} - at `{place}`", {"path": path or place})


def _record_id(value: str | float | None, path: str) -> str | None:
    return None if value is None else record_id(value, path)


def _duplicates(tasks: Iterable[_Task]) -> Iterator[tuple[int, int]]:
    """The indexes of writes that repeat what was last written of their pair, and the index of what they repeat.

    They are done all the same: writing a link again makes it the newest of its records.
    """
    latest: dict[tuple[str, str], _Task] = {}
    for task in tasks:
        if task.op is Op.FIND:
            continue
        before = latest.get(task.pair)
        if before is not None and (before.op, before.directions) == (task.op, task.directions):
            yield task.index, before.index
        latest[task.pair] = task


def _runs(tasks: Iterable[_Task]) -> Iterator[tuple[Op, list[_Task]]]:
    """Stretches of one kind, in which no pair is written twice."""
    for op, some in groupby(tasks, lambda task: task.op):
        if op is Op.FIND:
            yield op, list(some)
            continue
        run: dict[tuple[str, str], _Task] = {}
        for task in some:
            if task.pair in run:
                yield op, list(run.values())
                run = {}
            run[task.pair] = task
        yield op, list(run.values())
