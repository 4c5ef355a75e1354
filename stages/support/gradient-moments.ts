import { flattenInto } from '../../src/sgd/gradients/gradient.ts';
import { type Moments, moments } from '../../src/sgd/statistics/moments.ts';
import type { TensorFlow } from '../../src/tensors/backends/identity.ts';
import { backendWith } from '../../src/tensors/capabilities.ts';
import type { Tensor } from '../../src/tensors/tensorflow.ts';

/**
 * ‖g‖ and ⟨u, g⟩ of a gradient, given as its tensors in the order of the flattened gradient.
 *
 * @param direction u, d elements. It is used as if its length were 1
 */
export function gradientMoments(tf: TensorFlow, direction: Float32Array): (gradient: readonly Tensor[]) => Moments {
  const backend = backendWith(tf, 'gradientMoments');
  if (backend) return (gradient) => backend.gradientMoments(gradient, direction);
  const flat = new Float32Array(direction.length);
  const u = Float64Array.from(direction);
  return (gradient) => {
    flattenInto(tf, gradient, flat);
    return moments(flat, u);
  };
}
