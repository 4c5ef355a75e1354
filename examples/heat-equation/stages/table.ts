import * as v from 'valibot';
import { type Coordinate, csv, defineStage, type Gathered, json, many } from 'vmfdag';

/** One row for each scheme and number of steps, with the order of convergence seen between it and the row before. */
export default defineStage({
  params: v.strictObject({}),
  inputs: { errors: many(json<number>()) },
  outputs: { csv },
  run({ inputs }) {
    const rows = inputs.errors.map(({ coordinates: { scheme, steps }, value: error }, index) => {
      const before = inputs.errors[index - 1];
      const isFirst = before === undefined || before.coordinates.scheme !== scheme;
      return [scheme, steps, error.toExponential(3), isFirst ? '' : order(before, steps, error)].join(',');
    });
    return { csv: ['scheme,steps,error,order', ...rows, ''].join('\n') };
  },
});

function order(before: Gathered<number>, steps: Coordinate | undefined, error: number): string {
  return (Math.log(before.value / error) / Math.log(Number(steps) / Number(before.coordinates.steps))).toFixed(2);
}
