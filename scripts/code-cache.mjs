// Makes V8's code caches: of the worker, what is compiled when it executes a tiny pipeline; of the command line, when it finds it up to date.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import loading from './load-program.cjs';

const PIPELINE = `version: 1
name: warm-up
params: {names: [a, b], last: 2}
profiles: {quick: {default: true, params: {last: 3}}}
stages:
  start: {run: warm-up.mjs#start, each: {name: "\${names}"}, params: {last: "\${last}"}, outputs: {value: json}}
  step: {run: warm-up.mjs#step, each: {name: "\${names}"}, scan: {step: {to: 3}, carry: {value: start.value}}, outputs: {value: json}}
targets: {all: {nodes: [step], files: {all.json: step/a/3.value}}}
`;

// The smallest possible stage: packages are out of reach here.
const STAGE = `const value = {
  type: 'json', encode: (text) => new TextEncoder().encode(text), decode: (bytes) => new TextDecoder().decode(bytes) };
const params = { '~standard': { version: 1, vendor: 'none', validate: (value) => ({ value }) } };
const start = { params, inputs: {}, outputs: { value }, run: () => ({ value: '1' }) };
const step = { ...start, inputs: { value: { kind: 'one', codec: value } } };
export { start, step };
`;

/** Writes `command.cjs.cache` and `worker-program.cjs.cache` in a folder. Without them everything works, and starts slower. */
export function makeCodeCaches(directory) {
  const workerCache = join(directory, 'worker-program.cjs.cache');
  const project = mkdtempSync(join(tmpdir(), 'vmfdag-warm-up-'));
  const run = (args) => spawnSync(process.execPath, args, { cwd: project, encoding: 'utf8' });
  try {
    writeFileSync(join(project, 'pipeline.yaml'), PIPELINE);
    writeFileSync(join(project, 'warm-up.mjs'), STAGE);
    writeFileSync(workerCache, '');
    const made = run([join(directory, 'vmfdag.cjs'), 'run', '--jobs', '1']);
    if (statSync(workerCache).size === 0) rmSync(workerCache);
    const cached =
      made.status === 0 ? run([fileURLToPath(import.meta.url), join(directory, 'command.cjs'), 'run']) : made;
    if (cached.status !== 0) console.warn(`no code cache was made:\n${cached.stdout}${cached.stderr}`);
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [node, , command, ...args] = process.argv;
  process.argv = [node, command, ...args];
  const script = loading.loadProgram(command, createRequire(command));
  process.on('exit', () => writeFileSync(`${command}.cache`, script.createCachedData()));
}
