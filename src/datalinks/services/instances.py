"""Table instances: a table for one connection, which comes into being when it is first needed."""

from dataclasses import dataclass

import msgspec

from datalinks.errors import BadRequest, NotFound
from datalinks.ids import Clock, is_id
from datalinks.model.connection import Connection
from datalinks.model.page import Listing, Page, after_id, page_of
from datalinks.model.record import InternalId
from datalinks.model.table import DataLinkTable, DataLinkTableInstance
from datalinks.services.caller import Caller
from datalinks.services.connection_finder import ConnectionFinder, ConnectionSelector
from datalinks.services.memory import Memory
from datalinks.services.tables import Tables
from datalinks.store import instances
from datalinks.store.database import Database
from datalinks.store.instances import InstanceNo, KeptInstance
from datalinks.store.workspaces import changing


class InstanceSelector(ConnectionSelector, frozen=True, kw_only=True):
    """Which instance is meant: by its id, or by table and connection.

    id: the instance; nothing else is needed then.
    data_link_table_id, data_link_table_key: the table.
    parent_id, parent_key: other names of the table's id and key.
    instance_key: which of several instances of one table and connection; without it, the one that has none.
    auto_create: make the instance if there is none.
    """

    id: str | None = None
    data_link_table_id: str | None = None
    data_link_table_key: str | None = None
    parent_id: str | None = None
    parent_key: str | None = None
    instance_key: InternalId | None = None
    auto_create: bool = False

    @property
    def table(self) -> str | None:
        """The selector of the table, or None."""
        return self.data_link_table_id or self.data_link_table_key or self.parent_id or self.parent_key


class InstanceFilter(ConnectionSelector, frozen=True, kw_only=True):
    """Which instances a list shows; every filter given must match."""

    id: str | None = None
    data_link_table_id: str | None = None
    data_link_table_key: str | None = None
    instance_key: str | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """What an instance is made of: a live table and a live connection that the caller may see."""

    table: DataLinkTable
    connection: Connection
    instance_key: str | None


