import * as v from 'valibot';
import { defineStage, json, randomStream } from 'vmfdag';

/** How often each face of a die came up. */
export default defineStage({
  params: v.strictObject({ draws: v.pipe(v.number(), v.integer(), v.minValue(1)) }),
  inputs: {},
  outputs: { counts: json<number[]>() },
  run({ params, coordinates, progress }) {
    // The numbers depend on the seed and the purpose alone: they are the same on every machine, in whatever order nodes run.
    const random = randomStream(Number(coordinates.seed), 'throw');
    const counts = [0, 0, 0, 0, 0, 0];
    for (let draw = 0; draw < params.draws; draw++) {
      const face = random.integer(6);
      counts[face] = (counts[face] ?? 0) + 1;
      progress(draw / params.draws);
    }
    return { counts };
  },
});
