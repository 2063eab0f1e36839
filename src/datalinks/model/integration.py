"""Integrations: the external apps of a workspace."""

from msgspec import UNSET

from datalinks.model.element import Element, ElementDraft
from datalinks.model.record import JsonObject, Optional, Text
from datalinks.model.references import ConnectionRef


class Integration(Element, frozen=True, kw_only=True):
    """An external app as the workspace defines it.

    parameters: settings of the app, shown to admins only since they may hold secrets.
    connection: the caller's own newest connection to it; None under an admin token and when there is none.
    """

    logo_uri: str
    base_uri: str | None = None
    connector_id: str | None = None
    connector_version: str | None = None
    external_app_id: str | None = None
    app_uuid: str | None = None
    o_auth_callback_uri: str | None = None
    auth_type: str | None = None
    parameters: JsonObject | None = None
    options_config: JsonObject | None = None
    connection: ConnectionRef | None = None


class IntegrationDraft(ElementDraft, frozen=True, kw_only=True):
    """What an admin may write of an integration."""

    logo_uri: Optional[Text] = UNSET
    base_uri: Optional[Text] = UNSET
    connector_id: Optional[Text] = UNSET
    connector_version: Optional[Text] = UNSET
    external_app_id: Optional[Text] = UNSET
    app_uuid: Optional[Text] = UNSET
    o_auth_callback_uri: Optional[Text] = UNSET
    auth_type: Optional[Text] = UNSET
    parameters: Optional[JsonObject] = UNSET
    options_config: Optional[JsonObject] = UNSET
