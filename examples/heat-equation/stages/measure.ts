import * as v from 'valibot';
import { defineStage, json, one, safetensors } from 'vmfdag';
import { field } from '../shared/field.ts';
import { exactTemperature } from '../shared/grid.ts';

/** The root mean square over the points, relative to that of the exact temperature. */
export default defineStage({
  params: v.strictObject({ duration: v.number(), intervals: v.number() }),
  inputs: { temperature: one(safetensors) },
  outputs: { error: json<number>() },
  run({ params, inputs }) {
    const u = field(inputs.temperature);
    const exact = exactTemperature(u.length, params.duration * params.intervals);
    const norm = (values: Float64Array) => Math.hypot(...values);
    return { error: norm(u.map((value, index) => value - (exact[index] ?? 0))) / norm(exact) };
  },
});
