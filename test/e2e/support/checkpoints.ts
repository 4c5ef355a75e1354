import { type Project, projectOf } from './project.ts';

/**
 * Chains as at a larger scale: `start/C` → `step/C/1` → … with checkpoints at 3 and 6, a `look/C/S` at the state of every
 * step, and a `total` of all looks that is published. Of the states, 4 kB each, those at checkpoints and the last of a chain stay.
 */
export function checkpointsProject(chains: number, steps: number, options: readonly string[] = []): Project {
  const list = Array.from({ length: chains }, (_, index) => index + 1).join(', ');
  return projectOf(
    {
      'pipeline.yaml': pipeline(list, steps),
      'stages/start.ts': START,
      'stages/step.ts': STEP,
      'stages/look.ts': LOOK,
      'stages/total.ts': TOTAL,
    },
    options,
  );
}

const pipeline = (chains: string, steps: number) => `version: 1
name: checkpoints
params:
  chains: [${chains}]
  steps: ${steps}
  milliseconds: 0
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
  look:
    run: stages/look.ts
    each: {chain: "\${chains}", step: {from: 0, to: "\${steps}"}}
    inputs: {state: step.state}
    outputs: {digest: json}
  total:
    run: stages/total.ts
    inputs: {looks: "look.digest[*]", sums: "step.sum[*]"}
    outputs: {total: json}
targets:
  total: {files: {total.json: total.total}}
`;

const START = `import * as v from 'valibot';
import { bytes, defineStage } from 'vmfdag';

export default defineStage({
  params: v.strictObject({}),
  inputs: {},
  outputs: { state: bytes },
  run: ({ coordinates }) => ({ state: new Uint8Array(4096).fill(Number(coordinates.chain)) }),
});
`;

const STEP = `import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { bytes, defineStage, json, one } from 'vmfdag';

export default defineStage({
  params: v.strictObject({ milliseconds: v.number() }),
  inputs: { state: one(bytes) },
  outputs: { state: bytes, sum: json<number>() },
  async run({ params, inputs, coordinates }) {
    if (params.milliseconds > 0) await sleep(params.milliseconds);
    const step = Number(coordinates.step);
    const state = inputs.state.map((value, index) => (value * 31 + index + step) % 251);
    return { state, sum: state.reduce((sum, value) => sum + value, 0) };
  },
});
`;

const LOOK = `import * as v from 'valibot';
import { bytes, defineStage, json, one } from 'vmfdag';

export default defineStage({
  params: v.strictObject({}),
  inputs: { state: one(bytes) },
  outputs: { digest: json<number>() },
  run: ({ inputs }) => ({ digest: inputs.state.reduce((hash, value) => (hash * 33 + value) % 65521, 5381) }),
});
`;

const TOTAL = `import * as v from 'valibot';
import { defineStage, json, many } from 'vmfdag';

export default defineStage({
  params: v.strictObject({}),
  inputs: { looks: many(json<number>()), sums: many(json<number>()) },
  outputs: { total: json<number>() },
  run: ({ inputs }) => ({ total: [...inputs.looks, ...inputs.sums].reduce((sum, { value }) => sum + value, 0) }),
});
`;
