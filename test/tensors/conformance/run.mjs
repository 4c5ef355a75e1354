// Runs the tests that the package `@tensorflow/tfjs-core` brings along on one backend, and says how many pass. Its exit code is 1 if one fails.
//   node test/tensors/conformance/run.mjs --backend onednn|wasm|tfjs-node [--only REGEXP] [--json]
//   node test/tensors/conformance/run.mjs --installed FOLDER [--only REGEXP] [--json]
// --installed FOLDER: on the package tfjs-backend-onednn as it is installed there, and on the TensorFlow.js that is there. tfjs-node is that of
// src/tensors/scripts/install-tfjs-node.mjs. --json prints all failures.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { execPath, exit } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../../..');

/** What the suite gets to load each backend by. */
const NATIVE = {
  onednn: () => process.env.VMFDAG_NATIVE_ADDON ?? join(root, 'src/tensors/native/build/Release/onednn.node'),
  wasm: () => dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')),
  'tfjs-node': () => join(root, 'package.json'),
};

const { values: options } = parseArgs({
  options: {
    backend: { type: 'string', default: 'onednn' },
    installed: { type: 'string' },
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
  },
});
const { backend } = options;
if (NATIVE[backend] === undefined) {
  console.error(`there is no backend "${backend}" to test; there are ${Object.keys(NATIVE).join(', ')}`);
  exit(2);
}
const installed = options.installed === undefined ? undefined : resolve(options.installed);
const report = await runSuite();
const { passed, failed, pending, outsideOfSpecs } = report;
if (options.json) {
  console.log(JSON.stringify(report));
} else {
  for (const { name, errors } of failed) console.log(`failed: ${name}: ${errors[0]}`);
  for (const error of outsideOfSpecs) console.log(`failed outside of tests: ${error}`);
  const what = installed === undefined ? backend : `tfjs-backend-onednn in ${installed}`;
  console.log(`${what}: ${passed} of ${passed + failed.length} pass; ${pending} are switched off by their authors`);
}
exit(failed.length + outsideOfSpecs.length > 0 ? 1 : 0);

/** In a process of its own: the tests reset the engine, and take over global names. */
async function runSuite() {
  // The installed package looks for its addon from where the bundle lies.
  const place = installed === undefined ? tmpdir() : join(installed, 'node_modules/.cache');
  mkdirSync(place, { recursive: true });
  const folder = mkdtempSync(join(place, 'tfjs-conformance-'));
  try {
    const suite = join(folder, 'suite.mjs');
    const file = join(folder, 'report.json');
    await bundle(suite);
    const [name, native] = installed === undefined ? [backend, NATIVE[backend]()] : ['installed', installed];
    // What libtensorflow says at its start is no part of the report.
    execFileSync(execPath, [suite, name, file, options.only, native], { stdio: ['ignore', 'ignore', 'pipe'] });
    return JSON.parse(readFileSync(file, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function bundle(outfile) {
  await build({
    entryPoints: [join(here, 'suite.mjs')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // The files of the packages in which each module is one file, so that all imports of it, deep ones too, meet in it.
    mainFields: ['module', 'main'],
    // By its package.json nothing happens on import of a test.
    ignoreAnnotations: true,
    logLevel: 'error',
    alias: installed === undefined ? {} : aliasesIn(join(installed, 'node_modules')),
    banner: {
      js: `import { createRequire as createRequireForBundle } from 'node:module';
import { dirname as dirnameForBundle } from 'node:path';
const require = createRequireForBundle(import.meta.url);
const __filename = import.meta.filename, __dirname = dirnameForBundle(__filename);`,
    },
  });
}

/** So that the tests use the same copy of TensorFlow.js as the installed package. */
function aliasesIn(modules) {
  const tensorflow = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-cpu', '@tensorflow/tfjs-backend-wasm'];
  return {
    'tfjs-backend-onednn': join(modules, 'tfjs-backend-onednn/dist/index.js'),
    // The tests import it, and TensorFlow.js does not bring it along.
    'jasmine-core': join(root, 'node_modules/jasmine-core'),
    ...Object.fromEntries(tensorflow.map((name) => [name, join(modules, name)])),
  };
}
