import type { Model } from '../../src/sgd/networks/model.ts';
import type { GroupSamples } from '../../src/sgd/statistics/group-statistics.ts';
import type { Dataset } from '../../src/sgd/training/dataset.ts';
import type { TensorFlow } from '../../src/tensors/backends/identity.ts';

/** The model and the point of the gradients. */
export interface Sampling {
  readonly tf: TensorFlow;
  readonly model: Model;
  readonly dataset: Dataset;
  /** The examples of each, all of the same number. */
  readonly minibatches: readonly Uint32Array[];
  readonly epoch: number;
  progress(fraction: number): void;
}

/** What takes more work than the sums of whole gradients: of all minibatches, or of the first ones. */
export interface GradientDetails {
  /** ⟨x_i, x_{i+1}⟩ */
  readonly consecutiveCosines: Float64Array;
  /** A group of which a gradient is zero has no direction there, and is left out. */
  readonly groups: readonly GroupSamples[];
}

/** The sums from which the directional statistics follow, with x_i = ĝ_i/‖ĝ_i‖ and S = Σ x_i. */
export interface GradientSample extends GradientDetails {
  /** ‖ĝ_i‖ */
  readonly norms: Float64Array;
  /** ‖S‖ */
  readonly resultant: number;
  /** ‖Σ ĝ_i‖/n_s */
  readonly meanGradientNorm: number;
  /** ⟨x_i, S⟩ of the first minibatches */
  readonly jackknifeProducts: Float64Array;
}

/** A sampling with its jackknife: it computes ⟨x_i, S⟩ of the first minibatches. */
export interface JackknifedSampling extends Sampling {
  readonly jackknifeSamples: number;
  /** Called now and then with ‖S‖ of the first minibatches, where that costs next to nothing. */
  report(samples: number, resultant: number): void;
}

export type Sampler = (sampling: JackknifedSampling) => Promise<GradientSample>;

/** Computes ⟨u, x_i⟩ of all minibatches. With −u for u, since gradients are of ∇f = −ĝ. */
export type Projector = (sampling: Sampling & { readonly direction: Float32Array }) => Promise<Float64Array>;
