import {
  type DenseLayer,
  denseLayers,
  type ExampleGradients,
  GradientsOfGroups,
  kernelsOf,
  takeGradients,
  withInputs,
} from '../../src/sgd/gradients/example-gradients.ts';
import { groupExamples } from '../../src/sgd/gradients/example-groups.ts';
import { projectionsOf } from '../../src/sgd/gradients/example-projections.ts';
import { type MinibatchNorms, NormMeasure } from '../../src/sgd/gradients/minibatch-norms.ts';
import { MinibatchProducts } from '../../src/sgd/gradients/minibatch-products.ts';
import { requireKnownLabels } from '../../src/sgd/training/dataset.ts';
import { consecutive } from '../../src/sgd/training/minibatch.ts';
import { matricesOf } from '../../src/tensors/algebra/backend-matrices.ts';
import type { Matrices, Matrix } from '../../src/tensors/algebra/matrices.ts';
import { requireDirection } from './require-direction.ts';
import type { Sampling } from './sampling.ts';

/** Examples that are processed together. */
export const ROWS = 1024;

/**
 * The gradients of the examples of some minibatches, each computed once, in however many minibatches it is: outer products, in a network
 * of dense layers.
 */
export class ExampleFactors {
  readonly matrices: Matrices;
  readonly layers: readonly DenseLayer[];
  readonly #sampling: Sampling;
  readonly #kernels: readonly Matrix[];
  readonly #allPixels: Uint32Array;
  readonly #gradients: GradientsOfGroups;
  #products: MinibatchProducts | undefined;

  /**
   * @param sampling of a model for which `whyNotFactored` finds nothing
   * @param parts all examples of its minibatches, each once. Those of a part are in groups of their own, in the order of the parts
   */
  constructor(sampling: Sampling, parts: readonly Uint32Array[]) {
    const { tf, model, dataset } = sampling;
    requireKnownLabels(dataset, model.classes);
    this.#sampling = sampling;
    this.matrices = matricesOf(tf);
    this.layers = denseLayers(model);
    this.#kernels = kernelsOf(tf, model);
    this.#allPixels = consecutive(dataset.pixels.length / dataset.examples);
    const groups = parts.flatMap((examples) => groupExamples(dataset, examples, ROWS));
    this.#gradients = new GradientsOfGroups(this.matrices, this.layers, dataset, groups);
  }

  get groups(): readonly ExampleGradients[] {
    return this.#gradients.groups;
  }

  /** Computes the gradients of a group, before anything else. */
  take(ofGroup: ExampleGradients): void {
    const { dataset, epoch } = this.#sampling;
    withInputs(this.matrices, dataset, ofGroup, this.#allPixels, (inputs) => {
      const where = `the sampled examples at epoch ${epoch}`;
      takeGradients(this.matrices, this.layers, this.#kernels, dataset, ofGroup, this.#batchSize, inputs, where);
    });
  }

  /** Passes the inputs of every layer to `use`; of the images, the pixels that are not empty in the whole group. */
  withInputs(ofGroup: ExampleGradients, use: (inputs: readonly Matrix[]) => void): void {
    withInputs(this.matrices, this.#sampling.dataset, ofGroup, ofGroup.group.pixels, use);
  }

  /** Writes ⟨v, g_j⟩ of a group's examples to `products`, by their indices. */
  project(ofGroup: ExampleGradients, vector: Float32Array, products: Float64Array): void {
    this.withInputs(ofGroup, (inputs) => {
      const values = projectionsOf(this.matrices, this.layers, ofGroup, inputs, vector);
      ofGroup.group.examples.forEach((example, row) => {
        products[example] = values[row] as number;
      });
    });
  }

  /** The norms of this many minibatches are computed together. */
  get normsAtOnce(): number {
    return Math.max(1, Math.floor(ROWS / this.#batchSize));
  }

  get #batchSize(): number {
    return this.#sampling.minibatches[0]?.length ?? 1;
  }

  /**
   * ‖ĝ_i‖ of the minibatches, and those of each layer's part, once the gradients of all groups are computed. Calls `step` for each minibatch.
   *
   * @throws {Failure} kind `stage` when one is zero or not finite
   */
  async norms(step: () => Promise<void>): Promise<MinibatchNorms> {
    const { dataset, minibatches } = this.#sampling;
    const measure = new NormMeasure(this.matrices, this.layers, dataset, this.#gradients);
    const norms = new Float64Array(minibatches.length);
    const ofLayers = this.layers.map(() => new Float64Array(minibatches.length));
    for (let from = 0; from < minibatches.length; from += this.normsAtOnce) {
      const measured = measure.of(minibatches.slice(from, from + this.normsAtOnce));
      norms.set(measured.norms, from);
      ofLayers.forEach((ofLayer, layer) => {
        ofLayer.set(measured.ofLayers[layer] as Float64Array, from);
      });
      await step();
    }
    norms.forEach(requireDirection);
    return { norms, ofLayers };
  }

  /** ⟨ĝ_I, ĝ_J⟩ of two minibatches, once the gradients of all groups are computed. */
  product(one: Uint32Array, other: Uint32Array): number {
    this.#products ??= new MinibatchProducts(this.matrices, this.layers, this.#sampling.dataset, this.#gradients);
    return this.#products.of(one, other);
  }

  release(): void {
    this.#gradients.release();
  }
}
