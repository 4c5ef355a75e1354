import type { Architecture } from './architecture.ts';
import type { Dataset } from './dataset.ts';
import { type ExampleGroup, gatherPixels } from './example-groups.ts';
import { requireFiniteLoss } from './finite.ts';
import type { Model } from './model.ts';
import { denseProducts } from './products.ts';
import { rectifierGradient } from './rectifier.ts';
import { residualsOf } from './residuals.ts';
import type { Tensor2D, TensorFlow } from './tensorflow.ts';

/** A dense layer: a kernel [inputs, outputs]. */
export interface DenseLayer {
  readonly variable: string;
  readonly inputs: number;
  readonly outputs: number;
}

/**
 * The gradients of some examples, each of its own loss. By the kernel of a dense layer the gradient of example j is the
 * outer product aⱼᵀδⱼ of what goes into the layer and of the loss's gradient by what comes out of it.
 */
export interface ExampleGradients {
  readonly group: ExampleGroup;
  /** a of every layer, [examples, inputs] each; of the first the group's pixels only. */
  readonly inputs: readonly Float32Array[];
  /** δ of every layer, [examples, outputs] each. */
  readonly deltas: readonly Float32Array[];
}

/**
 * Why the gradient of a minibatch is not the mean of outer products of vectors that belong to one example each; nothing if
 * it is.
 */
export function whyNotFactored(architecture: Architecture): string | undefined {
  if (architecture.kind !== 'fully-connected') return 'a convolution applies its kernel at many places of an image';
  if (architecture.batchNorm !== false) return 'batch normalisation mixes the examples of a minibatch';
  return undefined;
}

/** The layers of a model for which {@link whyNotFactored} finds nothing, from the input on. */
export function denseLayers({ variables }: Model): readonly DenseLayer[] {
  return variables.map(({ name, shape }) => ({
    variable: name,
    inputs: shape[0] as number,
    outputs: shape[1] as number,
  }));
}

/** How much memory {@link exampleGradients} takes for each example, at most. */
export function bytesOfExampleGradients(model: Model): number {
  const layers = denseLayers(model);
  return Float32Array.BYTES_PER_ELEMENT * layers.reduce((sum, { inputs, outputs }) => sum + inputs + outputs, 0);
}

/**
 * Takes the gradients of a group's examples.
 *
 * @throws {Failure} kind `stage` when a loss is not finite; `where` names the place.
 */
export function exampleGradients(
  tf: TensorFlow,
  model: Model,
  dataset: Dataset,
  group: ExampleGroup,
  where: string,
): ExampleGradients {
  const inputs = [gatherPixels(dataset, group)];
  const deltas: Float32Array[] = [];
  // Nothing is returned from inside: tidy looks for tensors in every element of what it returns.
  tf.tidy(() => {
    const { output, inputGradient } = denseProducts(tf);
    const [first, ...further] = denseLayers(model) as [DenseLayer, ...DenseLayer[]];
    const kernels = further.map(({ variable }) => model.weights.get(variable) as Tensor2D);
    const firstKernel = model.weights.get(first.variable).dataSync<'float32'>();
    let z = output(inputOf(tf, { group, inputs }, 0), kernelOf(tf, group, 0, first, firstKernel));
    const rectified = kernels.map((kernel) => {
      const activation = tf.relu(z);
      z = output(activation, kernel);
      return activation;
    });

    const labels = Uint8Array.from(group.examples, (example) => dataset.labels[example] as number);
    const { residuals, losses } = residualsOf(z.dataSync<'float32'>(), labels, model.classes);
    requireFiniteLoss(losses, where);
    deltas.push(residuals);
    let delta = tf.tensor2d(residuals, z.shape);
    for (let layer = kernels.length - 1; layer >= 0; layer--) {
      const propagated = inputGradient(delta, kernels[layer] as Tensor2D);
      delta = rectifierGradient(tf, propagated, rectified[layer] as Tensor2D) as Tensor2D;
      deltas.unshift(delta.dataSync<'float32'>());
    }
    for (const activation of rectified) inputs.push(activation.dataSync<'float32'>());
  });
  return { group, inputs, deltas };
}

/** a of a layer as a tensor. */
export function inputOf(
  tf: TensorFlow,
  { group, inputs }: Pick<ExampleGradients, 'group' | 'inputs'>,
  layer: number,
): Tensor2D {
  const rows = group.examples.length;
  const values = inputs[layer] as Float32Array;
  return tf.tensor2d(values, [rows, values.length / rows]);
}

/** What {@link inputOf} is multiplied with: a matrix [inputs, outputs], for the first layer its rows of the group's pixels. */
export function kernelOf(
  tf: TensorFlow,
  { pixels }: ExampleGroup,
  layer: number,
  { inputs, outputs }: DenseLayer,
  matrix: Float32Array,
): Tensor2D {
  if (layer > 0) return tf.tensor2d(matrix, [inputs, outputs]);
  const values = new Float32Array(pixels.length * outputs);
  pixels.forEach((pixel, row) => {
    values.set(matrix.subarray(pixel * outputs, (pixel + 1) * outputs), row * outputs);
  });
  return tf.tensor2d(values, [pixels.length, outputs]);
}
