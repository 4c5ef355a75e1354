// A pipeline of trivial nodes, and its commands: what the benches of the live page look at.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { environment } from './timed.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const program = join(root, 'src/engine/dist/vmfdag.cjs');

const PIPELINE = (n) => `version: 1
name: bench
params: {rows: [${numbers(n / 100)}], columns: [${numbers(100)}], last: 0}
stages:
  cell: {run: stages/cell.ts#cell, each: {row: "\${rows}", column: "\${columns}"}, params: {last: "\${last}"}, outputs: {value: json}}
  all: {run: stages/cell.ts#all, inputs: {values: "cell.value[row=*, column=*]"}, outputs: {value: json}}
targets: {all: [all]}
default: [all]
`;

const STAGES = `import * as v from 'valibot';
import { defineStage, json, many } from 'vmfdag';
export const cell = /* @__PURE__ */ defineStage({
  params: v.object({ last: v.number() }), inputs: {}, outputs: { value: json() },
  run: ({ coordinates, metric, params }) => { metric('value', coordinates.row); return { value: [coordinates.row, coordinates.column, params.last] }; },
});
export const all = /* @__PURE__ */ defineStage({
  params: v.object({}), inputs: { values: many(json()) }, outputs: { value: json() }, run: () => ({ value: 1 }),
});
`;

/** Starts a command of a project. */
export function start(project, args) {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: project,
    env: environment,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (piece) => {
    text += piece;
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  return { text: () => text, ended, kill: (signal) => child.kill(signal) };
}

/** Makes a project of `n` nodes, and removes it. */
export async function withProject(n, use) {
  const project = mkdtempSync(join(tmpdir(), 'vmfdag-bench-'));
  try {
    for (const folder of ['stages', 'node_modules']) mkdirSync(join(project, folder));
    symlinkSync(join(root, 'src/engine'), join(project, 'node_modules/vmfdag'));
    symlinkSync(join(root, 'node_modules/valibot'), join(project, 'node_modules/valibot'));
    writeFileSync(join(project, 'pipeline.yaml'), PIPELINE(n));
    writeFileSync(join(project, 'stages/cell.ts'), STAGES);
    await use(project);
  } finally {
    rmSync(project, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/** Prints what was measured: one line of names and values, or of JSON. @param digits of values that are not whole */
export function report({ json, digits }, row) {
  const write = (value) => (typeof value === 'number' && !Number.isInteger(value) ? value.toFixed(digits) : value);
  const line = () => Object.entries(row).map(([name, value]) => `${name} ${write(value)}`);
  console.log(json ? JSON.stringify(row) : line().join('  '));
}

export async function until(condition) {
  while (!(await condition())) await sleep(50);
}

function numbers(n) {
  return Array.from({ length: n }, (_, i) => i).join(', ');
}
