"""What the reference product's command line asks for besides data link tables.

Kinds of elements that this server does not have yet are lists without items, so that a pull or push of a whole workspace works.
"""

from datalinks.api.queries import ListQuery
from datalinks.model.page import Page
from datalinks.model.record import JsonObject, Record
from datalinks.services.caller import Caller

# Kinds of elements that the tools list, in the words of their paths.
EMPTY_KINDS = (
    "actions",
    "app-data-schemas",
    "data-sources",
    "field-mappings",
    "packages",
    "scenarios",
    "screens",
)


class Connector(Record, frozen=True, kw_only=True):
    """A connector by name only."""

    id: str
    name: str


class WorkspaceId(Record, frozen=True, kw_only=True):
    """The id of the workspace that a token belongs to."""

    id: str


async def get_workspace_id(caller: Caller) -> WorkspaceId:
    """The id of the token's workspace."""
    return WorkspaceId(id=caller.workspace_id)


async def list_connectors(caller: Caller) -> list[JsonObject]:
    """List connectors. Integrations here need none, so there are none."""
    return []


async def get_connector(caller: Caller, id: str) -> Connector:
    """Get the connector that an integration names. It has no content, so tools leave it as it is.

    The reference command line asks for every integration's connector, and gives up where there is none.
    """
    return Connector(id=id, name=id)


async def list_nothing(caller: Caller, page: ListQuery) -> Page[JsonObject]:
    """List elements of a kind that this server does not have: none."""
    return Page([])
