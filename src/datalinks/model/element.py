"""Elements: the named things of a workspace that share one life (create, change, archive, restore)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID, uuid4

from msgspec import UNSET, Meta

from datalinks.model.record import Draft, JsonObject, Key, Name, Optional, Record, Text

READY = "READY"


class Element(Record, frozen=True, kw_only=True):
    """What every element has.

    state: ``READY``; other states belong to elements that need setting up.
    revision: opaque, another one after every change.
    archived_at: None while the element is live; is_deactivated says the same as a boolean.
    """

    id: str
    name: str
    key: str
    uuid: str | None = None
    description: str | None = None
    meta: JsonObject | None = None
    state: str
    revision: str
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None
    is_deactivated: bool


class ElementDraft(Draft, frozen=True, kw_only=True):
    """The fields of every element that a caller may write."""

    key: Optional[Key] = UNSET
    name: Optional[Name] = UNSET
    uuid: Optional[UUID] = UNSET
    description: Optional[Text] = UNSET
    meta: Optional[JsonObject] = UNSET


Moment = Annotated[datetime, Meta(tz=True)]


def new_uuid() -> str:
    """A uuid for an element whose draft brings none."""
    return str(uuid4())
