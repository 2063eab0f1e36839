"""What writing an element's draft would change of the element that is there."""

from typing import Any

from msgspec import UNSET

from datalinks.model.element import ElementDraft
from datalinks.model.flow import Flow
from datalinks.model.record import JsonObject
from datalinks.services.flow_layers import is_same
from datalinks.store.flows import FOLLOWED
from datalinks.workspace_files.kinds import FLOWS, FileKind

_NEVER_EMPTIED = frozenset({"key", "name", "uuid"})
# What stands for nothing where there must be a value.
_DEFAULTS: JsonObject = {"logo_uri": "", "nodes": {}, "auto_create_instances": False}


def changed_properties(
    kind: FileKind, draft: ElementDraft, current: Any, universal: Flow | None, *, replaces: bool
) -> list[str]:
    """The properties that would be others. universal: the flow that it follows.

    replaces: what the draft leaves out is emptied, or followed again.
    """
    changed: list[str] = []
    for name, field in kind.fields().items():
        value = getattr(draft, field)
        is_kept = field in _NEVER_EMPTIED or not replaces
        if (value is UNSET and is_kept) or (value is None and field in _NEVER_EMPTIED):
            continue
        if not is_same(_as_kept(field, value, universal), getattr(current, field)):
            changed.append(name)
    return changed


def overruled_properties(draft: ElementDraft, universal: Flow) -> tuple[list[str], dict[str, Any]]:
    """What a flow's draft says otherwise than the universal flow, and the draft's fields without all that is followed."""
    names = {field: name for name, field in FLOWS.fields().items()}
    given = {field: value for field in FOLLOWED if (value := getattr(draft, field)) is not UNSET}
    others = [
        names[field]
        for field, value in given.items()
        if not is_same(_as_kept(field, value, universal), getattr(universal, field))
    ]
    return others, dict.fromkeys(given, UNSET)


def _as_kept(field: str, value: Any, universal: Flow | None) -> Any:
    if value is UNSET or value is None:
        follows = universal is not None and field in FOLLOWED
        return getattr(universal, field) if follows else _DEFAULTS.get(field)
    if field == "nodes":
        return {key: node.as_json() for key, node in value.items()}
    return str(value) if field == "uuid" else value