class Instances:
    """The instances of the connections that a caller may see."""

    def __init__(self, database: Database, tables: Tables, finder: ConnectionFinder, clock: Clock) -> None:
        self._database = database
        self._tables = tables
        self._finder = finder
        self._clock = clock
        self._resolved = Memory()
        self._of_tables = Memory()

    async def list_page(self, caller: Caller, listing: Listing, wanted: InstanceFilter) -> Page[DataLinkTableInstance]:
        """A page of instances, newest first.

        Raises:
            NotFound: there is no such customer. BadRequest: an unknown cursor.
        """
        customer_id = await self._finder.owner_scope(caller, wanted.user_id or wanted.tenant_id)
        found = await instances.list_instances(
            self._database,
            caller.workspace_id,
            limit=listing.limit + 1,
            after=after_id(listing.cursor),
            live=not listing.include_archived,
            search=listing.search,
            id=wanted.id,
            table_id=wanted.data_link_table_id,
            table_key=wanted.data_link_table_key,
            connection_id=wanted.connection_id,
            connection_key=wanted.connection_key,
            customer_id=customer_id,
            integration_id=wanted.integration_id,
            integration_key=wanted.integration_key,
            instance_key=wanted.instance_key,
        )
        page = page_of(found, listing.limit, lambda kept: kept.instance.id)
        return Page([kept.instance for kept in page.items], page.cursor)

    async def get(self, caller: Caller, wanted: InstanceSelector) -> DataLinkTableInstance:
        """The instance that is meant, archived or not; made now if there is none and ``auto_create`` says so.

        Raises:
            NotFound: table, connection or instance are not there. BadRequest: the selector is incomplete or not clear.
        """
        if wanted.id is not None:
            return (await self._kept(caller, wanted.id)).instance
        pair = await self._pair(caller, wanted)
        found = await self._find(pair)
        if found is None:
            if not wanted.auto_create:
                raise _missing(pair)
            found = await self._put(caller, pair)
        return (await self._kept(caller, found.id)).instance

    async def find(self, caller: Caller, id: str) -> DataLinkTableInstance | None:
        """The instance with this id, archived or not, or None."""
        # Asked for every table that a path names, mostly by key.
        if not is_id(id):
            return None
        kept = await self._find_kept(caller, id=id)
        return kept and kept.instance

    async def create(self, caller: Caller, wanted: InstanceSelector) -> DataLinkTableInstance:
        """The instance that is meant, made now if there is none, and restored if it was archived.

        Raises:
            NotFound: table or connection are not there. BadRequest: the selector is incomplete or not clear.
        """
        if wanted.id is not None:
            return await self.restore(caller, wanted)
        pair = await self._pair(caller, wanted)
        made = await self._put(caller, pair)
        if made.is_archived:
            await self._set_archived(caller, made.id, None)
        return (await self._kept(caller, made.id)).instance

    async def archive(self, caller: Caller, wanted: InstanceSelector) -> DataLinkTableInstance:
        """Hide an instance and its links; one that is archived already stays as it is.

        Raises:
            NotFound: there is no such instance.
        """
        instance = await self.get(caller, wanted)
        if instance.archived_at is None:
            await self._set_archived(caller, instance.id, self._clock.now())
        return (await self._kept(caller, instance.id)).instance

    async def restore(self, caller: Caller, wanted: InstanceSelector) -> DataLinkTableInstance:
        """Bring an instance back with its links; a live one stays as it is.

        Raises:
            NotFound: there is no such instance.
        """
        instance = await self.get(caller, wanted)
        if instance.archived_at is not None:
            await self._set_archived(caller, instance.id, None)
        return (await self._kept(caller, instance.id)).instance

    async def resolve(self, caller: Caller, wanted: InstanceSelector) -> InstanceNo:
        """The visible instance whose links are meant, made now if its table and connection are there.

        Raises:
            NotFound: table or connection are not there, or anything the instance hangs on is archived.
            BadRequest: the selector is incomplete or not clear.
        """
        return await self._resolved.recall(caller, wanted, lambda: self._resolve(caller, wanted))

    async def find_resolved(self, caller: Caller, wanted: InstanceSelector) -> InstanceNo | None:
        """As ``resolve`` for a table and a connection's id, but nothing is made: None if there is none or it is hidden."""
        return await self._resolved.recall(caller, wanted, lambda: self._find_usual(caller, wanted))

    async def of_table(self, caller: Caller, selector: str, wanted: InstanceSelector) -> InstanceSelector:
        """What a path of a table means: its selector names the instance itself, or the table that the query completes.

        Raises:
            NotFound: the query names an instance that is none of the table's, or there is no such table.
        """
        return await self._of_tables.recall(
            caller, (selector, wanted), lambda: self._of_table(caller, selector, wanted)
        )

    async def _of_table(self, caller: Caller, selector: str, wanted: InstanceSelector) -> InstanceSelector:
        found = await self.find(caller, wanted.id or selector)
        if wanted.id is not None:
            table = await self._tables.get(caller, selector)
            if found is None or found.data_link_table_id != table.id:
                raise NotFound(f"The table {selector[:200]!r} has no instance with the id {wanted.id[:200]!r}.")
        return msgspec.structs.replace(wanted, id=found and found.id, data_link_table_id=selector)

    async def _resolve(self, caller: Caller, wanted: InstanceSelector) -> InstanceNo:
        if wanted.id is not None:
            return _visible(await self._kept(caller, wanted.id))
        if (usual := await self._find_usual(caller, wanted)) is not None:
            return usual
        # Step by step, which makes what is missing, or says what it is that cannot be made.
        pair = await self._pair(caller, wanted)
        found = await self._find(pair) or await self._put(caller, pair)
        if found.is_archived:
            raise _hidden("instance")
        return found

    async def _find_usual(self, caller: Caller, wanted: InstanceSelector) -> InstanceNo | None:
        """The instance that nearly every link request means, in one query; None if it is not there or named otherwise."""
        if wanted.table is None or wanted.connection_id is None:
            return None
        if wanted.connection_key or wanted.integration_id or wanted.integration_key:
            return None
        by_id = is_id(wanted.table)
        return await instances.find_visible_instance_no(
            self._database,
            caller.workspace_id,
            wanted.connection_id,
            wanted.instance_key,
            table_id=wanted.table if by_id else None,
            table_key=None if by_id else wanted.table,
            customer_id=await self._finder.owner_scope(caller, wanted.user_id or wanted.tenant_id),
        )

    async def find_by_no(self, caller: Caller, no: int) -> InstanceNo | None:
        """The visible instance with this number in its links' ids, or None."""
        kept = await self._find_kept(caller, no=no)
        return _visible(kept) if kept is not None and kept.hidden_by is None else None

    async def _pair(self, caller: Caller, wanted: InstanceSelector) -> Pair:
        if wanted.table is None:
            raise BadRequest("Say which table: give dataLinkTableKey or dataLinkTableId.")
        table = await self._tables.elements.get_live(caller, wanted.table)
        connection = await self._finder.select(caller, wanted)
        return Pair(table, connection, wanted.instance_key)

    async def _find(self, pair: Pair) -> InstanceNo | None:
        return await instances.find_instance_no(self._database, pair.table.id, pair.connection.id, pair.instance_key)

    async def _put(self, caller: Caller, pair: Pair) -> InstanceNo:
        async with self._database.transaction() as tx:
            return await instances.put_instance(
                tx, caller.workspace_id, pair.table, pair.connection, pair.instance_key, self._clock.now()
            )

    async def _find_kept(self, caller: Caller, *, id: str | None = None, no: int | None = None) -> KeptInstance | None:
        return await instances.find_instance(
            self._database, caller.workspace_id, id=id, no=no, customer_id=caller.customer_scope
        )

    async def _kept(self, caller: Caller, id: str) -> KeptInstance:
        kept = await self._find_kept(caller, id=id)
        if kept is None:
            raise NotFound(f"There is no data link table instance with the id {id[:200]!r}.")
        return kept

    async def _set_archived(self, caller: Caller, id: str, archived_at: int | None) -> None:
        async with changing(self._database, caller.workspace_id) as tx:
            await instances.archive_instance(tx, caller.workspace_id, id, archived_at, self._clock.now())


def _visible(kept: KeptInstance) -> InstanceNo:
    if kept.hidden_by is not None:
        raise _hidden(kept.hidden_by)
    return InstanceNo(kept.instance.id, kept.no, is_archived=False)


def _hidden(what: str) -> NotFound:
    return NotFound(f"These links are hidden, as their {what} is archived: restore it first.")


def _missing(pair: Pair) -> NotFound:
    return NotFound(
        f"The table {pair.table.key!r} has no instance for the connection {pair.connection.id} yet: "
        "create it, or send autoCreate=true."
    )
