"""The live elements of a workspace that stand in files."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from datalinks.model.app_event import AppEventType
from datalinks.model.flow import Flow
from datalinks.model.integration import Integration
from datalinks.model.page import MAX_LIMIT, Listing, Page
from datalinks.model.table import DataLinkTable
from datalinks.services.caller import Caller
from datalinks.services.flows import FlowFilter
from datalinks.services.services import Services

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Catalog:
    """Every element of each kind."""

    integrations: list[Integration]
    tables: list[DataLinkTable]
    app_event_types: list[AppEventType]
    flows: list[Flow]


async def read_catalog(services: Services, caller: Caller) -> Catalog:
    """The live elements of the caller's workspace."""
    return Catalog(
        await read_all(lambda listing: services.integrations.list_page(caller, listing)),
        await read_all(lambda listing: services.tables.list_page(caller, listing)),
        await read_all(lambda listing: services.app_event_types.list_page(caller, listing)),
        await read_all(lambda listing: services.flows.list_page(caller, listing, FlowFilter())),
    )


async def read_all(list_page: Callable[[Listing], Awaitable[Page[T]]]) -> list[T]:
    """The items of all pages."""
    items: list[T] = []
    cursor: str | None = None
    while True:
        page = await list_page(Listing(limit=MAX_LIMIT, cursor=cursor))
        items += page.items
        if page.cursor is None:
            return items
        cursor = page.cursor
