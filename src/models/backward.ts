import { countCorrect } from './accuracy.ts';
import { meanCrossEntropy } from './cross-entropy.ts';
import { logits } from './forward.ts';
import type { Minibatch } from './minibatch.ts';
import type { Model } from './model.ts';
import type { Phase } from './pass.ts';
import { valuesOf } from './read.ts';
import type { Tensor, TensorFlow } from './tensorflow.ts';

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
  minibatch: Minibatch,
  phase: Extract<Phase, { kind: 'training' }>,
): Backward {
  const names = variables.filter(({ trainable }) => trainable).map(({ name }) => name);
  let outputs: Tensor | undefined;
  const lossOf = (...values: Tensor[]) => {
    const byName = new Map(names.map((name, i) => [name, values[i] as Tensor]));
    const variable = (name: string): Tensor => byName.get(name) ?? weights.get(name);
    const z = logits({ tf, phase, variable }, architecture, minibatch.images);
    outputs = tf.keep(z);
    return meanCrossEntropy(tf, z, minibatch.oneHotLabels);
  };
  const { value, grads } = tf.valueAndGrads(lossOf)(names.map((name) => weights.get(name)));
  const correct = outputs ? countCorrect(valuesOf(tf, outputs), minibatch.labels) : 0;
  outputs?.dispose();
  const loss = valuesOf(tf, value)[0] as number;
  value.dispose();
  return { loss, correct, gradients: names.map((name, i) => ({ name, gradient: grads[i] as Tensor })) };
}
