"""Flow runs and node runs as rows. JSON keeps the order of its keys, and what is undefined in it is absent."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from msgspec import structs

from datalinks.formulas.values import is_object
from datalinks.ids import as_datetime
from datalinks.model.error_data import ErrorData
from datalinks.model.flow_run import FlowRun, LaunchedBy, NodeCounts, NodeRunStatus, RunState
from datalinks.model.record import JsonObject
from datalinks.store.database import Database, Reader, Row, Transaction, UniqueViolation
from datalinks.store.rows import from_json, from_time, to_json

_errors = msgspec.json.Decoder(list[ErrorData])
_counts = msgspec.json.Decoder(dict[str, NodeCounts])
_launched_by = msgspec.json.Decoder(LaunchedBy)

# How the nodes of a run are doing of which nothing is kept yet.
NOTHING_KEPT = "{}"


class LeaseLost(Exception):
    """The run is another worker's now, or has been stopped; the transaction can only be left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRun:
    """A run that is launched. nodes, variables: what it runs by, whatever changes meanwhile. due_at: when it may begin."""

    id: str
    workspace_id: str
    customer_id: str
    connection_id: str
    integration_id: str
    flow_instance_id: str
    flow_id: str
    universal_flow_id: str | None
    name: str | None
    start_node_key: str
    input: list[Any]
    nodes: JsonObject
    variables: JsonObject
    launched_by: LaunchedBy | None
    meta: JsonObject | None
    created_at: int
    due_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedRun:
    """A run that a worker has.

    nodes: their JSON text, by which what is made of it can be remembered. is_begun: whether something of it is kept.
    claims: how often it was claimed since then.
    """

    id: str
    lease: str
    workspace_id: str
    customer_id: str
    connection_id: str
    start_node_key: str
    input: list[Any]
    nodes: str
    variables: JsonObject
    errors: list[ErrorData]
    is_begun: bool
    claims: int
    created_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """On what terms a worker takes runs. until: when they are anybody's again; places: how many each connection has."""

    now: int
    until: int
    lease: str
    places: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """What a worker took.

    after: behind which connection it looks next, so that each has its turn. is_any: whether there was anything to take, as
    others may have been faster.
    """

    runs: list[ClaimedRun]
    after: str
    is_any: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptNodeRun:
    """A node run as it is kept.

    input: what it got; of one that is put, inside of a for-each, only what the for-each did not get itself.
    outputs: each a list with its value, or an empty one where there is none.
    """

    no: int
    node_key: str
    status: str
    input: Any
    origin_no: int | None
    origin_output: int | None
    scope: list[list[int]]
    outputs: list[list[Any]]
    logs: list[Any]
    errors: list[ErrorData]
    started_at: int | None
    ended_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a run has come to. ended_at: when it ended."""

    state: RunState
    counts: Mapping[str, NodeCounts]
    errors: Sequence[ErrorData]
    ended_at: int | None = None


async def insert_run(tx: Transaction, run: NewRun) -> None:
    """Add a run, which is queued."""
    await tx.execute(
        "insert_flow_run",
        id=run.id,
        workspace_id=run.workspace_id,
        customer_id=run.customer_id,
        connection_id=run.connection_id,
        integration_id=run.integration_id,
        flow_instance_id=run.flow_instance_id,
        flow_id=run.flow_id,
        universal_flow_id=run.universal_flow_id,
        name=run.name,
        start_node_key=run.start_node_key,
        input=_text(run.input),
        nodes=_text(run.nodes),
        variables=_text(run.variables),
        launched_by=to_json(run.launched_by),
        meta=to_json(run.meta),
        state=RunState.QUEUED.value,
        counts=NOTHING_KEPT,
        errors="[]",
        due_at=run.due_at,
        created_at=run.created_at,
    )


async def count_unended_runs(reader: Reader, connection_id: str) -> int:
    """How many runs of a connection are queued or running."""
    row = await reader.fetch_one("count_unended_runs", connection_id=connection_id)
    return 0 if row is None else int(row["count"])


async def find_run(reader: Reader, workspace_id: str, id: str, *, customer_id: str | None) -> FlowRun | None:
    """The run with this id, or None; a customer id narrows it to that customer's."""
    row = await reader.fetch_one("find_flow_run", id=id, workspace_id=workspace_id, customer_id=customer_id)
    return None if row is None else _run(row)


async def list_runs(
    reader: Reader, workspace_id: str, *, limit: int, after: str | None, filters: Mapping[str, Any]
) -> list[FlowRun]:
    """Up to ``limit`` runs, newest first, from behind the id ``after``; every filter that is not None must match."""
    rows = await reader.fetch("list_flow_runs", workspace_id=workspace_id, limit=limit, after=after, **filters)
    return [_run(row) for row in rows]


