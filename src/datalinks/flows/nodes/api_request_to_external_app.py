"""``api-request-to-external-app``: a request through the run's connection, with its credentials."""

from collections.abc import Iterable, Sequence
from typing import Any

from datalinks.flows.config import missing
from datalinks.flows.definition import Definition, Node
from datalinks.flows.node import Done, NodeKind, Outcome, Problem, World
from datalinks.flows.progress import Step
from datalinks.flows.requests import each_by_itself, read_answer, read_request, refused


class ApiRequestToExternalApp(NodeKind):
    """Puts out ``{status, data}``. config: ``request: {path, method, pathParameters, query, headers, data}``.

    ``allowNon2xx`` makes an answer of any status an output.
    """

    type = "api-request-to-external-app"
    aliases = ("custom-api-request",)
    reaches_out = True

    def check(self, node: Node, definition: Definition) -> Iterable[Problem]:
        return missing(node.config, "request")

    async def compute(self, node: Node, steps: Sequence[Step], world: World) -> list[Outcome]:
        async def request(config: Any, step: Step) -> Outcome:
            answer = await world.send("external-app", read_request(config, "path"), step)
            data = read_answer(answer, world.max_response_bytes)
            if not answer.is_success and config.get("allowNon2xx") is not True:
                return refused(answer, data, node, step)
            return Done([{"status": answer.status, "data": data}])

        return await each_by_itself(node, steps, world, request)
