// Computes the mapping of many records with the SDK, again and again: node formulas.mjs PACKAGES JOB
// PACKAGES is a folder with node_modules, JOB a file {"mapping", "records", "links"}.
// Each line of the standard input is a question, {"function": "resolveValue" | "buildValue", "seconds"}, and gets a
// line as its answer: {"times", "values"}, how many seconds each pass over the records took and what the last one gave.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

const [packages, file] = process.argv.slice(2);
const sdk = createRequire(join(packages, "package.json"))("@integration-app/sdk");
const job = JSON.parse(readFileSync(file, "utf8"));
const links = new Map(Object.entries(job.links));
const resolveImportDataLink = async ({ recordId }) => links.get(recordId);

const FUNCTIONS = {
  resolveValue: (variables) => sdk.resolveValue(job.mapping, { variables, resolveImportDataLink }),
  buildValue: (variables) => sdk.buildValue(job.mapping, variables),
};

async function pass(compute) {
  const values = [];
  for (const record of job.records) values.push(await compute(record));
  return values;
}

async function answer({ function: name, seconds }) {
  const times = [];
  let values;
  for (let left = seconds; left > 0; left -= times.at(-1)) {
    const start = performance.now();
    values = await pass(FUNCTIONS[name]);
    times.push((performance.now() - start) / 1000);
  }
  return { times, values };
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answer(JSON.parse(line))));
}
