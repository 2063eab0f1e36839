"""The header ``Idempotency-Key``: a POST that is sent again under its key is answered as before and not done again."""

import hashlib
import re

from datalinks.api.answers import Answer, Download, Respond
from datalinks.api.bodies import BodyLimits, read_body
from datalinks.api.requests import Request
from datalinks.errors import BadRequest
from datalinks.services.caller import Caller
from datalinks.services.idempotency import Idempotency
from datalinks.store.idempotency import KeptAnswer

HEADER = "idempotency-key"
MAX_KEY_LENGTH = 255
# Printable ASCII; a header's value has no spaces at its ends.
KEY_PATTERN = "^[!-~]([ -~]*[!-~])?$"
_KEY = re.compile(KEY_PATTERN)
REPLAYED = ("idempotent-replayed", "true")


def answering_once(respond: Respond, idempotency: Idempotency, limits: BodyLimits) -> Respond:
    """The same, but a request with a key is done once; what it answers must be whole answers."""

    async def respond_once(request: Request) -> Answer:
        key, caller = key_of(request), request.caller
        assert caller is not None, "only endpoints for callers are answered once"

        async def run(as_caller: Caller) -> KeptAnswer:
            request.caller = as_caller
            answer = await respond(request)
            assert isinstance(answer, Answer), "downloads are not kept"
            return KeptAnswer(*answer)

        # Read before anything is held up by this request.
        request_hash = hash_of(request, await read_body(request, limits))
        done = await idempotency.once(caller, key, request_hash, run)
        status, headers, body = done.answer
        return Answer(status, (*headers, REPLAYED) if done.is_repeated else headers, body)

    return _with_key(respond_once, respond)


def refusing_keys(respond: Respond) -> Respond:
    """The same, but a request with a key is refused, as the promise that goes with it is not kept here."""

    async def refuse(request: Request) -> Answer:
        raise BadRequest(
            "Files are sent without Idempotency-Key: sending one again doubles nothing, and an importId goes on where it was."
        )

    return _with_key(refuse, respond)


def _with_key(respond: Respond, otherwise: Respond) -> Respond:
    async def choose(request: Request) -> Answer | Download:
        return await (respond if request.has_header(HEADER) else otherwise)(request)

    return choose


def key_of(request: Request) -> str:
    """The idempotency key of a request that has one.

    Raises:
        BadRequest: it has not the form of one.
    """
    key = request.header(HEADER)
    if len(key) > MAX_KEY_LENGTH or not _KEY.fullmatch(key):
        raise BadRequest(f"The header Idempotency-Key must be 1 to {MAX_KEY_LENGTH} printable ASCII characters.")
    return key


def hash_of(request: Request, body: bytes) -> str:
    """Tells requests apart by method, path, query and body; none of the first three has a line break."""
    head = f"{request.method}\n{request.path}\n{request.query_string}\n"
    return hashlib.sha256(head.encode() + body).hexdigest()