async def claim_runs(database: Database, claim: Claim, *, after: str, limit: int) -> Claimed:
    """Take up to ``limit`` runs that are due: those whose workers are gone, then one of each connection that has a place.

    after: the connection behind which to look first.
    """
    found: list[Mapping[str, Any]] = list(await database.fetch("list_abandoned_runs", now=claim.now, limit=limit))
    queued = await _first_runs(database, claim, after=after, limit=limit - len(found))
    taken = await asyncio.gather(*(_claim(database, claim, row) for row in [*found, *queued]))
    return Claimed(
        runs=[run for run in taken if run is not None],
        after=queued[-1]["connection_id"] if queued else "",
        is_any=bool(found or queued),
    )


async def _first_runs(database: Database, claim: Claim, *, after: str, limit: int) -> list[Row]:
    """One run of each connection behind one, and from the start again if those are fewer."""
    found: list[Row] = []
    for start in (after, "") if after else ("",):
        values = {"now": claim.now, "places": _text(list(range(claim.places))), "count": claim.places}
        found += await database.fetch("list_first_runs", after=start, limit=limit - len(found), **values)
        if len(found) == limit:
            break
    # The second look passes connections of the first again if they are few.
    return list({row["connection_id"]: row for row in found}.values())


async def _claim(database: Database, claim: Claim, row: Row) -> ClaimedRun | None:
    """Take one run, unless another worker was faster. Those that are asked for at a time are taken together."""
    try:
        found = await database.write_one(
            "claim_run", id=row["id"], place=row["place"], now=claim.now, until=claim.until, lease=claim.lease
        )
    except UniqueViolation:
        return None
    return None if found is None else _claimed(found)


async def count_queued_runs(reader: Reader) -> int:
    """How many runs wait for a worker."""
    row = await reader.fetch_one("count_queued_runs")
    return 0 if row is None else int(row["count"])


async def renew_lease(database: Database, id: str, lease: str, until: int) -> bool:
    """Keep a run for longer; whether it was still the worker's."""
    return await database.write_one("renew_lease", id=id, lease=lease, until=until) is not None


async def release_run(database: Database, id: str, lease: str, now: int) -> bool:
    """Give a run back, to be claimed at once; whether it was still the worker's."""
    return await database.write_one("release_run", id=id, lease=lease, now=now) is not None


async def hold_runs(tx: Transaction, runs: Sequence[ClaimedRun]) -> set[str]:
    """See to it that nobody else takes or stops runs before the transaction ends; the ids of those that are still the worker's."""
    found = await tx.fetch_each("hold_run", [{"id": run.id, "lease": run.lease} for run in runs])
    return {row["id"] for rows in found for row in rows}


async def keep_runs(tx: Transaction, runs: Sequence[tuple[ClaimedRun, Kept]]) -> None:
    """Keep what runs have come to, which the transaction holds; one that ended is nobody's any more."""
    sets = [
        {
            "id": run.id,
            "lease": run.lease,
            "state": kept.state.value,
            "counts": _text(kept.counts),
            "errors": _text(kept.errors),
            "ended_at": kept.ended_at,
            "is_released": True if kept.ended_at is not None else None,
        }
        for run, kept in runs
    ]
    if sets:
        await tx.fetch_each("keep_run", sets)


async def stop_run(tx: Transaction, id: str, now: int) -> bool:
    """End a run, whoever has it; whether it had not ended. What it has under way stays as it is kept."""
    return bool(await tx.execute("stop_run", id=id, now=now))


async def put_node_runs(tx: Transaction, runs: Sequence[tuple[str, KeptNodeRun]]) -> None:
    """Keep node runs as they are now, each of a run with an id."""
    sets = [
        {
            "run_id": run_id,
            "no": run.no,
            "node_key": run.node_key,
            "status": run.status,
            "input": _text(run.input),
            "origin_no": run.origin_no,
            "origin_output": run.origin_output,
            "scope": _text(run.scope),
            "outputs": _text(run.outputs),
            "logs": _text(run.logs),
            "errors": _text(run.errors),
            "started_at": run.started_at,
            "ended_at": run.ended_at,
        }
        for run_id, run in runs
    ]
    if sets:
        await tx.fetch_each("put_node_run", sets)


async def list_node_runs(
    reader: Reader,
    run_id: str,
    *,
    limit: int,
    node_key: str | None = None,
    no: int | None = None,
    after: int | None = None,
) -> list[KeptNodeRun]:
    """Up to ``limit`` node runs in the order of their numbers, behind the number ``after``, with their whole inputs."""
    rows = await reader.fetch("list_node_runs", run_id=run_id, node_key=node_key, no=no, after=after, limit=limit)
    found = [_node_run(row) for row in rows]
    around = {run.scope[-1][0] for run in found if run.scope}
    inputs = {run.no: run.input for run in found if run.no in around and not run.scope}
    for each in sorted(around - inputs.keys()):
        inputs.update({run.no: run.input for run in await list_node_runs(reader, run_id, limit=1, no=each)})
    return [
        replace(run, input=whole_input(inputs.get(run.scope[-1][0]), run.input)) if run.scope else run for run in found
    ]


