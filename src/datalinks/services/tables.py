"""Data link tables: read by everyone of a workspace, written by its admins."""

from datalinks.ids import Clock
from datalinks.model.page import Listing, Page
from datalinks.model.table import DataLinkTable, DataLinkTableDraft, DataLinkTableExport
from datalinks.services.caller import Caller
from datalinks.services.elements import Elements, Kind
from datalinks.store import tables
from datalinks.store.database import Database

KIND = Kind(
    noun="data link table",
    record=DataLinkTable,
    find=tables.find_table,
    list_page=tables.list_tables,
    insert=tables.insert_table,
    update=tables.update_table,
)


class Tables:
    """The tables of the caller's workspace. See ``Elements`` for what each method raises."""

    def __init__(self, database: Database, clock: Clock, customers_may_write: bool) -> None:
        self.elements = Elements(KIND, database, clock)
        self._customers_may_write = customers_may_write

    async def list_page(self, caller: Caller, listing: Listing) -> Page[DataLinkTable]:
        """A page of tables, newest first."""
        return await self.elements.list_page(caller, listing)

    async def get(self, caller: Caller, selector: str) -> DataLinkTable:
        """The table with this id, key or uuid, archived or not."""
        return await self.elements.get(caller, selector)

    async def create(self, caller: Caller, draft: DataLinkTableDraft) -> DataLinkTable:
        """A new table.

        Raises:
            AccessDenied: a customer may not.
        """
        self._check_may_write(caller)
        return await self.elements.create(caller, draft)

    async def put(self, caller: Caller, selector: str, draft: DataLinkTableDraft) -> DataLinkTable:
        """Replace what may be written of a table.

        Raises:
            AccessDenied: a customer may not.
        """
        self._check_may_write(caller)
        return await self.elements.put(caller, selector, draft)

    async def patch(self, caller: Caller, selector: str, draft: DataLinkTableDraft) -> DataLinkTable:
        """Change what the draft has.

        Raises:
            AccessDenied: a customer may not.
        """
        self._check_may_write(caller)
        return await self.elements.patch(caller, selector, draft)

    async def archive(self, caller: Caller, selector: str) -> DataLinkTable:
        """Hide a table with its instances and links.

        Raises:
            AccessDenied: a customer may not.
        """
        self._check_may_write(caller)
        return await self.elements.archive(caller, selector)

    async def restore(self, caller: Caller, selector: str) -> DataLinkTable:
        """Bring a table back with its instances and links.

        Raises:
            AccessDenied: a customer may not.
        """
        self._check_may_write(caller)
        return await self.elements.restore(caller, selector)

    async def export(self, caller: Caller, selector: str, instance_key: str | None = None) -> DataLinkTableExport:
        """A table, or its instance with a key, without what belongs to this server, to be created elsewhere."""
        table = await self.elements.get(caller, selector)
        assert table.uuid is not None, "every table has a uuid from its creation on"
        return DataLinkTableExport(
            uuid=table.uuid,
            key=table.key,
            name=table.name,
            description=table.description,
            meta=table.meta,
            instance_key=instance_key,
        )

    def _check_may_write(self, caller: Caller) -> None:
        if not self._customers_may_write:
            caller.require_admin("Changing data link tables")
