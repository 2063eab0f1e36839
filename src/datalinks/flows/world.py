"""What nodes of a run may use: formulas with its links, the tables of its connection, time."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from datalinks.errors import BadRequest, FormulaError
from datalinks.flows.definition import Definition, Node, read_nodes
from datalinks.flows.node import NodeRequest, Ran, Target
from datalinks.flows.outside import Addressee, Outside
from datalinks.flows.progress import Step
from datalinks.flows.requests import run_headers, send_with_retries
from datalinks.formulas.evaluate import Program, compile_formula
from datalinks.formulas.limits import Limits
from datalinks.formulas.questions import Answerer, FindLink
from datalinks.ids import Clock
from datalinks.model.error_data import ErrorData
from datalinks.model.record import JsonObject
from datalinks.outgoing.messages import OutgoingAnswer
from datalinks.services.caller import Caller
from datalinks.services.formula_engines import FormulaEngines
from datalinks.services.instances import Instances, InstanceSelector
from datalinks.services.link_answers import LinkFinder
from datalinks.store.database import Reader
from datalinks.store.flow_runs import ClaimedRun
from datalinks.store.instances import InstanceNo
from datalinks.store.workspaces import find_epoch


@dataclass(frozen=True, slots=True)
class LoadedFlow:
    """A flow read for running. Formulas in it are compiled when they are first needed, for all its runs."""

    definition: Definition
    nodes: JsonObject
    programs: dict[int, Program] = field(default_factory=dict[int, Program])

    @classmethod
    def read(cls, nodes: JsonObject) -> "LoadedFlow":
        """The flow that nodes make."""
        return cls(read_nodes(nodes), nodes)

    def program(self, value: Any, limits: Limits) -> Program:
        """A value with formulas that stands in the flow, compiled.

        Raises:
            FormulaError: it is too large or too deep.
        """
        # Every value of the flow lives as long as the flow does, so none can take the place of another.
        program = self.programs.get(id(value))
        if program is None:
            program = self.programs[id(value)] = compile_formula(value, limits)
        return program


@dataclass(frozen=True, slots=True)
class RunWorld:
    """The world of one run. caller: an admin of its workspace, so everything asked names the run's own connection."""

    reader: Reader
    run: ClaimedRun
    flow: LoadedFlow
    caller: Caller
    engines: FormulaEngines
    links: LinkFinder
    instances: Instances
    clock: Clock
    outside: Outside | None = None

    def variables(self, step: Step) -> dict[str, Any]:
        """What formulas of a node run see."""
        return {**self.run.variables, "flowRun": {"id": self.run.id}, "input": step.input}

    async def resolve(self, node: Node, value: Any, steps: Sequence[Step]) -> list[Any]:
        """A value of the node, computed for each node run; a ``ErrorData`` stands in place of what cannot be."""
        return await self.compute(node, value, [(step, self.variables(step)) for step in steps], "$.config")

    async def compute(self, node: Node, value: Any, cases: Sequence[tuple[Step, Any]], path: str) -> list[Any]:
        """A value of the flow, computed for each node run with its variables. path: where in the node the value stands."""
        try:
            program = self.flow.program(value, self.engines.limits)
        except FormulaError as error:
            return [_failed(error, node, step, path) for step, _ in cases]
        try:
            return await self.engines.resolve_each(program, [variables for _, variables in cases], self._answerers)
        except FormulaError as error:
            if len(cases) == 1:
                return [_failed(error, node, cases[0][0], path)]
        # One of them cannot be computed: each by itself then, to know which.
        return [(await self.compute(node, value, [case], path))[0] for case in cases]

    async def instance(self, table: str) -> InstanceNo:
        """See ``World.instance``."""
        return await self.instances.resolve(
            await self._present_caller(),
            InstanceSelector(
                data_link_table_key=table,
                connection_id=self.run.connection_id,
                instance_key=self.run.variables["flowInstance"].get("instanceKey"),
            ),
        )

    async def find_links(self, questions: Sequence[FindLink]) -> Sequence[Any]:
        """See ``World.find_links``."""
        return await self._find(questions)

    @property
    def max_response_bytes(self) -> int:
        """See ``World.max_response_bytes``."""
        return self._outside.max_response_bytes

    async def send(self, target: Target, request: NodeRequest, step: Step) -> OutgoingAnswer:
        """See ``World.send``."""
        traced = replace(request, headers={**run_headers(self.run.id, step), **request.headers})
        place = Addressee(self.caller, self.run.connection_id, self.run.customer_id)
        return await send_with_retries(lambda: self._outside.send(target, traced, place))

    async def run_javascript(self, code: str, variables: dict[str, Any]) -> Ran:
        """See ``World.run_javascript``."""
        return await self._outside.run_javascript(code, variables)

    @property
    def _outside(self) -> Outside:
        if self.outside is None:
            raise BadRequest("This worker reaches nothing outside the server.")
        return self.outside

    def count_links(self, instance: InstanceNo, *, written: int = 0, deleted: int = 0) -> None:
        """See ``World.count_links``."""
        self.links.activity.written(instance.no, written)
        self.links.activity.deleted(instance.no, deleted)

    def reserve(self, count: int) -> int:
        """See ``World.reserve``."""
        return self.clock.reserve(count)

    async def _find(self, questions: Sequence[FindLink]) -> Sequence[Any]:
        instance_key = self.run.variables["flowInstance"].get("instanceKey")
        answer = self.links.answerer(await self._present_caller(), self.run.connection_id, instance_key)
        return await answer(questions)

    async def _present_caller(self) -> Caller:
        """The caller under the workspace's present epoch: what is remembered under it is as good as read anew.

        All runs that ask at the same time are answered by one query, unlike what they would ask for the instances themselves.
        """
        return replace(self.caller, epoch=await find_epoch(self.reader, self.run.workspace_id))

    @property
    def _answerers(self) -> dict[Any, Answerer]:
        return {FindLink: self._find}


def _failed(error: FormulaError, node: Node, step: Step, path: str) -> ErrorData:
    data = {"nodeKey": node.key, "runId": str(step.no), "path": f"{path}{error.data.get('path', '$')[1:]}"}
    return ErrorData(type="bad_request", key=error.code, message=error.message, data=data)
