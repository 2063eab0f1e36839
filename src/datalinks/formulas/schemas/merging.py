"""Several schemas as one that describes whatever one of them describes.

Schemas of the same type are merged into one, those of different types stand beside one another: in a list of types
where nothing else is known of them, and in ``anyOf`` where there is.
"""

from collections.abc import Iterable
from typing import Any

from datalinks.formulas.errors import WrongArgument
from datalinks.formulas.javascript.coercion import is_number, is_true, to_string
from datalinks.formulas.locators import Steps, property_of
from datalinks.formulas.schemas.places import (
    members_of,
    schema_at_steps,
    schema_places,
    type_of,
    with_schema_at_steps,
)
from datalinks.formulas.values import UNDEFINED, is_array, is_container, is_object

# In this order types are listed. Schemas without a type, and with one that is null, come under these names too.
_TYPES = ("undefined", "null", "boolean", "number", "integer", "string", "array", "object")


def merge_schemas(schemas: Any) -> Any:
    """One schema for all of a list's; UNDEFINED when it has none of a known type.

    Schemas without a type count only where there are no others. The result may have members that are UNDEFINED: they
    are absent as JSON, but not to the next merging.

    Raises:
        WrongArgument: it is no list, or the ``anyOf`` of a schema is none.
    """
    by_type: dict[str, list[Any]] = {name: [] for name in _TYPES}
    for schema in _alternatives_of_all(schemas):
        by_type.get(to_string(type_of(schema)), []).append(schema)
    if by_type["number"]:
        by_type["number"] += [{**members_of(schema), "type": "number"} for schema in by_type["integer"]]
        by_type["integer"] = []
    return _side_by_side([_merge_alike(name, alike) for name, alike in by_type.items() if alike])


def _alternatives_of_all(schemas: Any) -> list[Any]:
    if not is_true(schemas):
        return []
    if not is_array(schemas):
        raise WrongArgument("Schemas to merge have to be a list.")
    return [alternative for schema in schemas for alternative in _alternatives(schema)]


def _alternatives(schema: Any) -> list[Any]:
    """The schemas that one is made of; a list of types loses whatever else is said with it."""
    if not is_true(schema):
        return []
    any_of = property_of(schema, "anyOf")
    if is_true(any_of):
        return _alternatives_of_all(any_of)
    types = type_of(schema)
    return [{"type": each} for each in types] if is_array(types) else [schema]


def _side_by_side(schemas: list[dict[str, Any]]) -> Any:
    if len(schemas) > 1 and any(schema.get("type", UNDEFINED) is UNDEFINED for schema in schemas):
        schemas = [schema for schema in schemas if is_true(schema.get("type"))]
    if len(schemas) > 1:
        return _as_any_of(schemas)
    return schemas[0] if schemas else UNDEFINED


def _as_any_of(schemas: list[dict[str, Any]]) -> dict[str, Any]:
    types: list[Any] = []
    others: list[Any] = []
    for schema in schemas:
        if is_array(schema.get("type")):
            types += schema["type"]
        elif list(schema) == ["type"]:
            types.append(schema["type"])
        else:
            others.append(schema)
    if not others:
        return {"type": types}
    simple = [{"type": types if len(types) > 1 else types[0]}] if types else []
    return {"anyOf": [*simple, *others]}


def _merge_alike(name: str, schemas: list[Any]) -> dict[str, Any]:
    """One schema for several of the same type: of what they say differently, the last one's is kept."""
    merged: dict[str, Any] = {}
    for schema in schemas:
        merged |= members_of(schema)
    if name == "array":
        return merged | _merged_items(schemas)
    return merged | _merged_properties(schemas) | _united_required(schemas) if name == "object" else merged


def _merged_items(schemas: list[Any]) -> dict[str, Any]:
    items = [alternative for schema in schemas for alternative in _alternatives(property_of(schema, "items"))]
    return {"items": merge_schemas(items)} if items else {}


def _merged_properties(schemas: list[Any]) -> dict[str, Any]:
    alternatives: dict[str, list[Any]] = {}
    for schema in schemas:
        for key, member in members_of(property_of(schema, "properties")).items():
            alternatives.setdefault(key, []).extend(_alternatives(member))
    # What only one schema says is kept as it is written.
    merged = {key: each[0] if len(each) == 1 else merge_schemas(each) for key, each in alternatives.items()}
    return {"properties": members_of(merged)} if merged else {}


def _united_required(schemas: list[Any]) -> dict[str, Any]:
    lists: list[list[Any]] = [each for schema in schemas if is_array(each := property_of(schema, "required"))]
    united = _distinct(name for names in lists for name in names)
    return {"required": united} if united else {}


def _distinct(values: Iterable[Any]) -> list[Any]:
    """Each value once, as a JavaScript set has it: arrays and objects are equal to themselves only."""
    return list({_identity(value): value for value in values}.values())


def _identity(value: Any) -> tuple[str, Any]:
    if is_container(value):
        return "object", id(value)
    # In Python 1 and True are the same key.
    return "number" if is_number(value) else type(value).__name__, value


def patch_schema(source: Any, patch: Any, *, read_only: bool = False, write_only: bool = False) -> Any:
    """A schema with what a patch says of it, where the patch has the last word.

    read_only, write_only: properties that only the patch has become that. If not set, what the patch does not call
    read-only or write-only no longer is.

    Raises:
        WrongArgument: properties become read-only or write-only, and the merged schema has no place for them.
    """
    merged = merge_schemas([source, patch])
    for mark, is_set in (("readOnly", read_only), ("writeOnly", write_only)):
        merged = _with_marks(merged, mark, source, patch) if is_set else _without_marks(merged, mark, source, patch)
    return merged


def _with_marks(merged: Any, mark: str, source: Any, patch: Any) -> Any:
    for name in members_of(property_of(patch, "properties")):
        if is_true(property_of(property_of(source, "properties"), name)):
            continue
        found = property_of(property_of(merged, "properties"), name)
        if is_array(found):
            # In JavaScript the list gets a property, which JSON does not show.
            continue
        if not is_object(found):
            raise WrongArgument(f"The patched schema has no property {name} to be {mark}.")
        merged = {**merged, "properties": {**merged["properties"], name: {**found, mark: True}}}
    return merged


def _without_marks(merged: Any, mark: str, source: Any, patch: Any) -> Any:
    for steps in schema_places(patch):
        found = schema_at_steps(merged, steps)
        if found is not None and _is_marked(source, steps, mark) and not _is_marked(patch, steps, mark):
            unmarked = {key: member for key, member in found.items() if key != mark}
            merged = with_schema_at_steps(merged, steps, unmarked)
    return merged


def _is_marked(schema: Any, steps: Steps, mark: str) -> bool:
    return is_true(property_of(schema_at_steps(schema, steps), mark))
