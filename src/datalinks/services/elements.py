"""The life that elements share: created, found by id, key or uuid, changed, archived and restored.

What differs between kinds of elements is a ``Kind``; who may write is the business of the service that has it.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import msgspec

from datalinks.errors import AlreadyExists, BadRequest, NotFound
from datalinks.ids import Clock, as_datetime, is_id, new_id
from datalinks.model.element import READY, Element, ElementDraft, new_uuid
from datalinks.model.keys import key_candidates
from datalinks.model.page import Listing, Page, after_id, page_of
from datalinks.services.caller import Caller
from datalinks.store.database import Database, Reader, Transaction, UniqueViolation
from datalinks.store.workspaces import changing

E = TypeVar("E", bound=Element)

# Fields a body can change but never clear: null or absent leaves them as they are.
_NEVER_NULL = frozenset({"key", "name", "uuid"})


@dataclass(frozen=True, slots=True)
class Kind(Generic[E]):
    """One kind of element: its store functions, and the values of fields that must have one.

    noun: what messages call it.
    """

    noun: str
    record: type[E]
    find: Callable[..., Awaitable[E | None]]
    list_page: Callable[..., Awaitable[list[E]]]
    insert: Callable[[Transaction, str, E], Awaitable[None]]
    update: Callable[[Transaction, str, E], Awaitable[None]]
    defaults: Mapping[str, Any] = field(default_factory=dict[str, Any])


class Elements(Generic[E]):
    """The life of one kind of element. Callers have checked rights; everything stays in the caller's workspace."""

    def __init__(self, kind: Kind[E], database: Database, clock: Clock) -> None:
        self._kind = kind
        self._database = database
        self._clock = clock

    async def list_page(self, caller: Caller, listing: Listing) -> Page[E]:
        """A page of elements, newest first.

        Raises:
            BadRequest: an unknown cursor.
        """
        found = await self._kind.list_page(
            self._database,
            caller.workspace_id,
            limit=listing.limit + 1,
            after=after_id(listing.cursor),
            live=not listing.include_archived,
            search=listing.search,
        )
        return page_of(found, listing.limit, lambda element: element.id)

    async def find(self, reader: Reader, caller: Caller, selector: str) -> E | None:
        """The element with this id, key or uuid, archived or not, or None; of several with one key the live one."""
        if is_id(selector) and (found := await self._kind.find(reader, caller.workspace_id, id=selector)):
            return found
        return await self._kind.find(reader, caller.workspace_id, key=selector) or await self._kind.find(
            reader, caller.workspace_id, uuid=selector
        )

    async def get(self, caller: Caller, selector: str, reader: Reader | None = None) -> E:
        """The element with this id, key or uuid, archived or not.

        Raises:
            NotFound: there is none.
        """
        found = await self.find(reader or self._database, caller, selector)
        if found is None:
            raise self.not_found(selector)
        return found

    def not_found(self, selector: str) -> NotFound:
        """The error for an element that is not there."""
        return NotFound(f"There is no {self._kind.noun} with the id, key or uuid {selector[:200]!r}.")

    async def get_live(self, caller: Caller, selector: str) -> E:
        """The live element with this id, key or uuid: what other things can be reached through.

        Raises:
            NotFound: there is none, or it is archived.
        """
        found = await self.get(caller, selector)
        if found.archived_at is not None:
            raise NotFound(f"The {self._kind.noun} {selector[:200]!r} is archived: restore it first.")
        return found

    async def create(self, caller: Caller, draft: ElementDraft, beneath: Mapping[str, Any] | None = None) -> E:
        """A new element. A missing key is made from the name, a missing name is the key.

        beneath: values of the record where the draft has none.

        Raises:
            BadRequest: neither name nor key. AlreadyExists: a live one has the key or uuid.
        """
        given = {**(beneath or {}), **self._writable(draft)}
        name = given.get("name") or given.get("key")
        if name is None:
            raise BadRequest(f"Give the new {self._kind.noun} a name or a key.", {"path": "$.name"})
        keys: Iterable[str] = [given["key"]] if given.get("key") else key_candidates(name)
        for key in keys:
            element = self._new({**given, "name": name, "key": key})
            try:
                # A transaction for each key, as the first refusal ends it.
                async with self._database.transaction() as tx:
                    await self._kind.insert(tx, caller.workspace_id, element)
                return element
            except UniqueViolation as error:
                if given.get("key") or "uuid" in error.where:
                    raise self._taken(element) from error
        raise AlreadyExists(f"Every key made from the name {name!r} is taken: give a key.")

    async def put(self, caller: Caller, selector: str, draft: ElementDraft) -> E:
        """Replace what may be written; fields the draft leaves out are emptied, but key, name and uuid stay.

        Raises:
            NotFound: there is none. BadRequest: it is archived. AlreadyExists: another live one has the key or uuid.
        """
        return await self._change(caller, selector, {**self._cleared(draft), **self._writable(draft)})

    async def patch(self, caller: Caller, selector: str, draft: ElementDraft) -> E:
        """Change the fields that the draft has.

        Raises:
            NotFound: there is none. BadRequest: it is archived. AlreadyExists: another live one has the key or uuid.
        """
        return await self._change(caller, selector, self._writable(draft))

    async def archive(self, caller: Caller, selector: str) -> E:
        """Hide the element and keep it; one that is archived already stays as it is.

        Raises:
            NotFound: there is none.
        """
        return await self._set_archived(caller, selector, as_datetime(self._clock.now()))

    async def restore(self, caller: Caller, selector: str) -> E:
        """Bring an archived element back; a live one stays as it is.

        Raises:
            NotFound: there is none. AlreadyExists: a live one has taken its key or uuid.
        """
        return await self._set_archived(caller, selector, None)

    async def _change(self, caller: Caller, selector: str, values: Mapping[str, Any]) -> E:
        async with changing(self._database, caller.workspace_id) as tx:
            current = await self.get(caller, selector, tx)
            if current.archived_at is not None and "archived_at" not in values:
                raise BadRequest(f"The {self._kind.noun} {selector[:200]!r} is archived: restore it first.")
            return await self._update(tx, caller, current, values)

    async def _set_archived(self, caller: Caller, selector: str, archived_at: datetime | None) -> E:
        async with changing(self._database, caller.workspace_id) as tx:
            current = await self.get(caller, selector, tx)
            if (current.archived_at is None) == (archived_at is None):
                return current
            return await self._update(tx, caller, current, {"archived_at": archived_at})

    async def _update(self, tx: Transaction, caller: Caller, current: E, values: Mapping[str, Any]) -> E:
        now = self._clock.now()
        changed = msgspec.structs.replace(current, **values, updated_at=as_datetime(now), revision=new_id(now))
        changed = msgspec.structs.replace(changed, is_deactivated=changed.archived_at is not None)
        try:
            await self._kind.update(tx, caller.workspace_id, changed)
        except UniqueViolation as error:
            raise self._taken(changed) from error
        return changed

    def _new(self, values: Mapping[str, Any]) -> E:
        now = self._clock.now()
        moment = as_datetime(now)
        fields: dict[str, Any] = {"uuid": new_uuid(), **self._kind.defaults, **values}
        return self._kind.record(
            **fields,
            id=new_id(now),
            state=READY,
            revision=new_id(now),
            created_at=moment,
            updated_at=moment,
            is_deactivated=fields.get("archived_at") is not None,
        )

    def _fields(self, draft: ElementDraft) -> set[str]:
        return set(draft.__struct_fields__) & set(self._kind.record.__struct_fields__)

    def _writable(self, draft: ElementDraft) -> dict[str, Any]:
        """The values of the record's fields that the draft has; null stands for the default where one must be."""
        fields = self._fields(draft)
        values = {name: value for name, value in draft.given().items() if name in fields}
        for name in _NEVER_NULL & values.keys():
            if values[name] is None:
                del values[name]
        for name in self._kind.defaults.keys() & values.keys():
            if values[name] is None:
                values[name] = self._kind.defaults[name]
        if "uuid" in values:
            values["uuid"] = str(values["uuid"])
        if values.get("archived_at") is not None:
            values["archived_at"] = _utc(values["archived_at"])
        return values

    def _cleared(self, draft: ElementDraft) -> dict[str, Any]:
        """The values of a replacement for what its draft leaves out."""
        names = self._fields(draft) - _NEVER_NULL - {"archived_at"}
        return {name: self._kind.defaults.get(name) for name in names}

    def _taken(self, element: E) -> AlreadyExists:
        return AlreadyExists(
            f"There is a live {self._kind.noun} with the key {element.key!r} or the uuid {element.uuid} already.",
            {"path": "$.key"},
        )


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise BadRequest("The time lies outside the years 1 to 9999 in UTC.", {"path": "$.archivedAt"}) from error
