import type { Tensor, TensorFlow } from './tensorflow.ts';

/**
 * Runs a kernel of the backend by its name. TensorFlow.js's functions do more (scopes, conversions, another tape), which
 * costs much in networks whose kernels take microseconds. Some kernels have no function.
 */
export function runKernel<T extends Tensor | Tensor[] = Tensor>(
  tf: TensorFlow,
  name: string,
  inputs: Readonly<Record<string, Tensor>>,
  attributes: Readonly<Record<string, boolean | number | string | readonly number[]>> = {},
): T {
  return tf.engine().runKernel(name, { ...inputs }, { ...attributes } as Record<string, boolean>) as T;
}
