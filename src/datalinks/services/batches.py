"""Batches: many finds, creates and deletes of one instance, done in their order and each answered for itself."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import msgspec

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
from datalinks.model.link import Direction, RequestedDirection, record_id
from datalinks.services.caller import Caller
from datalinks.services.instances import Instances, InstanceSelector
from datalinks.store import links
from datalinks.store.database import Database, Reader, Transaction
from datalinks.store.instances import InstanceNo
from datalinks.store.links import LinkFilter

_operations = msgspec.json.Decoder(list[Operation])
_operation = msgspec.json.Decoder(Operation)


class _Task(msgspec.Struct, frozen=True):
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

    def __init__(self, database: Database, instances: Instances, clock: Clock) -> None:
        self._database = database
        self._instances = instances
        self._clock = clock

    async def run(self, caller: Caller, wanted: InstanceSelector, draft: BatchDraft) -> BatchReport:
        """Do the operations in their order, all writes in one transaction, and say what came of each.

        A wrong operation has an outcome of its own; in an atomic batch it keeps all others from being done.

        Raises:
            NotFound: the instance is hidden, or its table or connection are not there. BadRequest: the selector is not valid.
        """
        outcomes: list[Outcome | None] = [None] * len(draft.operations)
        tasks = list(_tasks(draft.operations, outcomes))
        failed = sum(outcome is not None for outcome in outcomes)
        instance = await self._instances.resolve(caller, wanted)
        if failed and draft.mode is Mode.ATOMIC:
            undone = Outcome(status=Status.UNDONE)
            return BatchReport(committed=False, failed=failed, results=[each or undone for each in outcomes])
        work = list(_without_duplicates(tasks, outcomes))
        if any(task.op is not Op.FIND for task in work):
            async with self._database.transaction() as tx:
                for op, some in _runs(work):
                    await self._write_or_find(tx, instance, op, some, outcomes)
        else:
            await _find(self._database, instance, work, outcomes)
        return BatchReport(committed=True, failed=failed, results=[each for each in outcomes if each is not None])

    async def _write_or_find(
        self, tx: Transaction, instance: InstanceNo, op: Op, tasks: list[_Task], outcomes: list[Outcome | None]
    ) -> None:
        if op is Op.FIND:
            await _find(tx, instance, tasks, outcomes)
        elif op is Op.CREATE:
            await self._create(tx, instance, tasks, outcomes)
        else:
            await _delete(tx, instance, tasks, outcomes)

    async def _create(
        self, tx: Transaction, instance: InstanceNo, tasks: list[_Task], outcomes: list[Outcome | None]
    ) -> None:
        first, salt = self._clock.reserve(len(tasks)), new_salt()
        pairs = [
            links.new_pair(*task.pair, task.directions, new_link_no(first + place, salt))
            for place, task in enumerate(tasks)
        ]
        for task, written in zip(tasks, await links.put_pairs(tx, instance, pairs), strict=True):
            is_new = any(link.created_at == link.updated_at for link in written)
            outcomes[task.index] = Outcome(status=Status.WRITTEN if is_new else Status.REPLACED, items=written)


async def _find(reader: Reader, instance: InstanceNo, tasks: list[_Task], outcomes: list[Outcome | None]) -> None:
    filters = [
        LinkFilter(
            task.directions[0] if len(task.directions) == 1 else None, task.app_record_id, task.external_record_id
        )
        for task in tasks
    ]
    pages = await links.list_links_of_each(reader, instance, filters, [task.limit for task in tasks], MAX_LINK_NO)
    for task, page in zip(tasks, pages, strict=True):
        outcomes[task.index] = Outcome(
            status=Status.FOUND if page.items else Status.MISSING, items=page.items, cursor=page.cursor
        )


async def _delete(tx: Transaction, instance: InstanceNo, tasks: list[_Task], outcomes: list[Outcome | None]) -> None:
    for task in tasks:
        gone = await links.delete_links(tx, instance, task.directions, *task.pair)
        status = Status.DELETED if gone else Status.MISSING
        outcomes[task.index] = Outcome(status=status, deleted=len(gone))


def _tasks(operations: Sequence[msgspec.Raw], outcomes: list[Outcome | None]) -> Iterator[_Task]:
    """The operations that are right; those that are wrong have their outcome."""
    for index, operation in enumerate(_decoded(operations)):
        try:
            if isinstance(operation, DataLinksError):
                raise operation
            yield _task(index, operation)
        except DataLinksError as error:
            problem = Problem(key=error.code, message=error.message, data=error.data or None)
            outcomes[index] = Outcome(status=Status.ERROR, error=problem)


def _decoded(operations: Sequence[msgspec.Raw]) -> Iterable[Operation | DataLinksError]:
    try:
        return _operations.decode(b"[" + b",".join(operations) + b"]")
    except msgspec.ValidationError:
        return (_decoded_one(index, operation) for index, operation in enumerate(operations))


def _decoded_one(index: int, operation: msgspec.Raw) -> Operation | DataLinksError:
    try:
        return _operation.decode(operation)
    except msgspec.ValidationError as error:
        text, _, place = str(error).partition(" - at `$")
        path = f"$.operations[{index}]{place.rstrip('`')}"
        return BadRequest(f"{text[:500]} - at `{path}`", {"path": path})


def _task(index: int, operation: Operation) -> _Task:
    path = f"$.operations[{index}]"
    app_id = _record_id(operation.app_record_id, f"{path}.appRecordId")
    external_id = _record_id(operation.external_record_id, f"{path}.externalRecordId")
    if operation.op is Op.FIND:
        if app_id is None and external_id is None:
            raise BadRequest(
                f"A find needs appRecordId or externalRecordId - at `{path}`", {"path": f"{path}.appRecordId"}
            )
    elif app_id is None or external_id is None:
        name = "appRecordId" if app_id is None else "externalRecordId"
        raise BadRequest(f"A {operation.op} needs {name} - at `{path}`", {"path": f"{path}.{name}"})
    directions = (operation.direction or RequestedDirection.BOTH).directions
    return _Task(index, operation.op, app_id, external_id, directions, operation.limit or MAX_FOUND)


def _record_id(value: str | float | None, path: str) -> str | None:
    return None if value is None else record_id(value, path)


def _without_duplicates(tasks: Iterable[_Task], outcomes: list[Outcome | None]) -> Iterator[_Task]:
    """The tasks but those that write what an earlier one wrote and nothing has written otherwise since."""
    latest: dict[tuple[str, str], _Task] = {}
    for task in tasks:
        if task.op is not Op.FIND:
            before = latest.get(task.pair)
            if before is not None and (before.op, before.directions) == (task.op, task.directions):
                outcomes[task.index] = Outcome(status=Status.DUPLICATE, duplicate_of=before.index)
                continue
            latest[task.pair] = task
        yield task


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
