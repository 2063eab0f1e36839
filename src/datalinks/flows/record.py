"""Node runs as they are kept, and back."""

from collections.abc import Mapping
from typing import Any

from datalinks.flows.progress import Step
from datalinks.formulas.values import UNDEFINED, without_undefined
from datalinks.model.flow_run import NodeRunStatus
from datalinks.store.flow_runs import KeptNodeRun, whole_input


def kept_node_run(step: Step, steps: Mapping[int, Step]) -> KeptNodeRun:
    """A node run as it is kept. steps: all of its run, by their numbers."""
    origin_no, origin_output = step.origin or (None, None)
    return KeptNodeRun(
        no=step.no,
        node_key=step.node_key,
        status=step.status.value,
        input=without_undefined(_own_input(step, steps)),
        origin_no=origin_no,
        origin_output=origin_output,
        scope=[list(each) for each in step.scope],
        outputs=[[] if output is UNDEFINED else [without_undefined(output)] for output in step.outputs],
        logs=step.logs,
        errors=step.errors,
        started_at=step.started_at,
        ended_at=step.ended_at,
    )


def read_step(kept: KeptNodeRun, steps: Mapping[int, Step]) -> Step:
    """A kept node run, to go on with. steps: those before it, by their numbers."""
    origin = None if kept.origin_no is None or kept.origin_output is None else (kept.origin_no, kept.origin_output)
    return Step(
        no=kept.no,
        node_key=kept.node_key,
        input=whole_input(steps[kept.scope[-1][0]].input, kept.input) if kept.scope else kept.input,
        origin=origin,
        scope=tuple((no, index) for no, index in kept.scope),
        status=NodeRunStatus(kept.status),
        outputs=[output[0] if output else UNDEFINED for output in kept.outputs],
        logs=kept.logs,
        errors=kept.errors,
        started_at=kept.started_at,
        ended_at=kept.ended_at,
    )


def _own_input(step: Step, steps: Mapping[int, Step]) -> Any:
    """What a node run got; inside of a for-each only what the for-each did not get itself: see the table's column."""
    if not step.scope:
        return step.input
    of_for_each = steps[step.scope[-1][0]].input
    if not isinstance(of_for_each, dict):
        return step.input
    return {key: value for key, value in step.input.items() if key not in of_for_each or of_for_each[key] is not value}
