import { type Project, projectOf } from './project.ts';

/**
 * `train/1` and `train/two`, which report `loss` (5 values, the last of which is NaN in `train/two`), `acc, "%"` and `final`; and `plain`, a command that reports
 * nothing. The param `offset` is added to every loss.
 */
export function metricsProject(): Project {
  return projectOf({
    'pipeline.yaml': `version: 1
name: metrics
params: {offset: 0}
stages:
  train:
    run: stages/train.ts
    each: {seed: [1, two]}
    params: {offset: "\${offset}"}
    outputs: {loss: json}
  plain:
    command: "cat {inputs.losses} > {outputs.all}"
    inputs: {losses: "train.loss[*]"}
    outputs: {all: bytes}
targets:
  all: {files: {all.txt: plain.all}}
`,
    'stages/train.ts': `import * as v from 'valibot';
import { defineStage, json } from 'vmfdag';

export default defineStage({
  params: v.strictObject({ offset: v.number() }),
  inputs: {},
  outputs: { loss: json<number>() },
  run({ params, coordinates, metric }) {
    for (let step = 0; step < 5; step++) {
      metric('loss', coordinates.seed === 'two' && step === 4 ? Number.NaN : params.offset + 1 / (step + 1), 10 * step);
    }
    metric('acc, "%"', 50);
    metric('final', Number.POSITIVE_INFINITY);
    return { loss: params.offset };
  },
});
`,
  });
}
