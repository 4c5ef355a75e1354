import * as v from 'valibot';
import { json } from '../src/engine/stage/codecs/json.ts';
import { safetensors } from '../src/engine/stage/codecs/safetensors.ts';
import { Failure, type Tensors } from '../src/engine/stage/index.ts';
import { defineStage, one } from '../src/engine/stage/stage.ts';
import { type DirectionalStatistics, directionalStatistics } from '../src/sgd/statistics/statistics.ts';

/** Computes κ̂ with its interval, SNR and normSNR from the sums of sampled minibatch gradients. */
export default defineStage({
  params: v.strictObject({}),
  inputs: { samples: one(safetensors) },
  outputs: { statistics: json<DirectionalStatistics>() },
  run: ({ inputs: { samples } }) => ({
    statistics: directionalStatistics({
      dimension: scalar(samples, 'dimension'),
      norms: float64(samples, 'norms'),
      resultant: scalar(samples, 'resultant'),
      meanGradientNorm: scalar(samples, 'meanGradientNorm'),
      jackknifeProducts: float64(samples, 'jackknifeProducts'),
    }),
  }),
});

function float64(tensors: Tensors, name: string): Float64Array {
  const data = tensors[name]?.data;
  if (data instanceof Float64Array) return data;
  throw malformed(name, 'float64 values');
}

function scalar(tensors: Tensors, name: string): number {
  const data = tensors[name]?.data;
  const value = data?.length === 1 ? data[0] : undefined;
  if (value !== undefined) return value;
  throw malformed(name, 'one number');
}

function malformed(name: string, expected: string): Failure {
  return new Failure('stage', {
    fact: `the input "samples" has no tensor "${name}" of ${expected}`,
    fix: 'bind "samples" to the output of a stage that samples minibatch gradients',
  });
}
