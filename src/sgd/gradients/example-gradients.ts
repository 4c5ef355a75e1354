import type { Matrices, Matrix } from '../../tensors/algebra/matrices.ts';
import { valuesOf } from '../../tensors/read.ts';
import type { TensorFlow } from '../../tensors/tensorflow.ts';
import type { Architecture } from '../networks/architecture.ts';
import type { Model } from '../networks/model.ts';
import { residualsOf } from '../networks/residuals.ts';
import type { Dataset } from '../training/dataset.ts';
import { requireFiniteLoss } from '../training/require-finite-loss.ts';
import type { ExampleGroup } from './example-groups.ts';

/** A dense layer: a kernel [inputs, outputs]. */
export interface DenseLayer {
  readonly variable: string;
  readonly inputs: number;
  readonly outputs: number;
}

/**
 * The gradients of some examples, each of its own loss. With respect to the kernel of a dense layer, the gradient of example j is the
 * outer product aⱼᵀδⱼ of the layer's input and the gradient of the loss with respect to the layer's output.
 */
export interface ExampleGradients {
  readonly group: ExampleGroup;
  /** a of every layer, [examples, inputs] each; undefined for the first, since {@link withInputs} has the group's pixels. */
  readonly inputs: readonly Matrix[];
  /** δ of every layer, [examples, outputs] each. */
  readonly deltas: readonly Matrix[];
}

/**
 * Why the gradient of a minibatch is not the mean of outer products of vectors of one example each; undefined if
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

/** How much memory {@link GradientsOfGroups} needs for each example, at most. */
export function bytesOfExampleGradients(model: Model): number {
  const layers = denseLayers(model);
  return Float32Array.BYTES_PER_ELEMENT * layers.reduce((sum, { inputs, outputs }) => sum + inputs + outputs, 0);
}

/**
 * Memory for the gradients of the examples of some groups, one after the other: `inputs` of the layers after the first and
 * `deltas` of all, [examples, …], and the parts of them that belong to each group.
 */
export class GradientsOfGroups {
  readonly groups: readonly ExampleGradients[];
  /** The first layer's are empty. */
  readonly inputs: readonly Matrix[];
  readonly deltas: readonly Matrix[];
  readonly #matrices: Matrices;

  /** @param dataset that the groups' examples belong to */
  constructor(matrices: Matrices, layers: readonly DenseLayer[], dataset: Dataset, groups: readonly ExampleGroup[]) {
    // For all of them, so that the next sample finds memory of the same size, without page faults.
    const { examples } = dataset;
    this.#matrices = matrices;
    this.inputs = layers.map(({ inputs }, layer) => matrices.allocate(layer === 0 ? 0 : examples * inputs));
    this.deltas = layers.map(({ outputs }) => matrices.allocate(examples * outputs));
    let row = 0;
    this.groups = groups.map((group) => {
      const [from, to] = [row, row + group.examples.length];
      row = to;
      const rowsOf = (matrix: Matrix, width: number) => matrix.subarray(from * width, to * width);
      return {
        group,
        inputs: layers.map((layer, i) => rowsOf(this.inputs[i] as Matrix, i === 0 ? 0 : layer.inputs)),
        deltas: layers.map((layer, i) => rowsOf(this.deltas[i] as Matrix, layer.outputs)),
      };
    });
  }

  /** Where an example is among the gradients, by its index in the dataset. */
  rowsOfExamples(examples: number): Uint32Array {
    const rowOf = new Uint32Array(examples);
    let row = 0;
    for (const { group } of this.groups) for (const example of group.examples) rowOf[example] = row++;
    return rowOf;
  }

  release(): void {
    for (const array of [...this.inputs, ...this.deltas]) this.#matrices.release(array);
  }
}

/** The kernels of a model's layers, read once. */
export function kernelsOf(tf: TensorFlow, model: Model): readonly Matrix[] {
  return denseLayers(model).map(({ variable }) => valuesOf(tf, model.weights.get(variable)));
}

