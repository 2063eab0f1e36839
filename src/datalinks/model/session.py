"""Sessions of the console: who is signed in with a browser."""

from datetime import datetime

from msgspec import UNSET

from datalinks.model.record import Draft, Optional, Record


class SessionWorkspace(Record, frozen=True, kw_only=True):
    """The workspace that a session works in."""

    id: str
    key: str
    name: str


class SessionCustomer(Record, frozen=True, kw_only=True):
    """The customer that a session speaks for."""

    id: str
    internal_id: str
    name: str


class ConsoleSession(Record, frozen=True, kw_only=True, omit_defaults=False):
    """Who is signed in.

    is_admin: sees the whole workspace. customer: whom it speaks for; null for an admin of nobody in particular.
    expires_at: when it ends; null if never, as for a token without an end.
    """

    workspace: SessionWorkspace
    is_admin: bool
    customer: SessionCustomer | None
    expires_at: datetime | None


class SignInDraft(Draft, frozen=True, kw_only=True):
    """What signs in: a token, or a workspace's key and secret.

    token: an admin's or a customer's, as it would follow ``Authorization: Bearer``.
    """

    token: Optional[str] = UNSET
    workspace_key: Optional[str] = UNSET
    workspace_secret: Optional[str] = UNSET

    def __repr__(self) -> str:
        return "SignInDraft(...)"
