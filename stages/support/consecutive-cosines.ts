import { flattenInto } from '../../src/sgd/gradients/gradient.ts';
import { type Moments, moments } from '../../src/sgd/statistics/moments.ts';
import type { TensorFlow } from '../../src/tensors/backends/identity.ts';
import { backendWith } from '../../src/tensors/capabilities.ts';
import type { Tensor } from '../../src/tensors/tensorflow.ts';

/** ⟨x_i, x_{i+1}⟩ of gradients of d components that are given one after the other, each as its tensors. */
export function consecutiveCosines(tf: TensorFlow, dimension: number) {
  const measure = momentsWithPrevious(tf, dimension);
  const found: number[] = [];
  let previous: number | undefined;
  return {
    add(gradient: readonly Tensor[]): void {
      const { norm, product } = measure(gradient);
      if (previous !== undefined) found.push(product / (norm * previous));
      previous = norm;
    },
    values: () => Float64Array.from(found),
  };
}

/** ‖g_i‖ and ⟨g_i, g_{i−1}⟩ of gradients that are given one after the other; g_0 is 0. */
function momentsWithPrevious(tf: TensorFlow, dimension: number): (gradient: readonly Tensor[]) => Moments {
  const flat = new Float32Array(dimension);
  const backend = backendWith(tf, 'gradientMoments');
  if (backend) {
    return (gradient) => {
      const measured = backend.gradientMoments(gradient, flat);
      flattenInto(tf, gradient, flat);
      return measured;
    };
  }
  const previous = new Float64Array(dimension);
  return (gradient) => {
    flattenInto(tf, gradient, flat);
    const measured = moments(flat, previous);
    previous.set(flat);
    return measured;
  };
}
