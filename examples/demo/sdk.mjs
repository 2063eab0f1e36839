// The SDKs as the tests of this checkout install them, and what the demo's programs have in common.
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';

const require = createRequire(new URL('../../tests/sdk/', import.meta.url));

export const { IntegrationAppClient } = require('@integration-app/sdk');
export const { MembraneClient } = require('@membranehq/sdk');

/** A package and its version, as people name them. */
export function packageOf(name) {
  return `${name} ${require('./package.json').dependencies[name]}`;
}

/** Runs a program: JSON in from standard input, JSON out to standard output. */
export async function answer(program) {
  const input = JSON.parse(await text(process.stdin));
  process.stdout.write(`${JSON.stringify(await program(input))}\n`);
}

export async function seconds(work) {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
