import * as v from 'valibot';
import { json } from '../src/engine/stage/codecs/json.ts';
import { safetensors } from '../src/engine/stage/codecs/safetensors.ts';
import { Failure, type Tensors } from '../src/engine/stage/index.ts';
import { defineStage, one } from '../src/engine/stage/stage.ts';
import { effectiveDimension, gradientNoise } from '../src/sgd/statistics/gradient-noise.ts';
import { groupStatistics } from '../src/sgd/statistics/group-statistics.ts';
import { directionalStatistics } from '../src/sgd/statistics/statistics.ts';
import type { SampleStatistics } from './support/checkpoints.ts';
import { groupsNamed, groupTensor } from './support/group-tensors.ts';

/**
 * Computes κ̂ with its interval, SNR, normSNR and the quantities of gradient noise from the sums of sampled minibatch gradients. What a sample does
 * not hold, such as one that another program wrote, is null.
 */
export default defineStage({
  params: v.strictObject({}),
  inputs: { samples: one(safetensors) },
  outputs: { statistics: json<SampleStatistics>() },
  run({ inputs: { samples } }) {
    const norms = float64(samples, 'norms');
    const meanGradientNorm = scalar(samples, 'meanGradientNorm');
    const batchSize = 'batchSize' in samples ? scalar(samples, 'batchSize') : null;
    const cosines = 'consecutiveCosines' in samples ? float64(samples, 'consecutiveCosines') : new Float64Array();
    return {
      statistics: {
        ...directionalStatistics({
          dimension: scalar(samples, 'dimension'),
          norms,
          resultant: scalar(samples, 'resultant'),
          meanGradientNorm,
          jackknifeProducts: float64(samples, 'jackknifeProducts'),
        }),
        ...gradientNoise({ batchSize, norms, meanGradientNorm }),
        effectiveDimension: effectiveDimension(cosines),
        groups: groupsNamed(Object.keys(samples)).map((name) =>
          groupStatistics(
            {
              name,
              dimension: scalar(samples, groupTensor(name, 'dimension')),
              norms: float64(samples, groupTensor(name, 'norms')),
              meanGradientNorm: scalar(samples, groupTensor(name, 'meanGradientNorm')),
              directions: scalar(samples, groupTensor(name, 'directions')),
              resultant: scalar(samples, groupTensor(name, 'resultant')),
            },
            batchSize,
          ),
        ),
      },
    };
  },
});

function float64(tensors: Tensors, name: string): Float64Array {
  const data = tensors[name]?.data;
  if (data instanceof Float64Array) return data;
  throw malformed(name, 'float64 values');
}

function scalar(tensors: Tensors, name: string): number {
  const data = tensors[name]?.data;
  const value = data?.length === 1 ? data[0] : undefined;
  if (typeof value === 'number') return value;
  throw malformed(name, 'one number');
}

function malformed(name: string, expected: string): Failure {
  return new Failure('stage', {
    fact: `the input "samples" has no tensor "${name}" of ${expected}`,
    fix: 'bind "samples" to the output of a stage that samples minibatch gradients',
  });
}
