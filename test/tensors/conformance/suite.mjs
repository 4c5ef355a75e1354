// TensorFlow.js's own tests of what a backend does, against one backend. Runs only as the bundle that run.mjs
// makes of it: the tests, the library and the backend have to share one copy of every module, engine included.
//   node suite.mjs BACKEND REPORT ONLY NATIVE   by run.mjs: the addon, the folder of the .wasm files, or a file of the project that has tfjs-node
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { argv, exit } from 'node:process';
import util from 'node:util';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util.js';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import jasmineRequire from 'jasmine-core/lib/jasmine-core/jasmine.js';
import { registerOnednn } from '../../../src/tensors/backends/onednn/register.ts';
import { restoreRemovedChecks } from '../../../src/tensors/backends/tfjs-node.ts';
import { registerConvolutionGradients } from '../../../src/tensors/backends/wasm/convolution-gradients.ts';

const MILLISECONDS_PER_SPEC = 20_000;

const [, , which, reportFile, only, native] = argv;

/** The name under which a backend registers, where it differs from the command's. */
const backendName = { installed: 'onednn', 'tfjs-node': 'tensorflow' }[which] ?? which;

const registrations = {
  onednn: async () => registerOnednn(tf, createRequire(native)(native)),
  installed: () => import('tfjs-backend-onednn'),
  'tfjs-node': async () => {
    restoreRemovedChecks(util);
    // It has a copy of TensorFlow.js of its own. Engine and kernels are global, so that it joins this one's.
    createRequire(native)('@tensorflow/tfjs-node');
  },
  wasm: async () => {
    const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
    setWasmPaths(`${native}/`);
    registerConvolutionGradients(tf);
  },
};

const jasmine = jasmineRequire.core(jasmineRequire);
const environment = jasmine.getEnv();
Object.assign(globalThis, jasmineRequire.interface(jasmine, environment));
jasmine.DEFAULT_TIMEOUT_INTERVAL = MILLISECONDS_PER_SPEC;

const report = { passed: 0, failed: [], pending: 0, outsideOfSpecs: [] };
const messages = ({ failedExpectations }) => failedExpectations.map(({ message }) => message.split('\n')[0]);
const outsideOfSpecs = (result) => report.outsideOfSpecs.push(...messages(result));
environment.addReporter({
  specDone(result) {
    if (result.status === 'passed') report.passed++;
    else if (result.status === 'failed') report.failed.push({ name: plainName(result), errors: messages(result) });
    else if (result.status === 'pending') report.pending++;
  },
  suiteDone: outsideOfSpecs,
  jasmineDone: outsideOfSpecs,
});
const wanted = new RegExp(only);
environment.configure({ random: false, specFilter: (spec) => wanted.test(spec.getFullName()) });

await run();

async function run() {
  await registrations[which]();
  if (!(await tf.setBackend(backendName))) throw new Error(`the backend "${backendName}" does not start`);
  // Library and tests warn of what they do on purpose.
  console.warn = console.log = () => {};
  setTestEnvs([{ name: backendName, backendName, isDataSync: true }]);
  await import('@tensorflow/tfjs-core/dist/tests.js');
  await environment.execute();
  writeFileSync(reportFile, JSON.stringify(report));
  // Timers and streams that some specs leave behind would keep the process.
  exit();
}

/** A spec's name without that of the backend, which a suite appends to its own. */
function plainName({ fullName }) {
  return fullName.replaceAll(` ${backendName} {}`, '');
}
