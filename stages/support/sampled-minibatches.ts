import { Failure, randomStream } from '../../src/engine/stage/index.ts';

/** The number and size of the minibatches. */
interface SampleSize {
  readonly batchSize: number;
  readonly gradientSamples: number;
}

/**
 * The minibatches whose gradients are sampled at a checkpoint: independent draws, each without replacement, and the same ones for every
 * stage.
 *
 * @param examples the number of examples
 * @returns their indices
 * @throws {Failure} kind `usage` when a minibatch would be larger than the dataset
 */
export function sampledMinibatches(
  { seed, epoch }: { readonly seed: number; readonly epoch: number },
  examples: number,
  { batchSize, gradientSamples }: SampleSize,
): readonly Uint32Array[] {
  if (batchSize > examples) {
    throw new Failure('usage', {
      fact: `a minibatch of ${batchSize} different examples cannot be drawn out of ${examples}`,
      fix: `set batchSize to at most ${examples}, or examples to at least ${batchSize}`,
    });
  }
  const draws = randomStream(seed, 'sampled minibatches', { epoch });
  return Array.from({ length: gradientSamples }, () => draws.subset(examples, batchSize));
}
