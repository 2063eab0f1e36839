"""Corners of JavaScript that the reference's own cases do not reach; each expected value is what its SDK gives."""

from typing import Any

import pytest

from datalinks.formulas.errors import InvalidLocator
from datalinks.formulas.evaluate import build_data
from datalinks.formulas.filters import matches
from datalinks.formulas.javascript.json_text import write_json
from datalinks.formulas.locators import parse_locator
from datalinks.formulas.transforms import merge_with_formulas
from datalinks.formulas.truncation import truncate_data
from datalinks.formulas.values import UNDEFINED


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e-7, "1e-7"),
        (0.00001, "0.00001"),
        (1e21, "1e+21"),
        (-0.0, "0"),
        (float("nan"), "null"),
        ([UNDEFINED, True, None], "[null,true,null]"),
        ({"b": 'a"\u00e9', "2": 2.0, "1": UNDEFINED}, '{"2":2,"b":"a\\"\u00e9"}'),
    ],
)
def test_json_is_written_as_javascript_writes_it(value: Any, text: str) -> None:
    assert write_json(value) == text


@pytest.mark.parametrize(("locator", "written"), [(1e-7, "1e-7"), (float("inf"), "null"), (-0.0, "0")])
def test_what_is_no_locator_is_named_as_javascript_does(locator: Any, written: str) -> None:
    with pytest.raises(InvalidLocator, match=f"Unexpected locator value: {written}$"):
        parse_locator(locator)


def test_an_operator_in_an_array_is_that_operator() -> None:
    assert not matches({"s": "a"}, [{"field": "s", "operator": ["is"], "value": "b"}])
    assert matches({"s": "a"}, [{"field": "s", "operator": [["is"]], "value": "a"}])


def test_texts_are_cut_where_javascript_cuts_them() -> None:
    assert truncate_data("\U0001f600" * 300) == "\U0001f600" * 250 + "..."
    assert truncate_data("x" * 500) == "x" * 500


async def test_no_object_comes_to_have_a_prototype_as_a_member() -> None:
    members = {"__proto__": {"$var": "a"}, "b": 1}

    assert await build_data(members, {"a": {"x": 1}}) == {"b": 1}
    assert await build_data({"$mergeObjects": [{"__proto__": 5}, {"b": 1}]}, {}) == {"b": 1}
    assert merge_with_formulas({"a": 1}, {"__proto__": 2, "b": 1}) == {"a": 1, "b": 1}