def whole_input(of_for_each: Any, own: Any) -> Any:
    """What a node run inside of a for-each got: what the for-each got, and what is its own."""
    return {**of_for_each, **own} if is_object(of_for_each) and is_object(own) else own


async def list_own_node_runs(
    reader: Reader, run_id: str, *, limit: int, after: int | None, node_key: str | None = None
) -> list[KeptNodeRun]:
    """As ``list_node_runs``, with the inputs as they are kept."""
    rows = await reader.fetch("list_node_runs", run_id=run_id, node_key=node_key, no=None, after=after, limit=limit)
    return [_node_run(row) for row in rows]


async def delete_old_runs(database: Database, *, before: int, runs: int, node_runs: int) -> int:
    """Delete runs that ended before a time, the oldest first, as many as go in one small transaction; how many rows."""
    old = [row["id"] for row in await database.fetch("list_old_runs", before=before, limit=runs)]
    if not old:
        return 0
    left = node_runs
    count = 0
    async with database.transaction() as tx:
        for id in old:
            left -= await tx.execute("delete_node_runs", run_id=id, most=left)
            if left <= 0:
                # There may be more of this one.
                break
            count += await tx.execute("delete_flow_run", id=id)
    return count + node_runs - left


async def list_next_runs(reader: Reader, run_id: str, numbers: Sequence[int]) -> list[list[tuple[int, str, int]]]:
    """The node runs behind each of some: their numbers, their nodes, and which output led to them."""
    sets = [{"run_id": run_id, "origin_no": no} for no in numbers]
    found = await reader.fetch_each("list_next_runs", sets) if sets else []
    return [[(row["no"], row["node_key"], row["origin_output"]) for row in rows] for rows in found]


async def list_node_keys(reader: Reader, run_id: str, numbers: Iterable[int]) -> dict[int, str]:
    """The keys of the nodes that some node runs are of, by the numbers of the node runs."""
    sets = [{"run_id": run_id, "no": no} for no in set(numbers)]
    found = await reader.fetch_each("list_node_keys", sets) if sets else []
    return {row["no"]: row["node_key"] for rows in found for row in rows}


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _node_run(row: Row) -> KeptNodeRun:
    return KeptNodeRun(
        no=row["no"],
        node_key=row["node_key"],
        status=row["status"],
        input=from_json(row["input"]),
        origin_no=row["origin_no"],
        origin_output=row["origin_output"],
        scope=from_json(row["scope"]),
        outputs=from_json(row["outputs"]),
        logs=from_json(row["logs"]),
        errors=_errors.decode(row["errors"]),
        started_at=row["started_at"],
        ended_at=row["ended_at"],
    )


def _claimed(row: Row) -> ClaimedRun:
    return ClaimedRun(
        id=row["id"],
        lease=row["lease"],
        workspace_id=row["workspace_id"],
        customer_id=row["customer_id"],
        connection_id=row["connection_id"],
        start_node_key=row["start_node_key"],
        input=from_json(row["input"]),
        nodes=row["nodes"],
        variables=from_json(row["variables"]),
        errors=_errors.decode(row["errors"]),
        is_begun=row["counts"] != NOTHING_KEPT,
        claims=row["claims"],
        created_at=row["created_at"],
    )


def _run(row: Row) -> FlowRun:
    state = RunState(row["state"])
    return FlowRun(
        id=row["id"],
        name=row["name"],
        flow_instance_id=row["flow_instance_id"],
        connection_flow_id=row["flow_instance_id"],
        flow_id=row["flow_id"],
        integration_flow_id=row["flow_id"],
        universal_flow_id=row["universal_flow_id"],
        connection_id=row["connection_id"],
        integration_id=row["integration_id"],
        user_id=row["customer_id"],
        tenant_id=row["customer_id"],
        start_node_key=row["start_node_key"],
        input=from_json(row["input"]),
        state=state,
        start_time=as_datetime(row["started_at"] or row["created_at"]),
        end_time=from_time(row["ended_at"]),
        errors=_errors.decode(row["errors"]),
        nodes=_shown_counts(_counts.decode(row["counts"]), state),
        launched_by=None if row["launched_by"] is None else _launched_by.decode(row["launched_by"]),
        meta=from_json(row["meta"]),
    )


def _shown_counts(counts: dict[str, NodeCounts], state: RunState) -> dict[str, NodeCounts]:
    """How nodes are doing; when a run is stopped, what is kept of them still says that they are under way."""
    if state is not RunState.STOPPED:
        return counts
    stopped = NodeRunStatus.STOPPED.value
    return {
        key: structs.replace(each, state=stopped) if each.state == NodeRunStatus.RUNNING.value else each
        for key, each in counts.items()
    }
