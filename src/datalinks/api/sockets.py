"""The sockets that this process has open, which the server inside it does not tell about."""

import os
import socket
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from datalinks.api.requests import Scope


def is_listening(port: int) -> bool:
    """Whether this very process listens on a TCP port; connecting would not tell, as others may share the port."""
    for each in _open_sockets():
        with suppress(OSError):
            if each.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) and each.getsockname()[1] == port:
                return True
    return False


def break_off(scope: Scope) -> None:
    """Shut down the connection of a request; what is under way on it ends in an error for the client."""
    ends = (scope.server, scope.client)
    for each in _open_sockets():
        with suppress(OSError):
            if (_text(each.getsockname()), _text(each.getpeername())) == ends:
                each.shutdown(socket.SHUT_RDWR)


def _open_sockets() -> Iterator[socket.socket]:
    """Each internet socket, by a handle of its own that is valid until the next one is asked for."""
    for entry in Path("/dev/fd").iterdir():
        with suppress(OSError):
            if stat.S_ISSOCK(os.fstat(int(entry.name)).st_mode):
                with socket.socket(fileno=os.dup(int(entry.name))) as found:
                    if found.family in (socket.AF_INET, socket.AF_INET6):
                        yield found


def _text(address: tuple[str, int]) -> str:
    """An address as the server writes it."""
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
