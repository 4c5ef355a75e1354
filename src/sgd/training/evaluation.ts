import { setImmediate as nextTurn } from 'node:timers/promises';
import { meanCrossEntropy } from '../../tensors/layers/cross-entropy.ts';
import { valuesOf } from '../../tensors/read.ts';
import { withoutTape } from '../../tensors/tape/tape.ts';
import type { Tensor, TensorFlow } from '../../tensors/tensorflow.ts';
import { logits } from '../networks/logits.ts';
import type { Model } from '../networks/model.ts';
import { countCorrect } from './accuracy.ts';
import type { Minibatch, MinibatchGatherer } from './minibatch.ts';
import { requireFiniteLoss } from './require-finite-loss.ts';

/** The quality of a model on examples that it is not trained on here. */
export interface Evaluation {
  readonly examples: number;
  /** Mean cross entropy over the examples. */
  readonly loss: number;
  /** Share of the examples whose largest logit is at the label. */
  readonly accuracy: number;
}

/**
 * Evaluates a model, with batch normalisation by its running statistics.
 *
 * @param minibatches the examples, divided as the backend likes it; the result does not depend on the division, up to rounding
 * @throws {Failure} kind `stage` when the loss is not finite
 */
export async function evaluate(
  tf: TensorFlow,
  model: Model,
  gatherer: MinibatchGatherer,
  minibatches: readonly Uint32Array[],
  progress: (fraction: number) => void,
): Promise<Evaluation> {
  let examples = 0;
  let losses = 0;
  let correct = 0;
  for (const [position, indices] of minibatches.entries()) {
    const part = gatherer.with(indices, (minibatch) => evaluateMinibatch(tf, model, minibatch));
    requireFiniteLoss(part.loss, `minibatch ${position + 1} of the evaluation`);
    examples += indices.length;
    losses += part.loss * indices.length;
    correct += part.correct;
    progress((position + 1) / minibatches.length);
    await nextTurn();
  }
  return { examples, loss: losses / examples, accuracy: correct / examples };
}

function evaluateMinibatch(
  tf: TensorFlow,
  { architecture, weights }: Model,
  { images, oneHotLabels, labels }: Minibatch,
): { readonly loss: number; readonly correct: number } {
  return tf.tidy(() => {
    const variable = (name: string): Tensor => weights.get(name);
    const z = logits({ recorder: withoutTape(tf), phase: { kind: 'inference' }, variable }, architecture, images);
    const loss = valuesOf(tf, meanCrossEntropy(tf, z, oneHotLabels).loss)[0] as number;
    return { loss, correct: countCorrect(valuesOf(tf, z), labels) };
  });
}
