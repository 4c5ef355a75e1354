import { setImmediate as nextTurn } from 'node:timers/promises';
import { Failure } from '../../engine/base/failure.ts';
import { updateRunningStatistics } from '../../tensors/layers/batch-normalisation.ts';
import type { Phase } from '../../tensors/layers/pass.ts';
import type { TensorFlow } from '../../tensors/tensorflow.ts';
import type { BatchNorm } from '../networks/architecture.ts';
import type { Model } from '../networks/model.ts';
import type { Weights } from '../networks/weights.ts';
import { backward } from './backward.ts';
import { descend } from './descent.ts';
import type { Minibatch, MinibatchGatherer } from './minibatch.ts';
import { requireFiniteLoss } from './require-finite-loss.ts';

/** Means over the minibatches of an epoch, each at the time when it was trained on. */
export interface EpochMetrics {
  readonly steps: number;
  readonly trainingLoss: number;
  readonly trainingAccuracy: number;
}

/**
 * One step of plain SGD, w ← w − η·∇f(w), and of the running statistics of batch normalisation.
 *
 * @returns the loss before the step, and how many of the minibatch were classified correctly then
 */
export function sgdStep(
  tf: TensorFlow,
  model: Model,
  minibatch: Minibatch,
  learningRate: number,
): { readonly loss: number; readonly correct: number } {
  const { batchNorm } = model.architecture;
  const phase = batchNorm ? observingPhase(tf, model, batchNorm) : ({ kind: 'training' } as const);
  const { loss, correct, gradients } = backward(tf, model, minibatch, phase);
  for (const { name, gradient } of gradients) {
    model.weights.replace(name, descend(tf, model.weights.get(name), gradient, learningRate));
    gradient.dispose();
  }
  return { loss, correct };
}

/** A training phase that updates the running statistics with each layer's batch statistics. */
export function observingPhase(
  tf: TensorFlow,
  { weights }: Model,
  { momentum }: BatchNorm,
): Extract<Phase, { kind: 'training' }> {
  return {
    kind: 'training',
    observe: (layer, statistics) => {
      const running = { mean: weights.get(`${layer}/movingMean`), variance: weights.get(`${layer}/movingVariance`) };
      const moved = updateRunningStatistics(tf, running, statistics, momentum);
      weights.replace(`${layer}/movingMean`, moved.mean);
      weights.replace(`${layer}/movingVariance`, moved.variance);
    },
  };
}

/** The data of an epoch, and how to train on it. */
export interface EpochPlan {
  /** Number of the epoch, for messages. */
  readonly epoch: number;
  readonly gatherer: MinibatchGatherer;
  /** The examples of each step, in order. */
  readonly minibatches: readonly Uint32Array[];
  readonly learningRate: number;
  /** Called after each step with the share of the epoch that is done. */
  progress(fraction: number): void;
  /** Called with the loss and the accuracy of each minibatch before its step; the first one is number 0. */
  report(step: number, loss: number, accuracy: number): void;
}

/**
 * Trains a model for one epoch; its device weights are changed in place. Other events of the process are served between
 * steps.
 *
 * @throws {Failure} kind `stage` when the loss or a weight is no longer finite
 */
export async function trainEpoch(
  tf: TensorFlow,
  model: Model,
  { epoch, gatherer, minibatches, learningRate, progress, report }: EpochPlan,
): Promise<{ readonly weights: Weights; readonly metrics: EpochMetrics }> {
  let losses = 0;
  let accuracies = 0;
  let steps = 0;
  for (const indices of minibatches) {
    const { loss, correct } = gatherer.with(indices, (minibatch) => sgdStep(tf, model, minibatch, learningRate));
    // The last loss of a training that diverges too.
    report(steps, loss, correct / indices.length);
    steps++;
    requireFiniteLoss(loss, `step ${steps} of epoch ${epoch}`);
    losses += loss;
    accuracies += correct / indices.length;
    progress(steps / minibatches.length);
    await nextTurn();
  }
  const weights = model.weights.download();
  requireFiniteWeights(weights, epoch);
  return { weights, metrics: { steps, trainingLoss: losses / steps, trainingAccuracy: accuracies / steps } };
}

// No loss follows the last step that would show that it went too far.
function requireFiniteWeights(weights: Weights, epoch: number): void {
  for (const [name, { data }] of Object.entries(weights)) {
    if (data.every(Number.isFinite)) continue;
    throw new Failure('stage', {
      fact: `"${name}" is not finite after the last step of epoch ${epoch}: the weights have diverged`,
      fix: 'lower learningRate',
    });
  }
}
