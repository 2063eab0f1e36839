// Runs cases against a real server with one of the published SDKs.
//
//   node run.mjs --list    prints every case with the SDKs it is for, as JSON
//   node run.mjs SDK       reads case names from standard input, one a line, and answers each with one line of JSON:
//                          {"case", "error"}; no error means that the case holds
//
// The environment names the server (DATALINKS_TEST_URL), a workspace (DATALINKS_TEST_KEY, DATALINKS_TEST_SECRET) and an app
// that the server may call (DATALINKS_TEST_APP), which answers with what it was asked.
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { inspect } from 'node:util';

const SDKS = ['@integration-app/sdk', '@membranehq/sdk'];
const CASE_TIMEOUT_MILLISECONDS = 30_000;
const CASES = new URL('./cases/', import.meta.url);
const require = createRequire(import.meta.url);

async function loadCases() {
  const files = readdirSync(CASES)
    .filter((name) => name.endsWith('.mjs'))
    .sort();
  const modules = await Promise.all(files.map((name) => import(new URL(name, CASES))));
  return modules.flatMap((module, index) =>
    Object.entries(module.cases).map(([promise, run]) => ({
      case: `${files[index].replace('.mjs', '')}: ${promise}`,
      // A file is for both SDKs unless it says otherwise.
      sdks: module.sdks ?? SDKS,
      run,
    })),
  );
}

async function timeout() {
  await pause(CASE_TIMEOUT_MILLISECONDS, undefined, { ref: false });
  throw new Error(`The case takes longer than ${CASE_TIMEOUT_MILLISECONDS} ms.`);
}

async function answer(each, world) {
  try {
    await Promise.race([each.run(world), timeout()]);
    return { case: each.case };
  } catch (error) {
    return { case: each.case, error: inspect(error, { depth: 4 }) };
  }
}

async function serveCases(sdkName) {
  const { World } = await import('./world.mjs');
  const { Answers } = await import('./answers.mjs');
  const { DATALINKS_TEST_URL: url, DATALINKS_TEST_KEY: key, DATALINKS_TEST_SECRET: secret } = process.env;
  const world = new World({
    sdk: require(sdkName),
    appUrl: process.env.DATALINKS_TEST_APP,
    // Only one of the SDKs brings schemas; what both read is the same.
    answers: new Answers(require('@membranehq/sdk')),
    workspace: { url, key, secret },
  });
  const cases = new Map((await loadCases()).map((each) => [each.case, each]));
  for await (const name of createInterface({ input: process.stdin })) {
    const result = cases.has(name)
      ? await answer(cases.get(name), world)
      : { case: name, error: `There is no case ${name}.` };
    process.stdout.write(`${JSON.stringify(result)}\n`);
  }
}

if (process.argv[2] === '--list') {
  const listed = (await loadCases()).map(({ case: name, sdks }) => ({ case: name, sdks }));
  process.stdout.write(`${JSON.stringify(listed)}\n`);
} else {
  await serveCases(process.argv[2]);
}
