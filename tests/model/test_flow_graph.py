import time
from typing import Any

import pytest

from datalinks.model.flow_graph import (
    child_node_keys,
    downstream_node_keys,
    has_cycles,
    parent_node_keys,
    root_node_keys,
    upstream_node_keys,
)


def node(*links: str, **others: Any) -> dict[str, Any]:
    return {"links": [{"key": key} for key in links], **others}


def for_each(root: str, *links: str) -> dict[str, Any]:
    return node(*links, type="for-each-v2", config={"rootNodeKey": root})


DIAMOND = {"a": node("b", "c"), "b": node("d"), "c": node("d", "d"), "d": node()}


def test_whole_numbers_come_first_among_the_roots() -> None:
    assert root_node_keys({"b": {}, "10": {}, "2": node("c"), "c": {}}) == ["2", "10", "b"]


def test_the_first_node_of_a_flow_for_each_item_is_no_root() -> None:
    assert root_node_keys({"a": for_each("b"), "b": {}, "c": {"type": "for-each", "config": {"rootNodeKey": "d"}}, "d": {}}) == [
        "a",
        "c",
        "d",
    ]  # fmt: skip


def test_a_link_to_null_is_another_than_one_to_nothing() -> None:
    nodes: dict[str, Any] = {
        "a": {"links": [{"key": None}]},
        "b": {"links": [{}, None, 5]},
        "c": node("a"),
        "d": {"links": "x"},
    }

    assert parent_node_keys(nodes, None) == ["a"]


def test_a_node_has_the_children_that_exist_as_often_as_it_links_to_them() -> None:
    assert child_node_keys({**DIAMOND, "c": node("d", "ghost", "d")}, "c") == ["d", "d"]


def test_a_parent_counts_once_and_a_child_need_not_exist() -> None:
    assert parent_node_keys(DIAMOND, "d") == ["b", "c"]
    assert parent_node_keys({"a": node("ghost")}, "ghost") == ["a"]


def test_downstream_are_children_and_grandchildren() -> None:
    assert downstream_node_keys({**DIAMOND, "d": node("e"), "e": {}}, "a") == ["b", "c", "d", "d", "d"]


def test_upstream_lists_a_node_for_each_way_from_it() -> None:
    assert upstream_node_keys(DIAMOND, "d") == ["b", "c", "a", "a"]


def test_upstream_of_a_node_in_a_cycle_lists_each_node_once() -> None:
    assert upstream_node_keys({"a": node("b"), "b": node("c"), "c": node("a")}, "a") == ["c", "b", "a"]


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        ({"a": for_each("b", "b"), "b": {}}, True),
        ({"a": for_each("b", "d"), "b": node("c"), "c": {}, "d": node("c")}, True),
        ({"a": for_each("b", "d"), "b": {}, "d": {}}, False),
        ({"a": for_each("a")}, True),
        ({"a": {"type": "for-each", "config": {"rootNodeKey": "b"}, "links": [{"key": "b"}]}, "b": {}}, False),
        (DIAMOND, False),
        ({"a": {}, "b": node("b")}, True),
        (None, False),
    ],
)
def test_flows_with_cycles_are_known(nodes: Any, expected: bool) -> None:
    assert has_cycles(nodes) is expected


def test_links_that_are_not_understood_are_passed_over() -> None:
    nodes: dict[str, Any] = {
        "a": {"links": [None, 5, {"key": 5}, {"key": "b"}]},
        "b": {"links": "a"},
        "c": {"links": {}},
    }

    assert child_node_keys(nodes, "a") == ["b"]
    assert root_node_keys(nodes) == ["a", "c"]
    assert not has_cycles(nodes)


CHAIN: dict[str, Any] = {f"n{index}": node(f"n{index + 1}") for index in range(10_000)}
LADDER: dict[str, Any] = {
    f"n{index}": node(*[f"n{index - index % 2 + 2 + side}" for side in (0, 1)]) for index in range(2_000)
}
ALL_FOR_EACH: dict[str, Any] = {f"n{index}": for_each(f"n{index + 2}", f"n{index + 1}") for index in range(10_000)}
# No flow meets another, but each has a node that two links lead to.
MANY_FLOWS: dict[str, Any] = {
    **{f"n{index}": for_each(f"m{index}", f"n{index + 1}") for index in range(5_000)},
    **{f"m{index}": node(f"p{index}", f"p{index}") for index in range(5_000)},
    **{f"p{index}": {} for index in range(5_000)},
}


@pytest.mark.parametrize(
    ("nodes", "is_cyclic"), [(CHAIN, False), (LADDER, False), (ALL_FOR_EACH, True), (MANY_FLOWS, False)]
)
def test_hostile_flows_take_little_time(nodes: dict[str, Any], is_cyclic: bool) -> None:
    start = time.process_time()

    assert has_cycles(nodes) is is_cyclic
    assert len(upstream_node_keys(nodes, list(nodes)[-1])) < 100_001
    assert time.process_time() - start < 5
