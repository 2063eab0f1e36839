"""JSON of every kind, with the texts that YAML is known to misread."""

from typing import Any

from hypothesis import strategies as st

_MISREAD = (
    *("no", "on", "y", "Yes", "null", "~", "true", "", "=", "<<", "2024-01-01", "2024-01-01T10:00:00Z", "12:30:45"),
    *("012", "0o12", "0x1f", "0b1", "1_000", "1e5", "+1", ".5", ".inf", "-.INF", ".nan", "1.", "-0"),
    *(
        "a: b",
        "a #b",
        "- a",
        "? b",
        "key:",
        ": b",
        "---",
        "...",
        "%x",
        "@x",
        "`x",
        "!x",
        "*x",
        "&x",
        "|",
        ">",
        "{a}",
        "[b]",
    ),
    *(
        "a\nb",
        "a\n\nb\n",
        "a\n b\n",
        "\na",
        "a\n\n",
        "a\n---\nb",
        "a\n\tb",
        "a\tb",
        " a",
        "a ",
        "\r\n",
        "a\rb",
        "\ttab\nb",
    ),
    *("x" * 1200, "\u2028", "\x85", "\ufeff", "\x7f", "\x00", "é", "😀", '"q"', "'q'", "a\\n", "\\", "it's"),
)
texts = st.sampled_from(_MISREAD) | st.text(alphabet=st.characters(codec="utf-8"), max_size=20)
numbers = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)


def _containers(members: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(members, max_size=4) | st.dictionaries(texts, members, max_size=4)


values = st.recursive(st.none() | st.booleans() | numbers | texts, _containers, max_leaves=15)
objects = st.dictionaries(texts, values, max_size=4)
_CALLS = ("$var", "$concat", "$eval", "$case", "$if", "$iterate", "$jsonata", "$findAppRecordId")


def _calls(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    def call(name: str, operand: Any, more: dict[str, Any]) -> dict[str, Any]:
        return {name: operand, **more}

    others = st.dictionaries(st.sampled_from(("is", "default", "zero", "a-b", *_CALLS)), inner | values, max_size=3)
    return st.builds(call, st.sampled_from(_CALLS), inner | st.lists(inner | texts, max_size=3), others)


_variables: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {"$var": st.sampled_from(("$.input.each.item.id", '$.input["a b"]', "$"))}
)
# An object whose first key is a call is a formula, so the order of keys is part of what it says.
formulas = st.recursive(_variables, _calls, max_leaves=8)
