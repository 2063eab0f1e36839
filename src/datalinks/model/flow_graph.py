"""How the nodes of a flow hang together.

Nodes are JSON objects by their keys. ``links`` of a node name those that follow it; a for-each node also names the
first node of a flow of its own, ``config.rootNodeKey``, which runs for each item. Keys come in the order of JavaScript:
those that are whole numbers first. Links that are not understood are passed over.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any, TypeAlias

Nodes: TypeAlias = Mapping[str, Any]

# The only type with a flow of its own; its predecessor, for-each, has none.
_FOR_EACH = "for-each-v2"
# More keys than this come from so many ways through a graph that each is listed once instead.
_MOST_KEYS = 100_000
_LAST_INDEX = 2**32 - 2
# How many nodes are looked for at once, as bits of a number.
_AT_ONCE = 1024


def root_node_keys(nodes: Nodes | None) -> list[str]:
    """The keys of the nodes that nothing leads to."""
    nodes = nodes or {}
    followers = {key for node in nodes.values() for key in (*_link_keys(node), *_sub_flow_root(node))}
    return [key for key in _keys_in_order(nodes) if key not in followers]


def child_node_keys(nodes: Nodes | None, node_key: str) -> list[str]:
    """The keys of the nodes that a node links to, in its order and as often as it does."""
    nodes = nodes or {}
    return [key for key in _link_keys(nodes.get(node_key)) if _exists(nodes, key)]


def parent_node_keys(nodes: Nodes | None, node_key: str | None) -> list[str]:
    """The keys of the nodes that link to a node, which need not exist; with None, of those that link to null."""
    nodes = nodes or {}
    if node_key is None:
        return [key for key in _keys_in_order(nodes) if _links_to_null(nodes[key])]
    return list(_parents_by_key(nodes).get(node_key, ()))


def downstream_node_keys(nodes: Nodes | None, node_key: str) -> list[str]:
    """The keys of a node's children, and after them those of the children of each; no further."""
    children = child_node_keys(nodes, node_key)
    return children + [key for child in children for key in child_node_keys(nodes, child)]


def upstream_node_keys(nodes: Nodes | None, node_key: str) -> list[str]:
    """The keys of a node's parents, and after them those of the parents of each, up to the roots.

    A node that leads here on several ways is listed for each of them. When there are more than 100,000 keys to list, as
    in a cycle there are, each is listed once.
    """
    parents = _parents_by_key(nodes or {})
    upstream = list(dict.fromkeys(_walk_upstream(node_key, parents, once=True)))
    order = _in_order({key: parents.get(key, ()) for key in (node_key, *upstream)})
    if order is None or _count_upstream(order, parents)[node_key] > _MOST_KEYS:
        return upstream
    return list(_walk_upstream(node_key, parents, once=False))


def _walk_upstream(node_key: str, parents: Mapping[str, Sequence[str]], *, once: bool) -> Iterator[str]:
    waiting = [node_key]
    seen: set[str] = set()
    while waiting:
        key = waiting.pop()
        if once and key in seen:
            continue
        seen.add(key)
        yield from parents.get(key, ())
        waiting.extend(reversed(parents.get(key, ())))


def _count_upstream(order: Iterable[str], parents: Mapping[str, Sequence[str]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for key in order:
        # The numbers would grow without end; it is enough to know that there are too many.
        counts[key] = min(sum(1 + counts[parent] for parent in parents.get(key, ())), _MOST_KEYS + 1)
    return counts


def has_cycles(nodes: Nodes | None) -> bool:
    """Whether a flow leads back to where it has been.

    It also does when the links of a for-each node lead to something that its own flow leads to as well, and when
    something is no node.
    """
    nodes = nodes or {}
    followers = {key: _followers(nodes, key) for key in nodes}
    order = _in_order(followers)
    if order is None or not all(_exists(nodes, key) for key in nodes):
        return True
    counts = Counter(key for keys in followers.values() for key in keys)
    # Where two ways meet first, two links arrive.
    meeting = [key for key in order if counts[key] > 1]
    parts = (meeting[start : start + _AT_ONCE] for start in range(0, len(meeting), _AT_ONCE))
    return any(_leaves_own_flow(nodes, order, followers, part) for part in parts)


def _leaves_own_flow(
    nodes: Nodes, order: list[str], followers: Mapping[str, Sequence[str]], wanted: Sequence[str]
) -> bool:
    """Whether one of the nodes wanted is reached both by a for-each node's own flow and by its links."""
    bits = {key: 1 << index for index, key in enumerate(wanted)}
    reached: dict[str, int] = {}
    for key in order:
        inside = _united(reached, _sub_flow_root(nodes[key]))
        behind = _united(reached, child_node_keys(nodes, key))
        if inside & behind:
            return True
        reached[key] = bits.get(key, 0) | inside | behind
    return False


def _united(reached: Mapping[str, int], keys: Iterable[str]) -> int:
    united = 0
    for key in keys:
        united |= reached.get(key, 0)
    return united


def _followers(nodes: Nodes, key: str) -> list[str]:
    return [*(key for key in _sub_flow_root(nodes[key]) if _exists(nodes, key)), *child_node_keys(nodes, key)]


def _in_order(before: Mapping[str, Sequence[str]]) -> list[str] | None:
    """All keys, each after those that come before it; None if that cannot be, because of a cycle."""
    try:
        return list(TopologicalSorter(before).static_order())
    except CycleError:
        return None


def _parents_by_key(nodes: Nodes) -> dict[str, list[str]]:
    parents: dict[str, list[str]] = {}
    for parent in _keys_in_order(nodes):
        for key in dict.fromkeys(_link_keys(nodes[parent])):
            parents.setdefault(key, []).append(parent)
    return parents


def _link_keys(node: Any) -> list[str]:
    links = _member(node, "links")
    keys = [_member(link, "key") for link in links] if isinstance(links, list) else []  # type: ignore[reportUnknownVariableType] - links of any kind
    return [key for key in keys if key and isinstance(key, str)]


def _links_to_null(node: Any) -> bool:
    """Whether a link of a node gives null as its name, which is another thing than none."""
    links = _member(node, "links")
    return isinstance(links, list) and any(_member(link, "key", "") is None for link in links)  # type: ignore[reportUnknownVariableType] - links of any kind


def _sub_flow_root(node: Any) -> list[str]:
    """The key of the first node of a node's own flow, if it has one."""
    key = _member(_member(node, "config"), "rootNodeKey") if _member(node, "type") == _FOR_EACH else None
    return [key] if key and isinstance(key, str) else []


def _member(value: Any, name: str, default: Any = None) -> Any:
    return value.get(name, default) if isinstance(value, dict) else default  # type: ignore[reportUnknownVariableType] - JSON of any kind


def _exists(nodes: Nodes, key: str) -> bool:
    node = nodes.get(key)
    return isinstance(node, (dict, list)) or bool(node)


def _keys_in_order(nodes: Nodes) -> list[str]:
    indexes = sorted((key for key in nodes if _is_index(key)), key=int)
    return indexes + [key for key in nodes if not _is_index(key)]


def _is_index(key: str) -> bool:
    is_whole = key.isascii() and key.isdigit() and len(key) <= len(str(_LAST_INDEX))
    return is_whole and str(int(key)) == key and int(key) <= _LAST_INDEX
