import type { Model } from '../../src/sgd/networks/model.ts';
import type { Dataset } from '../../src/sgd/training/dataset.ts';
import type { TensorFlow } from '../../src/tensors/backends/identity.ts';

/** Whose gradients are wanted, and at which point. */
export interface Sampling {
  readonly tf: TensorFlow;
  readonly model: Model;
  readonly dataset: Dataset;
  /** The examples of each, all of the same number. */
  readonly minibatches: readonly Uint32Array[];
  readonly epoch: number;
  progress(fraction: number): void;
}

/** What the directional statistics are functions of, with x_i = ĝ_i/‖ĝ_i‖ and S = Σ x_i. */
export interface GradientSample {
  /** ‖ĝ_i‖ */
  readonly norms: Float64Array;
  /** ‖S‖ */
  readonly resultant: number;
  /** ‖Σ ĝ_i‖/n_s */
  readonly meanGradientNorm: number;
  /** ⟨x_i, S⟩ of the first minibatches */
  readonly jackknifeProducts: Float64Array;
}

/** Takes ⟨x_i, S⟩ of so many minibatches, from the first on. */
export type Sampler = (sampling: Sampling & { readonly jackknifeSamples: number }) => Promise<GradientSample>;

/** Takes ⟨u, x_i⟩ of all minibatches. With −u for u, since gradients are of ∇f = −ĝ. */
export type Projector = (sampling: Sampling & { readonly direction: Float32Array }) => Promise<Float64Array>;
