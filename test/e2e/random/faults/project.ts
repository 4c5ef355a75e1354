import { type Project, projectOf } from '../../support/project.ts';

/** States of the project between which it is edited; each keeps the edits of those before it. */
export const VARIANTS = ['cold', 'edited stage', 'longer chains', 'edited chain'] as const;
export type Variant = (typeof VARIANTS)[number];

/**
 * `start/C` → `step/C/1` → … keeps the bytes of checkpoints only; `look/C/S` reads each state, `coarse/C/S` each look, and
 * `total` and `verdict` gather all of them. A file `trouble` in the folder brings down the next worker that executes a step or a look.
 */
export function faultsProject(): Project {
  return projectOf({
    'pipeline.yaml': PIPELINE,
    'shared/trouble.ts': TROUBLE,
    'stages/start.ts': START,
    'stages/step.ts': STEP,
    'stages/look.ts': LOOK,
    'stages/coarse.ts': COARSE,
    'stages/total.ts': TOTAL,
  });
}

/** Brings a project from the variant before to this one; from the last to the first, it takes all edits back. */
export function editTo(project: Project, variant: Variant): void {
  switch (variant) {
    case 'cold':
      project.write('pipeline.yaml', PIPELINE);
      project.write('stages/look.ts', LOOK);
      project.write('stages/step.ts', STEP);
      break;
    case 'edited stage':
      // Needs the evicted states again. Every look changes; every coarse look is the same, so that the verdict is cut off.
      project.edit('stages/look.ts', '% 65521', '% 65519');
      break;
    case 'longer chains':
      project.edit('pipeline.yaml', 'steps: 7', 'steps: 9');
      break;
    case 'edited chain':
      // Other code, the same numbers: every step is executed, and all below is cut off.
      project.edit('stages/step.ts', 'value * 31 + index + step', 'step + index + value * 31');
      break;
  }
}

const PIPELINE = `version: 1
name: faults
params: {chains: [1, 2], steps: 7, milliseconds: 40}
stages:
  start:
    run: stages/start.ts
    each: {chain: "\${chains}"}
    outputs: {state: bytes}
  step:
    run: stages/step.ts
    each: {chain: "\${chains}"}
    scan:
      step: {to: "\${steps}", checkpoints: [0, 3, 6]}
      carry: {state: start.state}
    params: {milliseconds: "\${milliseconds}"}
    outputs: {state: bytes, sum: json}
    retain: {state: checkpoints}
    undeclared: ignore
  look:
    run: stages/look.ts
    undeclared: ignore
    each: {chain: "\${chains}", step: {from: 0, to: "\${steps}"}}
    inputs: {state: step.state}
    outputs: {digest: json}
  coarse:
    run: stages/coarse.ts
    each: {chain: "\${chains}", step: {from: 0, to: "\${steps}"}}
    inputs: {digest: look.digest}
    outputs: {digest: json}
  total:
    run: stages/total.ts
    inputs: {first: "look.digest[*]", second: "step.sum[*]"}
    outputs: {total: json}
  verdict:
    run: stages/total.ts
    inputs: {first: "coarse.digest[*]", second: "step.sum[*]"}
    outputs: {total: json}
targets:
  total: {files: {total.json: total.total}}
  verdict: {files: {verdict.json: verdict.total}}
`;

// What a stage does wrong must not be seen in its key: a file that only one worker can take.
const TROUBLE = `import { readFileSync, renameSync } from 'node:fs';

export function meetTrouble(): void {
  try {
    renameSync('trouble', 'trouble-met');
  } catch {
    return;
  }
  if (readFileSync('trouble-met', 'utf8') === 'abort') process.abort();
  const held: number[][] = [];
  // Large pieces: the limit is Node's own, since workers take no NODE_OPTIONS.
  for (;;) held.push(new Array(2_000_000).fill(held.length + 0.5));
}
`;

const START = `import * as v from 'valibot';
import { bytes, defineStage } from 'vmfdag';

export default defineStage({
  params: v.strictObject({}),
  inputs: {},
  outputs: { state: bytes },
  run: ({ coordinates }) => ({ state: new Uint8Array(8192).fill(Number(coordinates.chain)) }),
});
`;

const STEP = `import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { bytes, defineStage, json, one } from 'vmfdag';
import { meetTrouble } from '../shared/trouble.ts';

export default defineStage({
  params: v.strictObject({ milliseconds: v.number() }),
  inputs: { state: one(bytes) },
  outputs: { state: bytes, sum: json<number>() },
  async run({ params, inputs, coordinates }) {
    meetTrouble();
    const step = Number(coordinates.step);
    await sleep((params.milliseconds * (step % 5)) / 4);
    const state = inputs.state.map((value, index) => (value * 31 + index + step) % 251);
    return { state, sum: state.reduce((sum, value) => sum + value, 0) };
  },
});
`;

const LOOK = `import * as v from 'valibot';
import { bytes, defineStage, json, one } from 'vmfdag';
import { meetTrouble } from '../shared/trouble.ts';

export default defineStage({
  params: v.strictObject({}),
  inputs: { state: one(bytes) },
  outputs: { digest: json<number>() },
  run({ inputs }) {
    meetTrouble();
    return { digest: inputs.state.reduce((hash, value) => (hash * 33 + value) % 65521, 5381) };
  },
});
`;

const COARSE = `import * as v from 'valibot';
import { defineStage, json, one } from 'vmfdag';

export default defineStage({
  params: v.strictObject({}),
  inputs: { digest: one(json<number>()) },
  outputs: { digest: json<number>() },
  run: ({ inputs, coordinates }) => ({ digest: Math.floor(inputs.digest / 100_000) + Number(coordinates.step) }),
});
`;

const TOTAL = `import * as v from 'valibot';
import { defineStage, json, many } from 'vmfdag';

export default defineStage({
  params: v.strictObject({}),
  inputs: { first: many(json<number>()), second: many(json<number>()) },
  outputs: { total: json<number>() },
  run: ({ inputs }) => ({ total: [...inputs.first, ...inputs.second].reduce((sum, { value }) => sum + value, 0) }),
});
`;
