"""What nodes reach outside the server: the app behind a connection, the product, any server, and code in the sandbox."""

from dataclasses import dataclass
from typing import Any, assert_never

import msgspec

from datalinks.errors import BadRequest, NotFound
from datalinks.flows.node import NodeRequest, Ran, Target
from datalinks.formulas.values import UNDEFINED, without_undefined
from datalinks.ids import Clock
from datalinks.outgoing import USUAL_HEADERS, Outgoing
from datalinks.outgoing.messages import OutgoingAnswer, OutgoingRequest
from datalinks.sandbox.answers import Status
from datalinks.sandbox.javascript import JavaScript
from datalinks.services.caller import Caller
from datalinks.services.connections import Connections
from datalinks.services.external_apps import AppRequest, ExternalApps
from datalinks.services.workspaces import Workspaces
from datalinks.services.your_app import YourApp
from datalinks.store import customers
from datalinks.store.database import Reader


@dataclass(frozen=True, slots=True)
class Addressee:
    """For whom a request is made. caller: an admin of the workspace."""

    caller: Caller
    connection_id: str
    customer_id: str


@dataclass(frozen=True, slots=True)
class Outside:
    """The ways out of the server, each with its own guards."""

    reader: Reader
    workspaces: Workspaces
    connections: Connections
    external_apps: ExternalApps
    your_app: YourApp
    outgoing: Outgoing
    javascript: JavaScript
    clock: Clock

    @property
    def max_response_bytes(self) -> int:
        """How large an answer may be."""
        return self.outgoing.max_response_bytes

    async def send(self, target: Target, request: NodeRequest, addressee: Addressee) -> OutgoingAnswer:
        """What a server answers, whatever its status.

        Raises:
            DataLinksError: there was no answer, or the request cannot be made.
        """
        match target:
            case "external-app":
                return await self._send_to_external_app(request, addressee)
            case "your-app":
                return await self._send_to_your_app(request, addressee)
            case "anywhere":
                return await self._send_anywhere(request)
            case _:
                assert_never(target)

    async def _send_to_external_app(self, request: NodeRequest, addressee: Addressee) -> OutgoingAnswer:
        connection = await self.connections.get(addressee.caller, addressee.connection_id, None)
        if connection.archived_at is not None:
            raise BadRequest("The run's connection is archived: restore it first.")
        sent = AppRequest(request.method, request.address, tuple(request.headers.items()), request.body)
        return await self.external_apps.request(addressee.caller, connection, sent)

    async def _send_to_your_app(self, request: NodeRequest, addressee: Addressee) -> OutgoingAnswer:
        workspace_id, now = addressee.caller.workspace_id, self.clock.now()
        caller = await self.workspaces.find_operator(workspace_id)
        customer = await customers.find_customer(self.reader, workspace_id, now, id=addressee.customer_id)
        if caller is None or customer is None:
            raise NotFound("The run's workspace or customer is gone.")
        return await self.your_app.request(
            caller,
            customer,
            request.method,
            request.address,
            headers=request.headers,
            body=request.body or None,
        )

    async def _send_anywhere(self, request: NodeRequest) -> OutgoingAnswer:
        headers = {**dict(USUAL_HEADERS), **request.headers}
        return await self.outgoing.request(
            OutgoingRequest(request.method, request.address, tuple(headers.items()), request.body)
        )

    async def run_javascript(self, code: str, variables: dict[str, Any]) -> Ran:
        """What code makes of variables.

        Raises:
            DataLinksError: it was stopped.
        """
        answer = await self.javascript.run(code, msgspec.json.encode(without_undefined(variables)))
        logs = [{"level": log.level, "text": log.text} for log in answer.logs]
        if answer.status is Status.FAILED:
            return Ran(UNDEFINED, answer.text, answer.line, logs)
        value = msgspec.json.decode(answer.text) if answer.status is Status.VALUE else UNDEFINED
        return Ran(value, logs=logs)
