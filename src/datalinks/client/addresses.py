"""The address of the server."""

from urllib.parse import urlsplit

from datalinks.errors import InvalidSettings


def checked_url(url: str) -> str:
    """The address that paths are put behind: without a slash at its end.

    Raises:
        InvalidSettings: it is no http(s) address, or has more than a host, a port and a path. A password in it would
            take the place of the token, and stand in messages.
    """
    try:
        parts = urlsplit(url)
        is_plain = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError as error:
        raise InvalidSettings("The url of the server is not valid.") from error
    if not is_plain or "@" in parts.netloc or parts.query or parts.fragment:
        raise InvalidSettings("The url of the server is a plain address such as https://datalinks.example.com/api.")
    return url.rstrip("/")
