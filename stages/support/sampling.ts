import type { TensorFlow } from '../../src/compute/identity.ts';
import type { Dataset } from '../../src/models/dataset.ts';
import type { Model } from '../../src/models/model.ts';

/** What is to be sampled, and at which point. */
export interface Sampling {
  readonly tf: TensorFlow;
  readonly model: Model;
  readonly dataset: Dataset;
  /** The examples of each, all of the same number. */
  readonly minibatches: readonly Uint32Array[];
  /** −u, since what is summed is ∇f = −ĝ, which only turns the sign of ⟨u, x_i⟩. */
  readonly direction: Float32Array;
  /** Of how many minibatches, from the first on, ⟨x_i, S⟩ is wanted. */
  readonly jackknifeSamples: number;
  readonly epoch: number;
  progress(fraction: number): void;
}

/** What the directional statistics are functions of, with x_i = ĝ_i/‖ĝ_i‖ and S = Σ x_i. */
export interface GradientSample {
  /** ‖ĝ_i‖ */
  readonly norms: Float64Array;
  /** ⟨u, x_i⟩ */
  readonly projections: Float64Array;
  /** ‖S‖ */
  readonly resultant: number;
  /** ‖Σ ĝ_i‖/n_s */
  readonly meanGradientNorm: number;
  /** ⟨x_i, S⟩ */
  readonly jackknifeProducts: Float64Array;
}
