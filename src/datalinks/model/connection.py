"""Connections: a customer's links to integrations."""

from datetime import datetime

from msgspec import UNSET, UnsetType

from datalinks.model.record import Draft, Json, JsonObject, Key, Name, Optional, Record, Text
from datalinks.model.references import CustomerRef, IntegrationRef


class Connection(Record, frozen=True, kw_only=True):
    """One customer's connection to one integration. ``user_id`` and ``tenant_id`` both name the customer.

    disconnected: its customer ended it, or its credentials were refused; its links stay. connected is the opposite.
    error: why it is disconnected, if that was nobody's wish.
    credentials, connector_parameters, input: None unless an admin asked for secrets.
    """

    id: str
    name: str
    key: str | None = None
    user_id: str
    tenant_id: str
    user: CustomerRef | None = None
    integration_id: str
    integration: IntegrationRef | None = None
    auth_option_key: str | None = None
    error: JsonObject | None = None
    meta: JsonObject | None = None
    is_test: bool
    connected: bool
    disconnected: bool
    state: str
    revision: str
    created_at: datetime
    updated_at: datetime
    last_active_at: datetime | None = None
    archived_at: datetime | None = None
    is_deactivated: bool
    credentials: Json = None
    connector_parameters: Json = None
    input: Json = None


class ConnectionDraft(Draft, frozen=True, kw_only=True):
    """What may be written of a connection, by its customer or by an admin.

    integration_id, integration_key, integration_uuid: which integration; one of them when creating.
    user_id, tenant_id: whose connection it is, the customer's id or internal id; for admins only.
    credentials, connector_parameters, input: kept encrypted, never part of an ordinary answer.
    """

    name: Optional[Name] = UNSET
    key: Optional[Key] = UNSET
    meta: Optional[JsonObject] = UNSET
    auth_option_key: Optional[Text] = UNSET
    is_test: Optional[bool] = UNSET
    disconnected: Optional[bool] = UNSET
    integration_id: Optional[Text] = UNSET
    integration_key: Optional[Text] = UNSET
    integration_uuid: Optional[Text] = UNSET
    user_id: Optional[Text] = UNSET
    tenant_id: Optional[Text] = UNSET
    credentials: Json | UnsetType = UNSET
    connector_parameters: Json | UnsetType = UNSET
    input: Json | UnsetType = UNSET


class EnsureConnectionDraft(Draft, frozen=True, kw_only=True):
    """Which app a connection is wanted to: ``app_url`` is any address of it."""

    app_url: Text
    name: Optional[Name] = UNSET
