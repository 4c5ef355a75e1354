// Registers the gradients of TensorFlow.js's own tape, which the backends do without.
import '@tensorflow/tfjs';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { randomStream } from '../../../../src/engine/base/random.ts';
import type { TensorFlow } from '../../../../src/tensors/backends/identity.ts';
import { loadTensorFlow } from '../../../../src/tensors/backends/load.ts';

let tf: TensorFlow;
const use = async (backend: 'wasm' | 'cpu') => {
  tf = await loadTensorFlow({ backend, version: 'of a test', threads: 1 });
};
beforeAll(() => use('wasm'));

function uniform(size: number, seed: number): Float32Array {
  const stream = randomStream(seed, 'tensor of a test');
  return Float32Array.from({ length: size }, () => 2 * stream.uniform() - 1);
}

interface Case {
  readonly input: [number, number, number, number];
  /** Height, width, output channels. */
  readonly filter: [number, number, number];
  readonly strides: [number, number];
  readonly pad: 'same' | 'valid' | number;
}

/** The gradients of a convolution with respect to its input and its filter, for a random gradient of the output. */
function gradients({ input, filter, strides, pad }: Case): { readonly dx: Float32Array; readonly dw: Float32Array } {
  const [height, width, channels] = filter;
  const filterShape: [number, number, number, number] = [height, width, input[3], channels];
  const size = (shape: readonly number[]) => shape.reduce((product, extent) => product * extent, 1);
  const arrays: Float32Array[] = [];
  tf.tidy(() => {
    const x = tf.tensor(uniform(size(input), 1), input);
    const w = tf.tensor(uniform(size(filterShape), 2), filterShape);
    const convolve = (a: Tensor, b: Tensor): Tensor => tf.conv2d(a as Tensor4D, b as Tensor4D, strides, pad);
    const outputShape = convolve(x, w).shape;
    const dy = tf.tensor(uniform(size(outputShape), 3), outputShape);
    const both = tf.grads(convolve as (...inputs: Tensor[]) => Tensor)([x, w], dy);
    for (const gradient of both) arrays.push(new Float32Array(gradient.dataSync()));
  });
  const [dx, dw] = arrays as [Float32Array, Float32Array];
  return { dx, dw };
}

function relativeError(actual: Float32Array, expected: Float32Array): number {
  expect(actual.length).toBe(expected.length);
  const norm = (values: Float32Array) => Math.hypot(...values);
  return norm(actual.map((value, i) => value - (expected[i] as number))) / norm(expected);
}

// Each takes its own way through padding: symmetric, only at the end, inputs that no window reaches, windows that lie in
// the padding altogether, an even window, one pixel, strides that differ and exceed the window, more padding than the window has neighbours.
const cases: Case[] = [
  { input: [3, 8, 8, 4], filter: [3, 3, 5], strides: [1, 1], pad: 'same' },
  { input: [3, 8, 8, 4], filter: [3, 3, 5], strides: [2, 2], pad: 'same' },
  { input: [2, 7, 6, 3], filter: [3, 3, 2], strides: [2, 2], pad: 'same' },
  { input: [2, 8, 9, 3], filter: [3, 3, 2], strides: [2, 2], pad: 'valid' },
  { input: [2, 8, 9, 3], filter: [3, 2, 4], strides: [3, 2], pad: 'valid' },
  { input: [2, 9, 7, 2], filter: [1, 1, 3], strides: [2, 2], pad: 'same' },
  { input: [2, 10, 8, 2], filter: [1, 2, 3], strides: [3, 3], pad: 'same' },
  { input: [1, 5, 6, 2], filter: [4, 4, 3], strides: [1, 1], pad: 'same' },
  { input: [2, 6, 5, 2], filter: [5, 5, 2], strides: [2, 2], pad: 2 },
  { input: [2, 6, 5, 2], filter: [2, 2, 2], strides: [1, 1], pad: 2 },
  { input: [2, 1, 1, 3], filter: [3, 3, 4], strides: [2, 2], pad: 'same' },
];

describe('the gradients of a convolution on wasm', () => {
  it.each(cases)('are those of the cpu backend for $input by $filter, strides $strides, $pad', async (shapes) => {
    await use('cpu');
    const expected = gradients(shapes);
    await use('wasm');
    const { numTensors } = tf.memory();
    const actual = gradients(shapes);
    expect(relativeError(actual.dx, expected.dx)).toBeLessThan(1e-6);
    expect(relativeError(actual.dw, expected.dw)).toBeLessThan(1e-6);
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it('add up many pixels without losing digits', async () => {
    const shapes: Case = { input: [64, 32, 32, 3], filter: [1, 1, 2], strides: [1, 1], pad: 'valid' };
    const { dw } = gradients(shapes);
    const x = uniform(64 * 32 * 32 * 3, 1);
    const dy = uniform(64 * 32 * 32 * 2, 3);
    const expected = new Float32Array(6).map((_, place) => {
      let sum = 0;
      for (let pixel = 0; pixel < 64 * 32 * 32; pixel++) {
        sum += (x[pixel * 3 + (place >> 1)] as number) * (dy[pixel * 2 + (place & 1)] as number);
      }
      return sum;
    });
    expect(relativeError(dw, expected)).toBeLessThan(1e-5);
  });

  it('need no more memory after many filters than after a few', () => {
    const heap = () => (tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } }).wasm.HEAPU8.length;
    const shapes: Case = { input: [16, 16, 16, 8], filter: [3, 3, 8], strides: [1, 1], pad: 'same' };
    for (let i = 0; i < 10; i++) gradients(shapes);
    const before = heap();
    for (let i = 0; i < 100; i++) gradients(shapes);
    expect(heap()).toBe(before);
  });
});