/**
 * Passes the inputs of every layer to `use`. Those of the first layer are some pixels of the group's images, [examples, pixels], in
 * [0, 1]. They are gathered again each time, which takes less time than reading them from memory.
 */
export function withInputs(
  matrices: Matrices,
  dataset: Dataset,
  { group: { examples }, inputs }: ExampleGradients,
  pixels: Uint32Array,
  use: (inputs: readonly Matrix[]) => void,
): void {
  const imageSize = dataset.pixels.length / dataset.examples;
  const memory = matrices.allocate(examples.length * imageSize);
  const first = memory.subarray(0, examples.length * pixels.length);
  matrices.gatherColumns(dataset.pixels, imageSize, examples, pixels, first);
  use([first, ...inputs.slice(1)]);
  matrices.release(memory);
}

/**
 * Computes the gradients of a group's examples. The products of the forward pass are those of a minibatch, with as many rows and with all
 * pixels. Where a ReLU's input is within rounding of 0, other products could open it here and not there, which shows in the norm of a
 * minibatch. (How a row is summed depends on the number of rows with oneDNN and AVX2, for example.)
 *
 * @param batchSize of the minibatches. A smaller group is computed as it is
 * @param inputs those of the first layer, all pixels, and memory for the others'
 * @param deltas is written to
 * @throws {Failure} kind `stage` when a loss is not finite; `where` names the place
 */
export function takeGradients(
  matrices: Matrices,
  layers: readonly DenseLayer[],
  kernels: readonly Matrix[],
  dataset: Dataset,
  { group, deltas }: ExampleGradients,
  batchSize: number,
  inputs: readonly Matrix[],
  where: string,
): void {
  const rows = group.examples.length;
  const classes = layers.at(-1)?.outputs ?? 0;
  const logits = matrices.allocate(rows * classes);
  for (let next = 0; next < rows; next += batchSize) {
    // The last ones are computed together with some earlier ones.
    const from = Math.max(0, Math.min(next, rows - batchSize));
    const to = Math.min(from + batchSize, rows);
    layers.forEach(({ inputs: inner, outputs: columns }, position) => {
      const input = (inputs[position] as Matrix).subarray(from * inner, to * inner);
      const output = (inputs[position + 1] ?? logits).subarray(from * columns, to * columns);
      matrices.multiply(input, kernels[position] as Matrix, output, { rows: to - from, inner, columns });
      if (position < layers.length - 1) matrices.rectify(output);
    });
  }

  const labels = Uint8Array.from(group.examples, (example) => dataset.labels[example] as number);
  const { residuals, losses } = residualsOf(logits, labels, classes);
  matrices.release(logits);
  requireFiniteLoss(losses, where);
  deltas.at(-1)?.set(residuals);
  for (let layer = layers.length - 1; layer > 0; layer--) {
    const { inputs: columns, outputs: inner } = layers[layer] as DenseLayer;
    const delta = deltas[layer - 1] as Matrix;
    const extents = { rows, inner, columns, transposeB: true };
    matrices.multiply(deltas[layer] as Matrix, kernels[layer] as Matrix, delta, extents);
    matrices.cut(delta, inputs[layer] as Matrix);
  }
}

/**
 * Lets `use` have what a layer's inputs are multiplied with: a matrix [inputs, outputs], for the first layer its rows of the group's
 * pixels.
 */
export function withRowsOfKernel(
  matrices: Matrices,
  layers: readonly DenseLayer[],
  layer: number,
  matrix: Matrix,
  { pixels }: ExampleGroup,
  use: (rows: Matrix) => void,
): void {
  const { inputs, outputs } = layers[layer] as DenseLayer;
  if (layer > 0 || pixels.length === inputs) {
    use(matrix);
    return;
  }
  const memory = matrices.allocate(inputs * outputs);
  pixels.forEach((pixel, row) => {
    memory.set(matrix.subarray(pixel * outputs, (pixel + 1) * outputs), row * outputs);
  });
  use(memory.subarray(0, pixels.length * outputs));
  matrices.release(memory);
}
