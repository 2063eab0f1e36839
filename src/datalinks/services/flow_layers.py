"""What a layer of a flow has changed, carried over to what the layer below has become."""

from typing import Any

import msgspec

from datalinks.formulas.transforms import is_formula, merge_with_formulas
from datalinks.formulas.values import UNDEFINED, is_object
from datalinks.model.flow import Flow
from datalinks.model.record import JsonObject
from datalinks.store.flows import FOLLOWED


def is_same(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON, to the order of keys: formulas depend on it."""
    if one is UNDEFINED or other is UNDEFINED:
        return one is other
    return msgspec.json.encode(one) == msgspec.json.encode(other)


def rebased(base: Any, own: Any, below: Any) -> Any:
    """What was made of ``base`` by changing it to ``own``, made of ``below`` instead; UNDEFINED is a member that is not there.

    What only one of the two has changed is as that one has it. Where both have, objects are gone through member by member,
    and all else is merged with ``own`` on top.
    """
    if is_same(own, base):
        return below
    if is_same(below, base) or below is UNDEFINED or own is UNDEFINED:
        return own
    if not (_is_plain(own) and _is_plain(below)):
        return merge_with_formulas(below, own)
    old: JsonObject = base if _is_plain(base) else {}
    members = {
        key: rebased(old.get(key, UNDEFINED), own.get(key, UNDEFINED), below.get(key, UNDEFINED))
        for key in {**below, **own}
    }
    return {key: member for key, member in members.items() if member is not UNDEFINED}


def _is_plain(value: Any) -> bool:
    return is_object(value) and not is_formula(value)


def followed(flow: Flow) -> dict[str, Any]:
    """The values that flows take from their universal one."""
    return {name: getattr(flow, name) for name in FOLLOWED}


def following(flow: Flow, before: Flow, after: Flow) -> dict[str, Any]:
    """The values of an integration's flow once the universal one that it follows has changed."""
    values = {
        name: rebased(getattr(before, name), getattr(flow, name), value) for name, value in followed(after).items()
    }
    # Their key is one, so that both are found by it.
    return {**values, "key": after.key if flow.key == before.key else flow.key}
