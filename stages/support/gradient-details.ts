import { flattenInto } from '../../src/sgd/gradients/gradient.ts';
import { GradientAccumulator } from '../../src/sgd/statistics/accumulator.ts';
import type { GroupSamples } from '../../src/sgd/statistics/group-statistics.ts';
import type { TensorFlow } from '../../src/tensors/backends/identity.ts';
import { backendWith } from '../../src/tensors/capabilities.ts';
import type { Tensor } from '../../src/tensors/tensorflow.ts';
import { consecutiveCosines } from './consecutive-cosines.ts';
import { euclideanNorm } from './euclidean-norm.ts';
import type { ParameterGroup } from './parameter-groups.ts';
import type { GradientDetails } from './sampling.ts';

/** Takes gradients in the order of the sample; each as its tensors, in the order of the flattened gradient. */
export interface DetailedSums {
  add(gradient: readonly Tensor[]): void;
  results(): GradientDetails;
}

/** The sums of parameter groups, and the products of consecutive directions. */
export function detailedSums(tf: TensorFlow, dimension: number, groups: readonly ParameterGroup[]): DetailedSums {
  const cosines = consecutiveCosines(tf, dimension);
  const ofGroups = groups.map((group) => groupSums(tf, group));
  return {
    add(gradient) {
      cosines.add(gradient);
      for (const sums of ofGroups) sums.add(gradient);
    },
    results: () => ({
      consecutiveCosines: cosines.values(),
      groups: ofGroups.flatMap((sums) => sums.result() ?? []),
    }),
  };
}

/** The sums of one group. Undefined when one of its gradients was zero: it has no direction. */
function groupSums(tf: TensorFlow, { name, places, dimension }: ParameterGroup) {
  const norms: number[] = [];
  const sums = backendSums(tf, dimension) ?? portableSums(tf, dimension);
  return {
    add(gradient: readonly Tensor[]): void {
      norms.push(sums.add(places.map((place) => gradient[place] as Tensor)));
    },
    result(): GroupSamples | undefined {
      if (!norms.every((norm) => norm > 0)) return undefined;
      return { name, dimension, norms: Float64Array.from(norms), directions: norms.length, ...sums.results() };
    },
  };
}

interface Sums {
  /** @returns the norm. A gradient of zero is not added */
  add(part: readonly Tensor[]): number;
  results(): Pick<GroupSamples, 'resultant' | 'meanGradientNorm'>;
}

function backendSums(tf: TensorFlow, dimension: number): Sums | undefined {
  const accumulator = backendWith(tf, 'gradientAccumulator')?.gradientAccumulator(dimension);
  if (!accumulator) return undefined;
  let count = 0;
  return {
    add(part) {
      count++;
      return accumulator.add(part);
    },
    results() {
      const { sum, directions } = accumulator.sums();
      return { resultant: euclideanNorm(directions), meanGradientNorm: euclideanNorm(sum) / count };
    },
  };
}

function portableSums(tf: TensorFlow, dimension: number): Sums {
  const flat = new Float32Array(dimension);
  const accumulator = new GradientAccumulator(dimension);
  return {
    add(part) {
      flattenInto(tf, part, flat);
      return flat.some((component) => component !== 0) ? accumulator.add(flat) : 0;
    },
    results: () => ({ resultant: accumulator.resultant(), meanGradientNorm: accumulator.meanGradientNorm() }),
  };
}
