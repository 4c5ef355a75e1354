import * as v from 'valibot';
import { defineStage, json, many, markdown } from 'vmfdag';

/** One row for each seed: the mean of all throws with its standard error. */
export default defineStage({
  params: v.strictObject({}),
  inputs: { counts: many(json<number[]>()) },
  outputs: { table: markdown },
  run({ inputs, log }) {
    const rows = inputs.counts.map(({ coordinates, value: counts }) => {
      const draws = counts.reduce((sum, count) => sum + count, 0);
      const mean = counts.reduce((sum, count, face) => sum + count * (face + 1), 0) / draws;
      const variance = counts.reduce((sum, count, face) => sum + count * (face + 1 - mean) ** 2, 0) / (draws - 1);
      return `| ${coordinates.seed} | ${draws} | ${mean.toFixed(3)} ± ${Math.sqrt(variance / draws).toFixed(3)} |`;
    });
    log(`${rows.length} seeds`);
    return { table: ['| seed | throws | mean |', '|---|---|---|', ...rows, ''].join('\n') };
  },
});
