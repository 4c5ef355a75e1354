import { type Project, projectOf } from './project.ts';

export const RUNGS = 'rungs: [1, 3], factor: 2';
const RULE = `{metric: loss, best: min, ${RUNGS}}`;

/** Chains by a rate, of which 20 is the best; a table of all steps that there are, and one node for each chain that has reached the end. */
export const PIPELINE = `version: 1
name: halving
params: {rates: [10, 14, 19, 26, 40, 80], steps: 6, pause: 0}
stages:
  init: {run: stages/init.ts, each: {rate: "\${rates}"}, outputs: {state: json}}
  train:
    run: stages/train.ts
    each: {rate: "\${rates}"}
    scan: {step: {to: "\${steps}"}, carry: {state: init.state}}
    params: {pause: "\${pause}"}
    outputs: {state: json}
    stop: ${RULE}
  evaluate:
    run: stages/evaluate.ts
    each: {rate: "\${rates}"}
    inputs: {state: "train.state[step=\${steps}]"}
    outputs: {score: json}
  table:
    run: stages/table.ts
    inputs: {steps: "train.state[rate=*, step=*]", scores: "evaluate.score[rate=*]"}
    outputs: {table: json}
targets:
  table: {files: {table.json: table.table}}
  each: {nodes: [evaluate], files: {worst.json: evaluate/80.score, best.json: evaluate/19.score}}
`;

const FILES = {
  'pipeline.yaml': PIPELINE,
  'stages/init.ts': `import * as v from 'valibot';
import { defineStage, json } from 'vmfdag';
export default defineStage({ params: v.object({}), inputs: {}, outputs: { state: json() }, run: ({ coordinates }) => ({ state: { rate: coordinates.rate } }) });
`,
  'stages/train.ts': `import * as v from 'valibot';
import { defineStage, json, one } from 'vmfdag';
export default defineStage({
  params: v.object({ pause: v.number() }), inputs: { state: one(json()) }, outputs: { state: json() },
  async run({ params, coordinates, inputs, metric }) {
    await new Promise((resolve) => setTimeout(resolve, params.pause));
    const { rate, step } = coordinates;
    for (const part of [3, 2, 1]) metric('loss', (Math.abs(rate - 20) + part) / step);
    return { state: { rate, steps: [...(inputs.state.steps ?? []), step] } };
  },
});
`,
  'stages/evaluate.ts': `import * as v from 'valibot';
import { defineStage, json, one } from 'vmfdag';
export default defineStage({
  params: v.object({}), inputs: { state: one(json()) }, outputs: { score: json() },
  run: ({ inputs }) => ({ score: inputs.state.steps.length }),
});
`,
  'stages/table.ts': `import * as v from 'valibot';
import { defineStage, json, many } from 'vmfdag';
export default defineStage({
  params: v.object({}), inputs: { steps: many(json()), scores: many(json()) }, outputs: { table: json() },
  run: ({ inputs }) => ({ table: { steps: inputs.steps.map(({ coordinates }) => Object.values(coordinates).join('/')), scores: inputs.scores.map(({ coordinates, value }) => [coordinates.rate, value]) } }),
});
`,
};

export function halvingProject(): Project {
  return projectOf(FILES);
}
