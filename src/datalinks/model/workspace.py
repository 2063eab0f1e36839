"""Workspaces: the tenants of the server, wholly apart from one another."""

from msgspec import field

from datalinks.model.record import Record


class PublicKey(Record, frozen=True, kw_only=True):
    """A key whose private half signs tokens; ``public_key`` is PEM."""

    name: str
    public_key: str


class WorkspaceSettings(Record, frozen=True, kw_only=True):
    """How tokens of a workspace may be signed, and where the product is that it belongs to ("your app").

    disable_secret_key_auth: tokens signed with the workspace secret are refused.
    public_keys: keys for RS, PS and ES tokens. jwks_uri: where more of them are published, or None.
    api_base_uri: where your app's API is; None: it is not called.
    api_allowed_hosts: further hosts that your app may be asked at by a whole address.
    """

    disable_secret_key_auth: bool = False
    public_keys: list[PublicKey] = field(default_factory=list[PublicKey])
    jwks_uri: str | None = None
    api_base_uri: str | None = None
    api_allowed_hosts: list[str] = field(default_factory=list[str])


class Workspace(Record, frozen=True, kw_only=True):
    """A tenant. ``key`` names it in tokens; ``secret`` signs them and is never part of an answer.

    epoch: how often anything was changed that requests are decided by.
    """

    id: str
    key: str
    name: str
    settings: WorkspaceSettings
    secret: str
    epoch: int = 0

    def __repr__(self) -> str:
        return f"Workspace(key={self.key!r})"
