"""What is kept encrypted: the secrets of workspaces, and the credentials of customers and connections."""

from typing import Any

import msgspec

from datalinks.model.workspace import Workspace
from datalinks.store.cipher import Cipher


def connection_row(id: str) -> str:
    """What the sealed secrets of a connection are bound to."""
    return f"connections/{id}"


class Secrets:
    """Opens and seals what is kept encrypted, each text for its own row."""

    def __init__(self, cipher: Cipher) -> None:
        self._cipher = cipher

    def open(self, workspace: Workspace) -> str:
        """A kept workspace's secret in the clear."""
        return self._cipher.open(workspace.secret, f"workspaces/{workspace.id}")

    def seal(self, workspace_id: str, secret: str) -> str:
        """A workspace's secret as it is kept."""
        return self._cipher.seal(secret, f"workspaces/{workspace_id}")

    def session_key(self, workspace: Workspace) -> bytes:
        """What signs the sessions of a kept workspace; another one as soon as its secret or its signing keys are changed.

        It hangs on the server's own key too, so that whoever knows the workspace's secret cannot make a session by themselves.
        """
        settings = workspace.settings
        keys = [each.public_key for each in settings.public_keys]
        signing = [workspace.id, workspace.secret, settings.disable_secret_key_auth, keys, settings.jwks_uri]
        return self._cipher.derived_key(b"console session " + msgspec.json.encode(signing))

    def open_json(self, sealed: str | None, row: str) -> Any:
        """JSON that was sealed for a row; None for None."""
        return None if sealed is None else msgspec.json.decode(self._cipher.open(sealed, row))

    def seal_json(self, value: Any, row: str) -> str | None:
        """JSON sealed for a row; None for None."""
        return None if value is None else self._cipher.seal(msgspec.json.encode(value).decode(), row)
