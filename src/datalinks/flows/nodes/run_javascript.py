"""``run-javascript``: code of the workspace, in the sandbox."""

from collections.abc import Iterable, Sequence

from datalinks.errors import DataLinksError
from datalinks.flows.config import missing
from datalinks.flows.definition import Definition, Node
from datalinks.flows.node import Done, Failed, NodeKind, Outcome, Problem, World, failure
from datalinks.flows.progress import Step
from datalinks.model.error_data import ErrorData


class RunJavascript(NodeKind):
    """Puts out what the code returns. config: ``code``: a function of one argument with what formulas see, or its body."""

    type = "run-javascript"

    def check(self, node: Node, definition: Definition) -> Iterable[Problem]:
        yield from missing(node.config, "code")
        if not isinstance(node.config.get("code", ""), str):
            yield Problem("$.config.code", "The code is a text.")

    async def compute(self, node: Node, steps: Sequence[Step], world: World) -> list[Outcome]:
        return [await _run(node, str(node.config.get("code")), step, world) for step in steps]


async def _run(node: Node, code: str, step: Step, world: World) -> Outcome:
    try:
        result = await world.run_javascript(code, world.variables(step))
    except DataLinksError as error:
        return Failed(failure(error, node, step))
    if result.error is not None:
        data = {"nodeKey": node.key, "runId": str(step.no), "line": result.line}
        return Failed(ErrorData(type="custom_code", message=result.error, data=data), result.logs)
    return Done([result.value], result.logs)
