"""What nodes that make requests have in common: the request read from their configuration, tries, and the answer as data.

Every try of a node run carries the same ``Idempotency-Key``, so that a server that knows such keys does the work once,
however often the request has to be made.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
import stamina

from datalinks.client.retrying import pause_seconds
from datalinks.errors import BadRequest, DataLinksError, OutgoingFailed, OutgoingTimeout
from datalinks.flows.definition import Node
from datalinks.flows.node import Failed, NodeRequest, Outcome, World, failure
from datalinks.flows.progress import Step
from datalinks.formulas.javascript.coercion import to_string
from datalinks.formulas.values import UNDEFINED, is_nothing, is_object, without_undefined
from datalinks.model.error_data import ErrorData
from datalinks.model.record import JsonObject
from datalinks.outgoing.messages import OutgoingAnswer

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
# Whoever asks for a longer pause than this fails the node run instead.
_MAX_PAUSE_SECONDS = 60.0
_ATTEMPTS = 4
# What a log shows of a body.
_SHOWN = 500


class _TryAgain(Exception):
    """The answer may be another one later. pause: the seconds that it asks to wait, or None."""

    def __init__(self, answer: OutgoingAnswer) -> None:
        super().__init__(answer.status)
        self.answer = answer
        self.pause = pause_seconds(answer.header("retry-after"), datetime.now(UTC))


def read_request(config: Any, address: str) -> NodeRequest:
    """The request of a computed configuration. address: the name of the property that says where it goes.

    Raises:
        BadRequest: something in it is no request.
    """
    request = config.get("request") if is_object(config) else None
    if not is_object(request):
        raise BadRequest('The node needs a request: {"request": {...}}.', {"path": "$.config.request"})
    content, content_type = _body(request)
    return NodeRequest(
        _method(request),
        _address(request, address),
        {**content_type, **_texts(request, "headers", str.lower)},
        content,
    )


def _method(request: JsonObject) -> str:
    method = request.get("method", "GET")
    if not isinstance(method, str) or method.upper() not in METHODS:
        raise BadRequest(f"A method is one of {', '.join(METHODS)}.", {"path": "$.config.request.method"})
    return method.upper()


def _address(request: JsonObject, name: str) -> str:
    address = request.get(name)
    if not isinstance(address, str) or not address:
        raise BadRequest(f"The request needs {name}: a text.", {"path": f"$.config.request.{name}"})
    for key, value in _texts(request, "pathParameters", str).items():
        address = address.replace(f"{{{key}}}", quote(value, safe=""))
    query = urlencode(_texts(request, "query", str))
    return f"{address}{'&' if '?' in address else '?'}{query}" if query else address


def _texts(request: JsonObject, name: str, key: Callable[[str], str]) -> dict[str, str]:
    values = request.get(name)
    if is_nothing(values):
        return {}
    if not is_object(values):
        raise BadRequest(f"{name} is an object.", {"path": f"$.config.request.{name}"})
    return {key(each): to_string(value) for each, value in values.items() if not is_nothing(value)}


def _body(request: JsonObject) -> tuple[bytes, dict[str, str]]:
    body = request.get("body", request.get("data", UNDEFINED))
    if is_nothing(body):
        return b"", {}
    if isinstance(body, str):
        return body.encode(), {"content-type": "text/plain; charset=utf-8"}
    return msgspec.json.encode(without_undefined(body)), {"content-type": "application/json"}


def run_headers(run_id: str, step: Step) -> dict[str, str]:
    """What every request of a node run carries: the key of its tries, and where it belongs for those who trace."""
    trace = hashlib.sha256(run_id.encode()).hexdigest()[:32]
    span = hashlib.sha256(f"{run_id} {step.no}".encode()).hexdigest()[:16]
    return {"idempotency-key": f"{run_id}-{step.no}", "traceparent": f"00-{trace}-{span}-01"}


async def send_with_retries(send: Callable[[], Awaitable[OutgoingAnswer]]) -> OutgoingAnswer:
    """The answer to a request that is made again, later each time, while the answer is 429 or 5xx or there is none.

    Raises:
        DataLinksError: there was no answer, or the request cannot be made.
    """

    async def attempt() -> OutgoingAnswer:
        answer = await send()
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise _TryAgain(answer)
        return answer

    try:
        return await _RETRYING(attempt)
    except _TryAgain as last:
        return last.answer


def _is_worth_a_try(error: Exception) -> bool | float:
    if isinstance(error, _TryAgain):
        if error.pause is None:
            return True
        return error.pause if error.pause <= _MAX_PAUSE_SECONDS else False
    return isinstance(error, OutgoingFailed | OutgoingTimeout)


_RETRYING = stamina.AsyncRetryingCaller(attempts=_ATTEMPTS, timeout=None, wait_initial=0.2, wait_max=5.0).on(
    _is_worth_a_try
)


def read_answer(answer: OutgoingAnswer, max_bytes: int) -> Any:
    """The body of an answer as data: JSON if it says so, else text; UNDEFINED for none.

    Raises:
        OutgoingFailed, OutgoingTooLarge: it cannot be read.
    """
    content = answer.content(max_bytes)
    if not content:
        return UNDEFINED
    if "json" in answer.header("content-type").lower():
        try:
            return msgspec.json.decode(content)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise OutgoingFailed("The answer says that it is JSON and is not.") from error
        except RecursionError as error:
            raise OutgoingFailed("The answer is JSON with too many levels.") from error
    return content.decode(errors="replace")


def refused(answer: OutgoingAnswer, data: Any, node: Node, step: Step) -> Failed:
    """The failure that an answer with another status than success is."""
    shown = data if isinstance(data, str) else msgspec.json.encode(without_undefined(data)).decode()
    message = f"The request was answered with status {answer.status}."
    where = {"nodeKey": node.key, "runId": str(step.no), "status": answer.status, "response": shown[:_SHOWN]}
    return Failed(ErrorData(type="bad_request", key="request_refused", message=message, data=where))


async def each_by_itself(
    node: Node,
    steps: Sequence[Step],
    world: World,
    request: Callable[[Any, Step], Awaitable[Outcome]],
) -> list[Outcome]:
    """What comes of each node run's request, made at the same time; an error of ours fails its own node run alone."""
    configs = await world.resolve(node, node.config, steps)

    async def one(config: Any, step: Step) -> Outcome:
        if isinstance(config, ErrorData):
            return Failed(config)
        try:
            return await request(config, step)
        except DataLinksError as error:
            return Failed(failure(error, node, step))

    return list(await asyncio.gather(*(one(config, step) for config, step in zip(configs, steps, strict=True))))
