import * as v from 'valibot';
import { defineStage, safetensors } from 'vmfdag';
import { exactTemperature } from '../shared/grid.ts';

export default defineStage({
  params: v.strictObject({ points: v.pipe(v.number(), v.integer(), v.minValue(3)) }),
  inputs: {},
  outputs: { temperature: safetensors },
  run: ({ params }) => ({
    temperature: { u: { shape: [params.points], data: exactTemperature(params.points, 0) } },
  }),
});
