// Computes what the reference's SDK makes of each line of the standard input: {"fn", "formula", "variables"}.
// The result is the text of its JSON; names and arguments are those of ../schema_functions.py.
import { createInterface } from 'node:readline';
import * as sdk from '../../sdk/node_modules/@integration-app/sdk/dist/index.module.mjs';

const swapped = (name) => (formula, variables) => sdk[name](variables, formula);
const truth = (name) => (formula) => Boolean(sdk[name](formula));
const ofFlow = (name) => (key, nodes) => sdk[name]({ nodes }, key);

const FUNCTIONS = {
  getSchemaFromValue: (value) => sdk.getSchemaFromValue(value, undefined, true),
  patchSchema: ({ source, patch, options }) => sdk.patchSchema(source, patch, options),
  getSchemaByLocator: swapped('getSchemaByLocator'),
  setSchemaAtLocator: ({ schema, locator, value }) => sdk.setSchemaAtLocator(schema, locator, value),
  getNameForLocator: swapped('getNameForLocator'),
  getFullNameForLocator: swapped('getFullNameForLocator'),
  pickFieldsFromSchema: swapped('pickFieldsFromSchema'),
  excludeFieldsFromSchema: swapped('excludeFieldsFromSchema'),
  addRequiredFieldsToSchema: swapped('addRequiredFieldsToSchema'),
  schemaIsNumber: truth('schemaIsNumber'),
  schemaAllowsCustomValue: truth('schemaAllowsCustomValue'),
  valueToSchema: ({ value, schema, options }) => sdk.valueToSchema(value, schema, options),
  pickFieldsFromValue: swapped('pickFieldsFromValue'),
  excludeFieldsFromValue: swapped('excludeFieldsFromValue'),
  findValueLocators: swapped('findValueLocators'),
  getRootNodeKeys: (nodes) => sdk.getRootNodeKeys({ nodes }),
  getChildNodeKeys: ofFlow('getChildNodeKeys'),
  getParentNodeKeys: ofFlow('getParentNodeKeys'),
  getDownstreamNodeKeys: ofFlow('getDownstreamNodeKeys'),
  getUpstreamNodeKeys: ofFlow('getUpstreamNodeKeys'),
};
// Where a function takes its arguments as they come; those with options after the first would take them for options.
const ofTwo = new Set(['getMissingRequiredFields', 'isSameDataLocation']);

function call(fn, formula, variables) {
  if (fn in FUNCTIONS) return FUNCTIONS[fn](formula, variables);
  return ofTwo.has(fn) ? sdk[fn](formula, variables) : sdk[fn](formula);
}

for await (const line of createInterface({ input: process.stdin })) {
  const { fn, formula, variables } = JSON.parse(line);
  let result;
  try {
    result = { json: JSON.stringify(call(fn, formula, variables)) };
  } catch (error) {
    result = { error: error.constructor.name, message: error.message };
  }
  console.log(JSON.stringify(result));
}
