import { meanCrossEntropy } from '../../tensors/layers/cross-entropy.ts';
import type { Phase } from '../../tensors/layers/pass.ts';
import { valuesOf } from '../../tensors/read.ts';
import { Tape } from '../../tensors/tape/tape.ts';
import type { Tensor, TensorFlow } from '../../tensors/tensorflow.ts';
import { logits } from '../networks/logits.ts';
import type { Model } from '../networks/model.ts';
import { countCorrect } from './accuracy.ts';
import type { Minibatch } from './minibatch.ts';

export interface Backward {
  /** Mean cross entropy of the minibatch, before any step. */
  readonly loss: number;
  readonly correct: number;
  /** ∇f of each trainable variable, in the order of the variables. The caller disposes them. */
  readonly gradients: readonly { readonly name: string; readonly gradient: Tensor }[];
}

/** One forward and backward pass over a minibatch, with batch normalisation in training mode. */
export function backward(
  tf: TensorFlow,
  { architecture, variables, weights }: Model,
  { images, oneHotLabels, labels }: Minibatch,
  phase: Extract<Phase, { kind: 'training' }>,
): Backward {
  const names = variables.filter(({ trainable }) => trainable).map(({ name }) => name);
  const variable = (name: string): Tensor => weights.get(name);
  let loss = Number.NaN;
  let correct = 0;
  const tensors = tf.tidy(() => {
    const recorder = new Tape(tf);
    const z = logits({ recorder, phase, variable }, architecture, images);
    const entropy = meanCrossEntropy(tf, z, oneHotLabels);
    const gradients = recorder.gradients(entropy.gradient, names.map(variable));
    // Not earlier: a backend that computes elsewhere would have to be waited for.
    loss = valuesOf(tf, entropy.loss)[0] as number;
    correct = countCorrect(valuesOf(tf, z), labels);
    return [...gradients];
  });
  return { loss, correct, gradients: names.map((name, i) => ({ name, gradient: tensors[i] as Tensor })) };
}
