"""The kinds of elements that stand in files, and the folders they stand in."""

from dataclasses import dataclass
from typing import Any

import msgspec

from datalinks.model.app_event import AppEventTypeDraft
from datalinks.model.element import ElementDraft
from datalinks.model.flow import FlowDraft
from datalinks.model.integration import IntegrationDraft
from datalinks.model.record import JsonObject
from datalinks.model.table import DataLinkTableDraft

_COMMON = ("key", "name", "uuid", "description", "meta")
# What a server tells of an element, and decides itself.
_OF_SERVER = frozenset(
    {
        *("id", "workspaceId", "state", "errors", "revision", "parentRevision", "createdAt", "updatedAt"),
        *("isDeactivated", "isReadOnly", "archivedAt"),
    }
)


@dataclass(frozen=True, slots=True)
class FileKind:
    """One kind of element.

    folder: the name of its folder. properties: what files say of it, in their order. secret: what exports leave out.
    of_server: properties that are read over without a word. is_layered: integrations have elements of it of their own.
    """

    folder: str
    noun: str
    draft: type[ElementDraft]
    properties: tuple[str, ...]
    of_server: frozenset[str]
    secret: frozenset[str] = frozenset()
    is_layered: bool = False

    def fields(self) -> dict[str, str]:
        """The names of the draft's fields by the properties of files."""
        names = {field.encode_name: field.name for field in msgspec.structs.fields(self.draft)}
        return {each: names[each] for each in self.properties}

    def exported(self, element: Any) -> JsonObject:
        """What a file says of an element."""
        written: JsonObject = msgspec.to_builtins(element)
        return {name: written[name] for name in self.properties if name in written and name not in self.secret}


INTEGRATIONS = FileKind(
    folder="integrations",
    noun="integration",
    draft=IntegrationDraft,
    properties=(
        *_COMMON,
        *("logoUri", "baseUri", "connectorId", "connectorVersion", "externalAppId", "appUuid", "oAuthCallbackUri"),
        *("authType", "auth", "allowedHosts", "optionsConfig", "parameters"),
    ),
    of_server=_OF_SERVER
    | {
        *("connection", "hasMissingParameters", "hasDocumentation", "hasOperations", "hasData", "hasEvents", "hasUdm"),
        *("hasGlobalWebhooks", "operationsCount", "dataCollectionsCount", "eventsCount"),
    },
    # Where settings of an app are kept, its keys are too.
    secret=frozenset({"parameters"}),
)
TABLES = FileKind("data-link-tables", "data link table", DataLinkTableDraft, _COMMON, _OF_SERVER)
APP_EVENT_TYPES = FileKind(
    folder="app-event-types",
    noun="app event type",
    draft=AppEventTypeDraft,
    properties=(*_COMMON, "schema", "example", "subscribeRequest", "tenantIdFormula", "userIdFormula"),
    of_server=_OF_SERVER | {"webhookKey", "globalWebhookUri"},
)
FLOWS = FileKind(
    folder="flows",
    noun="flow",
    draft=FlowDraft,
    properties=(*_COMMON, "parametersSchema", "autoCreateInstances", "nodes"),
    of_server=_OF_SERVER
    | {
        *("integration", "integrationId", "integrationKey", "integrationUuid", "universalFlowId"),
        *("universalFlowRevision", "parentId", "parentKey", "parentUuid"),
        *("customized", "isCustomized", "appliedToIntegrations", "isDeployed"),
    },
    is_layered=True,
)
# In the order in which they need each other.
KINDS = (INTEGRATIONS, TABLES, APP_EVENT_TYPES, FLOWS)

_FOREIGN = {
    "actions": "actions",
    "app-data-schemas": "app data schemas",
    "connectors": "connectors",
    "customers": "customers in files",
    "data-sources": "data sources",
    "external-apps": "external apps in files",
    "field-mappings": "field mappings",
    "packages": "packages",
    "scenarios": "scenarios",
    "screens": "screens",
}


def _spellings(folder: str) -> tuple[str, str]:
    """The name of a folder, and as older repositories write it: ``data-link-tables`` and ``dataLinkTables``."""
    first, *others = folder.split("-")
    return folder, first + "".join(each.capitalize() for each in others)


KINDS_BY_FOLDER = {spelling: kind for kind in KINDS for spelling in _spellings(kind.folder)}
FOREIGN_BY_FOLDER = {spelling: noun for folder, noun in _FOREIGN.items() for spelling in _spellings(folder)}
