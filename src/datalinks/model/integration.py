"""Integrations: the external apps of a workspace."""

from typing import Annotated

from msgspec import UNSET, Meta

from datalinks.model.auth import Auth
from datalinks.model.element import Element, ElementDraft
from datalinks.model.record import JsonObject, Optional, Text
from datalinks.model.references import ConnectionRef

# ``host``, ``host:port`` or ``*.domain``.
Host = Annotated[str, Meta(max_length=255, pattern=r"^(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*(:[0-9]{1,5})?$(?!\n)")]


class Integration(Element, frozen=True, kw_only=True):
    """An external app as the workspace defines it.

    base_uri: where the app's API is; requests of its connections go below it.
    auth: how requests are authenticated, shown to admins only; its secrets only if they are asked for.
    allowed_hosts: further hosts that requests may be sent to by their whole address: ``host``, ``host:port``, ``*.domain``.
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
    auth: Auth | None = None
    allowed_hosts: list[str] | None = None
    parameters: JsonObject | None = None
    options_config: JsonObject | None = None
    connection: ConnectionRef | None = None


class IntegrationDraft(ElementDraft, frozen=True, kw_only=True):
    """What an admin may write of an integration.

    auth: its secrets are kept encrypted; those that are left out stay as they are while its type stays.
    """

    logo_uri: Optional[Text] = UNSET
    base_uri: Optional[Text] = UNSET
    connector_id: Optional[Text] = UNSET
    connector_version: Optional[Text] = UNSET
    external_app_id: Optional[Text] = UNSET
    app_uuid: Optional[Text] = UNSET
    o_auth_callback_uri: Optional[Text] = UNSET
    auth_type: Optional[Text] = UNSET
    auth: Optional[Auth] = UNSET
    allowed_hosts: Optional[Annotated[list[Host], Meta(max_length=100)]] = UNSET
    parameters: Optional[JsonObject] = UNSET
    options_config: Optional[JsonObject] = UNSET
