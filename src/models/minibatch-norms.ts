import type { Dataset } from './dataset.ts';
import type { DenseLayer, ExampleGradients } from './example-gradients.ts';
import { batchedProducts } from './products.ts';
import type { Tensor3D, TensorFlow } from './tensorflow.ts';

/** A norm below this is taken again with δ scaled by `MAGNIFICATION`, lest products of float32 numbers vanish. */
const TINY = 2 ** -40;
const MAGNIFICATION = 2 ** 60;

/** Bytes are multiplied as they are, which rounds less, and the result is scaled as the pixels are. */
const PIXEL_UNIT = 1 / 255;

/**
 * ‖∇f_I‖ of minibatches I from the gradients of their examples. With A and Δ the rows a_j and δ_j of a minibatch of m, a
 * layer's gradient is AᵀΔ/m, and ‖AᵀΔ‖² = ⟨AAᵀ, ΔΔᵀ⟩: two products of 64 × 64 elements instead of one of 784 × 800.
 */
export class MinibatchNorms {
  readonly #tf: TensorFlow;
  readonly #layers: readonly DenseLayer[];
  readonly #dataset: Dataset;
  readonly #groups: readonly ExampleGradients[];
  /** Where an example is, by its index in the dataset. */
  readonly #groupOf: Uint32Array;
  readonly #rowOf: Uint32Array;
  // Written anew for every batch of minibatches: fresh memory would cost more than the products.
  #inputRows = new Float32Array(0);
  #deltaRows = new Float32Array(0);

  /** @param groups the gradients of every example of the minibatches. */
  constructor(tf: TensorFlow, layers: readonly DenseLayer[], dataset: Dataset, groups: readonly ExampleGradients[]) {
    this.#tf = tf;
    this.#layers = layers;
    this.#dataset = dataset;
    this.#groups = groups;
    this.#groupOf = new Uint32Array(dataset.examples);
    this.#rowOf = new Uint32Array(dataset.examples);
    groups.forEach(({ group: { examples } }, position) => {
      examples.forEach((example, row) => {
        this.#groupOf[example] = position;
        this.#rowOf[example] = row;
      });
    });
  }

  /** ‖∇f_I‖ of some minibatches, all of the same size; enough of them at a time fill the backend. */
  of(minibatches: readonly Uint32Array[]): Float64Array {
    const norms = this.#take(minibatches, 1);
    minibatches.forEach((minibatch, i) => {
      if ((norms[i] as number) < TINY) norms[i] = this.#take([minibatch], MAGNIFICATION)[0] as number;
    });
    return norms;
  }

  #take(minibatches: readonly Uint32Array[], scale: number): Float64Array {
    const count = minibatches.length;
    const size = minibatches[0]?.length ?? 0;
    const squares = new Float64Array(count);
    const examples = new Uint32Array(count * size);
    minibatches.forEach((minibatch, i) => {
      examples.set(minibatch, i * size);
    });
    this.#layers.forEach(({ inputs, outputs }, position) => {
      const inputRows = this.#gatherInputs(examples, position, inputs);
      const deltaRows = this.#gatherDeltas(examples, position, outputs);
      if (scale !== 1) for (let i = 0; i < deltaRows.length; i++) deltaRows[i] = (deltaRows[i] as number) * scale;
      this.#tf.tidy(() => {
        const a = this.#tf.tensor3d(inputRows, [count, size, inputs]);
        const delta = this.#tf.tensor3d(deltaRows, [count, size, outputs]);
        // Whichever takes fewer multiplications.
        const isGramCheaper = size * (inputs + outputs) < inputs * outputs;
        const ofLayer = isGramCheaper ? this.#squaresByGram(a, delta) : this.#squaresByGradient(a, delta);
        const unit = position === 0 ? PIXEL_UNIT : 1;
        for (let i = 0; i < count; i++) squares[i] = (squares[i] as number) + unit ** 2 * (ofLayer[i] as number);
      });
    });
    return squares.map((square) => Math.sqrt(Math.max(0, square)) / (size * scale));
  }

  #squaresByGram(a: Tensor3D, delta: Tensor3D): Float64Array {
    const { gram } = batchedProducts(this.#tf);
    const left = gram(a).dataSync<'float32'>();
    const right = gram(delta).dataSync<'float32'>();
    const [count, size] = a.shape;
    return Float64Array.from({ length: count }, (_, i) => product(left, right, i, size));
  }

  #squaresByGradient(a: Tensor3D, delta: Tensor3D): Float64Array {
    const values = batchedProducts(this.#tf).transposed(a, delta).dataSync<'float32'>();
    const [count] = a.shape;
    const length = values.length / count;
    return Float64Array.from({ length: count }, (_, i) => {
      let sum = 0;
      for (let k = i * length; k < (i + 1) * length; k++) sum += (values[k] as number) ** 2;
      return sum;
    });
  }

  /** Rows of the first layer are the whole images, in bytes. */
  #gatherInputs(examples: Uint32Array, layer: number, width: number): Float32Array {
    this.#inputRows = ofLengthAtLeast(this.#inputRows, examples.length * width);
    const { pixels } = this.#dataset;
    if (layer > 0) return this.#gather(examples, ({ inputs }) => inputs[layer], width, this.#inputRows);
    for (let row = 0; row < examples.length; row++) {
      const start = (examples[row] as number) * width;
      this.#inputRows.set(pixels.subarray(start, start + width), row * width);
    }
    return this.#inputRows.subarray(0, examples.length * width);
  }

  #gatherDeltas(examples: Uint32Array, layer: number, width: number): Float32Array {
    this.#deltaRows = ofLengthAtLeast(this.#deltaRows, examples.length * width);
    return this.#gather(examples, ({ deltas }) => deltas[layer], width, this.#deltaRows);
  }

  #gather(
    examples: Uint32Array,
    source: (gradients: ExampleGradients) => Float32Array | undefined,
    width: number,
    target: Float32Array,
  ): Float32Array {
    const sources = this.#groups.map((gradients) => source(gradients) as Float32Array);
    for (let to = 0; to < examples.length; to++) {
      const example = examples[to] as number;
      const start = (this.#rowOf[example] as number) * width;
      const values = sources[this.#groupOf[example] as number] as Float32Array;
      target.set(values.subarray(start, start + width), to * width);
    }
    return target.subarray(0, examples.length * width);
  }
}

function ofLengthAtLeast(array: Float32Array<ArrayBuffer>, length: number): Float32Array<ArrayBuffer> {
  return array.length >= length ? array : new Float32Array(length);
}

/** ⟨L, R⟩ of the symmetric matrices number i, each of size × size: twice what is above the diagonal, and the diagonal. */
function product(left: Float32Array, right: Float32Array, i: number, size: number): number {
  let diagonal = 0;
  let above = 0;
  for (let row = 0; row < size; row++) {
    const start = (i * size + row) * size;
    diagonal += (left[start + row] as number) * (right[start + row] as number);
    for (let k = start + row + 1; k < start + size; k++) above += (left[k] as number) * (right[k] as number);
  }
  return diagonal + 2 * above;
}
