import { Failure } from '../../engine/base/failure.ts';

/**
 * @param where for the message, for example `minibatch 12 of epoch 3`
 * @throws {Failure} kind `stage` when the loss is NaN or infinite
 */
export function requireFiniteLoss(loss: number, where: string): void {
  if (Number.isFinite(loss)) return;
  throw new Failure('stage', {
    fact: `the loss is ${loss} at ${where}: the weights have diverged`,
    fix: 'lower learningRate',
  });
}
