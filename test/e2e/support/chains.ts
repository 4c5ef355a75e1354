import { type Project, projectOf } from './project.ts';

/**
 * Chains that share a helper module and end in one total: `start/C` → `step/C/1` → … → `step/C/STEPS`, and `total` of all
 * steps. Step s of a chain takes up to `milliseconds`.
 */
export function chainsProject(
  chains: number,
  steps: number,
  milliseconds: number,
  options: readonly string[] = [],
): Project {
  return projectOf(
    {
      'pipeline.yaml': pipeline(chains, steps, milliseconds),
      'stages/start.ts': START,
      'stages/step.ts': STEP,
      'stages/total.ts': TOTAL,
      'shared/arithmetic.ts': ARITHMETIC,
    },
    options,
  );
}

/** Names of the nodes of such a project, sorted. */
export function chainNodes(chains: number, steps: number): readonly string[] {
  const names = range(chains).flatMap((chain) => [
    `start/${chain}`,
    ...range(steps).map((step) => `step/${chain}/${step}`),
  ]);
  return ['total', ...names].sort();
}

function range(length: number): readonly number[] {
  return Array.from({ length }, (_, index) => index + 1);
}

const pipeline = (chains: number, steps: number, milliseconds: number) => `version: 1
name: chains
params:
  chains: [${range(chains).join(', ')}]
  steps: ${steps}
  milliseconds: ${milliseconds}
stages:
  start:
    run: stages/start.ts
    each: {chain: "\${chains}"}
    outputs: {state: json}
  step:
    run: stages/step.ts
    each: {chain: "\${chains}"}
    scan:
      step: {from: 1, to: "\${steps}"}
      carry: {state: start.state}
    params: {milliseconds: "\${milliseconds}"}
    outputs: {state: json}
  total:
    run: stages/total.ts
    inputs: {states: "step.state[*]"}
    outputs: {total: json}
targets:
  total: {files: {total.json: total.total}}
`;

const ARITHMETIC = `/** Lehmer's generator. */
export function next(state: number): number {
  return (state * 48271) % 2147483647;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
`;

const START = `import * as v from 'valibot';
import { defineStage, json } from 'vmfdag';

// Where a chain begins.
export default defineStage({
  params: v.strictObject({}),
  inputs: {},
  outputs: { state: json<number>() },
  run: ({ coordinates }) => ({ state: Number(coordinates.chain) * 1000 }),
});
`;

const STEP = `import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { defineStage, json, one } from 'vmfdag';
import { next } from '../shared/arithmetic.ts';

export default defineStage({
  params: v.strictObject({ milliseconds: v.number() }),
  inputs: { state: one(json<number>()) },
  outputs: { state: json<number>() },
  async run({ params, inputs, coordinates }) {
    await sleep((params.milliseconds * (Number(coordinates.step) % 5)) / 4);
    return { state: next(inputs.state) };
  },
});
`;

const TOTAL = `import * as v from 'valibot';
import { defineStage, json, many } from 'vmfdag';
import { sum } from '../shared/arithmetic.ts';

export default defineStage({
  params: v.strictObject({}),
  inputs: { states: many(json<number>()) },
  outputs: { total: json<number>() },
  run: ({ inputs }) => ({ total: sum(inputs.states.map(({ value }) => value)) }),
});
`;
