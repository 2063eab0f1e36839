"""Every kind of node there is, and those that flows of the reference product have and this server does not."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from datalinks.flows import nodes
from datalinks.flows.node import NodeKind

_NO_SOURCE = "Nodes of this type work on data collections, and no data source is available."
_NO_CONNECTOR = "Nodes of this type work through a connector, and there are none here."
UNAVAILABLE: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "data-record-created-trigger",
            "data-record-updated-trigger",
            "data-record-deleted-trigger",
            "list-data-records",
            "find-data-records",
            "find-data-record-by-id",
            "lookup-data-record",
            "search-data-records",
            "find-or-create-data-record",
            "create-data-record",
            "update-data-record",
            "delete-data-record",
        ),
        _NO_SOURCE,
    ),
    "connector-event-trigger": _NO_CONNECTOR,
    "integration-specific-operation": _NO_CONNECTOR,
    "run-action": "Nodes of this type run actions, and there are none here.",
}


@cache
def kinds() -> Mapping[str, NodeKind]:
    """The kinds by their types: each class of a module in ``nodes/`` that has a type."""
    modules = [import_module(f"{nodes.__name__}.{module.name}") for module in iter_modules(nodes.__path__)]
    found = [each for module in modules for each in vars(module).values() if _is_kind(each, module.__name__)]
    known: dict[str, NodeKind] = {kind.type: kind() for kind in found}
    return known | {alias: kind for kind in known.values() for alias in kind.aliases}


def _is_kind(found: Any, module: str) -> bool:
    return (
        isinstance(found, type) and issubclass(found, NodeKind) and found.__module__ == module and "type" in vars(found)
    )
