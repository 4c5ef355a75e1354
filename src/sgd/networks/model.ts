import type { TensorFlow } from '../../tensors/tensorflow.ts';
import type { Architecture } from './architecture.ts';
import { DeviceWeights } from './device-weights.ts';
import type { Variable } from './variables.ts';
import { weightsOf } from './weights.ts';

/** A model whose weights are on the backend. */
export interface Model {
  readonly architecture: Architecture;
  readonly classes: number;
  /** All of its variables, in their fixed order. */
  readonly variables: readonly Variable[];
  readonly weights: DeviceWeights;
}

/**
 * Puts a model's weights on the backend for as long as `use` needs them.
 *
 * @param tensors the weights as in an artefact
 * @throws {Failure} kind `stage` when they do not fit this architecture; and whatever `use` throws
 */
export async function withModel<T>(
  tf: TensorFlow,
  architecture: Architecture,
  imageShape: readonly number[],
  tensors: Parameters<typeof weightsOf>[2],
  use: (model: Model) => Promise<T>,
): Promise<T> {
  const { variables, classes, values } = weightsOf(architecture, imageShape, tensors);
  const weights = new DeviceWeights(tf, variables, values);
  try {
    return await use({ architecture, classes, variables, weights });
  } finally {
    weights.dispose();
  }
}
