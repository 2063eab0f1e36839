"""The image's health check: exit code 0 while the server answers ``/health``, 1 with the reason when it does not."""

import os
import sys
from http.client import HTTPConnection, HTTPException

from datalinks.settings import load_settings

TIMEOUT_SECONDS = 3


def failure() -> str | None:
    """What is wrong with the server of this container, or None."""
    settings = load_settings(os.environ)
    # Not urllib, which would ask the proxy that HTTP_PROXY names.
    connection = HTTPConnection("127.0.0.1", settings.port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", f"{settings.api_prefix}/health")
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        return f"no answer: {error!r}"
    finally:
        connection.close()
    return None if status == 200 else f"answered {status}"  # noqa: PLR2004 - the status of a good answer


if __name__ == "__main__":
    sys.exit(failure())
