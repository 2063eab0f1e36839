"""CORS: pages of any origin may call the API, as it is the token that says who may do what."""

from datalinks.api.answers import Answer, Headers
from datalinks.api.requests import Request
from datalinks.errors import MethodNotAllowed

ANY_ORIGIN: Headers = (("access-control-allow-origin", "*"), ("access-control-expose-headers", "x-request-id"))
_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
# One day: how long a browser remembers that it may call us.
_ALLOWED: Headers = (("access-control-allow-methods", ", ".join(_METHODS)), ("access-control-max-age", "86400"))


def preflight_answer(request: Request) -> Answer:
    """The answer to a browser that asks whether it may call us.

    Raises:
        MethodNotAllowed: with a method that no route has.
    """
    method = request.header("access-control-request-method")
    if method not in _METHODS:
        raise MethodNotAllowed(f"No route has the method {method[:100]!r}.")
    # Named one by one, as a star would not stand for "authorization".
    headers = request.header("access-control-request-headers")
    return Answer(
        200, (*_ALLOWED, ("access-control-allow-headers", headers), ("vary", "access-control-request-headers"))
    )
