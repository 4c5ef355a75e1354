import * as v from 'valibot';
import { json } from '../../src/engine/stage/codecs/json.ts';
import { defineStage } from '../../src/engine/stage/stage.ts';
import { ruleSchema } from './rule.ts';

/** What a run remembers from epoch to epoch, apart from its weights. */
export interface RunState {
  /** m of the next epoch. */
  readonly batchSize: number;
  /** Of all epochs so far. */
  readonly steps: number;
  readonly examples: number;
}

/** The state of a run before its first epoch. */
export default defineStage({
  params: v.strictObject({ rule: ruleSchema }),
  inputs: {},
  outputs: { state: json<RunState>() },
  run: ({ params }) => ({ state: { batchSize: params.rule.batchSize, steps: 0, examples: 0 } }),
});
