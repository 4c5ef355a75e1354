import { Failure } from '../../src/engine/stage/index.ts';

/**
 * @param norm of the gradient of sampled minibatch number `index`, counted from 0
 * @throws {Failure} kind `stage` when it is zero or not finite
 */
export function requireDirection(norm: number, index: number): void {
  if (norm > 0 && norm < Number.POSITIVE_INFINITY) return;
  throw new Failure('stage', {
    fact: `the gradient of sampled minibatch ${index + 1} has norm ${norm}, so it has no direction`,
    fix:
      norm === 0
        ? 'sample at an earlier epoch, before the loss vanishes in float32, or with larger minibatches'
        : 'lower learningRate: the weights have diverged',
  });
}
