import type { ChosenRows, Matrices } from '../../tensors/algebra/matrices.ts';
import type { Dataset } from '../training/dataset.ts';
import type { DenseLayer, GradientsOfGroups } from './example-gradients.ts';

/** A norm below a threshold is computed again with δ scaled by this power of two, so that products of float32 numbers do not vanish. */
const MAGNIFICATIONS = /* @__PURE__ */ Object.freeze([
  { below: 2 ** -40, factor: 2 ** 60 },
  // Below this, the squares of the scaled numbers would be denormal, which some backends flush to 0.
  { below: 2 ** -100, factor: 2 ** 120 },
]);

/** Norms of the gradients of some minibatches. */
export interface MinibatchNorms {
  readonly norms: Float64Array;
  /** The norms of each layer's part; one that is below 10⁻⁷ of the whole has no digits. */
  readonly ofLayers: readonly Float64Array[];
}

/** Bytes are multiplied as they are, which rounds less, and the result is scaled like the pixels. */
const PIXEL_UNIT = 1 / 255;

/**
 * ‖∇f_I‖ of minibatches I from the gradients of their examples. With A and Δ the rows a_j and δ_j of a minibatch of m, a
 * layer's gradient is AᵀΔ/m, and ‖AᵀΔ‖² = ⟨AAᵀ, ΔΔᵀ⟩: small products of matrices for each minibatch.
 */
export class NormMeasure {
  readonly #matrices: Matrices;
  readonly #layers: readonly DenseLayer[];
  readonly #dataset: Dataset;
  readonly #gradients: GradientsOfGroups;
  /** Where an example is among the gradients, by its index in the dataset. */
  readonly #rowOf: Uint32Array;

  /** @param gradients of every example of the minibatches */
  constructor(matrices: Matrices, layers: readonly DenseLayer[], dataset: Dataset, gradients: GradientsOfGroups) {
    this.#matrices = matrices;
    this.#layers = layers;
    this.#dataset = dataset;
    this.#gradients = gradients;
    this.#rowOf = gradients.rowsOfExamples(dataset.examples);
  }

  /** ‖∇f_I‖ of some minibatches, all of the same size; enough of them at a time fill the backend. */
  of(minibatches: readonly Uint32Array[]): MinibatchNorms {
    const measured = this.#take(minibatches, 1);
    minibatches.forEach((minibatch, i) => {
      for (const { below, factor } of MAGNIFICATIONS) {
        if (!((measured.norms[i] as number) < below)) continue;
        const { norms, ofLayers } = this.#take([minibatch], factor);
        measured.norms[i] = norms[0] as number;
        ofLayers.forEach((ofLayer, layer) => {
          (measured.ofLayers[layer] as Float64Array)[i] = ofLayer[0] as number;
        });
      }
    });
    return measured;
  }

  #take(minibatches: readonly Uint32Array[], deltaFactor: number): MinibatchNorms {
    const size = minibatches[0]?.length ?? 0;
    const normOf = (square: number) => Math.sqrt(Math.max(0, square)) / (size * deltaFactor);
    const squares = new Float64Array(minibatches.length);
    const examples = new Uint32Array(minibatches.length * size);
    minibatches.forEach((minibatch, i) => {
      examples.set(minibatch, i * size);
    });
    const chosen = examples.map((example) => this.#rowOf[example] as number);
    const ofLayers = this.#layers.map(({ inputs: width, outputs }, layer) => {
      const before = squares.slice();
      const inputs: ChosenRows<Float32Array | Uint8Array> =
        layer === 0
          ? { values: this.#dataset.pixels, chosen: examples, width }
          : { values: this.#gradients.inputs[layer] as Float32Array, chosen, width };
      const deltas = { values: this.#gradients.deltas[layer] as Float32Array, chosen, width: outputs };
      const factor = layer === 0 ? PIXEL_UNIT ** 2 : 1;
      const byGram = isGramCheaper(size, width, outputs);
      this.#matrices.addSquaresOfProducts({ size, inputs, deltas, deltaFactor, factor, byGram }, squares);
      return squares.map((square, i) => normOf(square - (before[i] as number)));
    });
    return { norms: squares.map(normOf), ofLayers };
  }
}

/**
 * Whether ‖AᵀΔ‖² takes fewer multiplications as ⟨AAᵀ, ΔΔᵀ⟩: two products of 64 × 64 elements instead of one of 784 × 800.
 */
function isGramCheaper(size: number, inputs: number, outputs: number): boolean {
  return size * (inputs + outputs) < inputs * outputs;
}
