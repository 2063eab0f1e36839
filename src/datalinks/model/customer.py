"""Customers: the users or organisations of the caller's product."""

from datetime import datetime

from msgspec import UNSET, UnsetType

from datalinks.model.record import Draft, InternalId, Json, JsonObject, Name, Optional, Record


class Customer(Record, frozen=True, kw_only=True):
    """One customer of a workspace. ``internal_id`` is the id the caller's product knows it by.

    credentials: for the caller's own API; None unless an admin asked for secrets.
    """

    id: str
    name: str
    internal_id: str
    fields: JsonObject | None = None
    credentials: Json = None
    meta: JsonObject | None = None
    is_test: bool
    is_active: bool
    last_active_at: datetime | None = None
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None
    is_deactivated: bool


class CustomerDraft(Draft, frozen=True, kw_only=True):
    """What an admin may write of a customer."""

    name: Optional[Name] = UNSET
    internal_id: Optional[InternalId] = UNSET
    fields: Optional[JsonObject] = UNSET
    credentials: Json | UnsetType = UNSET
    meta: Optional[JsonObject] = UNSET
    is_test: Optional[bool] = UNSET


class CredentialsDraft(Draft, frozen=True, kw_only=True):
    """What a customer may write of itself."""

    credentials: Json | UnsetType = UNSET
