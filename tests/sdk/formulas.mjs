// Computes what the reference's SDK makes of each line of the standard input: {"fn", "formula", "variables"}.
import { createInterface } from "node:readline";
import * as sdk from "@integration-app/sdk";

const LINKS = new Map([
  ["import users ext1", "app1"],
  ["import users ext2", "app2"],
  ["export users app1", "ext1"],
  ["export users app9", "ext9"],
]);
const find = (direction) => (asked) => LINKS.get(`${direction} ${asked.dataLinkTableKey} ${asked.recordId}`);

const FUNCTIONS = {
  buildValue: (formula, variables) => sdk.buildValue(formula, variables),
  buildData: (formula, variables) => sdk.buildData(formula, variables),
  resolve: (formula, variables) => sdk.resolveValue(formula, { variables }),
  resolveLinks: (formula, variables) =>
    sdk.resolveValue(formula, {
      variables,
      resolveImportDataLink: find("import"),
      resolveExportDataLink: find("export"),
    }),
  filter: (filter, data) => sdk.doesMatchFilter(data, filter),
  locatorToSteps: (locator) =>
    sdk.locatorToSteps(locator).map((step) =>
      "propertyName" in step ? { property: step.propertyName } : { index: step.index },
    ),
  getValueAtLocator: (locator, data) => sdk.getValueAtLocator(data, locator),
  getValueByLocator: (locator, data) => sdk.getValueByLocator(data, locator),
  setValueAtLocator: ({ obj, locator, value }) => sdk.setValueAtLocator(obj, locator, value),
  transformVars: (formula, variables) => sdk.transformVars(formula, variables),
  getVariableLocators: (value) => sdk.getVariableLocators(value),
  mergeWithFormulas: ({ a, b }) => sdk.mergeWithFormulas(a, b),
  formulaSchema: (formula, schema) => sdk.buildDataSchema(formula, schema),
  isFormula: (value) => sdk.isFormula(value),
  hasFormulas: (value) => sdk.hasFormulas(value),
};

function encode(value) {
  if (value === undefined) return { $undefined: true };
  if (typeof value === "number" && !Number.isFinite(value)) return { $number: String(value) };
  if (Array.isArray(value)) return Array.from(value, encode);
  if (value instanceof Date) return { $date: value.toISOString() };
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, encode(member)]));
  }
  return value;
}

for await (const line of createInterface({ input: process.stdin })) {
  const { fn, formula, variables } = JSON.parse(line);
  let result;
  try {
    result = encode(await FUNCTIONS[fn](formula, variables));
  } catch (error) {
    result = { $error: { class: error.constructor.name, message: error.message } };
  }
  console.log(JSON.stringify(result));
}
