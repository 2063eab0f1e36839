"""Flow runs: launched, listed, looked into and stopped by those who may see their connections."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from msgspec import UNSET, UnsetType

from datalinks.errors import BadRequest, NotFound, RateLimited
from datalinks.formulas.values import is_array
from datalinks.ids import Clock, new_id
from datalinks.model.flow_run import (
    DownstreamRun,
    FlowRun,
    LaunchedBy,
    NodeRun,
    NodeRunOutput,
    NodeRunStatus,
    Output,
    RunState,
    UpstreamRun,
)
from datalinks.model.page import Page, after_id, page_of
from datalinks.model.record import JsonObject
from datalinks.services.caller import Caller
from datalinks.services.flow_instances import FlowInstances, FlowInstanceSelector, RunnableFlow
from datalinks.services.run_filters import FlowRunQuery
from datalinks.store import flow_runs
from datalinks.store.ambient import AmbientDatabase
from datalinks.store.flow_runs import KeptNodeRun, NewRun
from datalinks.store.rows import from_time

# Says which node of a flow runs first: its nodes and the one that is wanted, if any; raises BadRequest if it is not clear.
StartOf = Callable[[JsonObject, str | None], str]

API = LaunchedBy(type="api-trigger")
# An output's id: the number of its node run and its place among that one's outputs.
_SEPARATOR = "-"
# An inner page of node runs or outputs begins with this cursor.
_START = ("", "0", "cursor=0")
# A later one: the number of the last node run of the page before.
_CURSOR = re.compile(r"n([1-9][0-9]{0,8})")


class FlowRuns:
    """The runs of flows in connections that a caller may see.

    queue_limit: how many runs of one connection may wait or run. on_launch: told when runs were launched here, once workers can see them.
    """

    def __init__(
        self,
        database: AmbientDatabase,
        flow_instances: FlowInstances,
        clock: Clock,
        *,
        start_of: StartOf,
        queue_limit: int,
        on_launch: Callable[[], None],
    ) -> None:
        self._database = database
        self._flow_instances = flow_instances
        self._clock = clock
        self._start_of = start_of
        self._queue_limit = queue_limit
        self._on_launch = on_launch

    async def launch(
        self,
        caller: Caller,
        wanted: FlowInstanceSelector,
        *,
        node_key: str | None,
        input: Any | UnsetType = UNSET,
        meta: JsonObject | None = None,
        launched_by: LaunchedBy = API,
    ) -> FlowRun:
        """Queue a run of a flow instance.

        input: a list has an input for each run of the first node, as the input of a run that is read has; anything else
        is one input, and none is an empty object.

        Raises:
            NotFound: there is no such instance. BadRequest: the flow cannot run, or which node runs first is not clear.
            RateLimited: too many runs of the connection wait.
        """
        flow = await self._flow_instances.runnable(caller, wanted)
        start = self._start_of(flow.flow_instance.nodes, node_key)
        now = self._clock.now()
        run = _new_run(caller, flow, start, _inputs(input), now, meta, launched_by)
        async with self._database.transaction() as tx:
            if await flow_runs.count_unended_runs(tx, run.connection_id) >= self._queue_limit:
                raise RateLimited(f"{self._queue_limit:,} runs of the connection wait already: try again later.")
            await flow_runs.insert_run(tx, run)
        self._database.after_commit(self._on_launch)
        return await self.get(caller, run.id)

    async def list_page(self, caller: Caller, query: FlowRunQuery) -> Page[FlowRun]:
        """A page of runs, newest first.

        Raises:
            BadRequest: an unknown cursor.
        """
        found = await flow_runs.list_runs(
            self._database,
            caller.workspace_id,
            limit=query.limit + 1,
            after=after_id(query.cursor),
            filters=query.filters(caller.customer_scope),
        )
        return page_of(found, query.limit, lambda run: run.id)

    async def get(self, caller: Caller, id: str) -> FlowRun:
        """The run with this id.

        Raises:
            NotFound: there is none, or the caller may not see it.
        """
        found = await flow_runs.find_run(self._database, caller.workspace_id, id, customer_id=caller.customer_scope)
        if found is None:
            raise NotFound(f"There is no flow run with the id {id[:200]!r}.")
        return found

    async def stop(self, caller: Caller, id: str) -> None:
        """End a run: nothing more of it begins. One that has ended stays as it is.

        Raises:
            NotFound: there is no such run.
        """
        await self.get(caller, id)
        async with self._database.transaction() as tx:
            await flow_runs.stop_run(tx, id, self._clock.now())

    async def list_node_runs(self, caller: Caller, id: str, node_key: str, cursor: str, limit: int) -> Page[NodeRun]:
        """A page of the runs of a node, in the order in which they came to be.

        Raises:
            NotFound: there is no such run. BadRequest: an unknown cursor.
        """
        after = _after(cursor)
        run = await self.get(caller, id)
        kept = await flow_runs.list_node_runs(self._database, id, limit=limit + 1, node_key=node_key, after=after)
        page = page_of(kept, limit, _cursor_of)
        return Page(await self._node_runs(run, page.items), page.cursor)

    async def get_node_run(self, caller: Caller, id: str, node_key: str, node_run_id: str) -> NodeRun:
        """One run of a node.

        Raises:
            NotFound: there is none.
        """
        run = await self.get(caller, id)
        [found] = await self._node_runs(run, [await self._kept(id, node_key, node_run_id)])
        return found

    async def list_outputs(self, caller: Caller, id: str, node_key: str, cursor: str, limit: int) -> Page[Output]:
        """A page of a node's outputs: those of so many of its runs as a page has.

        Raises:
            NotFound: there is no such run. BadRequest: an unknown cursor.
        """
        after = _after(cursor)
        await self.get(caller, id)
        return await self._outputs(id, [node_key], after, limit)

    async def get_output(self, caller: Caller, id: str, node_key: str, output_id: str) -> Output:
        """One output of a node.

        Raises:
            NotFound: there is none.
        """
        await self.get(caller, id)
        no, _, place = output_id.partition(_SEPARATOR)
        outputs = _outputs_of(await self._kept(id, node_key, no))
        found = next((each for each in outputs if each.output_id == output_id), None)
        if found is None or not place:
            raise NotFound(f"The node {node_key[:200]!r} has no output {output_id[:200]!r} in this run.")
        return found

    async def run_output(self, caller: Caller, id: str, node_key: str | None, cursor: str, limit: int) -> Page[Output]:
        """What a run gave: the outputs of its last nodes, or of one that is named.

        Raises:
            NotFound: there is no such run. BadRequest: an unknown cursor.
        """
        after = _after(cursor)
        run = await self.get(caller, id)
        node_keys = [node_key] if node_key else list(run.nodes)
        return await self._outputs(id, node_keys, after, limit, ends_only=not node_key)

    async def _outputs(
        self, id: str, node_keys: Sequence[str], after: int | None, limit: int, *, ends_only: bool = False
    ) -> Page[Output]:
        one = node_keys[0] if len(node_keys) == 1 else None
        kept = await flow_runs.list_own_node_runs(self._database, id, limit=limit + 1, node_key=one, after=after)
        page = page_of(kept, limit, _cursor_of)
        shown = await self._ends(id, page.items) if ends_only else page.items
        return Page([output for each in shown for output in _outputs_of(each)], page.cursor)

    async def _ends(self, id: str, runs: Sequence[KeptNodeRun]) -> list[KeptNodeRun]:
        """Those that lead no further, and are no part of a for-each."""
        outer = [run for run in runs if not run.scope]
        following = await flow_runs.list_next_runs(self._database, id, [run.no for run in outer])
        return [run for run, behind in zip(outer, following, strict=True) if not behind]

    async def _node_runs(self, run: FlowRun, runs: Sequence[KeptNodeRun]) -> list[NodeRun]:
        following = await flow_runs.list_next_runs(self._database, run.id, [each.no for each in runs])
        origins = {each.origin_no for each in runs if each.origin_no is not None}
        node_keys = await flow_runs.list_node_keys(self._database, run.id, origins)
        return [_node_run(run, each, node_keys, behind) for each, behind in zip(runs, following, strict=True)]

    async def _kept(self, id: str, node_key: str, no: str) -> KeptNodeRun:
        found: list[KeptNodeRun] = []
        if no.isascii() and no.isdigit() and len(no) <= 9:  # noqa: PLR2004 - larger numbers are no node run's
            found = await flow_runs.list_node_runs(self._database, id, limit=1, node_key=node_key, no=int(no))
        if not found:
            raise NotFound(f"The node {node_key[:200]!r} has no run {no[:200]!r} in this flow run.")
        return found[0]


def _inputs(input: Any | UnsetType) -> list[Any]:
    if input is UNSET:
        return [{}]
    return input if is_array(input) else [input]


def _cursor_of(node_run: KeptNodeRun) -> str:
    return f"n{node_run.no}"


def _after(cursor: str) -> int | None:
    """The number behind which a page of node runs begins.

    Raises:
        BadRequest: the cursor was not made by this server.
    """
    cursor = cursor.removeprefix("cursor=")
    if cursor in _START:
        return None
    if not (no := _CURSOR.fullmatch(cursor)):
        raise BadRequest(
            "The cursor is none of this list's: send the one of the page before, or none.", {"path": "$.cursor"}
        )
    return int(no[1])


def _node_run(
    run: FlowRun, kept: KeptNodeRun, node_keys: Mapping[int, str], following: Iterable[tuple[int, str, int]]
) -> NodeRun:
    downstream: dict[int, list[DownstreamRun]] = {}
    for no, node_key, place in following:
        downstream.setdefault(place, []).append(DownstreamRun(node_key=node_key, run_id=str(no)))
    upstream: list[UpstreamRun] = []
    if (origin := kept.origin_no) is not None:
        output_id = f"{origin}{_SEPARATOR}{kept.origin_output}"
        upstream.append(UpstreamRun(node_key=node_keys[origin], run_id=str(origin), output_id=output_id))
    status, ended_at = NodeRunStatus(kept.status), from_time(kept.ended_at)
    if run.state is RunState.STOPPED and not status.is_over:
        # Whoever stops a run does not write to all that it has under way, which may be a lot.
        status, ended_at = NodeRunStatus.STOPPED, run.end_time
    return NodeRun(
        id=str(kept.no),
        node_key=kept.node_key,
        status=status,
        upstream_runs=upstream,
        input=kept.input,
        outputs=[
            NodeRunOutput(id=f"{kept.no}{_SEPARATOR}{place}", downstream_runs=downstream.get(place, []))
            for place in range(len(kept.outputs))
        ],
        logs=kept.logs,
        errors=kept.errors,
        start_time=from_time(kept.started_at),
        end_time=ended_at,
    )


def _outputs_of(kept: KeptNodeRun) -> list[Output]:
    return [
        Output(
            id=f"{kept.no}{_SEPARATOR}{place}",
            node_key=kept.node_key,
            output_id=f"{kept.no}{_SEPARATOR}{place}",
            data=output[0] if output else UNSET,
        )
        for place, output in enumerate(kept.outputs)
    ]


def _new_run(
    caller: Caller,
    flow: RunnableFlow,
    start: str,
    inputs: list[Any],
    now: int,
    meta: JsonObject | None,
    launched_by: LaunchedBy,
) -> NewRun:
    instance, connection = flow.flow_instance, flow.connection
    return NewRun(
        id=new_id(now),
        workspace_id=caller.workspace_id,
        customer_id=connection.user_id,
        connection_id=connection.id,
        integration_id=connection.integration_id,
        flow_instance_id=instance.id,
        flow_id=instance.flow_id,
        universal_flow_id=instance.universal_flow_id,
        name=instance.name,
        start_node_key=start,
        input=inputs,
        nodes=instance.nodes,
        variables=_variables(flow),
        launched_by=launched_by,
        meta=meta,
        created_at=now,
        due_at=now,
    )


def _variables(flow: RunnableFlow) -> JsonObject:
    """What formulas of the run see besides its input; what has no value is left out."""
    instance, connection, integration, customer = flow.flow_instance, flow.connection, flow.integration, flow.customer
    seen: dict[str, dict[str, Any]] = {
        "flow": {"id": instance.flow_id, "key": instance.key, "name": instance.name},
        "flowInstance": {
            "id": instance.id,
            "instanceKey": flow.instance_key,
            "flowId": instance.flow_id,
            "parameters": instance.parameters,
        },
        "connection": {"id": connection.id, "name": connection.name},
        "integration": {"id": integration.id, "key": integration.key, "name": integration.name},
        "user": {"id": customer.id, "internalId": customer.internal_id, "name": customer.name},
    }
    return {name: {key: each for key, each in value.items() if each is not None} for name, value in seen.items()}
