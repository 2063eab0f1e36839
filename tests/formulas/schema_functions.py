"""The helpers around schemas, fields and flow graphs under the names that the reference's SDK gives them.

Each takes what a case calls ``formula`` and ``variables``. What a helper works on stands in ``variables`` if it is told
by a second argument what to do (``formula``), and in ``formula`` if it is not; more arguments are members of ``formula``.
"""

from collections.abc import Callable
from typing import Any

from datalinks.formulas import fields as value_fields
from datalinks.formulas.language import language
from datalinks.formulas.schemas import fields, fitting, from_values, kinds, locations, merging, places
from datalinks.formulas.truncation import truncate_data
from datalinks.formulas.values import UNDEFINED
from datalinks.model import flow_graph

SchemaFunction = Callable[[Any, Any], Any]


def _first(helper: Callable[[Any], Any]) -> SchemaFunction:
    return lambda formula, _: helper(formula)


def _both(helper: Callable[[Any, Any], Any]) -> SchemaFunction:
    return helper


def _swapped(helper: Callable[[Any, Any], Any]) -> SchemaFunction:
    return lambda formula, variables: helper(variables, formula)


def _members(helper: Callable[..., Any], *names: str) -> SchemaFunction:
    return lambda formula, _: helper(*(formula.get(name, UNDEFINED) for name in names))


def _options_of(formula: Any, **names: str) -> dict[str, bool]:
    options: dict[str, Any] = formula.get("options", {})
    return {name: bool(options.get(given)) for name, given in names.items()}


def value_to_schema(formula: Any, _: Any) -> Any:
    options = _options_of(
        formula,
        normalize_values="normalizeValues",
        add_defaults="addDefaults",
        skip_read_only_fields="skipReadOnlyFields",
        skip_unknown_fields="skipUnknownFields",
        value_has_formulas="valueHasFormulas",
    )
    value, schema = formula.get("value", UNDEFINED), formula.get("schema", UNDEFINED)
    return fitting.fit_value(value, schema, **options, is_formula=language().is_formula)


def patch_schema(formula: Any, _: Any) -> Any:
    options = _options_of(formula, read_only="readOnly", write_only="writeOnly")
    return merging.patch_schema(formula.get("source", UNDEFINED), formula.get("patch", UNDEFINED), **options)


def schema_from_value(value: Any) -> Any:
    return language().schema_of(value, UNDEFINED, is_plain=True)


SCHEMA_FUNCTIONS: dict[str, SchemaFunction] = {
    "getSchemaFromValue": _first(schema_from_value),
    "createSchema": _first(from_values.create_schema),
    "createCompoundSchema": _first(from_values.create_compound_schema),
    "mergeSchemas": _first(merging.merge_schemas),
    "patchSchema": patch_schema,
    "getSchemaByLocator": _swapped(places.schema_at),
    "setSchemaAtLocator": _members(places.with_schema_at, "schema", "locator", "value"),
    "getLocatorsFromSchema": _first(places.schema_locators),
    "getNameForLocator": _swapped(places.name_at),
    "getFullNameForLocator": _swapped(places.full_name_at),
    "pickFieldsFromSchema": _swapped(fields.pick_fields_from_schema),
    "excludeFieldsFromSchema": _swapped(fields.exclude_fields_from_schema),
    "excludeReadOnlyFieldsFromSchema": _first(fields.exclude_read_only_fields),
    "excludeWriteOnlyFieldsFromSchema": _first(fields.exclude_write_only_fields),
    "getRequiredFieldsFromSchema": _first(fields.required_fields),
    "getMissingRequiredFields": _both(fields.missing_required_fields),
    "addRequiredFieldsToSchema": _swapped(fields.add_required_fields),
    "removeRequiredFieldsFromSchema": _first(fields.remove_required_fields),
    "isSchemaEmpty": _first(fields.is_schema_empty),
    "populateSchemaTitles": _first(fields.populate_titles),
    "generateExampleFromSchema": _first(fields.example_of),
    "compressDataSchema": _first(fields.compress_schema),
    "schemaIsScalar": _first(kinds.is_scalar),
    "schemaIsNumber": _first(kinds.is_number),
    "schemaHasFixedValues": _first(kinds.has_fixed_values),
    "schemaAllowsCustomValue": _first(kinds.allows_custom_value),
    "schemaHasProperties": _first(kinds.has_properties),
    "valueToSchema": value_to_schema,
    "makeDataLocationPath": _first(locations.make_data_location_path),
    "parseDataLocationPath": _first(locations.parse_data_location_path),
    "dataLocationParametersMatch": _members(
        locations.data_location_parameters_match, "locationParameters", "targetParameters"
    ),
    "isSameDataLocation": _both(locations.is_same_data_location),
    "pickFieldsFromValue": _swapped(value_fields.pick_fields),
    "excludeFieldsFromValue": _swapped(value_fields.exclude_fields),
    "findValueLocators": _swapped(value_fields.find_value_locators),
    "getLocatorsFromData": _first(value_fields.locators_of_data),
    "createObjectFromLocators": _first(value_fields.object_from_locators),
    "truncateData": _first(truncate_data),
    "getRootNodeKeys": lambda nodes, _: flow_graph.root_node_keys(nodes or None),
    "getChildNodeKeys": _swapped(flow_graph.child_node_keys),
    "getParentNodeKeys": _swapped(flow_graph.parent_node_keys),
    "getDownstreamNodeKeys": _swapped(flow_graph.downstream_node_keys),
    "getUpstreamNodeKeys": _swapped(flow_graph.upstream_node_keys),
    "hasCycles": lambda nodes, _: flow_graph.has_cycles(nodes or None),
}
