// Measures what sending nodes to executors costs: trivial nodes on two local workers, and on two units of this machine at the other end of pipes.
//   npm run bench:units -- [--nodes 10000] [--repeats 3] [--json] [--kinds single,chains] [--milliseconds 50: each node waits so long]
// With engines of Python futures too, whose start and end are in the time; a run of one node shows them:
//   npm run bench:units -- --executors exec,processes,parsl,ray,dask [--python .venv/bin/python]
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { environment, median } from './timed.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const program = join(root, 'src/engine/dist/vmfdag.cjs');
const CHAIN = 100;

const { values: options } = parseArgs({
  options: {
    nodes: { type: 'string', default: '10000' },
    repeats: { type: 'string', default: '3' },
    kinds: { type: 'string', default: 'single,chains' },
    milliseconds: { type: 'string', default: '0' },
    executors: { type: 'string', default: 'exec' },
    python: { type: 'string', default: join(root, 'node_modules/.cache/vmfdag-engines/bin/python') },
    json: { type: 'boolean', default: false },
  },
});

const STAGES = {
  single: (nodes) => `
  node:
    run: stages/step.ts#start
    each: {number: {from: 1, to: ${nodes}}}
    outputs: {value: json}
`,
  chains: (nodes) => `
  start:
    run: stages/step.ts#start
    each: {number: {from: 1, to: ${nodes / CHAIN}}}
    outputs: {value: json}
  step:
    run: stages/step.ts#step
    each: {number: {from: 1, to: ${nodes / CHAIN}}}
    scan: {position: {from: 1, to: ${CHAIN - 1}}, carry: {value: start.value}}
    outputs: {value: json}
`,
};

const milliseconds = Number(options.milliseconds);
const wait = milliseconds > 0 ? `await sleep(${milliseconds});` : '';
const MODULE = `import * as v from 'valibot';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineStage, json, one } from 'vmfdag';
export const start = /* @__PURE__ */ defineStage({
  params: v.object({}), inputs: {}, outputs: { value: json() },
  ${wait ? 'async ' : ''}run({ coordinates }) { ${wait} return { value: coordinates.number }; },
});
export const step = /* @__PURE__ */ defineStage({
  params: v.object({}), inputs: { value: one(json()) }, outputs: { value: json() },
  ${wait ? 'async ' : ''}run({ inputs }) { ${wait} return { value: inputs.value + 1 }; },
});
`;

const nodes = Number(options.nodes);
for (const kind of options.kinds.split(',')) {
  const executors = ['local', ...options.executors.split(',')];
  const seconds = new Map(executors.map((executor) => [executor, []]));
  // One after the other, so that all see the same noise of the machine.
  for (let repeat = 0; repeat < Number(options.repeats); repeat++) {
    for (const executor of executors) seconds.get(executor).push(measure(kind, executor));
  }
  const local = median(seconds.get('local'));
  for (const executor of executors.slice(1)) {
    const each = median(seconds.get(executor));
    const row = { kind, nodes, executor, local, seconds: each, ratio: each / local };
    const text = `${kind}: ${nodes} nodes${wait ? ` of ${milliseconds} ms` : ''}, local ${local.toFixed(2)} s, ${executor} ${each.toFixed(2)} s: ${row.ratio.toFixed(2)}`;
    console.log(options.json ? JSON.stringify(row) : text);
  }
}

function measure(kind, executor) {
  const project = mkdtempSync(join(tmpdir(), 'vmfdag-bench-'));
  try {
    mkdirSync(join(project, 'stages'));
    mkdirSync(join(project, 'node_modules'));
    for (const [name, place] of [
      ['vmfdag', 'src/engine'],
      ['valibot', 'node_modules/valibot'],
    ]) {
      symlinkSync(join(root, place), join(project, 'node_modules', name));
    }
    writeFileSync(join(project, 'package.json'), '{"type": "module"}');
    writeFileSync(join(project, 'stages/step.ts'), MODULE);
    const line = [process.execPath, program, 'unit', '-', '--cache', join(project, 'units')];
    const way = { futures: `vmfdag.executors:${executor}`, python: [options.python], command: line };
    const declared = { [executor]: { ...(executor === 'exec' ? { exec: line } : way), slots: 2 } };
    const head = `version: 1\nname: bench\nexecutors: ${JSON.stringify(executor === 'local' ? {} : declared)}\nstages:`;
    writeFileSync(join(project, 'pipeline.yaml'), head + STAGES[kind](nodes));
    const started = performance.now();
    const { status, stderr } = spawnSync(process.execPath, [program, 'run', '--jobs', '2', '--executor', executor], {
      cwd: project,
      env: environment,
      encoding: 'utf8',
      maxBuffer: 2 ** 30,
    });
    if (status !== 0) throw new Error(stderr);
    return (performance.now() - started) / 1000;
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}
