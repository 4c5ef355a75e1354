import type { Matrices, Matrix } from '../../tensors/algebra/matrices.ts';
import type { Dataset } from '../training/dataset.ts';
import { consecutive } from '../training/minibatch.ts';
import type { DenseLayer, GradientsOfGroups } from './example-gradients.ts';

/**
 * ⟨∇f_I, ∇f_J⟩ of two minibatches from the gradients of their examples. With A and Δ the rows a_j and δ_j of a minibatch of m, a layer's
 * gradient is AᵀΔ/m, and ⟨A_IᵀΔ_I, A_JᵀΔ_J⟩ = ⟨A_I A_Jᵀ, Δ_I Δ_Jᵀ⟩: two products with as many rows and columns as examples.
 */
export class MinibatchProducts {
  readonly #matrices: Matrices;
  readonly #layers: readonly DenseLayer[];
  readonly #dataset: Dataset;
  readonly #gradients: GradientsOfGroups;
  readonly #rowOf: Uint32Array;
  readonly #allPixels: Uint32Array;

  /** @param gradients of every example of the minibatches */
  constructor(matrices: Matrices, layers: readonly DenseLayer[], dataset: Dataset, gradients: GradientsOfGroups) {
    this.#matrices = matrices;
    this.#layers = layers;
    this.#dataset = dataset;
    this.#gradients = gradients;
    this.#rowOf = gradients.rowsOfExamples(dataset.examples);
    this.#allPixels = consecutive(layers[0]?.inputs ?? 0);
  }

  of(one: Uint32Array, other: Uint32Array): number {
    const perExample = new Float64Array(one.length);
    const take = (count: number) => this.#matrices.allocate(count);
    this.#layers.forEach(({ inputs, outputs }, layer) => {
      const memory = [take(one.length * inputs), take(other.length * inputs)] as const;
      const deltas = [take(one.length * outputs), take(other.length * outputs)] as const;
      const products = [take(one.length * other.length), take(one.length * other.length)] as const;
      [one, other].forEach((examples, i) => {
        this.#gatherInputs(layer, examples, memory[i] as Matrix);
        this.#gather(this.#gradients.deltas[layer] as Matrix, examples, outputs, deltas[i] as Matrix);
      });
      const extents = { rows: one.length, columns: other.length, transposeB: true };
      this.#matrices.multiply(memory[0], memory[1], products[0], { ...extents, inner: inputs });
      this.#matrices.multiply(deltas[0], deltas[1], products[1], { ...extents, inner: outputs });
      this.#matrices.addRowProducts(products[0], products[1], perExample);
      for (const matrix of [...memory, ...deltas, ...products]) this.#matrices.release(matrix);
    });
    return perExample.reduce((sum, value) => sum + value, 0) / (one.length * other.length);
  }

  #gatherInputs(layer: number, examples: Uint32Array, out: Matrix): void {
    const { inputs } = this.#layers[layer] as DenseLayer;
    if (layer === 0) this.#matrices.gatherColumns(this.#dataset.pixels, inputs, examples, this.#allPixels, out);
    else this.#gather(this.#gradients.inputs[layer] as Matrix, examples, inputs, out);
  }

  #gather(source: Matrix, examples: Uint32Array, width: number, out: Matrix): void {
    examples.forEach((example, i) => {
      const row = this.#rowOf[example] as number;
      out.set(source.subarray(row * width, (row + 1) * width), i * width);
    });
  }
}
