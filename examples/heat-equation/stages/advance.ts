import * as v from 'valibot';
import { defineStage, Failure, one, safetensors } from 'vmfdag';
import { field } from '../shared/field.ts';
import { spacing } from '../shared/grid.ts';
import { THETA, thetaStep } from '../shared/schemes.ts';

export default defineStage({
  params: v.strictObject({ duration: v.number() }),
  inputs: { temperature: one(safetensors) },
  outputs: { temperature: safetensors },
  run({ params, inputs, coordinates }) {
    const theta = THETA[String(coordinates.scheme)];
    if (theta === undefined) {
      throw new Failure('stage', {
        fact: `there is no scheme "${coordinates.scheme}"`,
        fix: `the schemes are ${Object.keys(THETA).join(', ')}`,
      });
    }
    const steps = Number(coordinates.steps);
    let u = field(inputs.temperature);
    const ratio = params.duration / steps / spacing(u.length) ** 2;
    for (let step = 0; step < steps; step++) u = thetaStep(u, ratio, theta);
    return { temperature: { u: { shape: [u.length], data: u } } };
  },
});
