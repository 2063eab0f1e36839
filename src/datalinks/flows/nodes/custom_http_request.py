"""``custom-http-request``: a request to any server, without any credentials of ours."""

from collections.abc import Iterable, Sequence
from typing import Any

from datalinks.flows.config import missing
from datalinks.flows.definition import Definition, Node
from datalinks.flows.node import Done, NodeKind, Outcome, Problem, World
from datalinks.flows.progress import Step
from datalinks.flows.requests import each_by_itself, read_answer, read_request, refused


class CustomHttpRequest(NodeKind):
    """Puts out ``{status, headers, data}``. config: ``request: {uri, method, headers, query, body}``."""

    type = "custom-http-request"
    aliases = ("api-request",)
    reaches_out = True

    def check(self, node: Node, definition: Definition) -> Iterable[Problem]:
        return missing(node.config, "request")

    async def compute(self, node: Node, steps: Sequence[Step], world: World) -> list[Outcome]:
        async def request(config: Any, step: Step) -> Outcome:
            answer = await world.send("anywhere", read_request(config, "uri"), step)
            data = read_answer(answer, world.max_response_bytes)
            if not answer.is_success:
                return refused(answer, data, node, step)
            return Done([{"status": answer.status, "headers": dict(answer.headers), "data": data}])

        return await each_by_itself(node, steps, world, request)
