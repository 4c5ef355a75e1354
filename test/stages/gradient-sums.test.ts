import { describe, expect, it } from 'vitest';
import { randomStream } from '../../src/engine/base/random.ts';
import type { Tensor, TensorFlow } from '../../src/tensors/tensorflow.ts';
import { gradientSums } from '../../stages/support/gradient-sums.ts';
import { BACKENDS, tensorFlow } from '../sgd/support/fixtures.ts';

const SIZES = [700, 33];
const DIMENSION = 733;
const COUNT = 53;

/** ‖S‖ in float64, by the definition. */
function resultantOf(gradients: readonly Float32Array[]): number {
  const sum = new Float64Array(DIMENSION);
  for (const gradient of gradients) {
    const norm = Math.hypot(...gradient);
    for (const [index, value] of gradient.entries()) sum[index] = (sum[index] as number) + value / norm;
  }
  return Math.hypot(...sum);
}

describe.each(BACKENDS)('sums over gradients on %s', (backend) => {
  const draws = randomStream(1, 'gradients of a test');
  const gradients = Array.from({ length: COUNT }, () =>
    Float32Array.from({ length: DIMENSION }, () => draws.integer(2000) / 1000 - 0.7),
  );
  const tensorsOf = (tf: TensorFlow, gradient: Float32Array): Tensor[] => [
    tf.tensor1d(gradient.slice(0, SIZES[0])),
    tf.tensor1d(gradient.slice(SIZES[0])),
  ];

  it('have a running ‖S‖, whose reading changes no bit of them', async () => {
    const tf = await tensorFlow(backend);
    const [watched, unwatched] = [gradientSums(tf, DIMENSION), gradientSums(tf, DIMENSION)];
    let seen = 0;
    for (const [index, gradient] of gradients.entries()) {
      for (const sums of [watched, unwatched]) {
        const tensors = tensorsOf(tf, gradient);
        sums.add(tensors);
        tf.dispose(tensors);
      }
      const running = watched.runningResultant();
      if (running === undefined) continue;
      seen++;
      const expected = resultantOf(gradients.slice(0, index + 1));
      expect(Math.abs(running - expected)).toBeLessThan(1e-9 * expected);
    }
    expect(seen).toBeGreaterThanOrEqual(Math.floor(COUNT / 8));
    expect(watched.results()).toEqual(unwatched.results());
    const [first] = gradients as [Float32Array];
    const products = [watched, unwatched].map((sums) => {
      const tensors = tensorsOf(tf, first);
      const product = sums.jackknifeProduct(tensors, 0);
      tf.dispose(tensors);
      return product;
    });
    expect(products[0]).toBe(products[1]);
  });
});
