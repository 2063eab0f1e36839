"""What the shared cases do not show; the expected values are those of the reference's SDK."""

from typing import Any

import pytest

from datalinks.errors import FormulaError
from datalinks.formulas.errors import InvalidLocator, WrongArgument
from datalinks.formulas.fields import exclude_fields, pick_fields
from datalinks.formulas.schemas.locations import InvalidLocationPath, parse_data_location_path
from datalinks.formulas.schemas.merging import merge_schemas, patch_schema
from datalinks.formulas.schemas.places import header_case, with_schema_at
from datalinks.formulas.values import UNDEFINED
from formulas.encoding import comparable
from formulas.schema_functions import SCHEMA_FUNCTIONS

TEXT = {"type": "string"}
LIST = {"type": "array", "items": TEXT}


def objects(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


Row = tuple[str, Any, Any, Any]
MERGING: list[Row] = [
    ("mergeSchemas", [LIST, {"type": "array"}, TEXT], None, {"anyOf": [TEXT, LIST]}),
    (
        "mergeSchemas",
        [{"type": ["string", "null"], "title": "lost"}, {"type": "integer", "title": "T"}],
        None,
        {"anyOf": [{"type": ["null", "string"]}, {"type": "integer", "title": "T"}]},
    ),
    ("mergeSchemas", [{"title": "T"}, TEXT], None, TEXT),
    (
        "mergeSchemas",
        [{**objects(a=TEXT), "required": ["a"]}, {**objects(a={"type": "integer"}), "required": ["b", "a"]}],
        None,
        {**objects(a={"type": ["integer", "string"]}), "required": ["a", "b"]},
    ),
    ("mergeSchemas", [{"type": "file"}], None, UNDEFINED),
    (
        "createSchema",
        {"a": [None, 1, 2.5], "b": [], "c": 1.0},
        None,
        objects(a={"type": "array", "items": {"type": "number"}}, b={"type": "array"}, c={"type": "integer"}),
    ),
    # An array of which nothing is known is another thing than a schema that says no more than "array".
    ("getSchemaFromValue", [[], "a"], None, {"type": "array", "items": {"anyOf": [TEXT, {"type": "array"}]}}),
    ("getSchemaFromValue", {"a": None, "b": [None]}, None, objects(b={"type": "array"})),
]
PLACES: list[Row] = [
    ("getSchemaByLocator", "$", TEXT, TEXT),
    ("getSchemaByLocator", "", TEXT, UNDEFINED),
    ("getSchemaByLocator", "a", None, None),
    ("getSchemaByLocator", "a[0]", {**objects(a=LIST), "type": ["object"]}, TEXT),
    (
        "setSchemaAtLocator",
        {"schema": None, "locator": "a[0].b", "value": TEXT},
        None,
        objects(a={"type": "array", "items": objects(b=TEXT)}),
    ),
    ("setSchemaAtLocator", {"schema": {**TEXT, "title": "T"}, "locator": "a"}, None, {**objects(), "title": "T"}),
    (
        "getFullNameForLocator",
        "firstName[2].last_name",
        {**objects(firstName={"type": "array", "items": objects(last_name=TEXT)}), "title": "Root"},
        "Root > First Name > Item #3 > Last Name",
    ),
    ("getNameForLocator", "_", {**objects(_=TEXT), "title": "Root"}, "Root"),
]
FIELDS: list[Row] = [
    (
        "populateSchemaTitles",
        objects(HTTPUrl2x=TEXT, known={**objects(inner=TEXT), "title": "K"}),
        None,
        objects(HTTPUrl2x={**TEXT, "title": "Httpurl2x"}, known={**objects(inner=TEXT), "title": "K"}),
    ),
    (
        "removeRequiredFieldsFromSchema",
        {**objects(**{"x.y": {"type": "object", "required": ["z"]}}), "required": ["x"]},
        None,
        objects(**{"x.y": {"type": "object", "required": ["z"]}, "x": objects(y={"type": "object"})}),
    ),
    (
        "addRequiredFieldsToSchema",
        ["a.b", "c", "nope.d", "a["],
        {**objects(a={"type": "object"}), "required": ["c"]},
        {**objects(a={"type": "object", "required": ["b"]}), "required": ["c", "c"]},
    ),
    (
        "compressDataSchema",
        {**objects(a={**TEXT, "description": "x" * 51, "enum": []}, b=None), "title": "T"},
        None,
        objects(a={**TEXT, "description": "x" * 51 + "..."}),
    ),
    ("generateExampleFromSchema", objects(a=LIST, b={"type": "array"}, c=None), None, {"a": [""], "b": []}),
]
LOCATIONS: list[Row] = [
    (
        "makeDataLocationPath",
        {"key": "k", "parameters": {"a": "~*ü", "b": None, "2": [1, None], "1": True}},
        None,
        "/data/k?1=true&2=1%2C&a=%7E*%C3%BC",
    ),
    (
        "parseDataLocationPath",
        "data/a/b?x=1&x=2+3&%C3%A4&?y=4",
        None,
        {"key": "a/b", "parameters": {"x": "2 3", "ä": ""}},
    ),
]
FITTING: list[Row] = [
    (
        "valueToSchema",
        {"value": "abc", "schema": objects(length={"type": "number"})},
        None,
        {"0": "a", "1": "b", "2": "c", "length": 3},
    ),
    (
        "valueToSchema",
        {
            "value": {"a": [{"x": 1}]},
            "schema": objects(a={"type": "array", "items": {"type": "object"}}),
            "options": {"skipUnknownFields": True},
        },
        None,
        UNDEFINED,
    ),
    (
        "valueToSchema",
        {
            "value": {"n": "", "i": "12", "s": [1, None], "b": 1},
            "schema": objects(n={"type": "number"}, i={"type": "integer"}, s=TEXT, b={"type": "boolean"}),
            "options": {"normalizeValues": True},
        },
        None,
        {"n": 0, "i": 12, "s": "1,", "b": 1},
    ),
    ("valueToSchema", {"schema": objects(a={"default": 1}), "options": {"addDefaults": True}}, None, {"a": 1}),
]


@pytest.mark.parametrize(
    ("name", "formula", "variables", "expected"), [*MERGING, *PLACES, *FIELDS, *LOCATIONS, *FITTING]
)
def test_the_result_is_the_references(name: str, formula: Any, variables: Any, expected: Any) -> None:
    result = SCHEMA_FUNCTIONS[name](formula, variables)

    assert comparable(result) == comparable(expected)


def test_what_the_patch_alone_has_becomes_read_only() -> None:
    patched = patch_schema(objects(a=TEXT), objects(a={"type": "integer"}, b=TEXT), read_only=True)

    assert patched == objects(a={"type": ["integer", "string"]}, b={**TEXT, "readOnly": True})


def test_a_property_without_a_place_cannot_become_read_only() -> None:
    with pytest.raises(WrongArgument, match="no property b"):
        patch_schema(TEXT, objects(b=TEXT), read_only=True)


def test_schemas_that_are_no_list_are_refused() -> None:
    with pytest.raises(WrongArgument):
        merge_schemas({"type": "string"})


def test_what_is_no_schema_leads_nowhere() -> None:
    with pytest.raises(WrongArgument):
        with_schema_at(objects(a="text"), "a.b", TEXT)


def test_a_path_of_another_kind_is_refused_with_the_references_words() -> None:
    with pytest.raises(InvalidLocationPath) as raised:
        parse_data_location_path("/tasks")

    assert isinstance(raised.value, FormulaError)
    assert raised.value.message == 'Invalid data location path: tasks. It should start with "data/"'


@pytest.mark.parametrize(
    ("name", "title"),
    [("firstName", "First Name"), ("__a-b__", "A B"), ("aBCd", "A Bcd"), ("läng", "L Ng"), ("", ""), ("x1Y", "X1y")],
)
def test_names_become_titles(name: str, title: str) -> None:
    assert header_case(name) == title


def test_picked_members_keep_their_index() -> None:
    assert pick_fields({"a": [1, 2, 3]}, ["a[1]", "nope", "a["]) == {"a": [UNDEFINED, 2]}


def test_excluding_leaves_the_root_and_what_is_not_there() -> None:
    value = {"a": [1, 2], "b": "text"}

    assert exclude_fields(value, ["$", "$[0]", "a[7]", "a[0]", "b.c"]) == {"a": [2], "b": {}}
    assert value == {"a": [1, 2], "b": "text"}


def test_excluding_with_what_is_no_locator_is_refused() -> None:
    with pytest.raises(InvalidLocator):
        exclude_fields({}, ["a["])
