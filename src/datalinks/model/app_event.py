"""App events: what happens in the product that a workspace belongs to, told by its own server.

A type is one kind of event of the whole workspace; a subscription is a type for one customer; an event launches flows.
"""

from datetime import datetime

import msgspec
from msgspec import UNSET, UnsetType

from datalinks.model.element import Element, ElementDraft, Moment
from datalinks.model.error_data import ErrorData
from datalinks.model.record import Json, JsonObject, Optional, Record
from datalinks.model.references import CustomerRef

# How many events one request may bring.
MAX_EVENTS = 1_000


class AppEventType(Element, frozen=True, kw_only=True):
    """One kind of event of the workspace's product.

    schema, example: what an event looks like, for people and tools.
    subscribe_request: what asks the product to send events of a customer; formulas may stand in it. Admins only.
    tenant_id_formula, user_id_formula: make of an event the internal id of its customer.
    webhook_key: whoever knows it may send events; empty for customers. global_webhook_uri: where events are sent to.
    """

    schema: JsonObject | None = None
    example: Json = None
    subscribe_request: JsonObject | None = None
    tenant_id_formula: Json = None
    user_id_formula: Json = None
    webhook_key: str
    global_webhook_uri: str = msgspec.field(default_factory=str)


class AppEventTypeDraft(ElementDraft, frozen=True, kw_only=True):
    """What may be written of a type of events.

    archived_at: a time archives, null restores, absent changes nothing.
    """

    schema: Optional[JsonObject] = UNSET
    example: Json | UnsetType = UNSET
    subscribe_request: Optional[JsonObject] = UNSET
    tenant_id_formula: Json | UnsetType = UNSET
    user_id_formula: Json | UnsetType = UNSET
    archived_at: Optional[Moment] = UNSET


class AppEventSubscription(Element, frozen=True, kw_only=True):
    """A type of events for one customer, and possibly one ``instance_key``; name and key are its type's.

    webhook_uri: where events of this customer are sent to, without saying whose they are.
    is_subscribed: the product was asked for the customer's events, or need not be.
    subscription_request, subscription_response: what it was asked, and what it answered; for admins only. The request of
    one that was not asked, or must not be seen, has an empty ``uri``.
    user_id and tenant_id both name the customer.
    """

    app_event_type_id: str
    user_id: str
    tenant_id: str
    user: CustomerRef
    instance_key: str | None = None
    is_subscribed: bool
    schema: JsonObject | None = None
    webhook_key: str
    webhook_uri: str = msgspec.field(default_factory=str)
    subscription_request: JsonObject = msgspec.field(default_factory=lambda: {"uri": ""})
    subscription_response: Json = None
    errors: list[ErrorData] | None = None


class AppEvent(Record, frozen=True, kw_only=True):
    """An event that was accepted. launched_flow_run_ids: the runs that it launched, which other events may have launched too.

    user_id and tenant_id both name the customer.
    """

    id: str
    name: str
    app_event_type_id: str
    app_event_subscription_id: str
    user_id: str
    tenant_id: str
    user: CustomerRef
    event: Json
    datetime: datetime
    launched_flow_run_ids: list[str] = msgspec.field(default_factory=list[str])


class RejectedAppEvent(Record, frozen=True, kw_only=True):
    """An event that was not accepted. index: its place in the batch, from 0. key: the error's, as in the error envelope."""

    index: int
    key: str
    message: str


class AppEventsReceipt(Record, frozen=True, kw_only=True):
    """What came of the events of one request. ids: of those accepted, in their order. rejected: the others, and why."""

    accepted: int
    ids: list[str]
    rejected: list[RejectedAppEvent]
