"""Batches: many operations on the links of one instance in one request, and what came of each."""

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from datalinks.model.link import DataLink, RecordIdInput, RequestedDirection
from datalinks.model.record import Draft, JsonObject, Record

MAX_OPERATIONS = 10_000
MAX_FOUND = 100
_EXAMPLE = [
    {"op": "create", "appRecordId": "u-17", "externalRecordId": "9001"},
    {"op": "find", "appRecordId": "u-17", "direction": "export", "limit": 1},
]


class Mode(StrEnum):
    """What a wrong operation does to the others: nothing, or none of them is done."""

    EACH = "each"
    ATOMIC = "atomic"


class Op(StrEnum):
    """What is done."""

    FIND = "find"
    CREATE = "create"
    DELETE = "delete"


class Operation(Draft, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One operation.

    op: a find needs one of the record ids, or both; create and delete need both.
    direction: both when it is left out. limit: how many links a find wants at most.
    """

    op: Op
    app_record_id: RecordIdInput | None = None
    external_record_id: RecordIdInput | None = None
    direction: RequestedDirection | None = None
    limit: Annotated[int, Meta(ge=1, le=MAX_FOUND)] | None = None


class BatchDraft(Draft, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Many operations. A property that it does not name is refused, as a misspelt ``mode`` must not go unnoticed.

    mode: what a wrong operation does to the others; with ``each`` they are done, with ``atomic`` none is.
    operations: up to 10,000 objects, done in their order. Each has ``op``, which is ``find``, ``create`` or ``delete``; a
    find has ``app_record_id`` or ``external_record_id`` or both, and perhaps a ``limit`` (1 to 100, and 100 without it);
    create and delete have both ids; each may have a ``direction``, which is ``both`` without it.
    """

    mode: Mode = Mode.EACH
    # Decoded one by one: a wrong one must not keep the others from being read.
    operations: Annotated[list[msgspec.Raw], Meta(min_length=1, max_length=MAX_OPERATIONS, examples=[_EXAMPLE])]


class Status(StrEnum):
    """What came of an operation.

    found, missing: of find. written: create made a link that was not there. replaced: all links were there and are written
    again. deleted, missing: of delete. duplicate: a create or delete that repeats an earlier one of the batch, with nothing
    else written of the pair in between; it is done again. error: it is wrong. undone: it was right, but another one of an
    atomic batch is wrong.
    """

    FOUND = "found"
    MISSING = "missing"
    WRITTEN = "written"
    REPLACED = "replaced"
    DELETED = "deleted"
    DUPLICATE = "duplicate"
    ERROR = "error"
    UNDONE = "undone"


class Problem(Record, frozen=True, kw_only=True):
    """What is wrong with an operation: the error's code, a message, and data such as ``{"path": "$.operations[3].op"}``."""

    key: str
    message: str
    data: JsonObject | None = None


class Outcome(Record, frozen=True, kw_only=True):
    """What came of one operation.

    items: the links found, newest first, or written, import before export; absent of a delete or an error.
    cursor: of a find that has more links than its limit; a find of its own goes on with it. deleted: how many links a delete has deleted.
    duplicate_of: the index of the earlier operation that is the same. error: what is wrong.
    """

    status: Status
    items: list[DataLink] | None = None
    cursor: str | None = None
    deleted: int | None = None
    duplicate_of: int | None = None
    error: Problem | None = None


class BatchReport(Record, frozen=True, kw_only=True):
    """What came of a batch. results: one for each operation, in their order. failed: how many of them are wrong.

    committed: whether anything was done; false for an atomic batch with a wrong operation.
    """

    committed: bool
    failed: int
    results: list[Outcome]
