import { setImmediate as nextTurn } from 'node:timers/promises';
import { readInto } from '../../tensors/read.ts';
import type { Tensor, TensorFlow } from '../../tensors/tensorflow.ts';
import type { Model } from '../networks/model.ts';
import { backward } from '../training/backward.ts';
import type { MinibatchGatherer } from '../training/minibatch.ts';
import { requireFiniteLoss } from '../training/require-finite-loss.ts';

/**
 * Computes ∇f of the mean loss over the examples at `indices`, and passes it to `use`: one tensor for each trainable variable,
 * in their order, disposed afterwards. Batch normalisation uses the minibatch's statistics, and does not change the running
 * ones. Other events of the process are served before.
 *
 * @param where names the minibatch in a failure
 * @throws {Failure} kind `stage` when the loss is not finite; and whatever `use` throws
 */
export async function withGradient<T>(
  tf: TensorFlow,
  model: Model,
  gatherer: MinibatchGatherer,
  indices: Uint32Array,
  where: string,
  use: (gradient: readonly Tensor[]) => T,
): Promise<T> {
  await nextTurn();
  const { loss, gradients } = gatherer.with(indices, (minibatch) =>
    backward(tf, model, minibatch, { kind: 'training' }),
  );
  const tensors = gradients.map(({ gradient }) => gradient);
  try {
    requireFiniteLoss(loss, where);
    return use(tensors);
  } finally {
    for (const tensor of tensors) tensor.dispose();
  }
}

/** Writes a gradient's tensors one after the other, each row-major, into `target`, which has length d. */
export function flattenInto(tf: TensorFlow, gradient: readonly Tensor[], target: Float32Array): void {
  let offset = 0;
  for (const tensor of gradient) {
    readInto(tf, tensor, target, offset);
    offset += tensor.size;
  }
}
