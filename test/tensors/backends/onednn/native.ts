import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs';
import type { OnednnBinding } from '../../../../src/tensors/backends/onednn/binding.ts';
import { registerOnednn } from '../../../../src/tensors/backends/onednn/register.ts';

const require = createRequire(import.meta.url);

function findAddon(): string {
  try {
    return require.resolve(process.env.VMFDAG_NATIVE_ADDON ?? 'tfjs-backend-onednn/native');
  } catch {
    return '';
  }
}

/** Empty where the addon is not built. */
export const addonFile = findAddon();

/** The addon, or undefined where it is not built: the tests that need it are skipped then. */
export const binding = addonFile === '' ? undefined : (require(addonFile) as OnednnBinding);

/** Registers the backend and selects it. */
export async function useOnednn(): Promise<void> {
  if (binding === undefined) throw new Error('the addon is not built');
  tf.enableProdMode();
  registerOnednn(tf, binding);
  await tf.setBackend('onednn');
}

/** What `compute` gives on a backend, as arrays; `onednn` stays selected. */
export async function valuesOn(backend: 'cpu' | 'onednn', compute: () => tf.Tensor[]): Promise<Float32Array[]> {
  await tf.setBackend(backend);
  try {
    return arraysOf(compute);
  } finally {
    await tf.setBackend('onednn');
  }
}

/** Copies of the tensors that `compute` gives; all tensors are disposed. */
export function arraysOf(compute: () => tf.Tensor[]): Float32Array[] {
  // Not returned from the tidy, which would look for tensors in every element of the arrays.
  let arrays: Float32Array[] = [];
  tf.tidy(() => {
    arrays = compute().map((tensor) => new Float32Array(tensor.dataSync()));
  });
  return arrays;
}

/** ‖actual − expected‖ / ‖expected‖ */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < expected.length; i++) {
    difference += ((actual[i] as number) - (expected[i] as number)) ** 2;
    norm += (expected[i] as number) ** 2;
  }
  return Math.sqrt(difference / (norm || 1));
}

/** Reproducible values, uniform on [−1, 1). */
export function uniformValues(count: number, seed: number): Float32Array {
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    values[i] = (state >>> 0) / 2 ** 31 - 1;
  }
  return values;
}

export function uniformTensor<R extends tf.Rank>(shape: tf.ShapeMap[R], seed: number): tf.Tensor<R> {
  const count = (shape as number[]).reduce((product, extent) => product * extent, 1);
  return tf.tensor(uniformValues(count, seed), shape, 'float32');
}

export function runKernel<T extends tf.Tensor | tf.Tensor[]>(name: string, inputs: object, attrs: object = {}): T {
  return tf
    .engine()
    .runKernel(name, inputs as tf.NamedTensorMap, attrs as Parameters<tf.GradConfig['gradFunc']>[2]) as T;
}
