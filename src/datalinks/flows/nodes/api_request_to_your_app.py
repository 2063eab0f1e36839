"""``api-request-to-your-app``: a request to the product's own API, with a token that it can verify."""

from collections.abc import Iterable, Sequence
from typing import Any

from datalinks.flows.config import missing
from datalinks.flows.definition import Definition, Node
from datalinks.flows.node import Done, NodeKind, Outcome, Problem, World
from datalinks.flows.progress import Step
from datalinks.flows.requests import each_by_itself, read_answer, read_request, refused


class ApiRequestToYourApp(NodeKind):
    """Puts out the body of the answer. config: ``request: {uri, method, headers, query, body}``; a uri below the product's."""

    type = "api-request-to-your-app"
    aliases = ("http-request",)
    reaches_out = True

    def check(self, node: Node, definition: Definition) -> Iterable[Problem]:
        return missing(node.config, "request")

    async def compute(self, node: Node, steps: Sequence[Step], world: World) -> list[Outcome]:
        async def request(config: Any, step: Step) -> Outcome:
            answer = await world.send("your-app", read_request(config, "uri"), step)
            data = read_answer(answer, world.max_response_bytes)
            return Done([data]) if answer.is_success else refused(answer, data, node, step)

        return await each_by_itself(node, steps, world, request)
