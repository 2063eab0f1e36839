"""Endpoints that pass requests on to external apps."""

from datalinks.api.answers import Answer
from datalinks.api.forwarding import Forwarded, passed_back
from datalinks.outgoing.urls import encode_path
from datalinks.services.caller import Caller
from datalinks.services.external_apps import AppRequest
from datalinks.services.services import Services


async def call_app(services: Services, caller: Caller, selector: str, path: str, forwarded: Forwarded) -> Answer:
    """Call the app of a connection: a path below the integration's base address, or a whole address at its host.

    Method, query, headers and body are passed on with what authenticates the connection; status, headers and body of the answer
    are passed back. If the app answers 401 and the connection's access token can be renewed, that is done once and the request
    is made again.
    """
    return await _call(services, caller, selector, path, forwarded)


async def call_app_at_its_base(services: Services, caller: Caller, selector: str, forwarded: Forwarded) -> Answer:
    """Call the app of a connection at the integration's base address itself."""
    return await _call(services, caller, selector, "", forwarded)


async def _call(services: Services, caller: Caller, selector: str, path: str, forwarded: Forwarded) -> Answer:
    query = f"?{forwarded.query_string}" if forwarded.query_string else ""
    request = AppRequest(forwarded.method, encode_path(path) + query, forwarded.headers_for_app, forwarded.body)
    answer = await services.external_apps.request_by_selector(caller, selector, request)
    return passed_back(answer, forwarded.method)
