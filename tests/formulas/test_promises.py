"""What holds for every formula, tried on many."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datalinks.formulas.language import language
from formulas.generating import VARIABLES, Bytes, Generator
from formulas.promises import check, check_helpers

NAMES = sorted(language().operators)
TEXTS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(["$", "a", "a.b", "a[0]", "[0]", "length", "0", "item", "parent", "values", "source", "cases", "mapping"]),
)  # fmt: skip
KEYS = st.one_of(
    TEXTS, st.sampled_from(NAMES), st.sampled_from(["is", "contains", "gt", "key", "recordId", "dataLinkTable"])
)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), TEXTS)
# Any JSON, in which names of operators are likely.
JSON: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=20,
)
MANY = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@given(JSON, JSON)
@MANY
def test_any_json_is_computed_or_refused(formula: Any, variables: Any) -> None:
    check(formula, variables)


@given(st.binary(min_size=1, max_size=300))
@MANY
def test_formulas_are_computed_or_refused(data: bytes) -> None:
    check(Generator(Bytes(data)).value(5), VARIABLES)


@given(JSON, JSON)
@MANY
def test_helpers_take_any_json(value: Any, other: Any) -> None:
    check_helpers(value, other)


@pytest.mark.parametrize("name", NAMES)
@given(args=JSON)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_operators_take_any_argument(name: str, args: Any) -> None:
    check({name: args}, {"a": [1, {"b": None}], "0": {}})
